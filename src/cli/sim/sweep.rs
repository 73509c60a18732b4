//! Many runs on all cores: what came of them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use indicatif::{ProgressBar, ProgressStyle};
use quorate::experiments::Judged;
use quorate::found::Storied;
use quorate::lab::sim::{Census, Verdict, Violation};
use quorate::protocol::{Machine, Names, nanos};

use super::{Plan, Seeds};

/// What came of many runs.
pub(super) struct Results<M: Machine> {
    pub(super) census: Census<M>,
    /// Nanoseconds from healing to the goal, of each run that reached it.
    pub(super) waits: Vec<u64>,
    pub(super) events: u64,
    /// How much of what clients were told was judged.
    pub(super) judged: Judged,
    /// The runs that went wrong, in the order of their seeds.
    pub(super) missed: Vec<u64>,
    pub(super) broken: Vec<(u64, Violation, Names)>,
}

impl<M: Machine> Results<M> {
    fn new() -> Self {
        Results {
            census: Census::default(),
            waits: Vec::new(),
            events: 0,
            judged: Judged::default(),
            missed: Vec::new(),
            broken: Vec::new(),
        }
    }

    fn add(&mut self, other: Self) {
        self.census.add(&other.census);
        self.waits.extend(other.waits);
        self.events += other.events;
        self.judged += other.judged;
        self.missed.extend(other.missed);
        self.broken.extend(other.broken);
    }
}

impl<S: Storied> Plan<'_, S> {
    /// Makes the runs, a batch at a time. What is reported does not depend on how many cores there are: counts are added up,
    /// failures sorted, and no batch is left half made.
    pub(super) fn simulate_all(&self) -> Results<S::Machine> {
        let Seeds { mut start, end } = self.arguments.seeds;
        let progress = progress(end - start);
        let mut results = Results::new();
        while start < end && results.broken.len() < BROKEN_MAX {
            let batch = Seeds { start, end: end.min(start.saturating_add(BATCH)) };
            results.add(self.simulate_batch(batch, &progress));
            start = batch.end;
        }
        progress.finish_and_clear();
        results.waits.sort_unstable();
        results.missed.sort_unstable();
        results.broken.sort_by_key(|(seed, ..)| *seed);
        results
    }

    /// Makes runs on all cores.
    fn simulate_batch(&self, seeds: Seeds, progress: &ProgressBar) -> Results<S::Machine> {
        let next = AtomicU64::new(seeds.start);
        let work = || {
            let mut results = Results::new();
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= seeds.end {
                    break results;
                }
                self.simulate_seed(seed, &mut results);
                progress.inc(1);
            }
        };
        let workers = thread::available_parallelism().map_or(1, |cores| cores.get());
        thread::scope(|scope| {
            let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
            let mut all = Results::new();
            for worker in workers {
                match worker.join() {
                    Ok(results) => all.add(results),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            all
        })
    }

    fn simulate_seed(&self, seed: u64, results: &mut Results<S::Machine>) {
        let Ok(experiment) = self.experiment(seed) else { return };
        let outcome = experiment.run(S::reached);
        let (invariants, census) = outcome.world.invariants();
        results.census.add(census);
        results.judged += S::judged(invariants);
        results.events += outcome.world.events();
        match outcome.verdict {
            Verdict::Reached { healed, at } => results.waits.push(nanos(at.since(healed))),
            Verdict::Missed => results.missed.push(seed),
            Verdict::Broke(violation) => results.broken.push((seed, violation, outcome.world.names().clone())),
        }
    }
}

/// So many runs are made before anyone asks whether that will do.
const BATCH: u64 = 256;

/// After so many broken runs there is no need for more.
const BROKEN_MAX: usize = 10;

/// A bar on the standard error, if that is a terminal.
fn progress(runs: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {human_pos} of {human_len} runs, {eta} left");
    ProgressBar::new(runs).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
