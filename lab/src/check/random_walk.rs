//! Random walks, for states too deep for breadth-first search.

use super::{CheckError, GoalResult, Limit, Model, Path, SearchProgress, SearchReport, SearchVerdict};
use crate::env::Rng;

/// A number of long random runs of a model, each choosing uniformly among the possible actions. The
/// same seed gives the same runs.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct RandomWalk {
    /// Seed of all choices.
    pub seed: u64,
    /// Number of runs.
    pub runs: u64,
    /// Maximum length of each run, in actions.
    pub length: u32,
}

/// A goal of a walk: its name, and a predicate on states.
pub type WalkGoal<'a, S> = (&'a str, &'a dyn Fn(&S) -> bool);

/// A random run in progress.
struct WalkState<M: Model> {
    rng: Rng,
    path: Path<M>,
    room: Vec<M::Action>,
}

impl RandomWalk {
    /// Runs until an invariant is violated, or all runs are done. The path to a violation or goal
    /// is a run, but rarely a shortest one.
    ///
    /// The report's `unique` counts the states that were visited, repetitions included: visited
    /// states are not stored.
    ///
    /// # Errors
    /// [`CheckError::Zero`] if there are no runs or they have no length,
    /// [`CheckError::NoInitialState`] without an initial state.
    pub fn run<M: Model>(self, model: &M, goals: &[WalkGoal<'_, M::State>]) -> Result<SearchReport<M>, CheckError>
    where
        M::Action: Clone,
    {
        self.run_from(model, &model.initial(), goals)
    }

    /// Runs from other initial states.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn run_from<M: Model>(
        self,
        model: &M,
        initial: &[M::State],
        goals: &[WalkGoal<'_, M::State>],
    ) -> Result<SearchReport<M>, CheckError>
    where
        M::Action: Clone,
    {
        for (what, value) in [("the number of runs", self.runs), ("the length of the runs", u64::from(self.length))] {
            if value == 0 {
                return Err(CheckError::Zero(what));
            }
        }
        if initial.is_empty() {
            return Err(CheckError::NoInitialState);
        }
        let mut report = SearchReport {
            verdict: SearchVerdict::Stopped(Limit::Depth(self.length)),
            goals: goals.iter().map(|(name, _)| GoalResult { name: (*name).to_owned(), path: None }).collect(),
            progress: SearchProgress::default(),
        };
        for run in 0..self.runs {
            let mut rng = Rng::new(self.seed, run);
            let root = model.begun(&initial[rng.below(initial.len() as u64) as usize]);
            let mut walk = WalkState { rng, path: Path { initial: root, steps: Vec::new() }, room: Vec::new() };
            let ended = (0..=self.length).find_map(|_| walk.visit(model, goals, &mut report));
            if let Some(Some(verdict)) = ended {
                report.verdict = verdict;
                break;
            }
        }
        Ok(report)
    }
}

impl<M: Model> WalkState<M>
where
    M::Action: Clone,
{
    /// Checks the current state and takes a step. Returns `Some` when the run ends: with a verdict,
    /// if it ends in a violation.
    fn visit(
        &mut self,
        model: &M,
        goals: &[WalkGoal<'_, M::State>],
        report: &mut SearchReport<M>,
    ) -> Option<Option<SearchVerdict<M>>> {
        let state = self.path.end();
        report.progress.unique += 1;
        for (goal, (_, reached)) in report.goals.iter_mut().zip(goals) {
            if goal.path.is_none() && reached(state) {
                goal.path = Some(self.path.clone());
            }
        }
        if let Err(broken) = model.check(state) {
            return Some(Some(SearchVerdict::Broken { broken, path: self.path.clone() }));
        }
        if !model.within(state) {
            return Some(None);
        }
        // Reservoir sampling: each successor replaces the chosen one with the probability that
        // makes all equally likely.
        let (mut count, mut chosen) = (0_u64, None);
        model.successors(state, &mut self.room, |action, next| {
            count += 1;
            if self.rng.below(count) == 0 {
                chosen = Some((action, next));
            }
        });
        report.progress.generated += count;
        match chosen {
            Some(step) => self.path.steps.push(step),
            None => {
                report.progress.terminal += 1;
                return Some(None);
            }
        }
        None
    }
}
