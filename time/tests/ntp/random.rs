//! Random runs with harsh faults: clocks drift by 5 %, others set them, and one source in three is
//! wrong by seconds.

use std::collections::BTreeSet;

use quorate_lab::sim::{ClientRequest, Coverage, Experiment, Fault, FaultPlan, RetryPolicy, Rng, RunVerdict, Setup};
use quorate_protocol::{ClientId, Duration, Names, NodeId, Rule, Time};
use quorate_time::Drift;
use quorate_time::ntp::{BY_THE_BOOK, Command, Ntp, NtpRule, Offset, Rulebook, Settings, Thresholds, safety};

use super::{SOURCES, START, ms};

const NODES: u32 = 5;
const SPAN: Duration = Duration::from_secs(2);

/// Number of seeds: this, or that of `QUORATE_SEEDS`.
#[expect(clippy::disallowed_methods, reason = "the test is configured, not a machine")]
fn seeds(usual: u64) -> u64 {
    std::env::var("QUORATE_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(usual)
}

/// The sources with a reference of their own keep it, but for one that is wrong.
fn keeps_reference(fault: &Fault) -> bool {
    match fault {
        Fault::Drift { node, .. } | Fault::Jump { node, .. } => !SOURCES[1..].contains(node),
        _ => true,
    }
}

fn requests(seed: u64) -> Vec<ClientRequest<Command>> {
    let mut rng = Rng::new(seed, u64::MAX - 1);
    let mut requests: Vec<_> = (0..60)
        .map(|_| {
            let command = match rng.below(6) {
                0 => Command::Start,
                1 => Command::Elapsed,
                2 => Command::Wait { span: Offset::from(ms(rng.below(100))) },
                _ => Command::Time,
            };
            let of = Some(NodeId(if rng.below(8) == 0 { 0 } else { 3 + rng.below(2) as u32 }));
            let at = Time::from_nanos(rng.below(2_000_000_000));
            ClientRequest { at, client: ClientId(rng.below(3) as u32), of, command }
        })
        .collect();
    requests.sort_by_key(|request| request.at);
    requests
}

/// Runs a seed. Returns the verdict and the rules that fired.
fn harsh(rules: Rulebook, seed: u64) -> (RunVerdict, BTreeSet<NtpRule>) {
    let thresholds = Thresholds { stepout: ms(500), ..Thresholds::default() };
    let settings = Settings {
        drift: Drift::ppm(50_000).unwrap(),
        poll: ms(200),
        max_poll: ms(800),
        thresholds,
        max_error: ms(150),
        alarm: Some(ms(50)),
        ..Settings::new(SOURCES)
    };
    let names = Names::new(["S1", "S2", "S3", "A", "B"], ["c1", "c2", "c3"]);
    let plan = FaultPlan::harsh();
    let experiment = Experiment {
        setup: Setup::<Ntp>::new("ntp", names, settings.build().unwrap())
            .under(rules)
            .seed(seed)
            .wall_clock(START)
            .conditions(plan.conditions)
            .retry_policy(RetryPolicy { timeout: ms(300), attempts: 20, rotates: false }),
        invariants: (safety(START), Coverage::default()),
        requests: requests(seed),
        faults: plan.schedule(seed, NODES, SPAN).into_iter().filter(|(_, fault)| keeps_reference(fault)).collect(),
        message_faults: None,
        fault_window: SPAN,
        recovery_window: Duration::from_secs(10),
    };
    let outcome = experiment.run(|world| {
        let is_synchronised = |node| world.machine(node).is_some_and(|host| host.is_synchronised(&world.context(node)));
        world.clients_are_idle() && is_synchronised(NodeId(3)) && is_synchronised(NodeId(4))
    });
    let (_, coverage) = outcome.world.invariants();
    let fired = NtpRule::ALL.iter().copied().filter(|rule| coverage.of(*rule) > 0).collect();
    (outcome.verdict, fired)
}

#[test]
fn harsh_runs_keep_every_invariant_and_end_synchronised() {
    let mut fired = BTreeSet::new();
    for seed in 0..seeds(500) {
        let (verdict, rules) = harsh(BY_THE_BOOK, seed);
        assert!(matches!(verdict, RunVerdict::Reached { .. }), "seed {seed}: {verdict:?}");
        fired.extend(rules);
    }
    let never: Vec<_> = NtpRule::ALL.iter().copied().filter(|rule| !fired.contains(rule)).collect();
    // No clock is off by a quarter of an hour in these runs.
    assert_eq!(never, NEVER);
}

const NEVER: [NtpRule; 2] = [NtpRule::Panic, NtpRule::Stopped];

/// The same runs notice what the schedules by hand do.
#[test]
fn harsh_runs_notice_broken_decisions() {
    let broken = |rules: Rulebook| {
        (0..100).find_map(|seed| match harsh(rules, seed).0 {
            RunVerdict::Broke(violation) => Some(violation.broken.invariant),
            _ => None,
        })
    };
    let distance = Rulebook { distance: |_, dispersion, _, _| dispersion, ..BY_THE_BOOK };
    assert_eq!(broken(distance), Some("BoundContainsTruth"));
    let unaged = Rulebook { aged: |reading, passed, _| reading.aged(passed, Drift::default()), ..BY_THE_BOOK };
    assert_eq!(broken(unaged), Some("BoundContainsTruth"));
    let first = Rulebook { trusted: |intervals, _| intervals.first().copied(), ..BY_THE_BOOK };
    assert_eq!(broken(first), Some("BoundContainsTruth"));
    let wall = Rulebook { elapsed: |begun, now| Offset::between(begun.time, now.time), ..BY_THE_BOOK };
    assert_eq!(broken(wall), Some("DurationsAreReal"));
}
