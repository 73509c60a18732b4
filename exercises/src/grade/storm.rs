//! Random runs under faults, of the same kinds that the reference is put through.

use quorate_lab::sim::{Storm, Verdict, Violation};
use quorate_protocol::Duration;
use quorate_workshop::experiments::{Planned, Run, Subject};

use crate::exam::{Broke, Exam, Failed};

/// How bad it gets, and how often.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Weather {
    /// How many nodes.
    pub nodes: u32,
    /// What goes wrong in a run.
    pub storm: Storm,
    /// For how long.
    pub span: Duration,
    /// How many runs are the same in each grading.
    pub fixed: u64,
    /// How many are new in each.
    pub fresh: u64,
}

impl Weather {
    /// Nothing goes wrong: five quiet runs.
    pub fn fair() -> Self {
        Weather { nodes: 3, storm: Storm::none(), span: Duration::from_secs(1), fixed: 5, fresh: 0 }
    }

    /// Everything goes wrong.
    pub fn harsh(runs: u64) -> Self {
        Weather { nodes: 3, storm: Storm::harsh(), span: Duration::from_secs(5), fixed: runs, fresh: runs }
    }

    fn run(&self, seed: u64) -> Run {
        Run { nodes: self.nodes, seed, storm: self.storm, span: self.span }
    }
}

/// Puts a rulebook through the weather. The smallest run that goes wrong is shown.
///
/// # Errors
/// [`Failed`], if a run breaks an invariant or never comes to its goal.
pub fn storm<S: Subject>(exam: &mut Exam, title: &str, weather: Weather, rules: S::Rules) -> Result<(), Failed> {
    exam.case(title, |exam| {
        let mut runs = 0;
        for seed in exam.seeds(weather.fixed, weather.fresh) {
            let run = weather.run(seed);
            let planned = S::under(rules, &run).map_err(|error| Broke::new("Setup", error.to_string()))?;
            weather_out::<S>(&planned, seed)?;
            runs += 1;
        }
        Ok(format!("{runs} runs {}", S::GOAL))
    })
}

/// One run. If it goes wrong, the smallest that does.
pub(super) fn weather_out<S: Subject>(planned: &Planned<S>, seed: u64) -> Result<(), Broke> {
    let outcome = planned.run(S::reached);
    match outcome.verdict {
        Verdict::Reached { .. } => Ok(()),
        Verdict::Missed => {
            let mut traced = planned.clone();
            traced.setup.traced = true;
            let world = traced.run(S::reached).world;
            let broke = Broke::new("Progress", format!("the run never {}", S::GOAL)).in_seed(seed);
            Err(match world.recording() {
                Some(recording) => broke.shown_by(recording.document()),
                None => broke,
            })
        }
        Verdict::Broke(violation) => {
            let names = outcome.world.names().clone();
            let broke = |violation: &Violation| {
                Broke::new(violation.broken.invariant, names.scope(|| violation.broken.detail.clone())).in_seed(seed)
            };
            let Some(mut least) = planned.shrink(SHRINKING_RUNS_MAX) else { return Err(broke(&violation)) };
            let broke = broke(&least.violation);
            least.experiment.setup.traced = true;
            let world = least.experiment.run_out().world;
            Err(match world.recording() {
                Some(recording) => broke.shown_by(recording.document()),
                None => broke,
            })
        }
    }
}

/// A learner waits for this: a good picture now is better than the best one later.
const SHRINKING_RUNS_MAX: usize = 500;
