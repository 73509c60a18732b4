//! Bringing a failure forward: the same few faults and requests, with less time between them.

use quorate_protocol::{Duration, Invariant, Machine, Time};

use super::experiment::{Experiment, RunVerdict};
use super::run_error::Violation;
use super::shrink::Shrunk;

/// Span that is left between two times at least, so that what is planned keeps its order.
const GAP_MIN: Duration = Duration::from_millis(1);

/// Parts of a gap that are tried, the smallest first.
const PARTS: [u32; 4] = [u32::MAX, 16, 4, 2];

impl<M: Machine, I: Invariant<M>> Shrunk<M, I> {
    /// The same failure in a run of fewer events, with at most `runs_max` further runs.
    ///
    /// A minimal run still has the times that were drawn for it: between two faults a cluster may
    /// send heartbeats for seconds, of which the failure needs none. The gaps between planned
    /// times, healing included, are closed one after the other, as long as the same invariant is
    /// violated after no more events than before.
    #[must_use]
    pub fn sooner(mut self, runs_max: usize) -> Self {
        let invariant = self.violation.broken.invariant;
        let Some((_, mut events)) = broken(&self.experiment, invariant) else { return self };
        let runs_max = self.runs + 1 + runs_max;
        self.runs += 1;
        loop {
            let before = events;
            for gap in (0..planned(&self.experiment).len()).rev() {
                for part in PARTS {
                    if self.runs >= runs_max {
                        return self;
                    }
                    let Some(closer) = with_gap(&self.experiment, gap, part) else { continue };
                    self.runs += 1;
                    match broken(&closer, invariant) {
                        Some((violation, fewer)) if fewer <= events => {
                            (self.experiment, self.violation, events) = (closer, violation, fewer);
                            break;
                        }
                        _ => {}
                    }
                }
            }
            if events == before {
                return self;
            }
        }
    }
}

/// The violation of this invariant, if a run ends by it, and the number of events until then.
fn broken<M: Machine, I: Invariant<M>>(run: &Experiment<M, I>, invariant: &str) -> Option<(Violation, u64)> {
    let outcome = run.run_to_end();
    match outcome.verdict {
        RunVerdict::Broke(violation) if violation.broken.invariant == invariant => {
            Some((violation, outcome.world.events()))
        }
        _ => None,
    }
}

/// Times at which something is planned, in order, and that of healing.
fn planned<M: Machine, I>(run: &Experiment<M, I>) -> Vec<Time> {
    let faults = run.faults.iter().map(|(at, _)| *at);
    let requests = run.requests.iter().map(|request| request.at);
    let mut times: Vec<Time> = faults.chain(requests).chain([Time::ZERO + run.fault_window]).collect();
    times.sort_unstable();
    times.dedup();
    times
}

/// The same run with a part of the gap before one of its planned times: all that is planned from
/// there on is earlier. `None` if there is nothing to close.
fn with_gap<M: Machine, I: Clone>(run: &Experiment<M, I>, gap: usize, part: u32) -> Option<Experiment<M, I>> {
    let times = planned(run);
    let from = *times.get(gap)?;
    let start = gap.checked_sub(1).map_or(Time::ZERO, |before| times[before]);
    let span = from.since(start);
    let left = (span / part).max(GAP_MIN);
    let closed = span.checked_sub(left).filter(|closed| !closed.is_zero())?;
    let moved = |at: Time| if at < from { at } else { Time::ZERO + (at.since(Time::ZERO) - closed) };
    let mut closer = run.clone();
    for (at, _) in &mut closer.faults {
        *at = moved(*at);
    }
    for request in &mut closer.requests {
        request.at = moved(request.at);
    }
    closer.fault_window = moved(Time::ZERO + run.fault_window).since(Time::ZERO);
    Some(closer)
}
