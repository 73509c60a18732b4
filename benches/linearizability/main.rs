//! Benchmark of the linearizability checker against `todc-utils`, whose checker is of the same
//! family (Wing & Gong with Lowe's caching).
//!
//! `thousand`: 1,000 calls by 8 clients on one register with compare-and-swap, linearizable and
//! not. `clients`: 1,000 calls by an increasing number of clients, with the number of
//! configurations explored. One core. Run with `cargo bench --bench linearizability`.

#[path = "../../lab/tests/linearizability/load.rs"]
mod load;
mod todc;

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use quorate_lab::linearizability::models::Register;
use quorate_lab::linearizability::{History, Limits, Report, Verdict, check};

const CALLS: usize = 1_000;
const CLIENTS: u32 = 8;
const SEED: u64 = 1;
/// Number of clients beyond which `todc-utils` takes too long.
const TODC_CLIENTS_MAX: u32 = 8;

fn ours(history: &History<Register<u8>>) -> Report {
    check(&Register::new(0), history, Limits::default())
}

/// Asserts that both verdicts agree; otherwise their times cannot be compared.
fn agreed(history: &History<Register<u8>>) -> bool {
    let linearizable = matches!(ours(history).verdict, Verdict::Linearizable { .. });
    assert_eq!(todc::is_linearizable(todc::actions(history)), linearizable, "the checkers disagree");
    linearizable
}

fn thousand(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("thousand");
    let good = load::linearizable(CALLS, CLIENTS, SEED);
    let bad = load::falsified(&good);
    assert!(agreed(&good) && !agreed(&bad));
    for (name, history) in [("linearizable", &good), ("not", &bad)] {
        group.bench_function(BenchmarkId::new("quorate", name), |bencher| bencher.iter(|| ours(history)));
        let actions = todc::actions(history);
        group.bench_function(BenchmarkId::new("todc-utils", name), |bencher| {
            bencher.iter_batched(|| actions.clone(), todc::is_linearizable, BatchSize::PerIteration);
        });
    }
    group.finish();
}

fn clients(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("clients");
    for clients in [1, 2, 4, 8, 12, 16, 20] {
        let good = load::linearizable(CALLS, clients, SEED);
        let bad = load::falsified(&good);
        for (name, history) in [("linearizable", &good), ("not", &bad)] {
            let cost = ours(history).cost;
            println!("{clients} clients, {name}: {} steps, {} configurations", cost.steps, cost.configurations);
            group.bench_function(BenchmarkId::new(format!("quorate/{name}"), clients), |bencher| {
                bencher.iter(|| ours(history));
            });
            if clients <= TODC_CLIENTS_MAX {
                let actions = todc::actions(history);
                group.bench_function(BenchmarkId::new(format!("todc-utils/{name}"), clients), |bencher| {
                    bencher.iter_batched(|| actions.clone(), todc::is_linearizable, BatchSize::PerIteration);
                });
            }
        }
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10);
    targets = thousand, clients
}
criterion_main!(benches);
