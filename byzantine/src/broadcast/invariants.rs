//! Invariants of reliable broadcast, checked from outside. They speak of honest nodes only.

use std::collections::{BTreeMap, BTreeSet};

use quorate_protocol::{
    ClientEvent, Invariant, InvariantSummary, InvariantViolation, NodeId, StepKind, StepView, Unexplained,
};

use super::message::{Fact, Value};
use super::node::Broadcast;

fn is_honest(seen: &StepView<'_, Broadcast>, node: NodeId) -> bool {
    seen.constants.of(node, ()).config.lie().is_none()
}

/// Agreement: no two honest nodes accept different values.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct SameValue {
    pub(crate) accepted: Option<Value>,
}

impl Invariant<Broadcast> for SameValue {
    /// Both orders leave the same value, unless two steps contradict each other.
    const COMMUTES: bool = true;

    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new("SameValue", "No two honest nodes accept different values.")]
    }

    fn check(&mut self, seen: &StepView<'_, Broadcast>) -> Result<(), InvariantViolation> {
        for fact in seen.facts().filter(|_| is_honest(seen, seen.node)) {
            let Fact::Accepted { value } = fact else { continue };
            let first = *self.accepted.get_or_insert(*value);
            if first != *value {
                let detail = format!("{} accepts {value}, and another honest node {first}", seen.node);
                return Err(InvariantViolation::new("SameValue", detail));
            }
        }
        Ok(())
    }
}

/// Validity: if the sender is honest, an honest node accepts its value or none.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct SendersValue {
    pub(crate) sent: Option<Value>,
    pub(crate) accepted: BTreeSet<Value>,
}

impl Invariant<Broadcast> for SendersValue {
    /// It compares a value with a set, which are the same in either order.
    const COMMUTES: bool = true;

    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new(
            "SendersValue",
            "If the sender is honest, an honest node accepts its value or none.",
        )]
    }

    fn check(&mut self, seen: &StepView<'_, Broadcast>) -> Result<(), InvariantViolation> {
        for fact in seen.facts().filter(|_| is_honest(seen, seen.node)) {
            match fact {
                Fact::Broadcast { value } => self.sent = Some(*value),
                Fact::Accepted { value } => _ = self.accepted.insert(*value),
            }
        }
        match (self.sent, self.accepted.iter().find(|value| Some(**value) != self.sent)) {
            (Some(sent), Some(other)) => {
                let detail = format!("the sender has sent {sent}, and an honest node accepts {other}");
                Err(InvariantViolation::new("SendersValue", detail))
            }
            _ => Ok(()),
        }
    }
}

/// Totality: if an honest node accepts, all do. It is judged at the end of a run, so the run must
/// have delivered all messages.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Totality {
    /// Values that honest nodes have accepted.
    pub(crate) accepted: BTreeMap<NodeId, Option<Value>>,
}

impl Invariant<Broadcast> for Totality {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new("Totality", "In the end all honest nodes have accepted a value, or none has.")]
    }

    fn check(&mut self, seen: &StepView<'_, Broadcast>) -> Result<(), InvariantViolation> {
        if is_honest(seen, seen.node) && seen.kind != StepKind::Crash {
            let accepted = seen.machine().and_then(Broadcast::accepted);
            self.accepted.insert(seen.node, accepted);
        }
        Ok(())
    }

    fn conclude(&mut self, heard: &[ClientEvent<Broadcast>]) -> Result<(), Unexplained> {
        let without = self.accepted.iter().find(|(_, value)| value.is_none());
        let with = self.accepted.iter().find_map(|(node, value)| Some((node, (*value)?)));
        match (with, without) {
            (Some((one, value)), Some((other, _))) => {
                let detail = format!("{one} has accepted {value}, and {other} nothing");
                let broken = InvariantViolation::new("Totality", detail);
                Err(Unexplained { place: heard.len(), broken })
            }
            _ => Ok(()),
        }
    }
}

/// The invariants that hold after every step; [`Totality`] is judged at the end.
pub type Safety = (SameValue, SendersValue);
