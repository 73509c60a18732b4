//! Benchmark of clusters on threads: commits per second of three nodes in one process with
//! eight-byte commands, at several depths (the number of outstanding requests), and latencies at
//! depth 1; in memory compared with openraft and raft-rs in equivalent setups, and on files with
//! real syncs.
//!
//! Every figure is the median of several runs, with the slowest and the fastest. The kind of
//! machine is printed, because the figures are meaningless without it. Run with
//! `cargo bench --bench live`; words after `--` select benchmarks by name, as in
//! `-- 'memory 1024'`, `-- latencies` or `-- files`.

mod openraft;
mod quorate;
mod raft_rs;

use std::time::{Duration, Instant};

use openraft::OpenRaft;
use quorate::Quorate;
use raft_rs::RaftRs;

/// A running cluster of three with a leader.
pub(crate) trait System {
    /// Commits a number of commands with `depth` outstanding. Returns the duration.
    fn commit(&mut self, depth: usize, commits: usize) -> Duration;

    /// Ends every thread of the cluster.
    fn end(self: Box<Self>);
}

type Start = fn() -> Box<dyn System>;

/// Systems that are compared.
const SYSTEMS: [(&str, Start); 3] = [
    ("quorate", || Box::new(Quorate::start(None))),
    ("openraft", || Box::new(OpenRaft::start())),
    ("raft-rs", || Box::new(RaftRs::start())),
];

const RUNS: usize = 5;

/// Log compaction, for runs longer than a second: a snapshot after this many entries, which removes
/// all but the newest `KEPT`.
const SNAPSHOT_EVERY: u64 = 1 << 16;
const KEPT: u64 = 1 << 12;

/// Depth, and number of commits in a run.
const LOADS: [(usize, usize); 3] = [(1, 10_000), (64, 200_000), (1_024, 1_000_000)];

fn main() {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let (system, machine) = (std::env::consts::OS, std::env::consts::ARCH);
    println!("{system} {machine}, {cores} cores; median of {RUNS} runs (slowest, fastest)\n");
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|part| name.contains(part.as_str()));
    for (depth, commits) in LOADS {
        memory(depth, commits, &is_wanted);
    }
    for (name, start) in SYSTEMS.into_iter().filter(|(name, _)| is_wanted(&format!("latencies {name}"))) {
        latencies(name, start);
    }
    for (depth, commits) in [(1, 500), (64, 10_000), (1_024, 100_000)] {
        if is_wanted(&format!("files {depth} quorate")) {
            files(depth, commits);
        }
    }
}

fn memory(depth: usize, commits: usize, is_wanted: &dyn Fn(&str) -> bool) {
    let wanted = SYSTEMS.into_iter().filter(|(name, _)| is_wanted(&format!("memory {depth} {name}")));
    let mut rates: Vec<(&str, Start, Vec<f64>)> = wanted.map(|(name, start)| (name, start, Vec::new())).collect();
    // Alternating, so that other load on the machine affects all systems.
    for _ in 0..RUNS {
        for (_, start, rates) in &mut rates {
            let mut system = start();
            system.commit(depth, commits / 10);
            rates.push(commits as f64 / system.commit(depth, commits).as_secs_f64());
            system.end();
        }
    }
    for (name, _, rates) in rates {
        println!("memory, depth {depth:>5}, {name:8}: {} commits/s", spread(rates));
    }
}

fn latencies(name: &str, start: Start) {
    let mut system = start();
    system.commit(1, 1_000);
    let mut samples: Vec<Duration> = (0..20_000).map(|_| system.commit(1, 1)).collect();
    system.end();
    samples.sort_unstable();
    let at = |share: f64| samples[((samples.len() - 1) as f64 * share) as usize];
    println!(
        "memory, depth     1, {name:8}: {:?} median, {:?} 90 %, {:?} 99 %, {:?} 99.9 %",
        at(0.5),
        at(0.9),
        at(0.99),
        at(0.999)
    );
}

fn files(depth: usize, commits: usize) {
    let mut per_sync = Vec::new();
    let rates = (0..RUNS).map(|_| {
        let directory = tempfile::tempdir().expect("a place for files");
        let mut system = Quorate::start(Some(directory.path()));
        let begun = Instant::now();
        system.commit(depth, commits);
        let rate = commits as f64 / begun.elapsed().as_secs_f64();
        per_sync.push(commits as f64 / system.syncs() as f64);
        rate
    });
    let rates = spread(rates.collect());
    println!("files,  depth {depth:>5}, quorate : {rates} commits/s, {} commits per sync", spread(per_sync));
}

/// Formats the median, the minimum and the maximum.
fn spread(mut figures: Vec<f64>) -> String {
    figures.sort_by(f64::total_cmp);
    let [first, middle, last] = [0, figures.len() / 2, figures.len() - 1].map(|index| figures[index]);
    let digits = if last < 100.0 { 1 } else { 0 };
    format!("{middle:.digits$} ({first:.digits$}, {last:.digits$})")
}
