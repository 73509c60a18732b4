//! Parallel simulation of many seeds, and the summary of their results.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use indicatif::{ProgressBar, ProgressStyle};
use quorate::experiments::AnswerStats;
use quorate::lab::sim::{RunVerdict, Violation};
use quorate::protocol::{Names, nanos};

use super::Plan;
use super::seeds::{Completed, Seeds};
use crate::cli::failure::Failure;

/// Combined results of many runs.
#[derive(Default)]
pub(super) struct Results {
    /// Coverage counters, summed.
    pub(super) coverage: Vec<(u64, &'static str)>,
    /// Nanoseconds from healing to the goal, of each run that reached it.
    pub(super) waits: Vec<u64>,
    pub(super) events: u64,
    /// Amount of client history that was checked.
    pub(super) checked: AnswerStats,
    /// Seeds of the runs that missed their goal, in order.
    pub(super) missed: Vec<u64>,
    pub(super) broken: Vec<(u64, Violation, Names)>,
    /// Seeds of the completed runs.
    pub(super) completed: Completed,
    /// Completed seeds that are not yet sorted into `completed`.
    fresh: Vec<u64>,
    /// Seeds for which no experiment can be built, with the reason.
    impossible: Vec<(u64, String)>,
}

impl Results {
    fn add(&mut self, other: Self) {
        self.count(other.coverage);
        self.waits.extend(other.waits);
        self.events += other.events;
        self.checked += other.checked;
        self.missed.extend(other.missed);
        self.broken.extend(other.broken);
        self.fresh.extend(other.fresh);
        self.impossible.extend(other.impossible);
    }

    /// Adds coverage counters, which are the same ones in each run.
    fn count(&mut self, coverage: Vec<(u64, &'static str)>) {
        if self.coverage.is_empty() {
            self.coverage = coverage;
            return;
        }
        for ((sum, _), (count, _)) in self.coverage.iter_mut().zip(coverage) {
            *sum += count;
        }
    }
}

impl Plan<'_> {
    /// Runs all seeds, one batch at a time. The report does not depend on the number of cores:
    /// counts are summed, failures sorted, and every batch is completed unless the command is
    /// interrupted.
    pub(super) fn simulate_all(&self) -> Result<Results, Failure> {
        let seeds = self.arguments.seeds;
        let progress = progress(seeds.count());
        let mut results = Results::default();
        let mut left = Some(seeds);
        while let Some(rest) = left.filter(|_| results.broken.len() < BROKEN_MAX && !self.stop().is_requested()) {
            let batch = rest.up_to(BATCH);
            results.add(self.simulate_batch(batch, &progress));
            if let Some((seed, why)) = results.impossible.iter().min() {
                return Err(Failure::unusable(format_args!("seed {seed}: {why}")));
            }
            results.completed.add(std::mem::take(&mut results.fresh));
            left = seeds.behind(batch.last);
        }
        progress.finish_and_clear();
        results.waits.sort_unstable();
        results.missed.sort_unstable();
        results.broken.sort_by_key(|(seed, ..)| *seed);
        Ok(results)
    }

    /// Runs one batch on all cores.
    fn simulate_batch(&self, seeds: Seeds, progress: &ProgressBar) -> Results {
        // An offset within the batch: a counter of seeds would wrap after the largest seed.
        let next = AtomicU64::new(0);
        let work = || {
            let mut results = Results::default();
            loop {
                let position = next.fetch_add(1, Ordering::Relaxed);
                if position >= seeds.count() || self.stop().is_requested() {
                    break results;
                }
                self.simulate_seed(seeds.first + position, &mut results);
                progress.inc(1);
            }
        };
        let workers = thread::available_parallelism().map_or(1, |cores| cores.get());
        thread::scope(|scope| {
            let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
            let mut all = Results::default();
            for worker in workers {
                match worker.join() {
                    Ok(results) => all.add(results),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            all
        })
    }

    fn simulate_seed(&self, seed: u64, results: &mut Results) {
        let planned = match self.plan(seed) {
            Ok(planned) => planned,
            Err(failure) => return results.impossible.push((seed, failure.to_string())),
        };
        // An interrupted run proves nothing, so it does not count.
        let Some(run) = planned.run_unless(self.stop()) else { return };
        results.fresh.push(seed);
        results.count(run.coverage);
        results.checked += run.answers;
        results.events += run.events;
        match run.verdict {
            RunVerdict::Reached { healed, at } => results.waits.push(nanos(at.since(healed))),
            RunVerdict::Missed => results.missed.push(seed),
            RunVerdict::Broke(violation) => results.broken.push((seed, violation, run.names)),
        }
    }
}

/// Number of runs between two checks of whether to stop.
const BATCH: u64 = 256;

/// Number of failed runs after which the sweep stops.
const BROKEN_MAX: usize = 10;

/// A progress bar on the standard error, if that is a terminal.
fn progress(runs: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {human_pos} of {human_len} runs, {eta} left");
    ProgressBar::new(runs).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
