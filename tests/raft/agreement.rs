//! Log replication (Raft §5.3): agreement with a majority, none without it, and repair of logs
//! afterwards.

use quorate::protocol::Duration;
use quorate::raft::{LogIndex, RaftRule, Settings};

use crate::cluster::{CLIENTS, Cluster, ELECTION, reliable, unreliable};

#[test]
fn basic_agreement() {
    let mut cluster = Cluster::new(3);
    cluster.leader();
    cluster.run(ELECTION);
    // The first entry is the leader's own (§8).
    for index in 2..=4 {
        assert_eq!(cluster.committed(LogIndex(index)), 0, "nothing is committed before anything is started");
        assert_eq!(cluster.one(&format!("v{index}"), 3), LogIndex(index));
    }
}

/// Without faults, every command is sent to every peer exactly once.
#[test]
fn each_command_is_sent_once_per_peer() {
    let mut cluster = Cluster::new(3);
    cluster.one("first", 3);
    cluster.take_sent();
    let sizes = [5_000, 1, 200, 5_000, 5_000, 0, 7, 5_000, 5_000, 5_000];
    for size in sizes {
        cluster.one(&"x".repeat(size), 3);
    }
    cluster.run(ELECTION);
    assert_eq!(cluster.take_sent().command_bytes, 2 * sizes.iter().sum::<usize>() as u64);
}

#[test]
fn follower_failure() {
    let mut cluster = Cluster::new(3);
    cluster.one("101", 3);
    let leader = cluster.leader();
    cluster.disconnect(cluster.after(leader, 1));
    cluster.one("102", 2);
    cluster.run(ELECTION);
    cluster.one("103", 2);

    cluster.disconnect(cluster.after(leader, 2));
    let alone = cluster.start(leader, "104").expect("it still thinks that it leads");
    cluster.run(ELECTION * 8);
    assert_eq!(cluster.committed(alone.index), 0, "a leader alone commits nothing");
}

#[test]
fn leader_failure() {
    let mut cluster = Cluster::new(3);
    cluster.one("101", 3);
    let first = cluster.leader();
    cluster.disconnect(first);
    cluster.one("102", 2);
    cluster.run(ELECTION);
    cluster.one("103", 2);

    let second = cluster.leader();
    cluster.disconnect(second);
    let alone: Vec<_> = cluster.ids().filter_map(|node| cluster.start(node, "104")).collect();
    assert_eq!(alone.len(), 2, "two old leaders still take commands");
    cluster.run(ELECTION * 8);
    for started in alone {
        assert!(!cluster.is_answered(started), "nothing is committed without a majority");
    }
}

#[test]
fn fail_agree() {
    let mut cluster = Cluster::new(3);
    cluster.one("101", 3);
    let leader = cluster.leader();
    let gone = cluster.after(leader, 1);
    cluster.disconnect(gone);
    for value in ["102", "103", "104", "105"] {
        cluster.one(value, 2);
        cluster.run(ELECTION);
    }
    cluster.connect(gone);
    cluster.one("106", 3);
    cluster.run(ELECTION);
    cluster.one("107", 3);
}

#[test]
fn fail_no_agree() {
    let mut cluster = Cluster::new(5);
    cluster.one("10", 5);
    let leader = cluster.leader();
    let gone = [1, 2, 3].map(|steps| cluster.after(leader, steps));
    gone.iter().for_each(|node| cluster.disconnect(*node));
    let lost = cluster.start(leader, "20").expect("it still thinks that it leads");
    cluster.run(ELECTION * 8);
    assert_eq!(cluster.committed(lost.index), 0, "two of five commit nothing");

    gone.iter().for_each(|node| cluster.connect(*node));
    let leader = cluster.leader();
    let started = cluster.start(leader, "30").expect("it leads");
    assert!(started.index.0 <= lost.index.0 + 3, "at most the lost entry and the new leaders' own come before");
    cluster.one("1000", 5);
}

#[test]
fn concurrent_starts() {
    let mut cluster = Cluster::new(3);
    let leader = cluster.leader();
    let started: Vec<_> = ["1", "2", "3", "4", "5"].iter().filter_map(|value| cluster.start(leader, value)).collect();
    assert_eq!(started.len(), 5);
    assert!(started.windows(2).all(|pair| pair[1].index == pair[0].index.next()), "each has a place of its own");
    cluster.run(ELECTION);
    assert!(started.iter().all(|each| cluster.is_answered(*each) && cluster.committed(each.index) == 3));
}

