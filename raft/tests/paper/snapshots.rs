//! Raft §7 and dissertation ch. 5: snapshots and log compaction.

use quorate_protocol::{ClientId, RequestId};
use quorate_raft::{
    AppendEntries, Appended, Command, Entry, Fact, InstallSnapshot, KeyValue, KeyValueCommand, LogIndex, Membership,
    Message, Payload, Piece, Position, RaftRule, Reply, Settings, Snapshots, Term,
};

use crate::cluster::{Cluster, Faults, node};

pub(crate) type Nodes = Cluster<KeyValue>;

pub(crate) fn compacting(every: u64, keep: u64, chunk: usize) -> Settings {
    Settings { snapshots: Some(Snapshots { every, keep, chunk }), ..Settings::nodes(3) }
}

fn put(number: u64) -> Command<KeyValue> {
    Command::Apply(KeyValueCommand::Put { key: format!("k{}", number % 6), value: number.to_string() })
}

pub(crate) fn write(nodes: &mut Nodes, leader: u32, times: u64) {
    for number in 0..times {
        nodes.ask(leader, put(number));
        nodes.settle();
    }
}

fn all_agree(nodes: &Nodes) {
    assert!(nodes.ids().all(|id| nodes.raft(id).state() == nodes.raft(0).state()));
}

/// §7: each node takes snapshots independently, and its log stays short.
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

/// §7, Figure 13: a follower that needs discarded entries gets the snapshot in chunks, and then the
/// entries after it.
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

