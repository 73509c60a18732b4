//! Random runs with harsh faults on both sides and between them.

use std::collections::BTreeSet;

use quorate_lab::sim::{ClientRequest, Coverage, Experiment, FaultPlan, RetryPolicy, Rng, RunVerdict, Setup};
use quorate_protocol::Ruling::Allow;
use quorate_protocol::{ClientId, Duration, Names, NodeId, Rule, Time};
use quorate_time::channel::{Answer, BY_THE_BOOK, Channel, ChannelRule, Command, Rulebook, Safety};

use super::{ms, send, settings};

const SPAN: Duration = Duration::from_secs(2);

/// Number of seeds: this, or that of `QUORATE_SEEDS`.
#[expect(clippy::disallowed_methods, reason = "the test is configured, not a machine")]
fn seeds(usual: u64) -> u64 {
    std::env::var("QUORATE_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(usual)
}

fn requests(seed: u64) -> Vec<ClientRequest<Command>> {
    let mut rng = Rng::new(seed, u64::MAX - 1);
    let mut requests: Vec<_> = (0..60)
        .map(|number| {
            let at = Time::from_nanos(rng.below(2_000_000_000));
            let of = Some(NodeId(u32::from(rng.below(10) == 0)));
            ClientRequest { at, client: ClientId(rng.below(6) as u32), of, command: send(&format!("m{number}")) }
        })
        .collect();
    requests.sort_by_key(|request| request.at);
    let at = Time::ZERO + SPAN + Duration::from_secs(1);
    requests.push(ClientRequest { at, client: ClientId(6), of: Some(NodeId(0)), command: send("last") });
    requests
}

fn harsh(rules: Rulebook, seed: u64) -> (RunVerdict, u64, BTreeSet<ChannelRule>) {
    let answer = if seed.is_multiple_of(2) { Answer::Processed } else { Answer::Acknowledged };
    let names = Names::new(["S", "R"], ["c1", "c2", "c3", "c4", "c5", "c6", "latecomer"]);
    let plan = FaultPlan { crashes: 4, ..FaultPlan::harsh() };
    let experiment = Experiment {
        setup: Setup::<Channel>::new("channel", names, settings(answer).build().unwrap())
            .under(rules)
            .seed(seed)
            .conditions(plan.conditions)
            .retry_policy(RetryPolicy { timeout: ms(300), attempts: 50, rotates: false }),
        invariants: (Safety::default(), Coverage::default()),
        requests: requests(seed),
        faults: plan.schedule(seed, 2, SPAN),
        message_faults: None,
        fault_window: SPAN,
        recovery_window: Duration::from_secs(20),
    };
    let outcome = experiment.run(|world| !world.answers(ClientId(6)).is_empty() && world.clients_are_idle());
    let (_, coverage) = outcome.world.invariants();
    let fired = ChannelRule::ALL.iter().copied().filter(|rule| coverage.of(*rule) > 0).collect();
    let answers = (0..7).map(|client| outcome.world.client_stats(ClientId(client)).answered).sum();
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
    assert_eq!(answers, seeds * 61, "every client is answered");
    let never: Vec<_> = ChannelRule::ALL.iter().filter(|rule| !fired.contains(rule)).collect();
    // No link corrupts messages here, and senders keep to the window.
    assert_eq!(never, [&ChannelRule::Corrupted, &ChannelRule::OutOfWindow]);
}

#[test]
fn harsh_runs_notice_broken_decisions() {
    let broken = |rules: Rulebook| {
        let violations = (0..100).filter_map(|seed| match harsh(rules, seed).0 {
            RunVerdict::Broke(violation) => Some(violation.broken.invariant),
            _ => None,
        });
        violations.collect::<BTreeSet<_>>()
    };
    let acks = Rulebook { acknowledges: |_, seen| seen, ..BY_THE_BOOK };
    assert!(broken(acks).contains("AckedIsStored"));
    let karn = Rulebook { rtt_sample: |_| Allow(ChannelRule::Measure), ..BY_THE_BOOK };
    assert!(broken(karn).contains("UnambiguousSamples"));
    let any = Rulebook {
        admits: |next, _, seq| if seq == next { Allow(ChannelRule::InOrder) } else { Allow(ChannelRule::Early) },
        ..BY_THE_BOOK
    };
    assert!(broken(any).contains("AtMostOnce"));
    let epochs = Rulebook { belongs: |_, _| Allow(ChannelRule::Establish), ..BY_THE_BOOK };
    assert!(broken(epochs).contains("DeliveredIsPrefix"));
}
