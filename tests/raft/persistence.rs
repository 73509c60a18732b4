//! Persistent state across crashes (Raft Figure 2; §5.2 and §5.3).

use crate::cluster::Cluster;

#[test]
fn basic_persistence() {
    let mut cluster = Cluster::new(3);
    cluster.one("11", 3);
    cluster.ids().for_each(|node| cluster.crash_and_restart(node));
    cluster.one("12", 3);

    let leader = cluster.leader();
    cluster.crash_and_restart(leader);
    cluster.one("13", 3);

    let leader = cluster.leader();
    cluster.crash(leader);
    cluster.one("14", 2);
    cluster.restart(leader);
    let fourth = cluster.one("15", 3);

    let leader = cluster.leader();
    let follower = cluster.after(leader, 1);
    cluster.crash(follower);
    cluster.one("16", 2);
    cluster.restart(follower);
    assert!(cluster.one("17", 3) > fourth);
    cluster.check_agreement();
}

/// Nodes crash and restart so that every agreement has a different majority.
#[test]
fn more_persistence() {
    let mut cluster = Cluster::new(5);
    for round in 0..10 {
        cluster.one(&format!("{round} with all"), 5);
        let leader = cluster.leader();
        let others = [1, 2, 3, 4].map(|steps| cluster.after(leader, steps));
        cluster.crash(others[0]);
        cluster.crash(others[1]);
        cluster.one(&format!("{round} with three"), 3);

        for node in [leader, others[2], others[3]] {
            cluster.crash(node);
        }
        cluster.restart(others[0]);
        cluster.restart(others[1]);
        cluster.run(crate::cluster::ELECTION * 3);
        assert!(!cluster.is_led(), "two of five elect nobody");
        cluster.restart(others[2]);
        cluster.one(&format!("{round} with three others"), 3);
        cluster.restart(others[3]);
        cluster.restart(leader);
    }
    cluster.one("last", 5);
    cluster.check_agreement();
}

/// A leader and one follower crash, the leader's other follower returns and they continue.
#[test]
fn partitioned_leader_and_one_follower_crash_leader_restarts() {
    let mut cluster = Cluster::new(3);
    cluster.one("101", 3);
    let leader = cluster.leader();
    let (one, other) = (cluster.after(leader, 1), cluster.after(leader, 2));
    cluster.disconnect(other);
    cluster.one("102", 2);
    cluster.crash(leader);
    cluster.crash(one);
    cluster.connect(other);
    cluster.restart(leader);
    cluster.one("103", 2);
    cluster.restart(one);
    cluster.one("104", 3);
    cluster.check_agreement();
}
