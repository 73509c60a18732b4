//! How fast a cluster on threads is: commits per second of three nodes in one process with eight-byte commands, at several
//! depths (so many requests are under way as the depth says), latencies at depth 1; in memory beside raft-rs in an equal set-up,
//! and on files with real syncs.
//!
//! Every figure is the median of several runs with the slowest and the fastest beside it. The machine's kind is printed, for the
//! figures mean nothing without it. Run with `cargo bench -p quorate-lab --bench live`.
#![allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "a benchmark looks at the clock")]

mod quorate;
mod raft_rs;

use std::time::{Duration, Instant};

use quorate::Quorate;
use raft_rs::RaftRs;

/// A running cluster of three that has a leader.
pub(crate) trait System {
    /// Commits so many commands with so many under way. Returns how long that took.
    fn commit(&mut self, depth: usize, commits: usize) -> Duration;
}

const RUNS: usize = 5;

/// A depth, and how many commits make a run.
const LOADS: [(usize, usize); 3] = [(1, 10_000), (64, 200_000), (1_024, 1_000_000)];

fn main() {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    println!(
        "{} {}, {cores} cores; median of {RUNS} runs (slowest, fastest)\n",
        std::env::consts::OS,
        std::env::consts::ARCH
    );
    // `cargo bench … -- 1024` measures what has that in its name.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|part| name.contains(part));
    for (depth, commits) in LOADS.into_iter().filter(|(depth, _)| is_wanted(&format!("memory {depth}"))) {
        let mut rates = [Vec::new(), Vec::new()];
        // Turn by turn, so that what else the machine does meets both.
        for _ in 0..RUNS {
            let mut ours = Quorate::start(None);
            rates[0].push(rate(&mut ours, depth, commits));
            ours.end();
            let mut theirs = RaftRs::start();
            rates[1].push(rate(&mut theirs, depth, commits));
            theirs.end();
        }
        for (name, rates) in ["quorate", "raft-rs"].into_iter().zip(rates) {
            println!("memory, depth {depth:>5}, {name}: {} commits/s", spread(rates));
        }
    }
    if is_wanted("latencies") {
        latencies();
    }
    if is_wanted("files") {
        files();
    }
}

/// Commits per second, once the system is warm.
fn rate(system: &mut impl System, depth: usize, commits: usize) -> f64 {
    system.commit(depth, commits / 10);
    commits as f64 / system.commit(depth, commits).as_secs_f64()
}

fn latencies() {
    let (mut ours, mut theirs) = (Quorate::start(None), RaftRs::start());
    quantiles("quorate", &mut ours);
    quantiles("raft-rs", &mut theirs);
    ours.end();
    theirs.end();
}

fn quantiles(name: &str, system: &mut impl System) {
    system.commit(1, 1_000);
    let mut samples: Vec<Duration> = (0..20_000).map(|_| system.commit(1, 1)).collect();
    samples.sort_unstable();
    let at = |share: f64| samples[((samples.len() - 1) as f64 * share) as usize];
    println!(
        "memory, depth     1, {name}: {:?} median, {:?} 90 %, {:?} 99 %, {:?} 99.9 %",
        at(0.5),
        at(0.9),
        at(0.99),
        at(0.999)
    );
}

fn files() {
    for (depth, commits) in [(1, 500), (64, 10_000), (1_024, 100_000)] {
        let mut per_sync = Vec::new();
        let rates = (0..RUNS).map(|_| {
            let directory = tempfile::tempdir().expect("a place for files");
            let mut system = Quorate::start(Some(directory.path()));
            let begun = Instant::now();
            system.commit(depth, commits);
            let rate = commits as f64 / begun.elapsed().as_secs_f64();
            per_sync.push(commits as f64 / system.end() as f64);
            rate
        });
        let rates = spread(rates.collect());
        println!("files,  depth {depth:>5}, quorate: {rates} commits/s, {} commits per sync", spread(per_sync));
    }
}

/// The median, with the smallest and the largest.
fn spread(mut figures: Vec<f64>) -> String {
    figures.sort_by(f64::total_cmp);
    let [first, middle, last] = [0, figures.len() / 2, figures.len() - 1].map(|index| figures[index]);
    let digits = if last < 100.0 { 1 } else { 0 };
    format!("{middle:.digits$} ({first:.digits$}, {last:.digits$})")
}
