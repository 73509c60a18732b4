//! Benchmark of Raft: commits per second of three nodes in one thread, compared with raft-rs and
//! OmniPaxos in equal loops; and the cost of a commit with a long log.
//!
//! Commands have eight bytes. The depth is the number of outstanding requests: as soon as one is
//! committed the next is sent. In every round each node in turn handles its incoming messages.
//! There is no simulated latency and no disk: only the protocol is measured. Run with
//! `cargo bench --bench raft`.

mod omni;
mod quorate;
mod raft_rs;

use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};

/// A cluster of three with a leader.
pub(crate) trait Cluster {
    /// Submits a command of eight bytes to the leader.
    fn propose(&mut self, command: u64);

    /// Lets every node handle its incoming messages. Returns the number of commands newly committed
    /// on the leader.
    fn round(&mut self) -> u64;
}

/// Duration of a number of commits with a number of outstanding requests.
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

/// Number of commits per measurement: enough that the log grows as in practice.
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

/// Measures a thousand commits after logs of various lengths: the time must not grow.
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
