//! Benchmark of the simulator: events per second, untraced and traced, compared with turmoil and a
//! bare event heap under the same load.
//!
//! Five nodes keep 64 messages of 64 bytes in flight between every two of them and acknowledge each
//! other's heartbeats; a message takes one to ten milliseconds, and one in a hundred is lost. An
//! event is a delivered message or an expired timer. One core. Run with
//! `cargo bench --bench simulator`.

mod bare;
mod load;
mod turmoil;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use quorate_lab::sim::{Conditions, Latency, Ppm, Setup, World};
use quorate_protocol::{Duration, Names, Time};

use load::{LATENCY_MAX, LATENCY_MIN, LOSS_PERCENT, Load, NODES};

/// Simulated time per measurement.
const SPAN: Duration = Duration::from_millis(500);
const WARM: Time = Time::from_millis(100);

/// The load shortly after its start, when all messages are in flight.
fn world(traced: bool) -> World<Load> {
    let conditions = Conditions {
        loss: Ppm::percent(LOSS_PERCENT),
        latency: Latency::Uniform { min: LATENCY_MIN, max: LATENCY_MAX },
        ..Conditions::steady(LATENCY_MIN)
    };
    let names = Names::new((1..=NODES).map(|number| format!("n{number}")), [""; 0]);
    let setup = Setup { traced, ..Setup::new("load", names, ()).conditions(conditions) };
    let mut world = setup.start();
    world.run_until(WARM).expect("the load has no invariants to break");
    world
}

fn run(mut world: World<Load>) -> World<Load> {
    world.run_for(SPAN).expect("the load has no invariants to break");
    world
}

fn simulator(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("simulator");
    let start = world(false);
    let before = start.events();
    let events = run(start).events() - before;
    for (name, traced) in [("quorate/untraced", false), ("quorate/traced", true)] {
        group.throughput(Throughput::Elements(events));
        group.bench_function(name, |bencher| bencher.iter_batched(|| world(traced), run, BatchSize::PerIteration));
    }
    group.throughput(Throughput::Elements(events));
    group.bench_function("bare heap", |bencher| {
        bencher.iter_batched_ref(bare::Heap::new, |heap| heap.run(events), BatchSize::PerIteration);
    });
    group.throughput(Throughput::Elements(turmoil::events(SPAN)));
    group.bench_function("turmoil", |bencher| bencher.iter(|| turmoil::events(SPAN)));
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = simulator
}
criterion_main!(benches);
