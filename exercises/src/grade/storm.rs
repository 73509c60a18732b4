//! Random runs under faults, of the same kinds that the reference is tested with.

use quorate_bugs::NamedRulebookOf;
use quorate_harness::experiments::{Planned, Run, SimTarget};
use quorate_lab::sim::FaultPlan;
use quorate_protocol::Duration;

use super::run_to_goal::run_to_goal;
use crate::grading::{CaseFailure, Failed, Grading};

/// Fault settings, and numbers of runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Weather {
    /// Number of nodes.
    pub nodes: u32,
    /// Fault generator.
    pub storm: FaultPlan,
    /// Duration of the fault window.
    pub span: Duration,
    /// Number of runs that are the same in each grading.
    pub fixed: u64,
    /// Number of fresh runs in each grading.
    pub fresh: u64,
}

impl Weather {
    /// Five runs without faults.
    pub fn fair() -> Self {
        Weather { nodes: 3, storm: FaultPlan::none(), span: Duration::from_secs(1), fixed: 5, fresh: 0 }
    }

    /// All kinds of faults.
    pub fn harsh(runs: u64) -> Self {
        Weather { nodes: 3, storm: FaultPlan::harsh(), span: Duration::from_secs(5), fixed: runs, fresh: runs }
    }

    fn run(&self, seed: u64) -> Run {
        Run { nodes: self.nodes, seed, storm: self.storm, span: self.span }
    }
}

/// Runs a rulebook under faults. The smallest failing run is shown.
///
/// # Errors
/// [`Failed`], if a run breaks an invariant or never reaches its goal.
pub fn storm<S: SimTarget>(
    grading: &mut Grading,
    title: &str,
    weather: Weather,
    rules: impl Into<NamedRulebookOf<S::Machine>>,
) -> Result<(), Failed> {
    let rules = rules.into();
    grading.case(title, |grading| {
        let mut runs = 0;
        for seed in grading.seeds(weather.fixed, weather.fresh) {
            let run = weather.run(seed);
            let planned = S::plan(rules, &run).map_err(|error| CaseFailure::new("Setup", error.to_string()))?;
            weather_out::<S>(&planned)?;
            runs += 1;
        }
        Ok(format!("{runs} runs {}", S::GOAL))
    })
}

/// Makes one run. If it fails, returns the smallest run that does.
pub(super) fn weather_out<S: SimTarget>(planned: &Planned<S>) -> Result<(), CaseFailure> {
    run_to_goal(planned, format_args!("the run never {}", S::GOAL), S::reached)
}
