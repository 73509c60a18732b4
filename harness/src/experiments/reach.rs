//! Feasibility check: rejects settings under which no run can reach its goal.
//!
//! A lease is worthless if its grant takes longer than its term, and no leader is elected if votes
//! arrive after the election. A run under such settings would only show that it makes no progress,
//! so it is refused with both values.

use std::fmt;

use quorate_lab::sim::Ppm;
use quorate_protocol::{Duration, nanos};

use super::{RunParameters, SimTarget};

/// Sequential messages, each sent on the arrival of the one before, that must fit into a time bound
/// for the goal to be reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Need {
    /// Name of the messages, e.g. `a holder's request and its grant`.
    pub(super) what: &'static str,
    /// Number of messages.
    pub(super) messages: u32,
    /// Name of the bound, e.g. `the holder's term`.
    pub(super) bound: &'static str,
    /// Duration of the bound, on the clock of the node that counts it.
    pub(super) within: Duration,
}

/// Maximum number of renewals in a run, over all holders: a longer run would take minutes.
const RENEWALS_MAX: u64 = 5_000_000;

/// Error: settings under which no run can reach its goal.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum OutOfReach {
    /// Messages are too slow during the fault window.
    Latency {
        /// Protocol.
        protocol: &'static str,
        /// Goal of the run.
        goal: &'static str,
        /// Messages that must fit.
        what: &'static str,
        /// Number of messages, one after another.
        messages: u32,
        /// Minimum latency of one message.
        each: Duration,
        /// Name of the bound.
        bound: &'static str,
        /// Duration of the bound, on the true clock.
        within: Duration,
    },
    /// Clock drift leaves so little of a term that even a healed network is too slow for it.
    Drift {
        /// Protocol.
        protocol: &'static str,
        /// Goal of the run.
        goal: &'static str,
        /// Messages that must fit.
        what: &'static str,
        /// Minimum total latency on a healed network.
        takes: Duration,
        /// Name of the bound.
        bound: &'static str,
        /// Duration of the bound.
        within: Duration,
        /// Maximum clock drift.
        drift: Ppm,
    },
    /// Terms so short that the run would consist of renewals.
    TooManyRenewals {
        /// Renewal interval.
        renew_every: Duration,
        /// Duration of the fault window.
        span: Duration,
        /// Number of renewals over all holders.
        count: u64,
        /// Maximum clock drift.
        drift: Ppm,
    },
}

impl fmt::Display for OutOfReach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            OutOfReach::Latency { protocol, goal, what, messages, each, bound, within } => {
                write!(f, "no run of {protocol} could reach its goal ('{goal}'): ")?;
                match messages {
                    1 => write!(f, "{what} takes a message of at least {each:?}")?,
                    _ => write!(
                        f,
                        "{what} take {messages} consecutive messages of at least {each:?}, {:?} in all",
                        each.saturating_mul(messages)
                    )?,
                }
                write!(f, ", but {bound} is {within:?}; use a minimum latency= below {:?}", within / messages)
            }
            OutOfReach::Drift { protocol, goal, what, takes, bound, within, drift } => write!(
                f,
                "no run of {protocol} could reach its goal ('{goal}'): {what} take at least {takes:?}, even after healing, but clocks with drift={drift} reduce {bound} to {within:?}; use a smaller drift=",
            ),
            OutOfReach::TooManyRenewals { renew_every, span, count, drift } => write!(
                f,
                "clocks with drift={drift} make terms so short that they are renewed every {renew_every:?}, {count} times in {span:?}; at most {RENEWALS_MAX} renewals are simulated, so use a smaller drift= or --for",
            ),
        }
    }
}

impl std::error::Error for OutOfReach {}

/// Rejects a run in which one of these needs cannot fit, during the fault window or after the
/// recovery.
pub(super) fn check<S: SimTarget>(
    run: &RunParameters,
    needs: impl IntoIterator<Item = Need>,
) -> Result<(), OutOfReach> {
    let (protocol, goal, drift) = (S::NAME, S::GOAL, run.fault_plan.drift);
    let each = run.fault_plan.conditions.latency.min();
    let healed = run.fault_plan.conditions.healed().latency.min();
    for Need { what, messages, bound, within } in needs {
        let slowest = on_the_slowest_clock(within, drift);
        if slowest.is_some_and(|within| each.saturating_mul(messages) >= within) {
            let within = slowest.unwrap_or(within);
            return Err(OutOfReach::Latency { protocol, goal, what, messages, each, bound, within });
        }
        let takes = healed.saturating_mul(messages);
        if takes >= within {
            return Err(OutOfReach::Drift { protocol, goal, what, takes, bound, within, drift });
        }
    }
    Ok(())
}

/// Rejects a run that would consist of renewals.
pub(super) fn check_renewals(run: &RunParameters, renew_every: Duration) -> Result<(), OutOfReach> {
    let count = (nanos(run.span) / nanos(renew_every).max(1)).saturating_mul(run.nodes.into());
    let (span, drift) = (run.span, run.fault_plan.drift);
    if count > RENEWALS_MAX { Err(OutOfReach::TooManyRenewals { renew_every, span, count, drift }) } else { Ok(()) }
}

/// Longest true duration of a span counted by a clock that drifts by at most `drift`. `None` if the
/// clock may stand still.
fn on_the_slowest_clock(span: Duration, drift: Ppm) -> Option<Duration> {
    if drift == Ppm::ZERO {
        return Some(span);
    }
    let slowest = u128::from(Ppm::ONE.get() - drift.get());
    // Both clock readings are rounded down, so a span may seem a nanosecond shorter than it is.
    let longest = ((span.as_nanos() + 1) * u128::from(Ppm::ONE.get())).checked_div(slowest)? + 1;
    Some(Duration::from_nanos(u64::try_from(longest).unwrap_or(u64::MAX)))
}
