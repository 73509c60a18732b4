//! Invariants of TrueTime, checked from outside: invariants see the true time, which nodes do not.

use std::collections::{BTreeMap, BTreeSet};

use quorate_protocol::{Invariant, InvariantSummary, InvariantViolation, NodeId, RequestId, StepView, Time};

use super::message::Fact;
use super::node::TrueTime;
use crate::Interval;

type Step<'a> = StepView<'a, TrueTime>;
type Checked = Result<(), InvariantViolation>;

/// Each interval that a server reads contains the true time.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct IntervalContainsTruth {
    start: Time,
}

impl IntervalContainsTruth {
    /// For a run at whose start a clock that is right shows this time.
    pub const fn since(start: Time) -> Self {
        IntervalContainsTruth { start }
    }

    fn judge(self, node: NodeId, interval: Interval, at: Time) -> Checked {
        let truth = truth(self.start, at);
        if interval.contains(truth) {
            return Ok(());
        }
        let detail = format!("{node} reads {interval}, and it is {truth}");
        Err(InvariantViolation::new("IntervalContainsTruth", detail))
    }
}

fn truth(start: Time, at: Time) -> Time {
    start + at.since(Time::ZERO)
}

impl Invariant<TrueTime> for IntervalContainsTruth {
    // It looks at one step alone.
    const COMMUTES: bool = true;

    fn summaries(&self) -> Vec<InvariantSummary> {
        let says = "Each interval that a server reads contains the true time.";
        vec![InvariantSummary::new("IntervalContainsTruth", says)]
    }

    fn check(&mut self, seen: &Step<'_>) -> Checked {
        for fact in seen.facts() {
            if let Fact::Read { interval } | Fact::Synchronised { interval } = fact {
                self.judge(seen.node, *interval, seen.at)?;
            }
        }
        Ok(())
    }
}

/// No server relies on a reading whose error exceeds the limit of the configuration.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct ErrorWithinLimit;

impl Invariant<TrueTime> for ErrorWithinLimit {
    // It looks at one step alone.
    const COMMUTES: bool = true;

    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new("ErrorWithinLimit", "No server relies on a reading whose error exceeds the limit.")]
    }

    fn check(&mut self, seen: &Step<'_>) -> Checked {
        let limit = seen.constants.config().max_error;
        for fact in seen.facts() {
            let Fact::Read { interval } = fact else { continue };
            if interval.error() > limit {
                let detail = format!("{} relies on {interval}, and an error of {limit:?} is allowed", seen.node);
                return Err(InvariantViolation::new("ErrorWithinLimit", detail));
            }
        }
        Ok(())
    }
}

/// When a commit is told, its stamp has passed, by the true time: no reader of that moment, on
/// whichever server, takes a smaller stamp (Corbett 2012 §4.1.2, commit wait).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct StampHasPassed {
    start: Time,
}

impl StampHasPassed {
    /// For a run at whose start a clock that is right shows this time.
    pub const fn since(start: Time) -> Self {
        StampHasPassed { start }
    }
}

impl Invariant<TrueTime> for StampHasPassed {
    // It looks at one step alone.
    const COMMUTES: bool = true;

    fn summaries(&self) -> Vec<InvariantSummary> {
        let says = "When a commit is told, its stamp has passed, by the true time.";
        vec![InvariantSummary::new("StampHasPassed", says)]
    }

    fn check(&mut self, seen: &Step<'_>) -> Checked {
        let truth = truth(self.start, seen.at);
        for fact in seen.facts() {
            let Fact::Committed { ticket, timestamp: stamp } = fact else { continue };
            if *stamp >= truth {
                let detail = format!("{ticket} is committed at {truth}, before its stamp {stamp}");
                return Err(InvariantViolation::new("StampHasPassed", detail));
            }
        }
        Ok(())
    }
}

/// A transaction that begins after another was committed has a larger stamp. Both moments are steps
/// of the run, so it holds for clients as well, who hear of the one later and ask for the other
/// earlier.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct ExternalConsistency {
    /// The largest stamp of the transactions that are committed.
    committed: Option<(Time, RequestId)>,
    /// The same, when each transaction began.
    begun: BTreeMap<RequestId, Option<(Time, RequestId)>>,
    done: BTreeSet<RequestId>,
}

impl Invariant<TrueTime> for ExternalConsistency {
    fn summaries(&self) -> Vec<InvariantSummary> {
        let says = "A transaction that begins after another was committed has a larger stamp.";
        vec![InvariantSummary::new("ExternalConsistency", says)]
    }

    fn check(&mut self, seen: &Step<'_>) -> Checked {
        for fact in seen.facts() {
            match fact {
                Fact::Begun { ticket } => {
                    self.begun.entry(*ticket).or_insert(self.committed);
                }
                Fact::Committed { ticket, timestamp: stamp } => {
                    if let Some(Some((before, earlier))) = self.begun.get(ticket)
                        && stamp <= before
                        && earlier != ticket
                    {
                        let detail = format!(
                            "{ticket} began after {earlier} was committed at {before}, and has the stamp {stamp}"
                        );
                        return Err(InvariantViolation::new("ExternalConsistency", detail));
                    }
                    if self.done.insert(*ticket) {
                        self.committed = self.committed.max(Some((*stamp, *ticket)));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// All invariants of TrueTime.
pub type Safety = (IntervalContainsTruth, ErrorWithinLimit, StampHasPassed, ExternalConsistency);

/// All invariants, for a run at whose start a clock that is right shows this time.
pub fn safety(start: Time) -> Safety {
    let truth = IntervalContainsTruth::since(start);
    (truth, ErrorWithinLimit, StampHasPassed::since(start), ExternalConsistency::default())
}
