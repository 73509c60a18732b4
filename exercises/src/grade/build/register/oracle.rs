//! Invariants over the messages, facts and replies of a register that answers at once.
//!
//! A crash may leave a version on disk and its fact unsaid. So the oracle knows the least that a
//! replica must hold, from what it has said, and not the most.

use std::collections::{BTreeMap, BTreeSet};

use quorate_protocol::{ClientId, Effect, Invariant, InvariantViolation, NodeId, RequestId, StepKind, StepView};
use quorate_replication::register::{Command, Fact, Message, Reply, Version};
use quorate_replication::{Key, Stamp, Tick, Value};

use super::ApRegisterMachine;

/// Public record of a run.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Oracle {
    latecomer: ClientId,
    /// The writes that clients have asked each replica for.
    asked: BTreeSet<(NodeId, Key, Value)>,
    /// The request whose step comes next, and whether the replica may be silent: it has had the
    /// same write before.
    open: Option<(NodeId, Command, bool)>,
    /// The value of each stamp that was met.
    values: BTreeMap<(Key, Stamp), Value>,
    /// The newest version of each key that a replica has said that it holds.
    held: BTreeMap<(NodeId, Key), Stamp>,
    /// The highest tick that a replica has said that it has seen.
    seen: BTreeMap<NodeId, Tick>,
    /// The writes that are done, by replica.
    wrote: BTreeSet<(NodeId, RequestId)>,
    /// Values that the latecomer has read of each key at each replica.
    late: BTreeMap<(Key, NodeId), Option<Stamp>>,
    messages: u64,
    messages_max: u64,
}

type Verdict = Result<(), InvariantViolation>;

fn broken(invariant: &'static str, detail: String) -> Verdict {
    Err(InvariantViolation::new(invariant, detail))
}

impl Oracle {
    pub(super) fn new(latecomer: ClientId, messages_max: u64) -> Self {
        Oracle {
            latecomer,
            asked: BTreeSet::new(),
            open: None,
            values: BTreeMap::new(),
            held: BTreeMap::new(),
            seen: BTreeMap::new(),
            wrote: BTreeSet::new(),
            late: BTreeMap::new(),
            messages: 0,
            messages_max,
        }
    }

    /// Whether the latecomer has read the newest version of each key at each of these replicas.
    pub(super) fn has_converged(&self, replicas: &[NodeId]) -> bool {
        let keys: BTreeSet<&Key> = self.values.keys().map(|(key, _)| key).collect();
        keys.into_iter().all(|key| {
            let stamps = self.values.keys().filter(|(of, _)| of == key).map(|(_, stamp)| *stamp);
            let newest = stamps.max();
            replicas.iter().all(|node| self.late.get(&(key.clone(), *node)) == Some(&newest))
        })
    }

    #[cfg(test)]
    pub(super) fn messages(&self) -> u64 {
        self.messages
    }

    /// Meets a version: it must be somebody's write, and the only one with that stamp.
    fn meets(&mut self, node: NodeId, key: &Key, value: &Value, stamp: Stamp) -> Verdict {
        if !self.asked.contains(&(stamp.node, key.clone(), value.clone())) {
            let detail = format!("{node} has {key}={value} at {stamp}, which no client has asked {} for", stamp.node);
            return broken("NothingInvented", detail);
        }
        let first = self.values.entry((key.clone(), stamp)).or_insert_with(|| value.clone());
        if first != value {
            let detail = format!("{stamp} is the stamp of {key}={first}, and of {key}={value}");
            return broken("StampsAreUnique", detail);
        }
        Ok(())
    }

    fn sees(&mut self, node: NodeId, tick: Tick) {
        let seen = self.seen.entry(node).or_default();
        *seen = (*seen).max(tick);
    }

    fn fact(&mut self, node: NodeId, fact: &Fact) -> Verdict {
        match fact {
            Fact::Took { key, value, stamp } => self.takes(node, key, value, *stamp),
            Fact::Dropped { key, value, stamp } => {
                self.meets(node, key, value, *stamp)?;
                if stamp.node != node {
                    self.sees(node, stamp.tick);
                }
                Ok(())
            }
            Fact::Wrote { ticket, key, stamp, .. } => self.writes(node, *ticket, key, *stamp),
            Fact::Returned { ticket, key, stamps } => self.returns(node, *ticket, key, stamps),
            // Whether a refusal was right shows in the reply.
            Fact::Refused { .. } | Fact::Began { .. } | Fact::SessionWrote { .. } | Fact::SessionRead { .. } => Ok(()),
        }
    }

    fn takes(&mut self, node: NodeId, key: &Key, value: &Value, stamp: Stamp) -> Verdict {
        self.meets(node, key, value, stamp)?;
        if let Some(held) = self.held.get(&(node, key.clone()))
            && stamp <= *held
        {
            let detail = format!("{node} had {key} at {held}, and replaces it by {stamp}");
            return broken("NeverBackwards", detail);
        }
        self.held.insert((node, key.clone()), stamp);
        if stamp.node != node {
            self.sees(node, stamp.tick);
        }
        Ok(())
    }

