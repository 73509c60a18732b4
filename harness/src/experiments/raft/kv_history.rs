//! Linearizability of a replicated store, checked online against a single-copy store.
//!
//! The committed log is a total order, so a plain store that applies each of its commands once
//! gives the answer that every client must get. The clients' requests are also ordered in time:
//! each client sends one request after another, so anything acknowledged to any client before its
//! last answer must show in its next.

use std::collections::BTreeMap;

use quorate_protocol::{ClientId, Effect, Invariant, InvariantViolation, RequestId, StepKind, StepView, Variant};
use quorate_raft::{
    Fact, KeyValue, KeyValueReply, LogIndex, Payload, Raft, Reply, SessionLookup, Sessions, StateMachine,
};

/// Key of an append-only value, so that of two of its values the longer one is newer.
pub(super) const LEDGER: &str = "ledger";

/// Invariant: the answers are those of one store that executes every committed command once; no
/// acknowledged command is lost, and no read is stale.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct SingleCopyKv {
    /// Store after all commands known to be committed.
    store: KeyValue,
    committed: LogIndex,
    /// Expected answer to each request, with the point in the history at which it was executed.
    answers: BTreeMap<RequestId, (Seen, KeyValueReply)>,
    /// Newest state returned to any client.
    acknowledged: Seen,
    /// Per client, the request last answered, and the newest state returned to any client by then.
    floors: BTreeMap<ClientId, (u64, Seen)>,
    /// Sessions of the newest snapshot that became visible only when its node restarted: a crash
    /// cut off the step that took it, after that write, so its commits had not been observed.
    recalled: Sessions<KeyValue>,
}

/// Prefix of the history that clients have seen.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
struct Seen {
    /// Last acknowledged command.
    index: LogIndex,
    /// Length in bytes of the longest ledger read, or written by an acknowledged command.
    length: usize,
}

impl Seen {
    /// Whether a command executed or a ledger read at `later` reflects all of this prefix.
    fn shows_in(self, later: Seen) -> bool {
        self.index < later.index && self.length <= later.length
    }
}

impl SingleCopyKv {
    fn execute(&mut self, index: LogIndex, payload: &Payload<KeyValue>) {
        if index <= self.committed {
            return;
        }
        self.committed = index;
        if let Payload::Apply { ticket, command } = payload
            && !self.answers.contains_key(ticket)
            && self.recalled.known(*ticket) == SessionLookup::New
        {
            let reply = self.store.apply(command);
            let length = self.store.get(LEDGER).map_or(0, str::len);
            self.answers.insert(*ticket, (Seen { index, length }, reply));
        }
    }

    /// Adopts a snapshot that covers more than was observed to be committed.
    fn recall(&mut self, raft: &Raft<KeyValue>) {
        if raft.applied() > self.committed {
            self.committed = raft.applied();
            self.store = raft.state().clone();
            self.recalled = raft.sessions().clone();
        }
    }

    /// Prefix that clients had seen when a request was sent, as far as the client's own order
    /// shows.
    fn floor(&self, ticket: RequestId) -> Seen {
        match self.floors.get(&ticket.client) {
            Some((number, acknowledged)) if *number < ticket.number => *acknowledged,
            _ => Seen::default(),
        }
    }

    /// Records an answer: later requests of the same client must reflect it.
    fn acknowledge(&mut self, ticket: RequestId, acknowledged: Seen) {
        self.acknowledged.index = self.acknowledged.index.max(acknowledged.index);
        self.acknowledged.length = self.acknowledged.length.max(acknowledged.length);
        let last = self.floors.entry(ticket.client).or_default();
        if last.0 < ticket.number {
            *last = (ticket.number, self.acknowledged);
        }
    }

    fn check_applied(&mut self, ticket: RequestId, reply: &KeyValueReply) -> Result<(), String> {
        let floor = self.floor(ticket);
        match self.answers.get(&ticket) {
            None if self.recalled.known(ticket) == SessionLookup::Answered(reply) => Ok(()),
            None => Err(format!("{ticket} got the reply {reply:?}, but was never committed")),
            Some((executed, expected)) if expected != reply => {
                let index = executed.index;
                Err(format!("{ticket}, applied at index {index}, got the reply {reply:?} instead of {expected:?}"))
            }
            Some((executed, _)) if !floor.shows_in(*executed) => {
                Err(format!("{ticket} was requested after the reply for {floor:?}, but is executed at {executed:?}"))
            }
            Some((executed, _)) => {
                let executed = *executed;
                self.acknowledge(ticket, executed);
                Ok(())
            }
        }
    }

    fn check_read(&mut self, ticket: RequestId, read: &str) -> Result<(), String> {
        let floor = self.floor(ticket).length;
        let ledger = self.store.get(LEDGER).unwrap_or_default();
        if !ledger.starts_with(read) {
            return Err(format!("{ticket} reads {read:?}, but the ledger is {ledger:?}"));
        }
        if read.len() < floor {
            return Err(format!(
                "{ticket} reads {} bytes, but {floor} were already acknowledged before it was requested",
                read.len()
            ));
        }
        self.acknowledge(ticket, Seen { index: LogIndex(0), length: read.len() });
        Ok(())
    }
}

impl<M: Variant<Reference = Raft<KeyValue>>> Invariant<M> for SingleCopyKv {
    fn check(&mut self, seen: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        if let (StepKind::Boot, Some(raft)) = (seen.kind, seen.reference()) {
            self.recall(raft);
        }
        for effect in seen.out.effects() {
            let verdict = match effect {
                Effect::Emit(Fact::Committed { index, command, .. }) => {
                    self.execute(*index, command);
                    Ok(())
                }
                Effect::Reply { ticket, reply: Reply::Applied(reply) } => self.check_applied(*ticket, reply),
                Effect::Reply { ticket, reply: Reply::Read(KeyValueReply::Value(value)) } => {
                    self.check_read(*ticket, value.as_deref().unwrap_or_default())
                }
                _ => Ok(()),
            };
            verdict.map_err(|detail| InvariantViolation::new("OneStore", detail))?;
        }
        Ok(())
    }
}
