//! Random runs of leases, a kind of run for each machine of the crate: one granter with a fenced
//! resource, a majority, a replicated fenced store, a cache, and a table on Raft.
//!
//! All of them live on the edge of what they promise: holders count the longest term that is safe for the drift of the storm, and in
//! every second pair of seeds each clock is exactly as wrong as that. Outages last longer than a term often enough; and every fifth
//! seed of a harsh storm is aimed at the ends of terms.

mod aimed;
mod cache;
mod chronicle;
mod majority;
mod replicated;
mod single;
mod store;

pub use cache::Naps;
pub use chronicle::{Chronicle, Happenings, NEAR};

use quorate_lab::sim::{Conditions, Dice, Fault};
use quorate_lease::{Drift, TermError, Terms};
use quorate_protocol::{Duration, Time, nanos};

use super::Run;
use super::reach::Need;

/// How long a grant binds its granter.
const TERM: Duration = Duration::from_millis(300);
/// How often holders ask, if their term is long enough for that.
const RENEWAL: Duration = Duration::from_millis(50);
/// How often a primary acts by itself.
const ACT_EVERY: Duration = Duration::from_millis(11);

/// The longest holder's term that is safe for clocks as wrong as the storm makes them.
fn terms(run: &Run, granter: Duration) -> Result<Terms, TermError> {
    let drift = Drift::from_ppm(run.storm.drift.get())?;
    let longest = Terms::longest(granter, drift)?;
    Terms::new(granter, longest.holder(), RENEWAL.min(longest.renew_every()), drift)
}

/// What a lease from another node needs: its grant must come within the term, which is counted from the request.
fn grant(terms: &Terms) -> Need {
    Need { what: "a request and its grant", messages: 2, bound: "the holder's term", within: terms.holder() }
}

/// Longer than a holder's term lasts in truth on any clock: a millisecond more, which is more than clocks round.
fn longest(terms: &Terms) -> Duration {
    let slowest = 1_000_000 - u128::from(terms.drift().ppm());
    let longest = u128::from(nanos(terms.holder())) * 1_000_000 / slowest;
    Duration::from_nanos(u64::try_from(longest).unwrap_or(u64::MAX)).saturating_add(Duration::from_millis(1))
}

/// How often a primary acts by itself: all the time where the troubles are aimed, because it takes an act to show a second primary.
fn act_every(run: &Run) -> Duration {
    if aimed::is_aimed(run) { ACT_EVERY / 10 } else { ACT_EVERY }
}

/// What the network is like.
fn conditions(run: &Run) -> Conditions {
    if aimed::is_aimed(run) { aimed::conditions() } else { run.storm.conditions }
}

/// The storm's faults; in every second pair of seeds all clocks are as wrong as they may be.
fn faults(run: &Run, nodes: u32) -> Vec<(Time, Fault)> {
    if aimed::is_aimed(run) {
        return aimed::plan(run, nodes);
    }
    storm(run, nodes)
}

fn storm(run: &Run, nodes: u32) -> Vec<(Time, Fault)> {
    let mut faults = run.storm.plan(run.seed, nodes, run.span);
    if run.seed >> 1 & 1 == 1 {
        let bound = run.storm.drift.get() as i32;
        for (_, fault) in &mut faults {
            if let Fault::Drift { ppm, .. } = fault {
                *ppm = if *ppm < 0 { -bound } else { bound };
            }
        }
    }
    faults
}

/// Draws what a run's clients do: a stream that neither network nor timers nor faults draw from.
fn clients_dice(run: &Run) -> Dice {
    Dice::new(run.seed, u64::MAX - 1)
}

/// Some moments of the storm, one for each `pace` on average, in order.
fn moments(dice: &mut Dice, run: &Run, pace: Duration) -> Vec<Time> {
    let count = nanos(run.span) / nanos(pace);
    let mut moments: Vec<Time> = (0..count).map(|_| Time::from_nanos(dice.below(nanos(run.span)))).collect();
    moments.sort_unstable();
    moments
}

/// Just after the healing, which comes when all that is due at the end of the storm is done.
fn healed(run: &Run) -> Time {
    Time::ZERO + run.span + Duration::from_nanos(1)
}

/// A, B and C, as long as letters last.
fn holder_names(count: u32) -> impl Iterator<Item = String> {
    (0..count).map(move |number| match char::from_u32(u32::from('A') + number).filter(|_| count <= 15) {
        Some(letter) => letter.to_string(),
        None => format!("H{}", number + 1),
    })
}
