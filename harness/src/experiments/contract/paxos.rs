//! Client contracts of Paxos: one decision, or one log.

use quorate_lab::linearizability::Model;
use quorate_paxos::multi::MultiPaxos;
use quorate_paxos::{Command, Paxos, Reply, Value, multi};
use quorate_protocol::Variant;

use super::Contract;

/// Contract of Basic Paxos: every client is told the one chosen value, and that value was proposed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct PaxosAnswers;

impl<M: Variant<Reference = Paxos>> Contract<M> for PaxosAnswers {
    type Object = Decision;

    fn object() -> Decision {
        Decision
    }

    fn operation(Command::Propose { value, .. }: &Command) -> Option<Value> {
        Some(value.clone())
    }

    fn returned(_: &Command, reply: &Reply) -> Option<Value> {
        match reply {
            Reply::Chosen { value } => Some(value.clone()),
            Reply::NotAProposer => None,
        }
    }

    /// An answer can be due only to the proposal of the value that it names.
    fn owed_to(proposed: &Value, chosen: &Value) -> bool {
        proposed == chosen
    }
}

/// Model: a decision, made by the first proposal and returned by all.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Decision;

impl Model for Decision {
    const NAME: &'static str = "decision";
    type Op = Value;
    type Return = Value;
    type State = Option<Value>;
    type Key = ();

    fn key(&self, _: &Value) {}

    fn initial(&self, (): &()) -> Option<Value> {
        None
    }

    fn apply(&self, chosen: &Option<Value>, proposed: &Value, returned: Option<&Value>) -> Option<Option<Value>> {
        let chosen = chosen.as_ref().unwrap_or(proposed);
        returned.is_none_or(|returned| returned == chosen).then(|| Some(chosen.clone()))
    }

    fn words(&self, proposed: &Value, returned: Option<&Value>) -> String {
        match returned {
            Some(returned) => format!("propose {proposed} → {returned}"),
            None => format!("propose {proposed}"),
        }
    }

    fn show(&self, chosen: &Option<Value>) -> String {
        chosen.as_ref().map_or_else(|| "nothing chosen".to_owned(), |chosen| format!("{chosen} chosen"))
    }
}

/// Contract of Multi-Paxos: each command gets a slot of its own, above all slots returned before it
/// was requested.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct MultiPaxosAnswers;

impl Contract<MultiPaxos> for MultiPaxosAnswers {
    type Object = Slots;

    fn object() -> Slots {
        Slots
    }

    fn operation(multi::Command::Propose { value }: &multi::Command) -> Option<Value> {
        Some(value.clone())
    }

    fn returned(_: &multi::Command, reply: &multi::Reply) -> Option<(multi::Slot, Value)> {
        match reply {
            multi::Reply::Chosen { slot, value } => Some((*slot, value.clone())),
            multi::Reply::NotLeader { .. } => None,
        }
    }
}

/// Model: an append-only log. Slots may stay without a command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Slots;

impl Model for Slots {
    const NAME: &'static str = "log";
    type Op = Value;
    type Return = (multi::Slot, Value);
    /// Highest slot taken.
    type State = Option<multi::Slot>;
    type Key = ();

    fn key(&self, _: &Value) {}

    fn initial(&self, (): &()) -> Self::State {
        None
    }

    fn apply(&self, last: &Self::State, command: &Value, returned: Option<&Self::Return>) -> Option<Self::State> {
        match returned {
            Some((slot, value)) if value == command && Some(*slot) > *last => Some(Some(*slot)),
            Some(_) => None,
            None => Some(*last),
        }
    }

    /// A command whose slot was never returned does not affect the slots of the others.
    fn only_reads(&self, _: &Value, returned: Option<&Self::Return>) -> bool {
        returned.is_none()
    }

    fn words(&self, command: &Value, returned: Option<&Self::Return>) -> String {
        match returned {
            Some((slot, value)) => format!("append {command} → {value} in slot {slot}"),
            None => format!("append {command}"),
        }
    }

    fn show(&self, last: &Self::State) -> String {
        last.map_or_else(|| "an empty log".to_owned(), |last| format!("a log up to slot {last}"))
    }
}
