//! What the clients of a replicated store may rely on: that it looks like one store.
//!
//! The committed log is a total order, so a plain store that is fed each of its commands once says what every client must be
//! answered. What the clients do is ordered in time besides: each asks for one thing after the other, so whatever was
//! acknowledged to anybody before its last answer must show in the next.

use std::collections::BTreeMap;

use quorate_protocol::{Broken, ClientId, Effect, Invariant, Moment, Observed, Ticket, Variant};
use quorate_raft::{Fact, KeyValue, KeyValueReply, Known, LogIndex, Payload, Raft, Reply, Sessions, StateMachine};

/// The key that only ever grows, so that two of its values show which is the newer.
pub(super) const LEDGER: &str = "ledger";

/// The answers are those of one store that executes every committed command once; nothing acknowledged is lost, and no read is stale.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct OneStore {
    /// The store, after all that is known to be committed.
    store: KeyValue,
    committed: LogIndex,
    /// What each request must be answered, and what its execution made of the history.
    answers: BTreeMap<Ticket, (Told, KeyValueReply)>,
    /// The newest state of which somebody has been told.
    told: Told,
    /// Per client, the request last answered, and what anybody had been told by then.
    floors: BTreeMap<ClientId, (u64, Told)>,
    /// The sessions in the newest snapshot that came to light only when its node restarted: a crash had cut off the step that took it,
    /// behind that write, so nobody had seen its commits.
    recalled: Sessions<KeyValue>,
}

/// How much of the history somebody has been told.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
struct Told {
    /// The last command acknowledged.
    index: LogIndex,
    /// The longest ledger read, or written by an acknowledged command, in bytes.
    length: usize,
}

impl Told {
    /// A command executed or a ledger read after this shows all of it.
    fn shows_in(self, later: Told) -> bool {
        self.index < later.index && self.length <= later.length
    }
}

impl OneStore {
    fn execute(&mut self, index: LogIndex, payload: &Payload<KeyValue>) {
        if index <= self.committed {
            return;
        }
        self.committed = index;
        if let Payload::Apply { ticket, command } = payload
            && !self.answers.contains_key(ticket)
            && self.recalled.known(*ticket) == Known::New
        {
            let reply = self.store.apply(command);
            let length = self.store.get(LEDGER).map_or(0, str::len);
            self.answers.insert(*ticket, (Told { index, length }, reply));
        }
    }

    /// A node starts from a snapshot of more than was seen to be committed.
    fn recall(&mut self, raft: &Raft<KeyValue>) {
        if raft.applied() > self.committed {
            self.committed = raft.applied();
            self.store = raft.state().clone();
            self.recalled = raft.sessions().clone();
        }
    }

    /// What had been told when a request was asked, as far as the client's own order shows.
    fn floor(&self, ticket: Ticket) -> Told {
        match self.floors.get(&ticket.client) {
            Some((number, told)) if *number < ticket.number => *told,
            _ => Told::default(),
        }
    }

    /// Somebody is told something: later requests of the same client must show it.
    fn tell(&mut self, ticket: Ticket, told: Told) {
        self.told.index = self.told.index.max(told.index);
        self.told.length = self.told.length.max(told.length);
        let last = self.floors.entry(ticket.client).or_default();
        if last.0 < ticket.number {
            *last = (ticket.number, self.told);
        }
    }

    fn judge_applied(&mut self, ticket: Ticket, reply: &KeyValueReply) -> Result<(), String> {
        let floor = self.floor(ticket);
        match self.answers.get(&ticket) {
            None if self.recalled.known(ticket) == Known::Answered(reply) => Ok(()),
            None => Err(format!("{ticket} is answered {reply:?} and was never committed")),
            Some((executed, expected)) if expected != reply => {
                let index = executed.index;
                Err(format!("{ticket}, executed at index {index}, is answered {reply:?} in place of {expected:?}"))
            }
            Some((executed, _)) if !floor.shows_in(*executed) => {
                Err(format!("{ticket} was asked when {floor:?} was known, and is executed as of {executed:?}"))
            }
            Some((executed, _)) => {
                let executed = *executed;
                self.tell(ticket, executed);
                Ok(())
            }
        }
    }

    fn judge_read(&mut self, ticket: Ticket, read: &str) -> Result<(), String> {
        let floor = self.floor(ticket).length;
        let ledger = self.store.get(LEDGER).unwrap_or_default();
        if !ledger.starts_with(read) {
            return Err(format!("{ticket} reads {read:?}, and the ledger is {ledger:?}"));
        }
        if read.len() < floor {
            return Err(format!("{ticket} reads {} bytes, when {floor} were known before it was asked", read.len()));
        }
        self.tell(ticket, Told { index: LogIndex(0), length: read.len() });
        Ok(())
    }
}

impl<M: Variant<Reference = Raft<KeyValue>>> Invariant<M> for OneStore {
    fn check(&mut self, seen: &Observed<'_, M>) -> Result<(), Broken> {
        if let (Moment::Boot, Some(raft)) = (seen.moment, seen.reference()) {
            self.recall(raft);
        }
        for effect in seen.out.effects() {
            let verdict = match effect {
                Effect::Learn(Fact::Committed { index, command, .. }) => {
                    self.execute(*index, command);
                    Ok(())
                }
                Effect::Reply { ticket, reply: Reply::Applied(reply) } => self.judge_applied(*ticket, reply),
                Effect::Reply { ticket, reply: Reply::Read(KeyValueReply::Value(value)) } => {
                    self.judge_read(*ticket, value.as_deref().unwrap_or_default())
                }
                _ => Ok(()),
            };
            verdict.map_err(|detail| Broken::new("OneStore", detail))?;
        }
        Ok(())
    }
}
