//! Random runs with harsh faults: f liars of every kind break nothing, and everything is decided
//! once the network is good; f+1 liars break something.

use std::collections::{BTreeMap, BTreeSet};

use quorate_byzantine::pbft::{BY_THE_BOOK, Command, Lie, PbftRule, Safety, Settings};
use quorate_lab::sim::{ClientRequest, Coverage, Experiment, FaultPlan, Rng, RunVerdict};
use quorate_protocol::{ClientId, Duration, NodeId, Rule, Time};

use super::setup;
use crate::seeds;

const SPAN: Duration = Duration::from_secs(2);

fn requests(seed: u64, proxies: &[NodeId]) -> Vec<ClientRequest<Command>> {
    let mut rng = Rng::new(seed, u64::MAX - 1);
    let mut requests: Vec<_> = (0..18)
        .map(|_| {
            let at = Time::from_nanos(rng.below(2_000_000_000));
            let client = ClientId(rng.below(3) as u32);
            let of = Some(proxies[rng.below(proxies.len() as u64) as usize]);
            ClientRequest { at, client, of, command: Command::Add { amount: rng.within(1, 9) as i64 } }
        })
        .collect();
    requests.sort_by_key(|request| request.at);
    let command = Command::Add { amount: 1 };
    let at = Time::ZERO + SPAN + Duration::from_secs(1);
    requests.push(ClientRequest { at, client: ClientId(3), of: Some(proxies[0]), command });
    requests
}

/// One run with `replicas`, of which so many lie, each in its way. Returns the verdict, and the
/// rules that fired.
fn run(seed: u64, replicas: u32, lies: &[Lie]) -> (RunVerdict, BTreeSet<PbftRule>) {
    let mut rng = Rng::new(seed, u64::MAX - 2);
    let mut honest: Vec<NodeId> = (0..replicas).map(NodeId).collect();
    let mut pick = || honest.remove(rng.below(honest.len() as u64) as usize);
    let liars: Vec<(NodeId, Lie)> = lies.iter().map(|lie| (pick(), *lie)).collect();
    let proxies = [NodeId(replicas), NodeId(replicas + 1)];
    let plan = FaultPlan::harsh();
    let experiment = Experiment {
        setup: setup(Settings::new((0..replicas).map(NodeId), proxies), BY_THE_BOOK, &liars)
            .seed(seed)
            .conditions(plan.conditions),
        invariants: (Safety::default(), Coverage::default()),
        requests: requests(seed, &proxies),
        faults: plan.schedule(seed, replicas + 2, SPAN),
        message_faults: None,
        fault_window: SPAN,
        recovery_window: Duration::from_secs(30),
    };
    let outcome = experiment.run(|world| !world.answers(ClientId(3)).is_empty() && world.clients_are_idle());
    if outcome.verdict == RunVerdict::Missed {
        for node in (0..replicas + 2).map(NodeId) {
            println!("{node}: {:?}", outcome.world.view(node));
        }
    }
    let coverage = &outcome.world.invariants().1;
    let fired = PbftRule::ALL.iter().copied().filter(|rule| coverage.of(*rule) > 0).collect();
    (outcome.verdict, fired)
}

/// Runs seeds with liars that are drawn from all kinds. Returns the number of runs that broke each
/// invariant, that of runs that missed their goal, and the rules that fired.
fn sweep(seeds: u64, replicas: u32, liars: u32) -> (BTreeMap<&'static str, u64>, u64, BTreeSet<PbftRule>) {
    let (mut broke, mut missed, mut fired) = (BTreeMap::new(), 0, BTreeSet::new());
    for seed in 0..seeds {
        let mut rng = Rng::new(seed, u64::MAX - 3);
        let lies: Vec<Lie> = (0..liars).map(|_| Lie::ALL[rng.below(5) as usize]).collect();
        let (verdict, rules) = run(seed, replicas, &lies);
        match verdict {
            RunVerdict::Reached { .. } => {}
            RunVerdict::Missed => {
                println!("{replicas} replicas, seed {seed}, {lies:?}: missed");
                missed += 1;
            }
            RunVerdict::Broke(violation) => {
                println!("{replicas} replicas, seed {seed}, {lies:?}: {violation}");
                *broke.entry(violation.broken.invariant).or_default() += 1;
            }
        }
        fired.extend(rules);
    }
    (broke, missed, fired)
}

#[test]
fn one_liar_of_four_breaks_nothing_and_all_is_decided() {
    let (broke, missed, fired) = sweep(seeds(300), 4, 1);
    assert_eq!((broke, missed), (BTreeMap::new(), 0));
    let never: Vec<_> = PbftRule::ALL.iter().filter(|rule| !fired.contains(rule)).collect();
    assert_eq!(never, Vec::<&PbftRule>::new());
}

#[test]
fn two_liars_of_seven_break_nothing_and_all_is_decided() {
    let (broke, missed, _) = sweep(seeds(100), 7, 2);
    assert_eq!((broke, missed), (BTreeMap::new(), 0));
}

#[test]
fn nobody_lies_and_all_is_decided() {
    let (broke, missed, _) = sweep(seeds(100), 4, 0);
    assert_eq!((broke, missed), (BTreeMap::new(), 0));
}

#[test]
fn two_colluders_of_four_break_it() {
    let (mut broke, mut runs) = (BTreeMap::<_, u64>::new(), 0);
    for seed in 0..200 {
        runs += 1;
        if let RunVerdict::Broke(violation) = run(seed, 4, &[Lie::Colluding, Lie::Colluding]).0 {
            *broke.entry(violation.broken.invariant).or_default() += 1;
        }
    }
    let expected = [("CommittedSurvives", 6), ("OneRequestPerNumber", 15), ("TrueAnswers", 171)];
    assert_eq!((runs, broke), (200, BTreeMap::from(expected)), "runs, and those that broke an invariant");
}
