//! Figure 8 (Raft §5.4.2): leaders change so fast that entries of earlier terms reach a majority
//! without being committed.

use quorate::protocol::{Duration, NodeId};
use quorate::raft::{RaftRule, Settings};

use crate::cluster::{Cluster, ELECTION, reliable, reordering};

/// One entry per message, so that a new leader's followers may have an old entry and not yet its
/// own.
fn one_by_one() -> Settings {
    Settings { batch: 1, ..Settings::nodes(5) }
}

/// Submits a command to every node. Returns the last node that accepted it as leader.
fn start_everywhere(cluster: &mut Cluster, round: u32) -> Option<NodeId> {
    let nodes: Vec<NodeId> = cluster.ids().filter(|node| cluster.is_up(*node)).collect();
    nodes.into_iter().filter(|node| cluster.start(*node, &round.to_string()).is_some()).last()
}

/// Waits for a leader; if there is one, waits occasionally up to half an election timeout, and
/// mostly just long enough for a message or none.
fn wait(cluster: &mut Cluster, led: bool) {
    if !led {
        cluster.run_until(ELECTION, |world| world.machines().iter().flatten().any(|raft| raft.is_leader()));
        return;
    }
    let longest = if cluster.rng.below(10) == 0 { ELECTION / 2 } else { Duration::from_millis(5) };
    let span = cluster.rng.below(longest.as_nanos() as u64);
    cluster.run(Duration::from_nanos(span));
}

#[test]
fn figure_8_reliable() {
    let mut held_back = 0;
    for seed in 0..4 {
        let mut cluster = Cluster::with(one_by_one(), reliable(), seed);
        cluster.one("first", 1);
        for round in 0..1_000 {
            let leader = start_everywhere(&mut cluster, round);
            wait(&mut cluster, leader.is_some());
            if let Some(leader) = leader {
                cluster.crash(leader);
            }
            let up = cluster.ids().filter(|node| cluster.is_up(*node)).count();
            let one = cluster.anyone();
            if up < 3 && !cluster.is_up(one) {
                cluster.restart(one);
            }
        }
        let down: Vec<NodeId> = cluster.ids().filter(|node| !cluster.is_up(*node)).collect();
        down.into_iter().for_each(|node| cluster.restart(node));
        cluster.one("last", 5);
        cluster.check_agreement();
        assert!(cluster.coverage().of(RaftRule::TruncateConflict) > 10, "leaders overwrite each other");
        held_back += cluster.coverage().of(RaftRule::HoldEarlierTerm);
    }
    assert!(held_back > 0, "an entry of an earlier term reaches a majority and is not committed for it");
}

#[test]
fn figure_8_unreliable() {
    for seed in 0..4 {
        let mut cluster = Cluster::with(one_by_one(), reordering(), seed);
        cluster.set_conditions(crate::cluster::unreliable());
        cluster.one("first", 1);
        for round in 0..1_000 {
            if round == 200 {
                cluster.set_conditions(reordering());
            }
            let leader = start_everywhere(&mut cluster, round);
            wait(&mut cluster, leader.is_some());
            if let Some(leader) = leader.filter(|_| cluster.rng.below(2) == 0) {
                cluster.disconnect(leader);
            }
            let connected = cluster.ids().filter(|node| cluster.is_connected(*node)).count();
            let one = cluster.anyone();
            if connected < 3 && !cluster.is_connected(one) {
                cluster.connect(one);
            }
        }
        cluster.ids().for_each(|node| cluster.connect(node));
        cluster.set_conditions(reliable());
        cluster.one("last", 5);
        cluster.check_agreement();
        assert!(cluster.coverage().of(RaftRule::TruncateConflict) > 0, "leaders overwrite each other");
    }
}
