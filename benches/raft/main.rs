//! How fast Raft is: commits per second of three nodes in one thread, beside raft-rs and OmniPaxos in equal loops; and what a
//! commit costs when the log is long.
//!
//! Commands are eight bytes. So many requests are under way as the depth says: as soon as one is committed the next is made.
//! In every round each node in turn handles what has arrived for it. There is no simulated latency, and nothing is written
//! to a disk: what is measured is the protocol alone. Run with `cargo bench --bench raft`.

mod omni;
mod quorate;
mod raft_rs;

use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};

/// A cluster of three that has a leader.
pub(crate) trait Cluster {
    /// Gives the leader a command of eight bytes.
    fn propose(&mut self, command: u64);

    /// Every node handles what has arrived for it. Returns how many commands more the leader knows to be committed.
    fn round(&mut self) -> u64;
}

/// How long it takes to commit so many commands with so many under way.
fn commit(cluster: &mut impl Cluster, depth: u64, commits: u64) -> Duration {
    let start = Instant::now();
    let (mut proposed, mut committed) = (0, 0);
    while committed < commits {
        while proposed < (committed + depth).min(commits) {
            proposed += 1;
            cluster.propose(proposed);
        }
        committed += cluster.round();
    }
    start.elapsed()
}

/// So many commits to a measurement: enough that the log grows as it does in use.
const COMMITS: u64 = 100_000;

fn throughput(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("commits");
    group.throughput(Throughput::Elements(COMMITS)).sample_size(10);
    for depth in [1, 64, 1_024] {
        group.bench_function(BenchmarkId::new("quorate", depth), |bencher| {
            bencher.iter_custom(|times| (0..times).map(|_| commit(&mut quorate::Cluster::new(), depth, COMMITS)).sum());
        });
        group.bench_function(BenchmarkId::new("raft-rs", depth), |bencher| {
            bencher.iter_custom(|times| (0..times).map(|_| commit(&mut raft_rs::Cluster::new(), depth, COMMITS)).sum());
        });
        group.bench_function(BenchmarkId::new("omnipaxos", depth), |bencher| {
            bencher.iter_custom(|times| (0..times).map(|_| commit(&mut omni::Cluster::new(), depth, COMMITS)).sum());
        });
    }
    group.finish();
}

/// The next thousand commits, when the log has so many entries already: the figures must not grow.
fn long_logs(criterion: &mut Criterion) {
    const NEXT: u64 = 1_000;
    let mut group = criterion.benchmark_group("a thousand commits after");
    group.throughput(Throughput::Elements(NEXT)).sample_size(10).sampling_mode(SamplingMode::Flat);
    group.warm_up_time(Duration::from_millis(100)).measurement_time(Duration::from_millis(500));
    for length in [1_000, 10_000, 100_000, 1_000_000] {
        let measure = || {
            let mut cluster = quorate::Cluster::new();
            commit(&mut cluster, 64, length);
            commit(&mut cluster, 64, NEXT)
        };
        group.bench_function(BenchmarkId::from_parameter(length), |bencher| {
            bencher.iter_custom(|times| (0..times).map(|_| measure()).sum());
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(3));
    targets = throughput, long_logs
}
criterion_main!(benches);
