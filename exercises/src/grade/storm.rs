//! Random runs under faults, of the same kinds that the reference is put through.

use quorate_bugs::BookOf;
use quorate_lab::sim::Storm;
use quorate_protocol::Duration;
use quorate_workshop::experiments::{Planned, Run, Subject};

use super::conduct::conduct;
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
pub fn storm<S: Subject>(
    exam: &mut Exam,
    title: &str,
    weather: Weather,
    rules: impl Into<BookOf<S::Machine>>,
) -> Result<(), Failed> {
    let rules = rules.into();
    exam.case(title, |exam| {
        let mut runs = 0;
        for seed in exam.seeds(weather.fixed, weather.fresh) {
            let run = weather.run(seed);
            let planned = S::under(rules, &run).map_err(|error| Broke::new("Setup", error.to_string()))?;
            weather_out::<S>(&planned)?;
            runs += 1;
        }
        Ok(format!("{runs} runs {}", S::GOAL))
    })
}

/// One run. If it goes wrong, the smallest that does.
pub(super) fn weather_out<S: Subject>(planned: &Planned<S>) -> Result<(), Broke> {
    conduct(planned, format_args!("the run never {}", S::GOAL), S::reached)
}
