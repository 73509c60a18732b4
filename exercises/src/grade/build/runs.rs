//! Making a run, and showing the least of it that goes wrong.

use quorate_lab::sim::{Experiment, Verdict, World};
use quorate_protocol::{Invariant, Machine};

use crate::exam::Broke;

/// Makes a run that must come to a goal.
///
/// # Errors
/// What broke, with the seed of the run and a trace.
pub(super) fn conduct<M: Machine, I: Invariant<M>>(
    run: &Experiment<M, I>,
    must: &str,
    goal: impl Fn(&World<M, I>) -> bool,
) -> Result<(), Broke> {
    let seed = run.setup.seed;
    let outcome = run.run(&goal);
    match outcome.verdict {
        Verdict::Reached { .. } => Ok(()),
        Verdict::Missed => {
            let mut traced = run.clone();
            traced.setup.traced = true;
            Err(shown(
                Broke::new("Progress", format!("the run never came to this: {must}")).in_seed(seed),
                traced.run(goal).world,
            ))
        }
        Verdict::Broke(violation) => {
            let detail = outcome.world.names().scope(|| violation.broken.to_string());
            let broke = Broke::new(violation.broken.invariant, detail).in_seed(seed);
            let mut least = run.shrink(SHRINKING_RUNS_MAX).map_or_else(|| run.clone(), |least| least.experiment);
            least.setup.traced = true;
            Err(shown(broke, least.run_out().world))
        }
    }
}

fn shown<M: Machine, I: Invariant<M>>(broke: Broke, world: World<M, I>) -> Broke {
    match world.recording() {
        Some(recording) => broke.shown_by(recording.document()),
        None => broke,
    }
}

/// A learner waits for this: a good picture now is better than the best one later.
const SHRINKING_RUNS_MAX: usize = 300;
