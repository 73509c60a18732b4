//! Invariants of a balancer, checked from outside.

use std::collections::{BTreeMap, BTreeSet};

use quorate_protocol::{Invariant, InvariantSummary, InvariantViolation, NodeId, RequestId, StepView};

use super::front::Health;
use super::message::{Cause, Fact};
use super::node::Balancer;

type Step<'a> = StepView<'a, Balancer>;
type Checked = Result<(), InvariantViolation>;

/// Nothing is sent to a server that was reported down, or that may leave, as far as this life of
/// the balancer knows.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct NothingToAbsent;

impl Invariant<Balancer> for NothingToAbsent {
    // It looks at one node alone.
    const COMMUTES: bool = true;

    fn summaries(&self) -> Vec<InvariantSummary> {
        let says = "Nothing is sent to a server that this life of the balancer knows as down, or as about to leave.";
        vec![InvariantSummary::new("NothingToAbsent", says)]
    }

    fn check(&mut self, seen: &Step<'_>) -> Checked {
        let health = seen.machine().map(Balancer::health).unwrap_or_default();
        // A step may send to a server and let it leave then: it is released when that is answered.
        let leaves_then = |index: usize, server: &NodeId| {
            let mut later = seen.facts().skip(index);
            later.any(|fact| matches!(fact, Fact::MayLeave { server: leaves, .. } if leaves == server))
        };
        for (index, fact) in seen.facts().enumerate() {
            let Fact::Sent { ticket, server, .. } = fact else { continue };
            if leaves_then(index, server) {
                continue;
            }
            if let Some(Health::ReportedDown | Health::Leaving) = health.get(server) {
                let detail = format!("{ticket} is sent to {server}, which is {:?}", health[server]);
                return Err(InvariantViolation::new("NothingToAbsent", detail));
            }
        }
        Ok(())
    }
}

/// A server that says that it is drained has no work left.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct DrainedIsEmpty;

impl Invariant<Balancer> for DrainedIsEmpty {
    // It looks at one step alone.
    const COMMUTES: bool = true;

    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new("DrainedIsEmpty", "A server that says that it is drained has no work left.")]
    }

    fn check(&mut self, seen: &Step<'_>) -> Checked {
        for fact in seen.facts() {
            let Fact::Drained { queued } = fact else { continue };
            if *queued > 0 {
                let detail = format!("{} is drained with {queued} requests in its queue", seen.node);
                return Err(InvariantViolation::new("DrainedIsEmpty", detail));
            }
        }
        Ok(())
    }
}

/// No server may leave unless enough others are in service.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct EnoughRemain;

impl Invariant<Balancer> for EnoughRemain {
    // It looks at one step alone.
    const COMMUTES: bool = true;

    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new("EnoughRemain", "No server may leave unless enough others are in service.")]
    }

    fn check(&mut self, seen: &Step<'_>) -> Checked {
        let keep = seen.constants.config().keep;
        for fact in seen.facts() {
            let Fact::MayLeave { server, others } = fact else { continue };
            if *others < keep {
                let detail = format!("{server} may leave with {others} others in service; {keep} must remain");
                return Err(InvariantViolation::new("EnoughRemain", detail));
            }
        }
        Ok(())
    }
}

/// No request is refused for want of servers while most of them may be alive for all that was told.
/// A share of 0 % switches that off.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct NeverNobody;

impl Invariant<Balancer> for NeverNobody {
    // It looks at one step alone.
    const COMMUTES: bool = true;

    fn summaries(&self) -> Vec<InvariantSummary> {
        let says = "No request is refused for want of servers while most of them may be alive for all that was told.";
        vec![InvariantSummary::new("NeverNobody", says)]
    }

    fn check(&mut self, seen: &Step<'_>) -> Checked {
        let config = seen.constants.config();
        let servers = config.servers.len();
        if config.panic == 0 {
            return Ok(());
        }
        for fact in seen.facts() {
            let Fact::Nobody { ticket, candidates } = fact else { continue };
            if candidates * 2 > servers {
                let detail = format!("{ticket} is refused, and only silence speaks against {candidates} of {servers}");
                return Err(InvariantViolation::new("NeverNobody", detail));
            }
        }
        Ok(())
    }
}

