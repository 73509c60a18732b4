//! Leaders: the newest epoch counts, and a node that is down does not lead.

use quorate_lab::env::{CrashPoint, Fault};
use quorate_lab::sim::{Setup, World};
use quorate_protocol::{Names, NodeId};
use quorate_raft::{Counter, Raft, Settings, Term};

use crate::ms;

/// Three nodes, of which one leads.
fn elected() -> (World<Raft<Counter>>, NodeId) {
    let (names, config) = (Names::new(["n1", "n2", "n3"], [""; 0]), Settings::nodes(3).build().unwrap());
    let mut world = Setup::<Raft<Counter>>::new("raft", names, config).start();
    assert_eq!(world.leader(), None);
    world.run_for(ms(2_000)).unwrap();
    let leader = world.leader().expect("one is elected");
    (world, leader)
}

#[test]
fn a_deposed_leader_is_among_the_leaders_and_is_not_the_leader() {
    let (mut world, first) = elected();
    world.inject(Fault::Partition(vec![vec![first]])).unwrap();
    world.run_for(ms(2_000)).unwrap();
    let leaders: Vec<(NodeId, Term)> = world.leaders().collect();
    let (second, newest) = *leaders.iter().max_by_key(|(_, term)| *term).unwrap();
    assert_eq!(leaders.len(), 2, "the first one does not know that it is deposed: {leaders:?}");
    assert!(second != first && leaders.iter().any(|(node, term)| *node == first && *term < newest));
    assert_eq!(world.leader(), Some(second));
}

#[test]
fn a_node_that_is_down_does_not_lead() {
    let (mut world, first) = elected();
    world.inject(Fault::Crash { node: first, point: CrashPoint::BetweenSteps }).unwrap();
    assert_eq!(world.leader(), None);
}
