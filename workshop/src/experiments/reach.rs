//! Goals that no run can reach, found before a run is made.
//!
//! A lease is worthless if its grant takes longer than its term, and nobody is elected if votes come after the election. A run
//! under such settings would only show that it never got anywhere, so it is refused with both values.

use std::fmt;

use quorate_lab::sim::Ppm;
use quorate_protocol::{Duration, nanos};

use super::{Run, Subject};

/// Messages, one sent on the arrival of the other, that must fit into a span for the goal to be reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Need {
    /// What the messages are, e.g. `a holder's request and its grant`.
    pub(super) what: &'static str,
    /// How many there are.
    pub(super) messages: u32,
    /// What the span is called, e.g. `the holder's term`.
    pub(super) bound: &'static str,
    /// How long the span is on the clock of the node that counts it.
    pub(super) within: Duration,
}

/// Renewals of a whole run, over all holders: a run of more would go on for minutes.
const RENEWALS_MAX: u64 = 5_000_000;

/// Settings under which no run can reach its goal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OutOfReach {
    /// While faults last, messages take too long.
    Latency {
        /// The protocol.
        protocol: &'static str,
        /// What every run must come to.
        goal: &'static str,
        /// The messages that must fit.
        what: &'static str,
        /// How many they are, one after the other.
        messages: u32,
        /// The least that one of them takes.
        each: Duration,
        /// What they must fit into.
        bound: &'static str,
        /// How long that is, on the true clock.
        within: Duration,
    },
    /// So little of a term is left by the drift of the clocks that a healed network is too slow for it.
    Drift {
        /// The protocol.
        protocol: &'static str,
        /// What every run must come to.
        goal: &'static str,
        /// The messages that must fit.
        what: &'static str,
        /// The least that they take in all, when everything is healed.
        takes: Duration,
        /// What they must fit into.
        bound: &'static str,
        /// How long that is.
        within: Duration,
        /// How wrong clocks may be.
        drift: Ppm,
    },
    /// Terms so short that the run would consist of renewals.
    TooManyRenewals {
        /// From one renewal to the next.
        renew_every: Duration,
        /// How long the faults last.
        span: Duration,
        /// How many renewals that makes, over all holders.
        count: u64,
        /// How wrong clocks may be.
        drift: Ppm,
    },
}

impl fmt::Display for OutOfReach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            OutOfReach::Latency { protocol, goal, what, messages, each, bound, within } => write!(
                f,
                "no run of {protocol} could say that it {goal}: {what} take {messages} messages of at least {each:?}, one after \
                 the other, which is {:?}, and {bound} is {within:?}; choose a latency= that begins below {:?}",
                each.saturating_mul(messages),
                within / messages,
            ),
            OutOfReach::Drift { protocol, goal, what, takes, bound, within, drift } => write!(
                f,
                "no run of {protocol} could say that it {goal}: {what} take at least {takes:?}, also when everything is \
                 healed, and {bound} is {within:?}, which is all that clocks wrong by drift={drift} leave of it; choose a \
                 smaller drift=",
            ),
            OutOfReach::TooManyRenewals { renew_every, span, count, drift } => write!(
                f,
                "clocks wrong by drift={drift} leave terms so short that they are renewed every {renew_every:?}, \
                 {count} times in {span:?}, and at most {RENEWALS_MAX} renewals are simulated; choose a smaller drift= or --for",
            ),
        }
    }
}

impl std::error::Error for OutOfReach {}

