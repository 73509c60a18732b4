//! Parallel random runs of one protocol, on all cores.

use quorate::bugs::NamedRulebookOf;
use std::ops::AddAssign;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use quorate::protocols::LeaseRaftTarget;

use quorate::experiments::{AnswerStats, RunParameters, SimTarget};
use quorate::lab::sim::{Coverage, Fault, FaultPlan, RunVerdict};
use quorate::protocol::{Duration, Machine};

pub(crate) const SEEDS: u64 = 5_000;

/// Two seconds of harsh faults, with outages of which every third outlasts a lease term; three
/// where a leader must be elected first.
fn run<S: SimTarget>(seed: u64) -> RunParameters {
    let fault_plan = FaultPlan { outage: Duration::from_millis(250), ..FaultPlan::harsh() };
    let seconds = if S::NAME == <LeaseRaftTarget>::NAME { 3 } else { 2 };
    RunParameters { nodes: 3, seed, fault_plan, span: Duration::from_secs(seconds) }
}

/// Combined coverage of many runs.
pub(crate) struct Totals<M: Machine, T> {
    pub(crate) coverage: Coverage<M>,
    /// Observations of the protocol's own observers.
    pub(crate) seen: T,
    /// Amount of client history that was checked.
    pub(crate) checked: AnswerStats,
    /// Number of clocks with exactly the maximum drift that the terms allow.
    pub(crate) extreme_clocks: u64,
    /// Number of jumps of wall clocks.
    pub(crate) jumps: u64,
}

impl<M: Machine, T: Default + AddAssign> Totals<M, T> {
    fn new() -> Self {
        Totals {
            coverage: Coverage::default(),
            seen: T::default(),
            checked: AnswerStats::default(),
            extreme_clocks: 0,
            jumps: 0,
        }
    }

    /// Runs one seed. On a failure it panics with the command that repeats the run.
    fn run<S: SimTarget<Machine = M>>(&mut self, seed: u64, see: impl Fn(&S::Invariants) -> T) {
        let run = run::<S>(seed);
        let bound = run.fault_plan.drift.get();
        let experiment = S::experiment(&run).expect("such a cluster can be");
        for (_, fault) in &experiment.faults {
            match fault {
                Fault::Drift { ppm, .. } => self.extreme_clocks += u64::from(ppm.unsigned_abs() == bound),
                Fault::Jump { .. } => self.jumps += 1,
                _ => {}
            }
        }
        let outcome = experiment.run(S::reached);
        let replay = run.replay::<S>();
        match outcome.verdict {
            RunVerdict::Reached { .. } => {}
            RunVerdict::Missed => panic!("seed {seed} never {}; see it with\n  {replay}", S::GOAL),
            RunVerdict::Broke(violation) => panic!("{violation}; see it with\n  {replay}"),
        }
        let (invariants, coverage) = outcome.world.invariants();
        self.coverage.add(coverage);
        self.checked += S::answer_stats(invariants);
        self.seen += see(invariants);
    }
}

/// Runs all seeds on all cores. Panics unless every run is safe and reaches its goal.
pub(crate) fn sweep<S: SimTarget, T: Default + AddAssign + Send>(
    see: impl Fn(&S::Invariants) -> T + Sync,
) -> Totals<S::Machine, T> {
    let next = AtomicU64::new(0);
    let work = || {
        let mut totals = Totals::new();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= SEEDS {
                return totals;
            }
            totals.run::<S>(seed, &see);
        }
    };
    thread::scope(|scope| {
        let cores = thread::available_parallelism().map_or(1, |cores| cores.get());
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        let mut all = Totals::new();
        for worker in workers {
            match worker.join() {
                Ok(totals) => {
                    all.coverage.add(&totals.coverage);
                    all.checked += totals.checked;
                    all.seen += totals.seen;
                    all.extreme_clocks += totals.extreme_clocks;
                    all.jumps += totals.jumps;
                }
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    })
}

/// First seed below `seeds` whose run under these rules violates an invariant, and the invariant.
pub(crate) fn first_broken<S: SimTarget>(
    rules: NamedRulebookOf<S::Machine>,
    seeds: u64,
) -> Option<(u64, &'static str)> {
    (0..seeds).find_map(|seed| {
        let experiment = S::plan(rules, &run::<S>(seed)).expect("such a cluster can be");
        match experiment.run(S::reached).verdict {
            RunVerdict::Broke(violation) => Some((seed, violation.broken.invariant)),
            _ => None,
        }
    })
}
