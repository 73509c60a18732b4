//! Leader election (Raft §5.2): there is one leader, it stays, and it is replaced after a failure.

use quorate::protocol::Duration;

use crate::cluster::{Cluster, ELECTION};

#[test]
fn initial_election() {
    let mut cluster = Cluster::new(3);
    let leader = cluster.leader();
    let term = cluster.raft(leader).term();
    cluster.run(ELECTION);
    assert!(cluster.ids().all(|node| cluster.raft(node).term() == term), "everybody is in the leader's term");
    cluster.run(Duration::from_secs(60));
    assert_eq!((cluster.leader(), cluster.raft(leader).term()), (leader, term), "without faults nothing changes");
}

#[test]
fn re_election() {
    let mut cluster = Cluster::new(3);
    let first = cluster.leader();
    cluster.disconnect(first);
    let second = cluster.leader();
    assert_ne!(first, second, "the others elect one of them");

    cluster.connect(first);
    cluster.run(ELECTION);
    assert_eq!(cluster.leader(), second, "an old leader that comes back follows");
    assert!(!cluster.raft(first).is_leader());

    cluster.disconnect(second);
    let other = cluster.after(second, 1);
    cluster.disconnect(other);
    cluster.run(ELECTION * 4);
    assert!(!cluster.is_led(), "one of three elects nobody");

    cluster.connect(other);
    let third = cluster.leader();
    cluster.connect(second);
    cluster.run(ELECTION);
    assert_eq!(cluster.leader(), third, "the last to come back changes nothing");
}

#[test]
fn many_elections() {
    for seed in 0..20 {
        let mut cluster = Cluster::with(quorate::raft::Settings::nodes(7), crate::cluster::reliable(), seed);
        cluster.leader();
        for _ in 0..10 {
            let gone = [0; 3].map(|_| cluster.anyone());
            gone.iter().for_each(|node| cluster.disconnect(*node));
            let leader = cluster.leader();
            assert!(!gone.contains(&leader), "four or more of seven elect one of them");
            gone.iter().for_each(|node| cluster.connect(*node));
        }
        cluster.leader();
        cluster.one("after all that", 7);
    }
}