/// Refuses a run in which one of these cannot fit, while faults last or when everything is healed.
pub(super) fn check<S: Subject>(run: &Run, needs: impl IntoIterator<Item = Need>) -> Result<(), OutOfReach> {
    let (protocol, goal, drift) = (S::NAME, S::GOAL, run.storm.drift);
    let each = run.storm.conditions.latency.min();
    let healed = run.storm.conditions.calmed().latency.min();
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

/// Refuses a run that would be nothing but renewals.
pub(super) fn check_renewals(run: &Run, renew_every: Duration) -> Result<(), OutOfReach> {
    let count = (nanos(run.span) / nanos(renew_every).max(1)).saturating_mul(run.nodes.into());
    let (span, drift) = (run.span, run.storm.drift);
    if count > RENEWALS_MAX { Err(OutOfReach::TooManyRenewals { renew_every, span, count, drift }) } else { Ok(()) }
}

/// How long a span lasts in truth, at most, if it is counted by a clock that loses as much as the storm lets it. `None` if the clock
/// may stand still.
fn on_the_slowest_clock(span: Duration, drift: Ppm) -> Option<Duration> {
    if drift == Ppm::ZERO {
        return Some(span);
    }
    let slowest = u128::from(Ppm::ONE.get() - drift.get());
    // Two readings are each rounded down, so that a span may look a nanosecond shorter than it is.
    let longest = ((span.as_nanos() + 1) * u128::from(Ppm::ONE.get())).checked_div(slowest)? + 1;
    Some(Duration::from_nanos(u64::try_from(longest).unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use quorate_lab::sim::Storm;

    use super::*;
    use crate::protocols::{
        LeaseCacheTarget, LeaseMajorityTarget, LeaseRaftTarget, LeaseStoreTarget, LeaseTarget, MultiPaxosTarget,
        PaxosTarget, RaftTarget,
    };

    fn run(faults: &str) -> Run {
        let storm: Storm = faults.parse().unwrap();
        Run { nodes: 3, seed: 1, storm, span: Duration::from_secs(10) }
    }

    fn refusal<S: Subject>(faults: &str) -> Option<String> {
        S::experiment(&run(faults)).err().map(|error| error.to_string())
    }

    /// The shortest latency that is refused, in milliseconds, and the longest that is not.
    fn assert_bound<S: Subject>(refused: u64, names: &str) {
        let error = refusal::<S>(&format!("latency={refused}ms")).unwrap_or_default();
        let each = format!("{:?}", Duration::from_millis(refused));
        assert!(error.contains(&each) && error.contains(names) && error.contains("latency="), "{}: {error}", S::NAME);
        assert_eq!(refusal::<S>(&format!("latency={}ms", refused - 1)), None, "{}", S::NAME);
        // What counts is the least that a message takes: the rest is healed in the end.
        assert_eq!(refusal::<S>(&format!("latency=1ms..{}ms", refused * 4)), None, "{}", S::NAME);
    }

    #[test]
    fn a_latency_that_no_term_or_timeout_can_bear_is_refused_with_both() {
        assert_bound::<PaxosTarget>(1_050, "2.1s");
        assert_bound::<MultiPaxosTarget>(1_150, "2.3s");
        assert_bound::<RaftTarget>(150, "300ms");
        assert_bound::<LeaseTarget>(150, "the holder's term is 300ms");
        assert_bound::<LeaseMajorityTarget>(25, "100ms");
        assert_bound::<LeaseStoreTarget>(100, "the client's patience is 400ms");
        assert_bound::<LeaseCacheTarget>(150, "the holder's term is 300ms");
        assert_bound::<LeaseRaftTarget>(13, "the renewal interval is 50ms");
    }

    #[test]
    fn a_drift_that_leaves_nothing_of_the_terms_is_refused_with_what_it_leaves() {
        for error in [
            refusal::<LeaseTarget>("drift=99.9%"),
            refusal::<LeaseMajorityTarget>("drift=99.9%"),
            refusal::<LeaseCacheTarget>("drift=99.9%"),
            refusal::<LeaseRaftTarget>("drift=99.9%"),
        ] {
            let error = error.unwrap_or_default();
            assert!(error.contains("drift=99.9%") && error.contains("µs"), "{error}");
        }
        let error = refusal::<LeaseTarget>("latency=0ms,drift=99.9999%").unwrap_or_default();
        assert!(error.contains("renewed every 50ns") && error.contains("5000000"), "{error}");
        assert_eq!(refusal::<LeaseTarget>("drift=90%"), None);
        assert_eq!(refusal::<RaftTarget>("drift=99.9999%"), None, "Raft's timeouts do not shrink with the drift");
    }

    #[test]
    fn one_node_needs_no_answer_of_another() {
        let alone = |faults: &str| Run { nodes: 1, seed: 2, ..run(faults) };
        assert!(RaftTarget::experiment(&alone("latency=1s")).is_ok());
        assert!(PaxosTarget::experiment(&alone("latency=5s")).is_ok());
    }
}
