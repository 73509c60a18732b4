//! Runs for watchers: correct ones, in which a watcher must stay silent, and those of broken
//! systems, in which it must not.

use quorate_bugs::{NamedRulebook, NamedRulebookOf};
use quorate_harness::experiments::{Planned, RunParameters, SimTarget};
use quorate_lab::sim::{Experiment, FaultPlan, RunVerdict};
use quorate_lab::trace::Document;
use quorate_protocol::{Duration, Invariant, Machine};

use super::Watch;
use super::replay_facts::{FALSE_ALARM, FactReplay, NOTICED};
use crate::grade::RunSet;
use crate::grading::{CaseFailure, Failed, Grading};

/// Broken system, and runs that expose it.
#[derive(Clone, Copy, Debug)]
pub(super) struct BrokenRulebook<R: 'static> {
    /// Rulebook with the bug.
    pub(super) rules: NamedRulebook<R>,
    /// Faults in its runs.
    level: FaultLevel,
    /// Seeds of such runs in which the invariant breaks.
    seeds: &'static [u64],
}

impl<R: Copy> BrokenRulebook<R> {
    /// Bug that shows under random faults with these seeds.
    pub(super) const fn under_faults(rules: NamedRulebook<R>, seeds: &'static [u64]) -> Self {
        BrokenRulebook { rules, level: FaultLevel::RandomFaults, seeds }
    }

    /// Bug that shows under frequent crashes with these seeds.
    pub(super) const fn in_crashes(rules: NamedRulebook<R>, seeds: &'static [u64]) -> Self {
        BrokenRulebook { rules, level: FaultLevel::FrequentCrashes, seeds }
    }
}

/// Rulebook of a subject's machine.
type TargetRulebook<S> = <<S as SimTarget>::Machine as Machine>::Rulebook;

/// Fault level of runs. Correct and broken systems run under the same ones, so that only the facts
/// tell them apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum FaultLevel {
    /// No faults.
    NoFaults,
    /// All kinds of faults.
    RandomFaults,
    /// All kinds of faults, and frequent, short crashes.
    FrequentCrashes,
}

impl FaultLevel {
    const ALL: [FaultLevel; 3] = [FaultLevel::NoFaults, FaultLevel::RandomFaults, FaultLevel::FrequentCrashes];

    fn title(self) -> &'static str {
        match self {
            FaultLevel::NoFaults => "without faults",
            FaultLevel::RandomFaults => "with random faults",
            FaultLevel::FrequentCrashes => "with frequent crashes",
        }
    }

    fn run_set(self) -> RunSet {
        let harsh = RunSet { span: SPAN, ..RunSet::harsh(CORRECT_RUNS) };
        match self {
            FaultLevel::NoFaults => RunSet::without_faults(),
            FaultLevel::RandomFaults => harsh,
            FaultLevel::FrequentCrashes => {
                let fault_plan = FaultPlan { crashes: 80, outage: Duration::from_millis(20), ..harsh.fault_plan };
                RunSet { fault_plan, ..harsh }
            }
        }
    }
}

/// Number of fresh seeds that are tried for each broken system besides its fixed ones. The bug does
/// not show in all of them.
const FRESH_TRIES: u64 = 20;
/// Maximum number of runs for minimisation: the learner waits for the result, so a good trace soon
/// is better than the smallest one later.
const SHRINKING_RUNS_MAX: usize = 300;
/// Duration of the fault window, and of the recovery window after it.
const SPAN: Duration = Duration::from_secs(3);
const CALM: Duration = Duration::from_secs(1);

fn run(run_set: &RunSet, seed: u64) -> RunParameters {
    RunParameters { nodes: run_set.nodes, seed, fault_plan: run_set.fault_plan, span: run_set.span }
}

/// Runs a watcher in correct runs, with and without faults.
///
/// # Errors
/// [`Failed`], if it reports a violation.
pub(super) fn keeps_quiet<S, W>(grading: &mut Grading) -> Result<(), Failed>
where
    S: SimTarget,
    W: Watch<Fact = <S::Machine as Machine>::Fact>,
{
    for level in FaultLevel::ALL {
        let run_set = level.run_set();
        grading.case(format!("correct runs of {}, {}", S::NAME, level.title()), |grading| {
            let (mut runs, mut fact_count) = (0, 0);
            for seed in grading.seeds(run_set.fixed, run_set.fresh) {
                let calm = watched::<S, _>(NamedRulebookOf::<S::Machine>::default(), &run(&run_set, seed), |_| {
                    FactReplay::<W>::alone()
                })?;
                let outcome = calm.run_to_end();
                if let RunVerdict::Broke(violation) = &outcome.verdict {
                    let detail = format!("this run is correct, but the watcher objects: {}", violation.broken.detail);
                    return Err(shown(&calm, CaseFailure::new(FALSE_ALARM, detail).in_seed(seed)));
                }
                runs += 1;
                fact_count += outcome.world.invariants().fact_count();
            }
            Ok(format!("{fact_count} facts in {runs} runs, no objection"))
        })?;
    }
    Ok(())
}

/// Number of correct runs that are the same in each grading, and of fresh ones.
const CORRECT_RUNS: u64 = 30;

/// Number of broken systems that a watcher detected.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Score {
    /// Number detected.
    pub noticed: usize,
    /// Total number.
    pub of: usize,
    runs: usize,
    missed: Option<CaseFailure>,
}

