//! Runs with a goal, and minimisation of failing runs.

use std::fmt;

use quorate_lab::sim::{Experiment, RunVerdict, World};
use quorate_protocol::{Invariant, Machine};

use crate::grading::{CaseFailure, Grading};

/// Limits of a minimisation: the learner waits for the result, so a good trace soon is better than
/// the smallest one later.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shrinking {
    /// Maximum number of runs.
    runs: u64,
    /// Maximum number of events: runs of a node that floods its network are long, so there are
    /// fewer.
    events: u64,
}

impl Shrinking {
    /// For the failure that is shown.
    pub(super) const FULL: Shrinking = Shrinking { runs: 500, events: 3_000_000 };
    /// For another run that may show it better.
    const FURTHER: Shrinking = Shrinking { runs: 200, events: 300_000 };
    /// For those who ask whether it fails, and not how.
    const NONE: Shrinking = Shrinking { runs: 0, events: 0 };

    /// Limits for the first failure of a grading.
    pub(super) fn of(grading: &Grading) -> Self {
        if grading.is_verdict_only() { Shrinking::NONE } else { Shrinking::FULL }
    }
}

/// Makes the runs of a grading's seeds, and returns their number. If one fails, so do others, and
/// not all can be reduced as far: the smallest of a few is shown.
///
/// # Errors
/// The failure.
pub(super) fn run_seeds(
    grading: &Grading,
    mut seeds: impl Iterator<Item = u64>,
    mut run: impl FnMut(u64, Shrinking) -> Result<(), CaseFailure>,
) -> Result<u64, CaseFailure> {
    let mut runs = 0;
    while let Some(seed) = seeds.next() {
        let Err(mut least) = run(seed, Shrinking::of(grading)) else {
            runs += 1;
            continue;
        };
        if grading.is_verdict_only() {
            return Err(least);
        }
        for seed in seeds.by_ref().take(FURTHER_SEEDS_MAX) {
            // A run that makes no progress is shown as it is.
            if least.what == PROGRESS || events(&least) <= SMALL {
                break;
            }
            match run(seed, Shrinking::FURTHER) {
                Err(other) if other.what == least.what && events(&other) < events(&least) => least = other,
                _ => {}
            }
        }
        return Err(least);
    }
    Ok(runs)
}

/// Number of further seeds that are looked at after a failure.
const FURTHER_SEEDS_MAX: usize = 20;
/// Number of events that are small enough: the diagram fits on a screen.
const SMALL: usize = 24;
/// Name of the failure of a run that never reaches its goal.
const PROGRESS: &str = "Progress";

/// Number of events of a failure's trace.
fn events(broke: &CaseFailure) -> usize {
    broke.trace.as_ref().map_or(usize::MAX, |trace| trace.events.len())
}

/// Makes a run that must reach a goal. If it does not, `missed` is the failure's description.
///
/// # Errors
/// The failure, with the seed of the run and a trace: that of the smallest run with the same
/// failure, or the whole run if it never reaches its goal.
pub(super) fn run_to_goal<M: Machine, I: Invariant<M>>(
    run: &Experiment<M, I>,
    missed: impl fmt::Display,
    goal: impl Fn(&World<M, I>) -> bool,
    shrinking: Shrinking,
) -> Result<(), CaseFailure> {
    let seed = run.setup.seed;
    let outcome = run.run(&goal);
    match outcome.verdict {
        RunVerdict::Reached { .. } => Ok(()),
        RunVerdict::Missed => {
            let mut traced = run.clone();
            traced.setup.traced = true;
            Err(shown(CaseFailure::new(PROGRESS, missed.to_string()).in_seed(seed), &traced.run(goal).world))
        }
        RunVerdict::Broke(violation) => {
            // The failure is described as in its smallest run.
            let runs = (shrinking.events / outcome.world.events().max(1)).min(shrinking.runs);
            let runs = runs as usize;
            // A diagram is short only if little happens between the faults, too.
            let shrunk = if runs == 0 { None } else { run.shrink(runs).map(|least| least.sooner(runs)) };
            let (mut least, violation) = match shrunk {
                Some(least) => (least.experiment, least.violation),
                None => (run.clone(), violation),
            };
            let detail = outcome.world.names().scope(|| violation.broken.detail.clone());
            least.setup.traced = true;
            let broke = CaseFailure::new(violation.broken.invariant, detail).in_seed(seed);
            Err(shown(broke, &least.run_to_end().world))
        }
    }
}

fn shown<M: Machine, I: Invariant<M>>(broke: CaseFailure, world: &World<M, I>) -> CaseFailure {
    match world.recording() {
        Some(recording) => broke.shown_by(recording.document()),
        None => broke,
    }
}
