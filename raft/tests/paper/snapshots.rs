//! Raft §7 and dissertation ch. 5: snapshots and log compaction.

use quorate_protocol::{ClientId, Ticket};
use quorate_raft::{
    Command, Fact, InstallSnapshot, KeyValue, KeyValueCommand, LogIndex, Membership, Message, Position, RaftRule,
    Reply, Settings, Snapshots, Term,
};

use crate::cluster::{Cluster, Faults, node};

type Nodes = Cluster<KeyValue>;

fn compacting(every: u64, keep: u64, chunk: usize) -> Settings {
    Settings { snapshots: Some(Snapshots { every, keep, chunk }), ..Settings::nodes(3) }
}

fn put(number: u64) -> Command<KeyValue> {
    Command::Apply(KeyValueCommand::Put { key: format!("k{}", number % 6), value: number.to_string() })
}

fn write(nodes: &mut Nodes, leader: u32, times: u64) {
    for number in 0..times {
        nodes.ask(leader, put(number));
        nodes.settle();
    }
}

fn all_agree(nodes: &Nodes) {
    assert!(nodes.ids().all(|id| nodes.raft(id).state() == nodes.raft(0).state()));
}

/// §7: each node takes snapshots on its own, and its log stays short.
#[test]
fn snapshots_keep_the_log_short() {
    let mut nodes = Nodes::new(3, compacting(5, 2, 3));
    nodes.elect(0);
    write(&mut nodes, 0, 100);
    nodes.beat(0);
    for id in nodes.ids() {
        assert!(nodes.raft(id).log().entries().len() <= 8, "{}", nodes.raft(id).log().entries().len());
        assert!(nodes.raft(id).snapshot().is_some_and(|snapshot| snapshot.last.index.0 >= 95));
    }
    assert!(!nodes.has_fired(RaftRule::SendSnapshot), "nobody needed one");
    all_agree(&nodes);
}

/// §7, Figure 13: a follower that needs discarded entries gets the snapshot in chunks, and goes on from there.
#[test]
fn a_follower_far_behind_gets_the_snapshot() {
    let mut nodes = Nodes::new(3, compacting(5, 0, 2));
    nodes.elect(0);
    nodes.crash(2);
    write(&mut nodes, 0, 42);
    nodes.boot(2);
    (0..3).for_each(|_| nodes.beat(0));
    assert!(nodes.facts.iter().any(|(at, fact)| *at == node(2) && matches!(fact, Fact::SnapshotInstalled { .. })));
    assert!(nodes.fired[&RaftRule::SendSnapshot] >= 4, "six keys and a session in chunks of two");
    assert_eq!(nodes.raft(2).commit(), nodes.raft(0).commit());
    all_agree(&nodes);
}

/// §7: chunks may be lost, repeated and reordered.
#[test]
fn a_snapshot_arrives_over_a_bad_network() {
    for seed in 0..20 {
        let mut nodes = Nodes::new(3, compacting(5, 0, 1));
        nodes.dice = crate::cluster::Dice::new(seed);
        nodes.elect(0);
        nodes.crash(2);
        write(&mut nodes, 0, 42);
        nodes.boot(2);
        nodes.faults = Faults { loss: 5, duplication: 3, delay_ms: 80, ..Faults::default() };
        nodes.run_until(nodes.now + 4_000_000_000);
        nodes.faults = Faults::default();
        nodes.run_until(nodes.now + 2_000_000_000);
        assert!(nodes.raft(2).applied() >= LogIndex(43), "seed {seed}");
        all_agree(&nodes);
    }
}

/// A restart begins with the snapshot: what it replaced is applied, and not applied again.
#[test]
fn a_restart_begins_with_the_snapshot() {
    let mut nodes = Nodes::new(3, compacting(5, 0, 2));
    nodes.elect(0);
    write(&mut nodes, 0, 12);
    let state = nodes.raft(0).state().clone();
    let snapshot = nodes.raft(0).snapshot().map(|snapshot| snapshot.last.index);
    nodes.ids().for_each(|id| nodes.restart(id));
    nodes.take_messages();
    assert_eq!(Some(nodes.raft(0).applied()), snapshot);
    nodes.elect(0);
    assert_eq!(nodes.raft(0).state(), &state);
}

