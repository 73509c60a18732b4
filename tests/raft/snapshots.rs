//! Snapshots (Raft §7): logs stay short, and followers that are far behind are sent the state
//! instead.

use quorate::lab::sim::Conditions;
use quorate::protocol::NodeId;
use quorate::raft::{RaftRule, Settings, Snapshots};

use crate::cluster::{Cluster, ELECTION, reliable, unreliable};

const EVERY: u64 = 10;

fn cluster(conditions: Conditions) -> Cluster {
    // Every command has a client of its own, so a snapshot has hundreds of sessions: about ten
    // chunks.
    let snapshots = Some(Snapshots { every: EVERY, keep: 0, chunk: 32 });
    Cluster::with(Settings { snapshots, ..Settings::nodes(3) }, conditions, 1)
}

/// Cause of a node's lag.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trouble {
    None,
    Disconnected,
    Crashed,
}

/// Thirty times lets a node miss more entries than the log keeps, and catch up. Returns the number
/// of installed snapshots.
fn fall_behind(conditions: Conditions, trouble: Trouble) -> u64 {
    let mut cluster = cluster(conditions);
    cluster.one("first", 3);
    for round in 0..30 {
        let leader = cluster.leader();
        let (victim, with) = if round % 3 == 1 { (leader, 2) } else { (cluster.after(leader, 1), 2) };
        match trouble {
            Trouble::None => {}
            Trouble::Disconnected => cluster.disconnect(victim),
            Trouble::Crashed => cluster.crash(victim),
        }
        let expected = if trouble == Trouble::None { 3 } else { with };
        let count = EVERY / 2 + cluster.rng.below(EVERY);
        for number in 0..=count {
            cluster.one(&format!("{round}.{number}"), expected);
        }
        check_log_sizes(&cluster);
        match trouble {
            Trouble::None => {}
            Trouble::Disconnected => cluster.connect(victim),
            Trouble::Crashed => cluster.restart(victim),
        }
        cluster.one(&format!("{round} together"), 3);
    }
    cluster.check_agreement();
    assert!(cluster.coverage().of(RaftRule::TakeSnapshot) > 30);
    cluster.coverage().of(RaftRule::InstallSnapshot)
}

/// Asserts that no log is longer than the interval of snapshots, plus the uncommitted entries.
fn check_log_sizes(cluster: &Cluster) {
    for node in cluster.ids().filter(|node| cluster.is_up(*node) && cluster.is_connected(*node)) {
        let length = cluster.raft(node).log().entries().len() as u64;
        assert!(length <= 2 * EVERY, "{length} entries are left on {node}");
    }
}

#[test]
fn snapshots_basic() {
    assert_eq!(fall_behind(reliable(), Trouble::None), 0, "nobody falls behind");
}

#[test]
fn install_snapshots_disconnect() {
    assert!(fall_behind(reliable(), Trouble::Disconnected) > 10);
}

#[test]
fn install_snapshots_disconnect_unreliable() {
    assert!(fall_behind(unreliable(), Trouble::Disconnected) > 10);
}

#[test]
fn install_snapshots_crash() {
    assert!(fall_behind(reliable(), Trouble::Crashed) > 10);
}

#[test]
fn install_snapshots_crash_unreliable() {
    assert!(fall_behind(unreliable(), Trouble::Crashed) > 10);
}

fn crash_and_restart_all(cluster: &mut Cluster) {
    let nodes: Vec<NodeId> = cluster.ids().collect();
    nodes.iter().for_each(|node| cluster.crash(*node));
    cluster.run(ELECTION);
    nodes.iter().for_each(|node| cluster.restart(*node));
}

#[test]
fn crash_and_restart_all_servers() {
    let mut cluster = cluster(reliable());
    cluster.one("first", 3);
    for round in 0..5 {
        for number in 0..EVERY / 2 + cluster.rng.below(EVERY) {
            cluster.one(&format!("{round}.{number}"), 3);
        }
        let before = cluster.one(&format!("{round} before"), 3);
        crash_and_restart_all(&mut cluster);
        assert!(cluster.one(&format!("{round} after"), 3) > before, "no index is used again");
    }
    assert!(cluster.coverage().of(RaftRule::TakeSnapshot) >= 5);
}

/// A node that boots from a snapshot continues from it, even if it crashes before the next one.
#[test]
fn snapshot_initialization_after_crash() {
    let mut cluster = cluster(reliable());
    for number in 0..=EVERY {
        cluster.one(&format!("{number}"), 3);
    }
    crash_and_restart_all(&mut cluster);
    let bases: Vec<_> = cluster.ids().map(|node| cluster.raft(node).log().base()).collect();
    assert!(bases.iter().all(|base| base.index.0 >= EVERY), "each boots from its snapshot: {bases:?}");
    let first = cluster.one("one more", 3);
    crash_and_restart_all(&mut cluster);
    assert!(cluster.one("and another", 3) > first);
    cluster.check_agreement();
}
