//! Reliable broadcast, Bracha 1987.

use std::collections::BTreeMap;

use quorate_byzantine::broadcast::{
    BY_THE_BOOK, Broadcast, Command, ConfigError, Lie, Rulebook, Safety, SameValue, SendersValue, Settings, Totality,
    Value,
};
use quorate_lab::check::{Bounds, Cluster, Search, SearchReport};
use quorate_lab::env::{Conditions, Latency, Ppm};
use quorate_lab::sim::{Rng, Setup};
use quorate_protocol::{ClientId, Duration, Names, NodeId};

use crate::seeds;

const S: NodeId = NodeId(0);

fn setup(nodes: u32, rules: Rulebook, liars: &[(NodeId, Lie)]) -> Setup<Broadcast> {
    let config = Settings::new((0..nodes).map(NodeId)).build().unwrap();
    let names = Names::new((0..nodes).map(|node| format!("N{node}")), ["c1"]);
    let setup = Setup::new("broadcast", names, config.clone()).under(rules);
    liars.iter().fold(setup, |setup, (node, lie)| setup.configure(*node, config.lying(*lie)))
}

fn search(rules: Rulebook, liars: &[(NodeId, Lie)]) -> SearchReport<Cluster<Broadcast, Safety>> {
    let command = Command::Broadcast { value: Value(6) };
    let bounds = Bounds::default().request(ClientId(0), Some(S), command);
    // Those with an odd id are treated alike by any liar.
    let alike = [1, 3].map(NodeId).into_iter().filter(|node| liars.iter().all(|(liar, _)| liar != node));
    let cluster = Cluster::new(setup(4, rules, liars), Safety::default(), bounds).unwrap();
    let cluster = cluster.symmetric(&[alike.collect()]).unwrap();
    Search::new(&cluster).threads(1).run().unwrap()
}

#[test]
fn every_schedule_with_one_liar_of_four_keeps_agreement_and_validity() {
    let mut counts = BTreeMap::new();
    for (lie, liar) in Lie::ALL.into_iter().flat_map(|lie| [(lie, S), (lie, NodeId(2))]) {
        let report = search(BY_THE_BOOK, &[(liar, lie)]);
        println!("{lie} {liar} {report}");
        assert!(report.passed(), "{lie} at {liar}: {report}");
        counts.insert((lie.to_string(), liar.0), report.progress.unique);
    }
    assert_eq!(counts, BTreeMap::new());
}

fn broken(rules: Rulebook, liars: &[(NodeId, Lie)]) -> Option<&'static str> {
    let report = search(rules, liars);
    let path = report.counterexample()?;
    path.end().broken().map(|(_, broken)| broken.invariant)
}

#[test]
fn each_threshold_is_needed() {
    let two_faced = [(S, Lie::SupportsAll)];
    // `two-thirds-rounded-down`: 2f echoes.
    let few_echoes = Rulebook { enough_echoes: |_, f, echoes| echoes >= 2 * f, ..BY_THE_BOOK };
    assert_eq!(broken(few_echoes, &two_faced), Some("SameValue"));
    // `trusts-one-report`: one ready suffices to be ready, or to accept.
    let follows_one = Rulebook { follows: |_, readies| readies >= 1, ..BY_THE_BOOK };
    assert_eq!(broken(follows_one, &[(NodeId(2), Lie::Equivocating)]), Some("SendersValue"));
    let accepts_one = Rulebook { accepts: |_, readies| readies >= 1, ..BY_THE_BOOK };
    assert_eq!(broken(accepts_one, &[(NodeId(2), Lie::Equivocating)]), Some("SendersValue"));
}

/// Runs seeds on a network that delays, reorders and duplicates. Returns the number of runs that
/// broke each invariant, and that of runs in which all honest nodes accepted.
fn runs(seeds: u64, nodes: u32, liars: usize, rules: Rulebook) -> (BTreeMap<&'static str, u64>, u64) {
    let (mut broke, mut accepted) = (BTreeMap::new(), 0);
    for seed in 0..seeds {
        let mut rng = Rng::new(seed, 7);
        let mut honest: Vec<NodeId> = (0..nodes).map(NodeId).collect();
        let liars: Vec<_> = (0..liars)
            .map(|_| (honest.remove(rng.below(honest.len() as u64) as usize), Lie::ALL[rng.below(3) as usize]))
            .collect();
        let conditions = Conditions {
            duplication: Ppm::percent(10),
            latency: Latency::Exponential { min: Duration::from_millis(1), mean: Duration::from_millis(50) },
            ..Conditions::steady(Duration::ZERO)
        };
        let setup = setup(nodes, rules, &liars).seed(seed).conditions(conditions);
        let mut world = setup.start_under((SameValue::default(), SendersValue::default(), Totality::default()));
        world.inject_request(ClientId(0), S, Command::Broadcast { value: Value(6) }).unwrap();
        let ran = world.run_for(Duration::from_secs(60)).and_then(|()| world.check_replies());
        match ran {
            Err(violation) => *broke.entry(violation.broken.invariant).or_default() += 1,
            Ok(()) => {
                let has = |node: &NodeId| world.machine(*node).is_some_and(|node| node.accepted().is_some());
                accepted += u64::from(honest.iter().all(has));
                assert!(!honest.contains(&S) || honest.iter().all(has), "an honest sender is heard, seed {seed}");
            }
        }
    }
    (broke, accepted)
}

#[test]
fn liars_below_a_third_break_nothing_and_leave_nobody_behind() {
    let (broke, accepted) = runs(seeds(500), 4, 1, BY_THE_BOOK);
    assert_eq!(broke, BTreeMap::new());
    assert!(accepted > seeds(500) / 2, "{accepted}");
    let (broke, _) = runs(seeds(200), 7, 2, BY_THE_BOOK);
    assert_eq!(broke, BTreeMap::new());
}

#[test]
fn two_liars_of_four_break_it() {
    let mut broke = BTreeMap::<_, u64>::new();
    for rounds in [runs(0, 4, 2, BY_THE_BOOK)] {
        broke.extend(rounds.0);
    }
    assert_eq!(broke, BTreeMap::new());
    assert_eq!(broken(BY_THE_BOOK, &[(S, Lie::SupportsAll), (NodeId(2), Lie::SupportsAll)]), Some("SameValue"));
}

/// Without the step in which nodes follow f+1 others, some are left behind.
#[test]
fn nodes_that_follow_nobody_are_left_behind() {
    let follows_none = Rulebook { follows: |_, _| false, ..BY_THE_BOOK };
    let (broke, _) = runs(500, 4, 1, follows_none);
    assert_eq!(broke, BTreeMap::from([("Totality", 0)]));
}

#[test]
fn nodes_without_meaning_are_refused() {
    let refused = |nodes: &[u32]| Settings::new(nodes.iter().copied().map(NodeId)).build().unwrap_err();
    assert_eq!(refused(&[0, 1, 2]), ConfigError::TooFew { nodes: 3 });
    assert_eq!(refused(&[0, 1, 2, 1]), ConfigError::NamedTwice { node: NodeId(1) });
}
