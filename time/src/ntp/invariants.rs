//! Invariants of NTP, checked from outside: invariants see the true time, which nodes do not.

use std::collections::BTreeMap;

use quorate_protocol::{
    ClientId, Invariant, InvariantSummary, InvariantViolation, NodeId, RequestId, StepKind, StepView, Time,
};

use super::message::Fact;
use super::node::Ntp;
use super::offset::Offset;

type Step<'a> = StepView<'a, Ntp>;
type Checked = Result<(), InvariantViolation>;

/// The true time is within the error that a synchronised host states, as long as a majority of its
/// sources is right and its clock keeps its bound.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct BoundContainsTruth {
    start: Time,
}

impl BoundContainsTruth {
    /// For a run at whose start a clock that is right shows this time.
    pub const fn since(start: Time) -> Self {
        BoundContainsTruth { start }
    }

    /// The time that a clock which is right shows at that moment of the run.
    pub fn truth(self, at: Time) -> Time {
        self.start + at.since(Time::ZERO)
    }
}

impl Invariant<Ntp> for BoundContainsTruth {
    // It looks at one step alone.
    const COMMUTES: bool = true;

    fn summaries(&self) -> Vec<InvariantSummary> {
        let says = "The true time is within the error that a synchronised host states.";
        vec![InvariantSummary::new("BoundContainsTruth", says)]
    }

    fn check(&mut self, seen: &Step<'_>) -> Checked {
        let truth = self.truth(seen.at);
        for fact in seen.facts() {
            let Fact::Read { timestamp, error: Some(error), synchronised: true } = fact else { continue };
            let off = Offset::between(truth, *timestamp);
            if off.magnitude() > error.magnitude() {
                let detail = format!("the clock of {} is off by {off}, and it says at most {error}", seen.node);
                return Err(InvariantViolation::new("BoundContainsTruth", detail));
            }
        }
        Ok(())
    }
}

/// A host that counts itself synchronised states an error within the limit of the configuration.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct SynchronisedMeansExact;

impl Invariant<Ntp> for SynchronisedMeansExact {
    // It looks at one step alone.
    const COMMUTES: bool = true;

    fn summaries(&self) -> Vec<InvariantSummary> {
        let says = "A host that counts itself synchronised states an error within the limit.";
        vec![InvariantSummary::new("SynchronisedMeansExact", says)]
    }

    fn check(&mut self, seen: &Step<'_>) -> Checked {
        let limit = seen.constants.config().max_error;
        for fact in seen.facts() {
            let Fact::Read { error: Some(error), synchronised: true, .. } = fact else { continue };
            if error.magnitude() > limit {
                let detail = format!("{} counts itself synchronised with an error of {error}", seen.node);
                return Err(InvariantViolation::new("SynchronisedMeansExact", detail));
            }
        }
        Ok(())
    }
}

/// A disciplined clock goes back by a step that the host tells, or not at all.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct OnlyStepsGoBack {
    told: BTreeMap<NodeId, Time>,
}

impl Invariant<Ntp> for OnlyStepsGoBack {
    // It remembers the readings of one node.
    const COMMUTES: bool = true;

    fn summaries(&self) -> Vec<InvariantSummary> {
        let says = "A disciplined clock goes back by a step that the host tells, or not at all.";
        vec![InvariantSummary::new("OnlyStepsGoBack", says)]
    }

    fn check(&mut self, seen: &Step<'_>) -> Checked {
        if seen.kind != StepKind::Step {
            self.told.remove(&seen.node);
        }
        for fact in seen.facts() {
            match fact {
                Fact::Stepped { .. } | Fact::ClockSet { .. } => {
                    self.told.remove(&seen.node);
                }
                Fact::Read { timestamp, .. } => {
                    let before = self.told.insert(seen.node, *timestamp);
                    if let Some(before) = before.filter(|before| before > timestamp) {
                        let back = Offset::between(*timestamp, before);
                        let detail = format!("the clock of {} goes back by {back} without a step", seen.node);
                        return Err(InvariantViolation::new("OnlyStepsGoBack", detail));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// No step is larger than the panic threshold.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct StepsStayBelowPanic;

impl Invariant<Ntp> for StepsStayBelowPanic {
    // It looks at one step alone.
    const COMMUTES: bool = true;

    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new("StepsStayBelowPanic", "No step is larger than the panic threshold.")]
    }

    fn check(&mut self, seen: &Step<'_>) -> Checked {
        let thresholds = seen.constants.config().thresholds;
        for fact in seen.facts() {
            let Fact::Stepped { by, at_boot } = fact else { continue };
            let limit = if *at_boot { thresholds.panic_at_boot } else { thresholds.panic };
            if by.magnitude() > limit {
                let detail = format!("{} steps by {by}, more than {limit:?}", seen.node);
                return Err(InvariantViolation::new("StepsStayBelowPanic", detail));
            }
        }
        Ok(())
    }
}

/// No measured duration is negative, or longer than the one that passed. A shorter one is possible:
/// the monotonic clock stands still while a machine is suspended.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct DurationsAreReal {
    begun: BTreeMap<(NodeId, ClientId), Time>,
}

impl Invariant<Ntp> for DurationsAreReal {
    fn summaries(&self) -> Vec<InvariantSummary> {
        let says = "No measured duration is negative, or longer than the one that passed.";
        vec![InvariantSummary::new("DurationsAreReal", says)]
    }

    fn check(&mut self, seen: &Step<'_>) -> Checked {
        let drift = seen.constants.config().drift;
        for fact in seen.facts() {
            match fact {
                Fact::Started { client } => {
                    self.begun.insert((seen.node, *client), seen.at);
                }
                Fact::Measured { client, span } => {
                    let Some(begun) = self.begun.get(&(seen.node, *client)) else { continue };
                    let passed = seen.at.since(*begun);
                    if *span < Offset::ZERO || drift.shortest(span.magnitude()) > passed {
                        let detail = format!("{} measures {span}, and {passed:?} have passed", seen.node);
                        return Err(InvariantViolation::new("DurationsAreReal", detail));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// No wait goes on after its span has passed.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct WaitsEnd {
    begun: BTreeMap<RequestId, (Time, Offset)>,
}

impl Invariant<Ntp> for WaitsEnd {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new("WaitsEnd", "No wait goes on after its span has passed.")]
    }

    fn check(&mut self, seen: &Step<'_>) -> Checked {
        let drift = seen.constants.config().drift;
        for fact in seen.facts() {
            match fact {
                Fact::WaitBegun { ticket, span } => {
                    self.begun.insert(*ticket, (seen.at, *span));
                }
                Fact::WaitsOn { ticket, left } => {
                    let Some((begun, span)) = self.begun.get(ticket) else { continue };
                    if seen.at.since(*begun) >= drift.shortest(span.magnitude()) {
                        let detail = format!("{ticket} waits for {left} more, and its {span} have passed");
                        return Err(InvariantViolation::new("WaitsEnd", detail));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// All invariants of NTP.
pub type Safety =
    (BoundContainsTruth, SynchronisedMeansExact, OnlyStepsGoBack, StepsStayBelowPanic, DurationsAreReal, WaitsEnd);

/// All invariants, for a run at whose start a clock that is right shows this time.
pub fn safety(start: Time) -> Safety {
    let truth = BoundContainsTruth::since(start);
    let (back, durations, waits) = (OnlyStepsGoBack::default(), DurationsAreReal::default(), WaitsEnd::default());
    (truth, SynchronisedMeansExact, back, StepsStayBelowPanic, durations, waits)
}
