//! Random walks, for what lies deeper than breadth can reach.

use super::{CheckError, Goal, Limit, Model, Path, Progress, Report, Verdict};
use crate::env::Dice;

/// Many long random runs of a model, each choosing evenly among what may happen. The same seed makes the same runs.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Walk {
    /// Decides all choices.
    pub seed: u64,
    /// How many runs are made.
    pub runs: u64,
    /// How long each may get, in actions.
    pub length: u32,
}

/// Something that a walk should reach, and when it has.
pub type Aim<'a, S> = (&'a str, &'a dyn Fn(&S) -> bool);

/// One random run, so far.
struct Stroll<M: Model> {
    dice: Dice,
    path: Path<M>,
    room: Vec<M::Action>,
}

impl Walk {
    /// Walks until something breaks, or to the end. What is found is a run, but hardly ever a shortest one.
    ///
    /// The report's `unique` counts the states that were visited, repetitions included: nobody remembers them.
    ///
    /// # Errors
    /// [`CheckError::Zero`] if there are no runs or they have no length, [`CheckError::NothingToBeginWith`] without an
    /// initial state.
    pub fn run<M: Model>(self, model: &M, goals: &[Aim<'_, M::State>]) -> Result<Report<M>, CheckError>
    where
        M::Action: Clone,
    {
        self.run_from(model, &model.initial(), goals)
    }

    /// The same from other states.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn run_from<M: Model>(
        self,
        model: &M,
        initial: &[M::State],
        goals: &[Aim<'_, M::State>],
    ) -> Result<Report<M>, CheckError>
    where
        M::Action: Clone,
    {
        for (what, value) in [("the number of runs", self.runs), ("the length of the runs", u64::from(self.length))] {
            if value == 0 {
                return Err(CheckError::Zero(what));
            }
        }
        if initial.is_empty() {
            return Err(CheckError::NothingToBeginWith);
        }
        let mut report = Report {
            verdict: Verdict::Stopped(Limit::Depth(self.length)),
            goals: goals.iter().map(|(name, _)| Goal { name: (*name).to_owned(), path: None }).collect(),
            progress: Progress::default(),
        };
        for run in 0..self.runs {
            let mut dice = Dice::new(self.seed, run);
            let root = model.begun(&initial[dice.below(initial.len() as u64) as usize]);
            let mut stroll = Stroll { dice, path: Path { initial: root, steps: Vec::new() }, room: Vec::new() };
            let ended = (0..=self.length).find_map(|_| stroll.visit(model, goals, &mut report));
            if let Some(Some(verdict)) = ended {
                report.verdict = verdict;
                break;
            }
        }
        Ok(report)
    }
}

impl<M: Model> Stroll<M>
where
    M::Action: Clone,
{
    /// Judges the state it is in and goes on. Returns something when the run ends: a verdict, if it ends in a violation.
    fn visit(&mut self, model: &M, goals: &[Aim<'_, M::State>], report: &mut Report<M>) -> Option<Option<Verdict<M>>> {
        let state = self.path.end();
        report.progress.unique += 1;
        for (goal, (_, reached)) in report.goals.iter_mut().zip(goals) {
            if goal.path.is_none() && reached(state) {
                goal.path = Some(self.path.clone());
            }
        }
        if let Err(broken) = model.check(state) {
            return Some(Some(Verdict::Broken { broken, path: self.path.clone() }));
        }
        if !model.within(state) {
            return Some(None);
        }
        // Each successor takes the place of the chosen one with the chance that makes all of them equally likely.
        let (mut count, mut chosen) = (0_u64, None);
        model.successors(state, &mut self.room, |action, next| {
            count += 1;
            if self.dice.below(count) == 0 {
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