/// §7: chunks may be lost, duplicated and reordered.
#[test]
fn a_snapshot_arrives_over_a_bad_network() {
    for seed in 0..20 {
        let mut nodes = Nodes::new(3, compacting(5, 0, 1));
        nodes.rng = crate::cluster::Rng::new(seed);
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

/// A restart begins with the snapshot: the entries it replaced count as applied, and are not
/// applied again.
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

/// §7, dissertation §6.3: the sessions are in the snapshot, so a repeated command is recognised
/// after it is installed.
#[test]
fn a_snapshot_remembers_the_sessions() {
    let mut nodes = Nodes::new(3, compacting(4, 0, 2));
    nodes.elect(0);
    let ticket = RequestId { client: ClientId(9), number: 1 };
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

/// The same for a node that restarts from its own snapshot: commands in it were applied, and are
/// not applied again.
#[test]
fn a_restart_from_a_snapshot_remembers_the_sessions() {
    let mut nodes = Nodes::new(3, compacting(4, 0, 2));
    nodes.elect(0);
    let ticket = RequestId { client: ClientId(9), number: 1 };
    let append = || Command::Apply(KeyValueCommand::Append { key: "log".into(), value: "x".into() });
    nodes.retry(0, ticket, append());
    nodes.settle();
    write(&mut nodes, 0, 20);
    nodes.ids().for_each(|id| nodes.restart(id));
    nodes.take_messages();
    nodes.elect(0);
    nodes.retry(0, ticket, append());
    nodes.settle();
    assert_eq!(nodes.raft(0).state().get("log"), Some("x"));
    assert_eq!(nodes.replies.last().map(|(to, _)| *to), Some(ticket), "it is answered all the same");
}

/// A chunk of a snapshot in which every value names its snapshot.
pub(crate) fn chunk(term: u64, last: (u64, u64), offset: u64, keys: &[&str], done: bool) -> Message<KeyValue> {
    let piece = |key: &&str| Piece::State(((*key).to_owned(), format!("up to {}", last.0)));
    Message::InstallSnapshot(Box::new(InstallSnapshot {
        term: Term(term),
        last: Position::new(last.0, last.1),
        membership: Membership::new([0, 1, 2].map(node), []),
        offset,
        pieces: keys.iter().map(piece).collect(),
        done,
        round: 0,
    }))
}

/// Figure 13: a snapshot is installed when all its pieces have arrived, in order from the first.
#[test]
fn a_snapshot_is_installed_when_every_piece_is_here() {
    let mut nodes = Nodes::new(3, Settings::nodes(3));
    nodes.deliver(0, 1, chunk(1, (9, 1), 1, &["b"], true));
    nodes.deliver(0, 1, chunk(1, (9, 1), 0, &["a"], false));
    nodes.deliver(0, 1, chunk(1, (9, 1), 0, &["a"], false));
    nodes.deliver(0, 1, chunk(1, (9, 1), 2, &["c"], true));
    assert_eq!(nodes.raft(1).commit(), LogIndex(0), "the second piece is missing");
    nodes.deliver(0, 1, chunk(1, (9, 1), 1, &["b", "c"], true));
    assert_eq!(nodes.raft(1).commit(), LogIndex(9));
    let state = nodes.raft(1).state();
    assert!(["a", "b", "c"].iter().all(|key| state.get(key) == Some("up to 9")), "{state:?}");
}

/// Figure 13: pieces of different snapshots, or from different leaders, are not combined.
#[test]
fn pieces_of_different_snapshots_are_not_mixed() {
    for (term, last) in [(1, (12, 1)), (2, (9, 1)), (2, (9, 2))] {
        let mut nodes = Nodes::new(3, Settings::nodes(3));
        nodes.deliver(0, 1, chunk(1, (9, 1), 0, &["a"], false));
        nodes.deliver(2, 1, chunk(term, last, 1, &["b"], true));
        assert_eq!(nodes.raft(1).commit(), LogIndex(0), "of term {term}, up to {last:?}");
    }
}

/// §5.1: a snapshot from a leader of an earlier term is not installed, and the leader learns the
/// current term.
#[test]
fn a_snapshot_of_a_stale_leader_is_refused() {
    let mut nodes = Nodes::new(3, Settings::nodes(3));
    nodes.fire(1, quorate_raft::Timer::Election);
    nodes.fire(1, quorate_raft::Timer::Election);
    nodes.take_messages();
    nodes.deliver(0, 1, chunk(1, (9, 1), 0, &["a"], true));
    assert_eq!((nodes.raft(1).commit(), nodes.raft(1).term()), (LogIndex(0), Term(2)));
    assert!(matches!(nodes.take_messages()[..], [(_, _, Message::AppendRefused(refused))] if refused.term == Term(2)));
}

/// §7, §5.3: of a delayed append that begins before the snapshot's end, only the entries after it
/// are taken; those in the snapshot are the same anyway.
#[test]
fn an_append_that_begins_within_the_snapshot_is_taken_from_its_end_on() {
    let mut nodes = Nodes::new(3, Settings::nodes(3));
    let late = |terms: &[u64], previous| {
        let entries = terms.iter().map(|&term| Entry { term: Term(term), payload: Payload::Noop });
        Message::AppendEntries(AppendEntries {
            term: Term(2),
            previous,
            entries: entries.collect(),
            commit: LogIndex(0),
            round: 0,
        })
    };
    nodes.deliver(0, 1, chunk(2, (4, 1), 0, &["a"], true));
    nodes.deliver(0, 1, late(&[2, 2], Position::new(4, 1)));
    nodes.take_messages();
    nodes.deliver(0, 1, late(&[1, 1, 2], Position::new(2, 1)));
    assert_eq!((nodes.terms(1), nodes.raft(1).log().last()), (vec![2, 2], Position::new(6, 2)));
    let held = Appended { term: Term(2), matched: LogIndex(5), round: 0 };
    assert_eq!(nodes.take_messages(), [(node(1), node(0), Message::Appended(held))]);
}

/// §7: a snapshot describes the past and changes neither the current term nor the vote.
#[test]
fn a_snapshot_changes_neither_term_nor_vote() {
    let mut nodes = Nodes::new(3, Settings::nodes(3));
    nodes.fire(1, quorate_raft::Timer::Election);
    nodes.fire(1, quorate_raft::Timer::Election);
    nodes.deliver(0, 1, chunk(2, (4, 1), 0, &[], true));
    for _ in 0..2 {
        let raft = nodes.raft(1);
        assert_eq!((raft.term(), raft.vote(), raft.commit()), (Term(2), Some(node(1)), LogIndex(4)));
        nodes.restart(1);
    }
}

/// §7: a follower keeps the entries after a snapshot if its log contains the snapshot's last entry.
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

/// §7: a snapshot of entries already committed here changes nothing.
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

/// Commands are accepted while a snapshot is being sent, and both arrive.
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
