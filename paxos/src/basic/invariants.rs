//! Mapping of Basic Paxos to the [invariants](crate::invariants).

use quorate_protocol::Variant;

use super::message::{Command, Fact};
use super::node::Paxos;
use crate::ballot::Ballot;
use crate::entry::Slot;
use crate::invariants::{Observable, Observation, ObservationKind};
use crate::value::Value;

impl<M: Variant<Reference = Paxos>> Observable for M {
    type Choice = Value;

    fn observe(fact: &Fact) -> Option<Observation<Value>> {
        let (kind, ballot, value) = match fact {
            Fact::Accepted { ballot, value } => (ObservationKind::Accepted, ballot, value),
            Fact::Chosen { ballot, value } => (ObservationKind::Learned, ballot, value),
            Fact::Promised { .. } | Fact::Proposed { .. } => return None,
        };
        Some(Observation { kind, slot: Slot::FIRST, ballot: *ballot, choice: value.clone() })
    }

    fn wanted(command: &Command) -> &Value {
        let Command::Propose { value, .. } = command;
        value
    }

    fn value(choice: &Value) -> Option<&Value> {
        Some(choice)
    }

    fn place(_: Slot) -> String {
        String::new()
    }

    fn promised(&self) -> Option<Ballot> {
        self.reference().promised()
    }
}
