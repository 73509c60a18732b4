//! Runs with a goal, and minimisation of failing runs.

use std::fmt;

use quorate_lab::sim::{Experiment, RunVerdict, World};
use quorate_protocol::{Invariant, Machine};

use crate::grading::CaseFailure;

/// Makes a run that must reach a goal. If it does not, `missed` is the failure's description.
///
/// # Errors
/// The failure, with the seed of the run and a trace: that of the smallest run with the same
/// failure, or the whole run if it never reaches its goal.
pub(super) fn run_to_goal<M: Machine, I: Invariant<M>>(
    run: &Experiment<M, I>,
    missed: impl fmt::Display,
    goal: impl Fn(&World<M, I>) -> bool,
) -> Result<(), CaseFailure> {
    let seed = run.setup.seed;
    let outcome = run.run(&goal);
    match outcome.verdict {
        RunVerdict::Reached { .. } => Ok(()),
        RunVerdict::Missed => {
            let mut traced = run.clone();
            traced.setup.traced = true;
            Err(shown(CaseFailure::new("Progress", missed.to_string()).in_seed(seed), &traced.run(goal).world))
        }
        RunVerdict::Broke(violation) => {
            // The failure is described as in its smallest run.
            let runs = (SHRINKING_EVENTS_MAX / outcome.world.events().max(1)).min(SHRINKING_RUNS_MAX);
            let (mut least, violation) = match run.shrink(runs as usize) {
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

/// Maximum number of runs for minimisation: the learner waits for the result, so a good trace soon
/// is better than the smallest one later.
const SHRINKING_RUNS_MAX: u64 = 500;
/// Maximum number of events for minimisation: runs of a node that floods its network are long, so
/// fewer are made.
const SHRINKING_EVENTS_MAX: u64 = 3_000_000;
