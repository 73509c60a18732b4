//! Random runs with harsh faults at every node and between them.

use std::collections::BTreeSet;

use quorate_lab::sim::{ClientRequest, Coverage, Experiment, FaultPlan, RetryPolicy, Rng, RunVerdict, Setup};
use quorate_protocol::Ruling::Allow;
use quorate_protocol::{ClientId, Duration, Names, NodeId, Rule, Time};
use quorate_time::balancer::{BY_THE_BOOK, Balancer, BalancerRule, Command, Rulebook, Safety, Settings};

use super::{LB, OS, ask, ms, settings};

const SPAN: Duration = Duration::from_secs(2);

/// Number of seeds: this, or that of `QUORATE_SEEDS`.
#[expect(clippy::disallowed_methods, reason = "the test is configured, not a machine")]
fn seeds(usual: u64) -> u64 {
    std::env::var("QUORATE_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(usual)
}

fn requests(seed: u64) -> Vec<ClientRequest<Command>> {
    let mut rng = Rng::new(seed, u64::MAX - 1);
    let mut requests: Vec<_> = (0..80)
        .map(|_| {
            let at = Time::from_nanos(rng.below(2_000_000_000));
            let server = NodeId(1 + rng.below(3) as u32);
            let (client, of, command) = match rng.below(10) {
                0 => (7, server, Command::Drain),
                1 => (7, server, Command::Return),
                2 => (7, OS, Command::Died { server }),
                3 => (7, OS, Command::Unplugged { server }),
                _ => (rng.below(6) as u32, LB, ask(rng.below(2) == 0)),
            };
            ClientRequest { at, client: ClientId(client), of: Some(of), command }
        })
        .collect();
    requests.sort_by_key(|request| request.at);
    let at = Time::ZERO + SPAN + Duration::from_secs(1);
    requests.push(ClientRequest { at, client: ClientId(6), of: Some(LB), command: ask(true) });
    requests
}

fn harsh(rules: Rulebook, seed: u64) -> (RunVerdict, BTreeSet<BalancerRule>) {
    let names = Names::new(["LB", "S1", "S2", "S3", "OS"], ["c1", "c2", "c3", "c4", "c5", "c6", "late", "operator"]);
    let plan = FaultPlan { crashes: 4, ..FaultPlan::harsh() };
    let config = Settings { interval: ms(100), work: ms(40), room: 2, misses: 2, ..settings() };
    let experiment = Experiment {
        setup: Setup::<Balancer>::new("balancer", names, config.build().unwrap())
            .under(rules)
            .seed(seed)
            .conditions(plan.conditions)
            .retry_policy(RetryPolicy { timeout: ms(300), attempts: 50, rotates: false }),
        invariants: (Safety::default(), Coverage::default()),
        requests: requests(seed),
        faults: plan.schedule(seed, 5, SPAN),
        message_faults: None,
        fault_window: SPAN,
        recovery_window: Duration::from_secs(20),
    };
    let outcome = experiment.run(|world| !world.answers(ClientId(6)).is_empty());
    let (_, coverage) = outcome.world.invariants();
    let fired = BalancerRule::ALL.iter().copied().filter(|rule| coverage.of(*rule) > 0).collect();
    (outcome.verdict, fired)
}

#[test]
fn harsh_runs_keep_every_invariant_and_end() {
    let mut fired = BTreeSet::new();
    for seed in 0..seeds(500) {
        let (verdict, rules) = harsh(BY_THE_BOOK, seed);
        assert!(matches!(verdict, RunVerdict::Reached { .. }), "seed {seed}: {verdict:?}");
        fired.extend(rules);
    }
    let never: Vec<_> = BalancerRule::ALL.iter().filter(|rule| !fired.contains(rule)).collect();
    // Nobody asks the wrong node here.
    assert_eq!(never, [&BalancerRule::WrongRole]);
}

#[test]
fn harsh_runs_notice_broken_decisions() {
    let broken = |rules: Rulebook| {
        let violations = (0..200).filter_map(|seed| match harsh(rules, seed).0 {
            RunVerdict::Broke(violation) => Some(violation.broken.invariant),
            _ => None,
        });
        violations.collect::<BTreeSet<_>>()
    };
    let one = |rules: Rulebook, invariant| assert!(broken(rules).contains(invariant), "{invariant}");
    one(Rulebook { fail_open: |_, _, _| false, ..BY_THE_BOOK }, "NeverNobody");
    one(Rulebook { may_repeat: |_| Allow(BalancerRule::Repeat), ..BY_THE_BOOK }, "RepeatedIfSafe");
    one(Rulebook { drained: |_, _| Allow(BalancerRule::Drained), ..BY_THE_BOOK }, "DrainedIsEmpty");
    one(Rulebook { may_leave: |_, _| Allow(BalancerRule::MayLeave), ..BY_THE_BOOK }, "EnoughRemain");
    one(Rulebook { believes: |_, _| Allow(BalancerRule::BelieveReport), ..BY_THE_BOOK }, "OnlyNewReports");
}