impl Score {
    /// Runs a watcher in the runs of broken systems.
    ///
    /// # Errors
    /// A failure of the grader itself: a run that should expose a bug and does not.
    pub(super) fn add<S, W, I>(
        &mut self,
        grading: &Grading,
        reference: fn(&<S::Machine as Machine>::Config) -> I,
        broken: &[BrokenRulebook<TargetRulebook<S>>],
    ) -> Result<(), CaseFailure>
    where
        S: SimTarget,
        W: Watch<Fact = <S::Machine as Machine>::Fact>,
        I: Invariant<S::Machine>,
    {
        for BrokenRulebook { rules, level, seeds } in broken {
            let run_set = level.run_set();
            let mut missed = None;
            let fixed = seeds.iter().map(|seed| (*seed, true));
            let fresh = grading.seeds(0, FRESH_TRIES).map(|seed| (seed, false));
            for (seed, shows) in fixed.chain(fresh) {
                let beside = |config: &_| FactReplay::<W, I>::beside(reference(config));
                let trial = watched::<S, _>(*rules, &run(&run_set, seed), beside)?;
                match trial.run_to_end().verdict {
                    RunVerdict::Broke(violation) if violation.broken.invariant == NOTICED => self.runs += 1,
                    RunVerdict::Broke(violation) => {
                        self.runs += 1;
                        missed.get_or_insert((trial, seed, violation.broken));
                    }
                    // The grader itself would be wrong.
                    _ if shows => {
                        return Err(CaseFailure::new("Setup", format!("seed {seed} of {} shows no bug", S::NAME)));
                    }
                    _ => {}
                }
            }
            self.of += 1;
            match missed {
                None => self.noticed += 1,
                Some((trial, seed, broken)) if self.missed.is_none() => {
                    let detail = format!("{broken}, but the watcher has not objected by then");
                    self.missed = Some(shown(&trial, CaseFailure::new("Missed", detail).in_seed(seed)));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// Requires that all were detected. A missed one is shown.
    ///
    /// # Errors
    /// The partial score, and the smallest run of a system that was missed.
    pub(super) fn verdict(self) -> Result<String, CaseFailure> {
        let Score { noticed, of, runs, missed } = self;
        match missed {
            None => Ok(format!("{noticed} of {of} noticed, in {runs} runs")),
            Some(broke) => {
                let detail =
                    format!("{noticed} of {of} broken systems are noticed. In one that is not, {}", broke.detail);
                Err(CaseFailure { detail, ..broke }.earning(noticed as u32, of as u32))
            }
        }
    }
}

/// Replaces the invariants of a run. The cluster's names are in scope, so that descriptions are
/// readable.
fn watched<S: SimTarget, I>(
    rules: NamedRulebookOf<S::Machine>,
    run: &RunParameters,
    invariants: impl FnOnce(&<S::Machine as Machine>::Config) -> I,
) -> Result<Experiment<S::Machine, I>, CaseFailure> {
    let planned: Planned<S> = S::plan(rules, run).map_err(|error| CaseFailure::new("Setup", error.to_string()))?;
    Ok(Experiment {
        invariants: invariants(planned.setup.constants.config()),
        setup: planned.setup,
        requests: planned.requests,
        faults: planned.faults,
        message_faults: planned.message_faults,
        fault_window: planned.fault_window,
        recovery_window: CALM,
    })
}

/// Adds the trace of the smallest run with the same failure.
fn shown<M: Machine, I: Invariant<M>>(experiment: &Experiment<M, I>, broke: CaseFailure) -> CaseFailure {
    let least = experiment.shrink(SHRINKING_RUNS_MAX).map(|least| least.sooner(SHRINKING_RUNS_MAX));
    let smallest = least.map_or_else(|| experiment.clone(), |least| least.experiment);
    match document(smallest) {
        Some(document) => broke.shown_by(document),
        None => broke,
    }
}

fn document<M: Machine, I: Invariant<M>>(mut experiment: Experiment<M, I>) -> Option<Document> {
    experiment.setup.traced = true;
    experiment.run_to_end().world.recording().map(|recording| recording.document())
}

/// Fixed seeds that no longer expose their bug, each list with seeds that do.
#[cfg(test)]
pub(super) fn unshown<S, I>(
    reference: fn(&<S::Machine as Machine>::Config) -> I,
    broken: &[BrokenRulebook<TargetRulebook<S>>],
) -> Vec<String>
where
    S: SimTarget,
    I: Invariant<S::Machine>,
{
    let checked = |BrokenRulebook { rules, level, seeds }: &BrokenRulebook<TargetRulebook<S>>| {
        let shows = |seed: &u64| {
            let trial = watched::<S, _>(*rules, &run(&level.run_set(), *seed), reference);
            trial.is_ok_and(|trial| matches!(trial.run_to_end().verdict, RunVerdict::Broke(_)))
        };
        let idle: Vec<u64> = seeds.iter().copied().filter(|seed| !shows(seed)).collect();
        (!idle.is_empty()).then(|| {
            let others: Vec<u64> = (0..20_000).filter(shows).take(seeds.len()).collect();
            format!("{} of {}: of {seeds:?}, {idle:?} show nothing; {others:?} do", rules.id(), S::NAME)
        })
    };
    broken.iter().filter_map(checked).collect()
}