    fn writes(&mut self, node: NodeId, ticket: RequestId, key: &Key, stamp: Stamp) -> Verdict {
        if stamp.node != node {
            return broken("StampsAreUnique", format!("{node} writes {key} under the stamp {stamp} of another node"));
        }
        if let Some(seen) = self.seen.get(&node)
            && stamp.tick <= *seen
        {
            let detail = format!("{node} writes {key} at {stamp}, and has seen {seen} before");
            return broken("CauseBeforeEffect", detail);
        }
        if !self.wrote.insert((node, ticket)) {
            return broken("EachRequestOnce", format!("{node} carries out {ticket} twice"));
        }
        self.sees(node, stamp.tick);
        Ok(())
    }

    fn returns(&mut self, node: NodeId, ticket: RequestId, key: &Key, stamps: &[Stamp]) -> Verdict {
        let newest = stamps.last().copied();
        let held = self.held.get(&(node, key.clone())).copied();
        if stamps.len() > 1 || newest < held {
            let words = |stamp: Option<Stamp>| stamp.map_or_else(|| "nothing".to_owned(), |stamp| stamp.to_string());
            let detail = format!("{node} returns {} of {key}, and holds {}", words(newest), words(held));
            return broken("ReadsItsCopy", detail);
        }
        if ticket.client == self.latecomer {
            self.late.insert((key.clone(), node), newest);
        }
        Ok(())
    }

    fn message(&mut self, node: NodeId, message: &Message) -> Verdict {
        self.messages += 1;
        if self.messages > self.messages_max {
            let (sent, max) = (self.messages, self.messages_max);
            let detail = format!("{sent} messages were sent in this run, and the maximum is {max}");
            return broken("TooManyMessages", detail);
        }
        let (Message::Gossip { copies } | Message::Compare { copies, .. }) = message else { return Ok(()) };
        for (key, versions) in copies {
            for Version { value, stamp, .. } in versions {
                self.meets(node, key, value, *stamp)?;
            }
        }
        Ok(())
    }

    /// Checks that a request is answered in its own step, with the value that the facts tell.
    fn answers<M: ApRegisterMachine>(&self, node: NodeId, command: &Command, seen: &StepView<'_, M>) -> Verdict {
        let mut replies = seen.out.effects().iter().filter_map(|effect| match effect {
            Effect::Reply { reply, .. } => Some(reply),
            _ => None,
        });
        let reply = replies.next();
        let is_right = match (command, reply) {
            (Command::Write { value, .. }, Some(Reply::Written)) => {
                let is_told = |key: &Key, stamp: &Stamp| self.values.get(&(key.clone(), *stamp)) == Some(value);
                seen.facts().any(|fact| matches!(fact, Fact::Wrote { key, stamp, .. } if is_told(key, stamp)))
            }
            (Command::Write { .. }, Some(Reply::Overtaken)) => true,
            (Command::Read { key, .. }, Some(Reply::Values { values })) => {
                let told = seen.facts().find_map(|fact| match fact {
                    Fact::Returned { stamps, .. } => Some(stamps),
                    _ => None,
                });
                let value_at = |stamp: &Stamp| self.values.get(&(key.clone(), *stamp));
                let is_value = |(stamp, value): (&Stamp, &Value)| value_at(stamp).is_none_or(|known| known == value);
                told.is_some_and(|stamps| stamps.len() == values.len() && stamps.iter().zip(values).all(is_value))
            }
            _ => false,
        };
        if is_right {
            return Ok(());
        }
        let reply = reply.map_or_else(|| "nothing".to_owned(), |reply| format!("{reply:?}"));
        let detail = format!("{node} is asked for {command:?}, and answers {reply}, which its facts do not say");
        broken("AnswersAtOnce", detail)
    }
}

impl<M: ApRegisterMachine> Invariant<M> for Oracle {
    fn requested(&mut self, node: NodeId, command: &Command) {
        let may_be_silent = match command {
            Command::Write { key, value, .. } => !self.asked.insert((node, key.clone(), value.clone())),
            Command::Read { .. } => false,
        };
        self.open = Some((node, command.clone(), may_be_silent));
    }

    fn check(&mut self, seen: &StepView<'_, M>) -> Verdict {
        let (node, open) = (seen.node, self.open.take());
        for fact in seen.facts() {
            self.fact(node, fact)?;
        }
        for effect in seen.out.effects() {
            if let Effect::Send { message, .. } = effect {
                self.message(node, message)?;
            }
        }
        match open {
            Some((asked, command, false)) if asked == node && seen.kind == StepKind::Step => {
                self.answers(node, &command, seen)
            }
            _ => Ok(()),
        }
    }
}
