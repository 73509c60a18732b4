//! Random runs with harsh faults: three generators and two worker numbers, with two ids in a tick.

use std::collections::BTreeSet;

use quorate_lab::sim::{ClientRequest, Coverage, Experiment, FaultPlan, RetryPolicy, Rng, RunVerdict, Setup};
use quorate_protocol::{ClientId, Duration, Names, NodeId, Rule, Time};
use quorate_time::snowflake::{
    BY_THE_BOOK, Command, Layout, Lease, Next, Rulebook, Safety, Settings, Slot, Snowflake, SnowflakeRule,
};

use super::{R, START, ms};

const NODES: u32 = 4;
const SPAN: Duration = Duration::from_secs(2);

/// Number of seeds: this, or that of `QUORATE_SEEDS`.
#[expect(clippy::disallowed_methods, reason = "the test is configured, not a machine")]
fn seeds(usual: u64) -> u64 {
    std::env::var("QUORATE_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(usual)
}

/// Bursts of requests, so that ticks are used up.
fn requests(seed: u64) -> Vec<ClientRequest<Command>> {
    let mut rng = Rng::new(seed, u64::MAX - 1);
    let mut requests: Vec<_> = (0..20)
        .flat_map(|_| {
            let at = Time::from_nanos(rng.below(2_000_000_000));
            let of = Some(NodeId(rng.below(u64::from(NODES)) as u32));
            (0..5).map(move |client| ClientRequest { at, client: ClientId(client), of, command: Command::Next })
        })
        .collect();
    requests.sort_by_key(|request| request.at);
    let at = Time::ZERO + SPAN + Duration::from_secs(1);
    requests.push(ClientRequest { at, client: ClientId(5), of: Some(NodeId(1)), command: Command::Next });
    requests
}

/// Runs a seed. Without jumps the clocks are wrong by at most 5 % of two seconds.
fn harsh(rules: Rulebook, seed: u64, jumps: u32) -> (RunVerdict, u64, BTreeSet<SnowflakeRule>) {
    let settings = Settings {
        layout: Layout { worker_bits: 1, sequence_bits: 1 },
        epoch: Time::from_nanos(START.as_nanos() - 5_000_000_000),
        lease: 300,
        renew: ms(50),
        recycle_after: ms(200),
        clock_error: if jumps == 0 { ms(100) } else { Duration::from_secs(42) },
        ..Settings::new(R)
    };
    let names = Names::new(["R", "A", "B", "C"], ["c1", "c2", "c3", "c4", "c5", "latecomer"]);
    let plan = FaultPlan { jumps, ..FaultPlan::harsh() };
    let experiment = Experiment {
        setup: Setup::<Snowflake>::new("snowflake", names, settings.build().unwrap())
            .under(rules)
            .seed(seed)
            .wall_clock(START)
            .conditions(plan.conditions)
            .retry_policy(RetryPolicy { timeout: ms(300), attempts: 1000, rotates: true }),
        invariants: (Safety::default(), Coverage::default()),
        requests: requests(seed),
        faults: plan.schedule(seed, NODES, SPAN),
        message_faults: None,
        fault_window: SPAN,
        recovery_window: Duration::from_secs(100),
    };
    let outcome = experiment.run(|world| !world.answers(ClientId(5)).is_empty() && world.clients_are_idle());
    let (_, coverage) = outcome.world.invariants();
    let fired = SnowflakeRule::ALL.iter().copied().filter(|rule| coverage.of(*rule) > 0).collect();
    let answers = (0..6).map(|client| outcome.world.client_stats(ClientId(client)).answered).sum();
    (outcome.verdict, answers, fired)
}

#[test]
fn harsh_runs_keep_every_invariant_and_end() {
    let (mut answers, mut fired) = (0, BTreeSet::new());
    let seeds = seeds(600);
    for seed in 0..seeds {
        let jumps = if seed % 2 == 0 { 0 } else { 4 };
        let (verdict, answered, rules) = harsh(BY_THE_BOOK, seed, jumps);
        assert!(matches!(verdict, RunVerdict::Reached { .. }), "seed {seed}: {verdict:?}");
        answers += answered;
        fired.extend(rules);
    }
    assert!(answers > seeds * 90, "{answers}");
    let never: Vec<_> = SnowflakeRule::ALL.iter().filter(|rule| !fired.contains(rule)).collect();
    assert!(never.is_empty(), "{never:?}");
}

#[test]
fn harsh_runs_notice_broken_decisions() {
    let broken = |rules: Rulebook, jumps| {
        (0..200).find_map(|seed| match harsh(rules, seed, jumps).0 {
            RunVerdict::Broke(violation) => Some(violation.broken.invariant),
            _ => None,
        })
    };
    let rolls_over = Rulebook {
        next: |last, tick, most| match BY_THE_BOOK.next(last, tick, most) {
            Next::Exhausted => Next::Take { slot: Slot { tick, sequence: 0 }, rule: SnowflakeRule::FirstOfTick },
            next => next,
        },
        ..BY_THE_BOOK
    };
    assert_eq!(broken(rolls_over, 0), Some("UniqueIds"));
    let by_chance = Rulebook { own_lease: |_| Some(Lease { worker: 0, above: 0, through: u64::MAX }), ..BY_THE_BOOK };
    assert_eq!(broken(by_chance, 0), Some("UniqueIds"));
    let forgets = Rulebook { resumes: |_, _| None, ..BY_THE_BOOK };
    assert_eq!(broken(forgets, 4), Some("IncreasingAtEachNode"));
    let back = Rulebook {
        next: |last, tick, most| BY_THE_BOOK.next(last.filter(|last| last.tick == tick), tick, most),
        ..BY_THE_BOOK
    };
    assert_eq!(broken(back, 4), Some("IncreasingAtEachNode"));
}