#[test]
fn rejoin_of_partitioned_leader() {
    let mut cluster = Cluster::new(3);
    cluster.one("101", 3);
    let first = cluster.leader();
    cluster.disconnect(first);
    let lost: Vec<_> = ["102", "103", "104"].iter().filter_map(|value| cluster.start(first, value)).collect();
    cluster.one("103", 2);

    let second = cluster.leader();
    cluster.disconnect(second);
    cluster.connect(first);
    cluster.one("104", 2);
    cluster.connect(second);
    cluster.one("105", 3);
    assert!(lost.iter().all(|each| !cluster.is_answered(*each)), "what a cut-off leader took is gone");
    assert!(cluster.coverage().of(RaftRule::TruncateConflict) > 0);
}

/// Fifty entries that are never committed, on alternating sides: a follower's log is repaired term
/// by term, not entry by entry.
#[test]
fn backup_over_inconsistent_logs() {
    let mut cluster = Cluster::new(5);
    let many = |cluster: &mut Cluster, node| {
        let started = (0..50).filter_map(|value| cluster.start(node, &value.to_string())).count();
        assert_eq!(started, 50, "it still thinks that it leads");
    };
    cluster.one("first", 5);
    let first = cluster.leader();
    let (with_first, others) = (cluster.after(first, 1), [2, 3, 4].map(|steps| cluster.after(first, steps)));
    others.iter().for_each(|node| cluster.disconnect(*node));
    many(&mut cluster, first); // never committed: a leader and one follower
    cluster.run(ELECTION);
    [first, with_first].iter().for_each(|node| cluster.disconnect(*node));
    others.iter().for_each(|node| cluster.connect(*node));
    for value in 0..50 {
        cluster.one(&format!("committed {value}"), 3);
    }
    let second = cluster.leader();
    let gone = *others.iter().find(|node| **node != second).expect("there are two others");
    cluster.disconnect(gone);
    many(&mut cluster, second); // nor are these: two of five again
    cluster.run(ELECTION);
    others.iter().for_each(|node| cluster.disconnect(*node));
    [first, with_first, gone].iter().for_each(|node| cluster.connect(*node));
    for value in 0..50 {
        cluster.one(&format!("committed then {value}"), 3);
    }
    cluster.ids().for_each(|node| cluster.connect(node));
    cluster.one("last", 5);
    cluster.check_agreement();
    let backed_up = cluster.coverage().of(RaftRule::BackUp);
    assert!((1..60).contains(&backed_up), "{backed_up} refusals for 150 entries in a few terms");
}

#[test]
fn message_counts() {
    let mut cluster = Cluster::new(3);
    cluster.leader();
    let elected = cluster.take_sent().calls;
    assert!((1..=30).contains(&elected), "{elected} calls to elect the first leader");
    cluster.run(ELECTION);
    cluster.take_sent();

    let leader = cluster.leader();
    for value in 0..10 {
        cluster.start(leader, &value.to_string()).expect("it leads");
    }
    let last = cluster.raft(leader).log().last_index();
    assert!(cluster.run_until(ELECTION, |world| world.machines().iter().flatten().all(|raft| raft.commit() >= last)));
    let agreed = cluster.take_sent().calls;
    assert!((2..=42).contains(&agreed), "{agreed} calls to agree on ten commands");

    cluster.run(Duration::from_secs(1));
    let idle = cluster.take_sent().calls;
    assert!((20..=60).contains(&idle), "{idle} calls in an idle second");
}

#[test]
fn unreliable_agreement() {
    for seed in 0..10 {
        let mut cluster = Cluster::with(Settings::nodes(5), unreliable(), seed);
        for number in 0..50 {
            for client in 0..CLIENTS {
                cluster.ask_append(client, &format!("{client}.{number}"));
            }
            cluster.one(&number.to_string(), 1);
        }
        cluster.set_conditions(reliable());
        cluster.one("last", 5);
        assert!(cluster.run_until(ELECTION * 100, |world| world.clients_are_idle()));
        cluster.check_agreement();
    }
}