/// A request that is not safe to repeat is at one server at most in a life of the balancer,
/// refusals aside.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct RepeatedIfSafe {
    /// The server that may have done a request in a life of the balancer.
    at: BTreeMap<(RequestId, u64), NodeId>,
    refused: BTreeSet<(RequestId, NodeId)>,
}

impl Invariant<Balancer> for RepeatedIfSafe {
    fn summaries(&self) -> Vec<InvariantSummary> {
        let says =
            "A request that is not safe to repeat is at one server at most in a life of the balancer, refusals aside.";
        vec![InvariantSummary::new("RepeatedIfSafe", says)]
    }

    fn check(&mut self, seen: &Step<'_>) -> Checked {
        for fact in seen.facts() {
            match fact {
                Fact::Shed { ticket, server } => {
                    self.refused.insert((*ticket, *server));
                }
                Fact::Sent { ticket, server, repeatable: false, life } => {
                    let before = self.at.insert((*ticket, *life), *server);
                    if let Some(before) = before.filter(|before| !self.refused.contains(&(*ticket, *before))) {
                        let detail = format!("{ticket} is sent to {server}, and {before} may have done it");
                        return Err(InvariantViolation::new("RepeatedIfSafe", detail));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// A report of a former life takes no server down.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct OnlyNewReports;

impl Invariant<Balancer> for OnlyNewReports {
    // It looks at one step alone.
    const COMMUTES: bool = true;

    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new("OnlyNewReports", "A report of a former life takes no server down.")]
    }

    fn check(&mut self, seen: &Step<'_>) -> Checked {
        for fact in seen.facts() {
            let Fact::ReportedDown { server, cause: Cause::Process { life }, known } = fact else { continue };
            if life < known {
                let detail = format!("{server} is taken down for the end of its life {life}; it is in life {known}");
                return Err(InvariantViolation::new("OnlyNewReports", detail));
            }
        }
        Ok(())
    }
}

/// A request that is told as done was done by a server, and one that is told as refused was refused
/// by every server that this life of the balancer had sent it to.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct TrueAnswers {
    done: BTreeSet<RequestId>,
    /// The servers that were sent a request in a life of the balancer.
    sent: BTreeSet<(RequestId, u64, NodeId)>,
    /// The servers that have refused a request. They remember it, and may say so again.
    refused: BTreeSet<(RequestId, NodeId)>,
}

impl Invariant<Balancer> for TrueAnswers {
    fn summaries(&self) -> Vec<InvariantSummary> {
        let says = "A request that is told as done was done by a server, and one that is told as refused was refused by \
                    every server that this life of the balancer had sent it to.";
        vec![InvariantSummary::new("TrueAnswers", says)]
    }

    fn check(&mut self, seen: &Step<'_>) -> Checked {
        for fact in seen.facts() {
            match fact {
                Fact::Worked { ticket } => {
                    self.done.insert(*ticket);
                }
                Fact::Sent { ticket, server, life, .. } => {
                    self.sent.insert((*ticket, *life, *server));
                }
                Fact::Shed { ticket, server } => {
                    self.refused.insert((*ticket, *server));
                }
                Fact::Told { ticket } if !self.done.contains(ticket) => {
                    let detail = format!("{ticket} is told as done, and no server has done it");
                    return Err(InvariantViolation::new("TrueAnswers", detail));
                }
                Fact::Declined { ticket, life } => {
                    let has = self.sent.iter().find(|(known, of, server)| {
                        (known, of) == (ticket, life) && !self.refused.contains(&(*ticket, *server))
                    });
                    if let Some((.., server)) = has {
                        let detail = format!("{ticket} is told as refused, and {server} has not refused it");
                        return Err(InvariantViolation::new("TrueAnswers", detail));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Every invariant of a balancer.
pub type Safety =
    (NothingToAbsent, DrainedIsEmpty, EnoughRemain, NeverNobody, RepeatedIfSafe, OnlyNewReports, TrueAnswers);
