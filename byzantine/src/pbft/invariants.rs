//! Invariants of PBFT, checked from outside. They speak of honest nodes only: a liar may do and say
//! anything.

use std::collections::{BTreeMap, BTreeSet};

use quorate_protocol::{Invariant, InvariantSummary, InvariantViolation, NodeId, RequestId, StepView};

use super::message::Fact;
use super::node::Pbft;
use super::request::{Account, Digest};

/// The facts of a step of an honest node; none if a liar took it.
fn honest<'a>(seen: &StepView<'a, Pbft>) -> impl Iterator<Item = &'a Fact> + use<'a> {
    is_honest(seen).then(|| seen.facts()).into_iter().flatten()
}

fn is_honest(seen: &StepView<'_, Pbft>) -> bool {
    seen.constants.of(seen.node, ()).config.lie().is_none()
}

/// Agreement (§4.2, §4.5.1): no two honest replicas commit different requests under one number.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct OneRequestPerNumber {
    pub(crate) committed: BTreeMap<u64, Digest>,
}

impl Invariant<Pbft> for OneRequestPerNumber {
    /// Both orders leave the same map, unless two steps contradict each other: then either order
    /// violates it.
    const COMMUTES: bool = true;

    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new(
            "OneRequestPerNumber",
            "No two honest replicas commit different requests under one number.",
        )]
    }

    fn check(&mut self, seen: &StepView<'_, Pbft>) -> Result<(), InvariantViolation> {
        for fact in honest(seen) {
            let Fact::Committed { number, digest, .. } = fact else { continue };
            let first = *self.committed.entry(*number).or_insert(*digest);
            if first != *digest {
                let detail = format!("{number} is {first} elsewhere, and {} commits {digest}", seen.node);
                return Err(InvariantViolation::new("OneRequestPerNumber", detail));
            }
        }
        Ok(())
    }
}

/// A committed request survives view changes (§4.4, §4.5.1): once an honest replica commits a
/// request under a number, nothing else is prepared for that number in a later view.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct CommittedSurvives {
    /// The first view in which a number was committed, with its request.
    pub(crate) committed: BTreeMap<u64, (u64, Digest)>,
    pub(crate) prepared: BTreeMap<u64, BTreeSet<(u64, Digest)>>,
}

impl Invariant<Pbft> for CommittedSurvives {
    /// It compares sets, which are the same in either order.
    const COMMUTES: bool = true;

    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new(
            "CommittedSurvives",
            "Once a request is committed under a number, no honest replica prepares another for it in a later view.",
        )]
    }

    fn check(&mut self, seen: &StepView<'_, Pbft>) -> Result<(), InvariantViolation> {
        for fact in honest(seen) {
            let number = match fact {
                Fact::Committed { view, number, digest } => {
                    let first = self.committed.entry(*number).or_insert((*view, *digest));
                    *first = (*first).min((*view, *digest));
                    *number
                }
                Fact::Prepared { view, number, digest } => {
                    self.prepared.entry(*number).or_default().insert((*view, *digest));
                    *number
                }
                _ => continue,
            };
            let Some((first, digest)) = self.committed.get(&number) else { continue };
            let later = self.prepared.get(&number).into_iter().flatten();
            if let Some((view, other)) = later.into_iter().find(|(view, other)| view > first && other != digest) {
                let detail = format!(
                    "{digest} was committed at {number} in view {first}, and {other} is prepared there in view {view}"
                );
                return Err(InvariantViolation::new("CommittedSurvives", detail));
            }
        }
        Ok(())
    }
}

/// One history (§3, safety): honest replicas that have executed the same number have the same
/// state, so each has executed a prefix of one history.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct SameState {
    pub(crate) states: BTreeMap<u64, Account>,
}

impl Invariant<Pbft> for SameState {
    /// Both orders leave the same map, unless two steps contradict each other: then either order
    /// violates it.
    const COMMUTES: bool = true;

    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new(
            "SameState",
            "Honest replicas that have executed the same number have the same state.",
        )]
    }

    fn check(&mut self, seen: &StepView<'_, Pbft>) -> Result<(), InvariantViolation> {
        let Some(machine) = seen.machine().filter(|_| is_honest(seen)) else { return Ok(()) };
        let Some(state) = machine.state() else { return Ok(()) };
        let number = machine.executed();
        let first = self.states.entry(number).or_insert_with(|| state.clone());
        if first != state {
            let (node, total) = (seen.node, state.total);
            let detail = format!("after {number} the total is {} elsewhere, and {total} at {node}", first.total);
            return Err(InvariantViolation::new("SameState", detail));
        }
        Ok(())
    }
}

/// A client's requests alone, each once (§2, §4.1): an honest replica executes only what a proxy
/// has sealed, and nothing twice.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct AskedAndOnce {
    pub(crate) executed: BTreeSet<(NodeId, RequestId)>,
}

impl Invariant<Pbft> for AskedAndOnce {
    /// Each node has its own part.
    const COMMUTES: bool = true;

    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new(
            "AskedAndOnce",
            "An honest replica executes only what a client has asked for, and nothing twice.",
        )]
    }

    fn check(&mut self, seen: &StepView<'_, Pbft>) -> Result<(), InvariantViolation> {
        for fact in honest(seen) {
            let Fact::Executed { request, number, .. } = fact else { continue };
            let (node, ticket) = (seen.node, request.body().ticket);
            if !request.is_genuine() {
                let detail = format!("{node} executes {ticket} as {number}, and {} has sealed it", request.by());
                return Err(InvariantViolation::new("AskedAndOnce", detail));
            }
            if !self.executed.insert((node, ticket)) {
                let detail = format!("{node} executes {ticket} again, as {number}");
                return Err(InvariantViolation::new("AskedAndOnce", detail));
            }
        }
        Ok(())
    }
}

/// True answers (§4.1): a client is told the result that honest replicas have.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct TrueAnswers {
    pub(crate) results: BTreeMap<RequestId, i64>,
    pub(crate) answers: BTreeMap<RequestId, i64>,
}

impl Invariant<Pbft> for TrueAnswers {
    /// It compares two maps, which are the same in either order.
    const COMMUTES: bool = true;

    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new("TrueAnswers", "A client is told the result that honest replicas have.")]
    }

    fn check(&mut self, seen: &StepView<'_, Pbft>) -> Result<(), InvariantViolation> {
        for fact in honest(seen) {
            let ticket = match fact {
                Fact::Executed { request, total, .. } => {
                    self.results.entry(request.body().ticket).or_insert(*total);
                    request.body().ticket
                }
                Fact::Answered { ticket, total } => {
                    self.answers.entry(*ticket).or_insert(*total);
                    *ticket
                }
                _ => continue,
            };
            if let (Some(result), Some(answer)) = (self.results.get(&ticket), self.answers.get(&ticket))
                && result != answer
            {
                let detail = format!("{ticket} was told {answer}, and the result is {result}");
                return Err(InvariantViolation::new("TrueAnswers", detail));
            }
        }
        Ok(())
    }
}

/// All invariants of PBFT.
pub type Safety = (OneRequestPerNumber, CommittedSurvives, SameState, AskedAndOnce, TrueAnswers);