/// §7, §6.3 of the dissertation: the sessions are in the snapshot, so a repeated command is known after it.
#[test]
fn a_snapshot_remembers_the_sessions() {
    let mut nodes = Nodes::new(3, compacting(4, 0, 2));
    nodes.elect(0);
    let ticket = Ticket { client: ClientId(9), number: 1 };
    let append = || Command::Apply(KeyValueCommand::Append { key: "log".into(), value: "x".into() });
    nodes.retry(0, ticket, append());
    nodes.crash(2);
    write(&mut nodes, 0, 20);
    nodes.boot(2);
    (0..3).for_each(|_| nodes.beat(0));
    nodes.elect(2);
    nodes.retry(2, ticket, append());
    nodes.settle();
    assert_eq!(nodes.raft(2).state().get("log"), Some("x"));
    assert!(nodes.replies.iter().filter(|(to, _)| *to == ticket).count() >= 2);
}

/// §7: a follower keeps the entries that follow a snapshot it already has the prefix of.
#[test]
fn entries_after_the_snapshot_stay() {
    let mut nodes = Nodes::new(3, Settings::nodes(3));
    nodes.elect(0);
    (0..6).for_each(|number| {
        nodes.ask(0, put(number));
    });
    let flying = nodes.take_messages();
    flying.into_iter().filter(|(_, to, _)| *to == node(1)).for_each(|(from, to, m)| nodes.deliver(from.0, to.0, m));
    assert_eq!((nodes.raft(1).log().last(), nodes.raft(1).commit()), (Position::new(7, 1), LogIndex(1)));
    let install = InstallSnapshot {
        term: Term(1),
        last: Position::new(4, 1),
        membership: Membership::new([0, 1, 2].map(node), []),
        offset: 0,
        pieces: Vec::new(),
        done: true,
        round: 0,
    };
    nodes.deliver(0, 1, Message::InstallSnapshot(Box::new(install)));
    let raft = nodes.raft(1);
    assert_eq!((raft.log().base(), raft.log().last()), (Position::new(4, 1), Position::new(7, 1)));
    assert_eq!(raft.applied(), LogIndex(4));
}

/// §7: an old snapshot, of what is committed here already, takes nothing back.
#[test]
fn an_old_snapshot_is_not_installed() {
    let mut nodes = Nodes::new(3, compacting(5, 0, 9));
    nodes.elect(0);
    nodes.crash(2);
    write(&mut nodes, 0, 12);
    nodes.boot(2);
    nodes.fire(0, quorate_raft::Timer::Heartbeat);
    let mut old = None;
    loop {
        let flying = nodes.take_messages();
        if flying.is_empty() {
            break;
        }
        for (from, to, message) in flying {
            if matches!(message, Message::InstallSnapshot(_)) {
                old = Some(message.clone());
            }
            nodes.deliver(from.0, to.0, message);
        }
    }
    write(&mut nodes, 0, 3);
    nodes.beat(0);
    let before = (nodes.raft(2).state().clone(), nodes.raft(2).commit(), nodes.raft(2).log().clone());
    nodes.deliver(0, 2, old.expect("a snapshot was sent"));
    let after = (nodes.raft(2).state().clone(), nodes.raft(2).commit(), nodes.raft(2).log().clone());
    assert_eq!(after, before);
    assert!(nodes.has_fired(RaftRule::IgnoreOldSnapshot));
}

/// Commands go on while a snapshot is under way, and both arrive.
#[test]
fn writes_go_on_during_an_install() {
    let mut nodes = Nodes::new(3, compacting(6, 0, 1));
    nodes.elect(0);
    nodes.crash(2);
    write(&mut nodes, 0, 30);
    nodes.boot(2);
    for number in 0..30 {
        nodes.ask(0, put(number));
        nodes.run_until(nodes.now + 10_000_000);
    }
    nodes.run_until(nodes.now + 1_000_000_000);
    assert!(nodes.replies.iter().all(|(_, reply)| matches!(reply, Reply::Applied(_))));
    let leader = nodes.leader().expect("there is a leader");
    assert_eq!(nodes.raft(2).applied(), nodes.raft(leader).applied());
    all_agree(&nodes);
}
