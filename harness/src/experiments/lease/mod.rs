//! Random runs of leases, one kind for each machine of the crate: one granter with a fenced
//! resource, a majority, a replicated fenced store, a cache, and a table on Raft.
//!
//! All of them run at the limit of what they promise: holders count the longest term that is safe
//! for the configured drift, and in every second pair of seeds each clock drifts by exactly that
//! bound. Outages often last longer than a term; and every fifth seed of harsh runs is aimed at the
//! ends of terms.

mod aimed;
mod cache;
mod majority;
mod pushed;
mod replicated;
mod single;
mod stats;
mod store;

pub use cache::CacheStats;
pub use stats::{LeaseCounts, LeaseStats, NEAR};

use quorate_lab::sim::{Conditions, Fault, Rng};
use quorate_lease::{Drift, TermError, Terms};
use quorate_protocol::{Duration, Time, nanos};

use super::RunParameters;
use super::reach::Need;

/// Duration of a grant on the granter's clock.
const TERM: Duration = Duration::from_millis(300);
/// Renewal interval of holders, if their term is long enough for that.
const RENEWAL: Duration = Duration::from_millis(50);
/// Interval between acts of a primary.
const ACT_EVERY: Duration = Duration::from_millis(11);

/// Longest holder term that is safe under the configured clock drift.
fn terms(run: &RunParameters, granter: Duration) -> Result<Terms, TermError> {
    let drift = Drift::from_ppm(run.fault_plan.drift.get())?;
    let longest = Terms::longest(granter, drift)?;
    Terms::new(granter, longest.holder(), RENEWAL.min(longest.renew_every()), drift)
}

/// Messages of a lease from another node: the grant must arrive within the term, which is counted
/// from the request.
fn grant(terms: &Terms) -> Need {
    Need { what: "a request and its grant", messages: 2, bound: "the holder's term", within: terms.holder() }
}

/// Upper bound of a holder's term on true time, for any clock: a millisecond more, which exceeds
/// the rounding of clocks.
fn longest(terms: &Terms) -> Duration {
    let slowest = 1_000_000 - u128::from(terms.drift().ppm());
    let longest = u128::from(nanos(terms.holder())) * 1_000_000 / slowest;
    Duration::from_nanos(u64::try_from(longest).unwrap_or(u64::MAX)).saturating_add(Duration::from_millis(1))
}

/// Interval between acts of a primary. Aimed runs act more often, because only an act shows a
/// second primary.
fn act_every(run: &RunParameters) -> Duration {
    if aimed::is_aimed(run) { ACT_EVERY / 10 } else { ACT_EVERY }
}

/// Network conditions of a run.
fn conditions(run: &RunParameters) -> Conditions {
    if aimed::is_aimed(run) { aimed::conditions() } else { run.fault_plan.conditions }
}

/// Fault schedule of a run; in every second pair of seeds all clocks drift at the bound.
fn faults(run: &RunParameters, nodes: u32) -> Vec<(Time, Fault)> {
    if aimed::is_aimed(run) {
        return aimed::plan(run, nodes);
    }
    fault_schedule(run, nodes)
}

pub(super) fn fault_schedule(run: &RunParameters, nodes: u32) -> Vec<(Time, Fault)> {
    let mut faults = run.fault_plan.schedule(run.seed, nodes, run.span);
    if run.seed >> 1 & 1 == 1 {
        let bound = run.fault_plan.drift.get() as i32;
        for (_, fault) in &mut faults {
            if let Fault::Drift { ppm, .. } = fault {
                *ppm = if *ppm < 0 { -bound } else { bound };
            }
        }
    }
    faults
}

/// Random stream of the clients, separate from those of the network, the timers and the faults.
pub(super) fn client_rng(run: &RunParameters) -> Rng {
    Rng::new(run.seed, u64::MAX - 1)
}

/// Times in the fault window in order, one per `pace` on average.
pub(super) fn moments(rng: &mut Rng, run: &RunParameters, pace: Duration) -> Vec<Time> {
    let count = nanos(run.span) / nanos(pace);
    let mut moments: Vec<Time> = (0..count).map(|_| Time::from_nanos(rng.below(nanos(run.span)))).collect();
    moments.sort_unstable();
    moments
}

/// Time just after the recovery, which comes when everything due at the end of the fault window is
/// done.
pub(super) fn healed(run: &RunParameters) -> Time {
    Time::ZERO + run.span + Duration::from_nanos(1)
}

/// Holder names: A, B, C …, or H1, H2 … for more than 15 holders.
pub(super) fn holder_names(count: u32) -> impl Iterator<Item = String> {
    (0..count).map(move |number| match char::from_u32(u32::from('A') + number).filter(|_| count <= 15) {
        Some(letter) => letter.to_string(),
        None => format!("H{}", number + 1),
    })
}
