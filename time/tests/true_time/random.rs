//! Random runs with harsh faults: clocks drift by 5 %, one master in three is wrong by seconds.

use std::collections::BTreeSet;

use quorate_lab::sim::{ClientRequest, Coverage, Experiment, Fault, FaultPlan, RetryPolicy, Rng, RunVerdict, Setup};
use quorate_protocol::{ClientId, Duration, Names, NodeId, Rule, Time};
use quorate_time::Drift;
use quorate_time::true_time::{BY_THE_BOOK, Command, Rulebook, Settings, TrueTime, TrueTimeRule, safety};

use super::{MASTERS, START, ms};

const NODES: u32 = 5;
const SPAN: Duration = Duration::from_secs(2);

/// Number of seeds: this, or that of `QUORATE_SEEDS`.
#[expect(clippy::disallowed_methods, reason = "the test is configured, not a machine")]
fn seeds(usual: u64) -> u64 {
    std::env::var("QUORATE_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(usual)
}

/// The masters with a reference of their own keep it, but for one that lies.
fn keeps_reference(fault: &Fault) -> bool {
    match fault {
        Fault::Drift { node, .. } | Fault::Jump { node, .. } => !MASTERS[1..].contains(node),
        _ => true,
    }
}

fn requests(seed: u64) -> Vec<ClientRequest<Command>> {
    let mut rng = Rng::new(seed, u64::MAX - 1);
    let mut requests: Vec<_> = (0..40)
        .map(|_| {
            let command = if rng.below(3) == 0 { Command::Now } else { Command::Commit };
            let of = Some(NodeId(if rng.below(8) == 0 { 0 } else { 3 + rng.below(2) as u32 }));
            ClientRequest {
                at: Time::from_nanos(rng.below(2_000_000_000)),
                client: ClientId(rng.below(3) as u32),
                of,
                command,
            }
        })
        .collect();
    requests.sort_by_key(|request| request.at);
    let at = Time::ZERO + SPAN + Duration::from_secs(1);
    requests.push(ClientRequest { at, client: ClientId(3), of: Some(NodeId(4)), command: Command::Commit });
    requests
}

/// Runs a seed. Returns the verdict, the number of answers and the rules that fired.
fn harsh(rules: Rulebook, seed: u64) -> (RunVerdict, u64, BTreeSet<TrueTimeRule>) {
    let config =
        Settings { drift: Drift::ppm(50_000).unwrap(), poll: ms(50), max_error: ms(60), ..Settings::new(MASTERS) };
    let names = Names::new(["M1", "M2", "M3", "A", "B"], ["c1", "c2", "c3", "latecomer"]);
    let plan = FaultPlan::harsh();
    let experiment = Experiment {
        setup: Setup::<TrueTime>::new("true-time", names, config.build().unwrap())
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
    let outcome = experiment.run(|world| !world.answers(ClientId(3)).is_empty() && world.clients_are_idle());
    let (_, coverage) = outcome.world.invariants();
    let fired = TrueTimeRule::ALL.iter().copied().filter(|rule| coverage.of(*rule) > 0).collect();
    let answers = (0..4).map(|client| outcome.world.client_stats(ClientId(client)).answered).sum();
    (outcome.verdict, answers, fired)
}

#[test]
fn harsh_runs_keep_every_invariant_and_end() {
    let (mut answers, mut fired) = (0, BTreeSet::new());
    let seeds = seeds(500);
    for seed in 0..seeds {
        let (verdict, answered, rules) = harsh(BY_THE_BOOK, seed);
        assert!(matches!(verdict, RunVerdict::Reached { .. }), "seed {seed}: {verdict:?}");
        answers += answered;
        fired.extend(rules);
    }
    assert!(answers > seeds * 20, "{answers}");
    let never: Vec<_> = TrueTimeRule::ALL.iter().filter(|rule| !fired.contains(rule)).collect();
    // Clocks keep their bound in these runs, and so do all masters but one.
    assert_eq!(never, [&TrueTimeRule::NoAgreement, &TrueTimeRule::LeaveCluster, &TrueTimeRule::HasLeft]);
}

/// The same runs notice what the schedules by hand do.
#[test]
fn harsh_runs_notice_broken_decisions() {
    let broken = |rules: Rulebook| {
        (0..100).find_map(|seed| match harsh(rules, seed).0 {
            RunVerdict::Broke(violation) => Some(violation.broken.invariant),
            _ => None,
        })
    };
    let on_arrival = Rulebook { on_arrival: |told, _, _| told, ..BY_THE_BOOK };
    assert_eq!(broken(on_arrival), Some("IntervalContainsTruth"));
    let unaged = Rulebook { aged: |reading, passed, _| reading.aged(passed, Drift::default()), ..BY_THE_BOOK };
    assert_eq!(broken(unaged), Some("IntervalContainsTruth"));
    let first = Rulebook { agreeing: |_, _| 1, trusted: |_, answers, _| answers.first().copied(), ..BY_THE_BOOK };
    assert_eq!(broken(first), Some("IntervalContainsTruth"));
    let no_wait = Rulebook { commit_wait: |_, _| quorate_protocol::Ruling::Allow(TrueTimeRule::Commit), ..BY_THE_BOOK };
    assert_eq!(broken(no_wait), Some("StampHasPassed"));
    let early = Rulebook { stamp: |now, _| now.earliest, ..BY_THE_BOOK };
    assert_eq!(broken(early), Some("ExternalConsistency"));
}
