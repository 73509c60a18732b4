//! Random runs under faults, of the same kinds that the reference is tested with.

use quorate_bugs::NamedRulebookOf;
use quorate_harness::experiments::{Planned, RunParameters, SimTarget};
use quorate_lab::sim::FaultPlan;
use quorate_protocol::Duration;

use super::run_to_goal::{Shrinking, run_seeds, run_to_goal};
use crate::grading::{CaseFailure, Failed, Grading};

/// Fault settings, and numbers of runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RunSet {
    /// Number of nodes.
    pub nodes: u32,
    /// Fault generator.
    pub fault_plan: FaultPlan,
    /// Duration of the fault window.
    pub span: Duration,
    /// Number of runs that are the same in each grading.
    pub fixed: u64,
    /// Number of fresh runs in each grading.
    pub fresh: u64,
}

impl RunSet {
    /// Five runs without faults.
    pub fn without_faults() -> Self {
        RunSet { nodes: 3, fault_plan: FaultPlan::none(), span: Duration::from_secs(1), fixed: 5, fresh: 0 }
    }

    /// All kinds of faults.
    pub fn harsh(runs: u64) -> Self {
        RunSet { nodes: 3, fault_plan: FaultPlan::harsh(), span: Duration::from_secs(5), fixed: runs, fresh: runs }
    }

    fn run(&self, seed: u64) -> RunParameters {
        RunParameters { nodes: self.nodes, seed, fault_plan: self.fault_plan, span: self.span }
    }
}

/// Runs a rulebook under faults. The smallest failing run is shown.
///
/// # Errors
/// [`Failed`], if a run breaks an invariant or never reaches its goal.
pub fn random_runs<S: SimTarget>(
    grading: &mut Grading,
    title: &str,
    run_set: RunSet,
    rules: impl Into<NamedRulebookOf<S::Machine>>,
) -> Result<(), Failed> {
    let rules = rules.into();
    grading.case(title, |grading| {
        let runs = run_seeds(grading, grading.seeds(run_set.fixed, run_set.fresh), |seed, shrinking| {
            let run = run_set.run(seed);
            let planned = S::plan(rules, &run).map_err(|error| CaseFailure::new("Setup", error.to_string()))?;
            check_run::<S>(&planned, shrinking)
        })?;
        Ok(format!("{runs} runs {}", S::GOAL))
    })
}

/// Makes one run. If it fails, returns the smallest run that does.
pub(super) fn check_run<S: SimTarget>(planned: &Planned<S>, shrinking: Shrinking) -> Result<(), CaseFailure> {
    run_to_goal(planned, format_args!("the run never {}", S::GOAL), S::reached, shrinking)
}
