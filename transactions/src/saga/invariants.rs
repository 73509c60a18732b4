//! Invariants of sagas, checked from outside. A crash can leave a step on disk and its fact unsaid,
//! so the machines are asked what they have done.

use std::collections::BTreeMap;

use quorate_protocol::{Invariant, InvariantSummary, InvariantViolation, NodeId, RequestId, StepView};

use super::message::Fact;
use super::node::Saga;
use crate::command::Outcome;
use crate::id::{Row, Txn};

/// All or nothing, in the end (GMS 1987 §2): once a saga has ended, all of its steps are done, or
/// none is; and it stays so.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct AllOrCompensated {
    services: BTreeMap<Txn, Vec<NodeId>>,
    ended: BTreeMap<Txn, Outcome>,
}

impl Invariant<Saga> for AllOrCompensated {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new(
            "AllOrCompensated",
            "Once a saga has ended, all of its steps are done, or none is, and it stays so.",
        )]
    }

    fn check(&mut self, seen: &StepView<'_, Saga>) -> Result<(), InvariantViolation> {
        for fact in seen.facts() {
            match fact {
                Fact::Began { saga, services, .. } => {
                    self.services.insert(*saga, services.clone());
                }
                Fact::Ended { saga, outcome } => {
                    self.ended.entry(*saga).or_insert(*outcome);
                }
                _ => {}
            }
        }
        for (saga, outcome) in &self.ended {
            let services = self.services.get(saga).map(Vec::as_slice).unwrap_or_default();
            for (node, machine) in seen.up().filter(|(node, _)| services.contains(node)) {
                if machine.has_done(*saga) != (*outcome == Outcome::Commit) {
                    let step = if machine.has_done(*saga) { "is done" } else { "is not done" };
                    let detail = format!("{saga} has ended as {outcome}, and its step at {node} {step}");
                    return Err(InvariantViolation::new("AllOrCompensated", detail));
                }
            }
        }
        Ok(())
    }
}

/// Last in, first out (GMS 1987 §4): a step is undone only after all later ones of its saga.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct UndoneInReverse {
    services: BTreeMap<Txn, Vec<NodeId>>,
}

impl Invariant<Saga> for UndoneInReverse {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new("UndoneInReverse", "A step is undone only after all later ones of its saga.")]
    }

    fn check(&mut self, seen: &StepView<'_, Saga>) -> Result<(), InvariantViolation> {
        for fact in seen.facts() {
            match fact {
                Fact::Began { saga, services, .. } => {
                    self.services.insert(*saga, services.clone());
                }
                Fact::Compensated { saga, .. } => {
                    let services = self.services.get(saga).map(Vec::as_slice).unwrap_or_default();
                    let later: Vec<NodeId> = services.iter().copied().skip_while(|node| *node != seen.node).collect();
                    let mut up = seen.up().filter(|(node, _)| *node != seen.node && later.contains(node));
                    if let Some((node, _)) = up.find(|(_, machine)| machine.has_done(*saga)) {
                        let detail = format!("{} has undone its step of {saga}, and {node} has not", seen.node);
                        return Err(InvariantViolation::new("UndoneInReverse", detail));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// The amounts add up: each row holds its opening amount and the steps that are done and not
/// undone, each once.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct StepsAddUp;

impl Invariant<Saga> for StepsAddUp {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new(
            "StepsAddUp",
            "Each row holds its opening amount and the steps that are done and not undone, each once.",
        )]
    }

    fn check(&mut self, seen: &StepView<'_, Saga>) -> Result<(), InvariantViolation> {
        let Some(machine) = seen.machine() else { return Ok(()) };
        let opening = seen.constants.config().opening;
        let mut sums: BTreeMap<&Row, i64> = machine.rows().map(|(row, _)| (row, opening)).collect();
        for change in machine.changes() {
            let sum = sums.entry(&change.row).or_insert(opening);
            *sum = sum.saturating_add(change.by);
        }
        for (row, expected) in sums {
            let amount = machine.amount(row, opening);
            if amount != Some(expected) {
                let amount = amount.unwrap_or(opening);
                let detail = format!("{row} at {} is {amount}, and the steps make it {expected}", seen.node);
                return Err(InvariantViolation::new("StepsAddUp", detail));
            }
        }
        Ok(())
    }
}

/// A request takes effect once: of all sagas begun for one request, at most one is carried out.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct EachRequestOnce {
    tickets: BTreeMap<Txn, RequestId>,
    done: BTreeMap<RequestId, Txn>,
}

impl Invariant<Saga> for EachRequestOnce {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new(
            "EachRequestOnce",
            "Of all sagas begun for one request, at most one is carried out.",
        )]
    }

    fn check(&mut self, seen: &StepView<'_, Saga>) -> Result<(), InvariantViolation> {
        for fact in seen.facts() {
            match fact {
                Fact::Began { saga, ticket, .. } => {
                    self.tickets.insert(*saga, *ticket);
                }
                Fact::Ended { saga, outcome: Outcome::Commit } => {
                    let Some(ticket) = self.tickets.get(saga) else { continue };
                    let first = *self.done.entry(*ticket).or_insert(*saga);
                    if first != *saga {
                        let detail = format!("{ticket} was carried out as {first}, and again as {saga}");
                        return Err(InvariantViolation::new("EachRequestOnce", detail));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// All invariants of sagas.
pub type Safety = (AllOrCompensated, UndoneInReverse, StepsAddUp, EachRequestOnce);
