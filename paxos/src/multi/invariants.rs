//! Mapping of Multi-Paxos to the [invariants](crate::invariants): each slot is an instance of its
//! own.

use super::config::Config;
use super::message::{Command, Fact};
use super::node::MultiPaxos;
use crate::ballot::Ballot;
use crate::entry::{Entry, Slot};
use crate::invariants::{Observable, Observation, ObservationKind, Safety, safety};
use crate::value::Value;

/// The invariants of a cluster of Multi-Paxos, in each slot, whatever its rulebook.
pub fn invariants(config: &Config) -> Safety<Entry> {
    safety(config)
}

impl Observable for MultiPaxos {
    type Choice = Entry;

    fn observe(fact: &Fact) -> Option<Observation<Entry>> {
        let (kind, slot, ballot, choice) = match fact {
            Fact::Accepted { slot, ballot, entry } => (ObservationKind::Accepted, slot, ballot, entry),
            Fact::Chosen { slot, ballot, entry } => (ObservationKind::Learned, slot, ballot, entry),
            Fact::Promised { .. } | Fact::Proposed { .. } | Fact::Leads { .. } => return None,
        };
        Some(Observation { kind, slot: *slot, ballot: *ballot, choice: choice.clone() })
    }

    fn wanted(command: &Command) -> &Value {
        let Command::Propose { value } = command;
        value
    }

    fn value(choice: &Entry) -> Option<&Value> {
        choice.ticket.map(|_| &choice.value)
    }

    fn place(slot: Slot) -> String {
        format!("in slot {slot}, ")
    }

    fn promised(&self) -> Option<Ballot> {
        MultiPaxos::promised(self)
    }
}
