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

fn search(rules: Rulebook, liars: &[(NodeId, Lie)], depth: u32) -> SearchReport<Cluster<Broadcast, Safety>> {
    let command = Command::Broadcast { value: Value(6) };
    let bounds = Bounds::default().request(ClientId(0), Some(S), command);
    // Those with an odd id are treated alike by any liar.
    let alike = [1, 3].map(NodeId).into_iter().filter(|node| liars.iter().all(|(liar, _)| liar != node));
    let cluster = Cluster::new(setup(4, rules, liars), Safety::default(), bounds).unwrap();
    let cluster = cluster.symmetric(&[alike.collect()]).unwrap();
    Search::new(&cluster).threads(1).depth(depth).run().unwrap()
}

/// The number of states, if nothing is broken.
fn states(lie: Lie, liar: NodeId, depth: u32) -> u64 {
    let report = search(BY_THE_BOOK, &[(liar, lie)], depth);
    assert!(report.counterexample().is_none(), "{lie} at {liar}: {report}");
    report.progress.unique
}

/// Exhausted: with a silent node, all. With the others, a run has up to 37 steps, and 1,125,509,
/// 441,803 (a sender that lies) and 6,550,042 (an equivocating node) states were checked once.
#[test]
fn every_schedule_with_one_liar_of_four_keeps_agreement_and_validity() {
    assert_eq!(states(Lie::Silent, NodeId(2), 60), 88_229);
    assert_eq!(Lie::ALL.map(|lie| states(lie, S, 12)), [2, 10_794, 4643], "a lying sender, to depth 12");
    assert_eq!(Lie::ALL.map(|lie| states(lie, NodeId(2), 12)), [4254, 15_087, 11_750], "another liar, to depth 12");
}

fn broken(rules: Rulebook, liars: &[(NodeId, Lie)]) -> Option<&'static str> {
    let report = search(rules, liars, 60);
    let path = report.counterexample()?;
    path.end().broken().map(|(_, broken)| broken.invariant)
}

/// `trusts-one-report`: one ready suffices to be ready, or to accept.
#[test]
fn one_ready_proves_nothing() {
    let accepts_one = Rulebook { accepts: |_, readies| readies >= 1, ..BY_THE_BOOK };
    assert_eq!(broken(accepts_one, &[(S, Lie::SupportsAll)]), Some("SameValue"));
    assert_eq!(broken(accepts_one, &[(NodeId(2), Lie::Equivocating)]), Some("SendersValue"));
}

/// `two-thirds-rounded-down`: 2f echoes. Nodes are ready for different values, so one accepts and
/// another never does. As a node is ready for one value alone, agreement still holds.
#[test]
fn two_f_echoes_leave_nodes_behind() {
    let few_echoes = Rulebook { enough_echoes: |_, f, echoes| echoes >= 2 * f, ..BY_THE_BOOK };
    let (broke, _) = runs(300, 4, 1, few_echoes);
    assert_eq!(broke, BTreeMap::from([("Totality", 28)]));
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
    assert_eq!(broken(BY_THE_BOOK, &[(S, Lie::SupportsAll), (NodeId(3), Lie::SupportsAll)]), Some("SameValue"));
    let (broke, _) = runs(300, 4, 2, BY_THE_BOOK);
    assert_eq!(broke, BTreeMap::from([("SameValue", 6)]));
}

/// Without the step in which nodes follow f+1 others, some are left behind.
#[test]
fn nodes_that_follow_nobody_are_left_behind() {
    let follows_none = Rulebook { follows: |_, _| false, ..BY_THE_BOOK };
    let (broke, _) = runs(300, 4, 1, follows_none);
    assert_eq!(broke, BTreeMap::from([("Totality", 24)]));
}

#[test]
fn nodes_without_meaning_are_refused() {
    let refused = |nodes: &[u32]| Settings::new(nodes.iter().copied().map(NodeId)).build().unwrap_err();
    assert_eq!(refused(&[0, 1, 2]), ConfigError::TooFew { nodes: 3 });
    assert_eq!(refused(&[0, 1, 2, 1]), ConfigError::NamedTwice { node: NodeId(1) });
}
