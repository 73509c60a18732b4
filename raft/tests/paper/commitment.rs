//! Raft §5.3 and §5.4.2: when entries are committed; §5.4.3: committed entries stay committed.

use quorate_raft::{Add, Appended, Command, Counter, Disk, LogIndex, Message, RaftRule, Reply, Settings, Term, Timer};

use crate::cluster::{Cluster, node};
use crate::elections::log;
use crate::replication::append;

type Nodes = Cluster<Counter>;

fn add(amount: i64) -> Command<Counter> {
    Command::Apply(Add(amount))
}

/// §5.3: an entry is committed once a majority has stored it, even if the others never do.
#[test]
fn a_majority_commits() {
    let mut nodes = Nodes::new(5, Settings::nodes(5));
    nodes.elect(0);
    nodes.partition(&[0, 1, 2], &[3, 4]);
    let ticket = nodes.ask(0, add(1));
    nodes.settle();
    assert_eq!(nodes.reply_to(ticket), Some(&Reply::Applied(1)));
}

/// §5.3: a leader with a minority commits nothing, and its entries are overwritten when the others
/// have moved on.
#[test]
fn a_minority_leader_cannot_commit() {
    let mut nodes = Nodes::new(5, Settings::nodes(5));
    nodes.elect(0);
    nodes.partition(&[0, 1], &[2, 3, 4]);
    let lost = nodes.ask(0, add(100));
    nodes.settle();
    nodes.elect(2);
    let kept = nodes.ask(2, add(1));
    nodes.settle();
    assert_eq!((nodes.reply_to(lost), nodes.reply_to(kept)), (None, Some(&Reply::Applied(1))));
    assert_eq!(nodes.raft(0).commit(), LogIndex(1));
    nodes.heal();
    nodes.beat(2);
    nodes.beat(2);
    assert!(nodes.ids().all(|id| nodes.raft(id).state() == &Counter(1)));
    assert!(nodes.has_fired(RaftRule::TruncateConflict));
}

/// §5.4.2: an entry of an earlier term on a majority is not committed by counting replicas, but by
/// committing an entry of the leader's own term.
#[test]
fn an_earlier_term_is_not_committed_by_counting() {
    let disks = vec![Disk::new(Term(2), None, log(&[1, 2])); 3];
    let mut nodes = Nodes::with_disks(disks, Settings::nodes(3));
    nodes.fire(0, Timer::Election);
    nodes.deliver(1, 0, Message::VoteGranted { term: Term(3) });
    nodes.take_messages();
    nodes.deliver(1, 0, Message::Appended(Appended { term: Term(3), matched: LogIndex(2), round: 0 }));
    assert_eq!(nodes.raft(0).commit(), LogIndex(0));
    assert!(nodes.has_fired(RaftRule::HoldEarlierTerm));
    nodes.deliver(1, 0, Message::Appended(Appended { term: Term(3), matched: LogIndex(3), round: 0 }));
    assert_eq!(nodes.raft(0).commit(), LogIndex(3), "with it, all before it");
}

/// §8: a leader begins its term with a no-op, so that earlier entries are committed without a
/// client request.
#[test]
fn a_term_begins_with_a_noop() {
    let disks = vec![Disk::new(Term(2), None, log(&[1, 2])); 3];
    let mut nodes = Nodes::with_disks(disks, Settings::nodes(3));
    nodes.elect(0);
    assert_eq!((nodes.terms(0), nodes.raft(0).commit()), (vec![1, 2, 3], LogIndex(3)));
}

/// Figure 2, AppendEntries 5: a follower commits min(leaderCommit, last new entry).
#[test]
fn a_follower_commits_no_further_than_it_agrees() {
    let disks = vec![Disk::new(Term(2), None, log(&[1, 1, 1])); 3];
    let mut nodes = Nodes::with_disks(disks, Settings::nodes(3));
    nodes.deliver(1, 0, append(2, (1, 1), &[], 3));
    assert_eq!(nodes.raft(0).commit(), LogIndex(1), "entries 2 and 3 may not be this leader's");
    nodes.deliver(1, 0, append(2, (1, 1), &[1, 1], 2));
    assert_eq!(nodes.raft(0).commit(), LogIndex(2));
}

/// Figure 2: a delayed heartbeat with an old commit index does not lower the commit index.
#[test]
fn the_commit_index_never_goes_back() {
    let disks = vec![Disk::new(Term(2), None, log(&[1, 1, 1])); 3];
    let mut nodes = Nodes::with_disks(disks, Settings::nodes(3));
    nodes.deliver(1, 0, append(2, (3, 1), &[], 3));
    nodes.deliver(1, 0, append(2, (2, 1), &[], 1));
    assert_eq!(nodes.raft(0).commit(), LogIndex(3));
}

/// §5.4.2, Figure 8: (a) S1 leads and reaches S2; (b) S5 leads term 3; (c) S1 leads term 4 and
/// replicates its old entry to a majority; (d) S5 can still win with S3 and S4 if S1's entry of
/// term 4 was not replicated. No committed entry is lost, because the old entry was not committed.
#[test]
fn figure_8_the_old_entry_is_not_committed_before_the_new_one() {
    let logs: [&[u64]; 5] = [&[1, 2], &[1, 2], &[1], &[1], &[1, 3]];
    let disks = logs.iter().map(|terms| Disk::new(Term(3), None, log(terms))).collect();
    let mut nodes = Nodes::with_disks(disks, Settings::nodes(5));
    nodes.partition(&[0, 1, 2], &[3, 4]);
    nodes.fire(0, Timer::Election);
    nodes.deliver(1, 0, Message::VoteGranted { term: Term(4) });
    nodes.deliver(2, 0, Message::VoteGranted { term: Term(4) });
    nodes.take_messages();
    nodes.deliver(0, 2, append(4, (1, 1), &[2], 0));
    nodes.deliver(1, 0, Message::Appended(Appended { term: Term(4), matched: LogIndex(2), round: 0 }));
    nodes.settle();
    assert_eq!(nodes.terms(2), [1, 2, 4], "S3 has the old entry and the leader's own");
    assert!(nodes.raft(0).commit() >= LogIndex(3), "both are committed together, by the own-term entry");
    nodes.heal();
    nodes.crash(0);
    nodes.fire(4, Timer::Election);
    nodes.settle();
    assert!(!nodes.raft(4).is_leader(), "S5's log is not up to date for S2 and S3");
}

/// Figure 8 (d): before that, S5 can win and overwrite the old entry without violating an
/// invariant.
#[test]
fn figure_8_the_old_entry_may_be_overwritten() {
    let logs: [&[u64]; 5] = [&[1, 2], &[1, 2], &[1, 2], &[1], &[1, 3]];
    let disks = logs.iter().map(|terms| Disk::new(Term(4), None, log(terms))).collect();
    let mut nodes = Nodes::with_disks(disks, Settings::nodes(5));
    nodes.crash(0);
    nodes.elect(4);
    nodes.boot(0);
    nodes.beat(4);
    nodes.beat(4);
    assert!(nodes.ids().all(|id| nodes.terms(id) == [1, 3, 5]));
}

/// §5.4.3: a committed entry survives any number of leader crashes.
#[test]
fn what_is_committed_survives_leaders() {
    let mut nodes = Nodes::new(5, Settings::nodes(5));
    nodes.elect(0);
    nodes.ask(0, add(7));
    nodes.settle();
    for leader in [1, 2, 3, 4, 0, 1] {
        let fallen = nodes.leader().expect("there is a leader");
        nodes.crash(fallen);
        nodes.elect(leader);
        nodes.boot(fallen);
        nodes.beat(leader);
        nodes.beat(leader);
    }
    assert!(nodes.ids().all(|id| nodes.raft(id).state() == &Counter(7)));
}

/// §5.3: each node applies every entry once, in the order of the log.
#[test]
fn entries_are_applied_in_order() {
    let mut nodes = Nodes::new(3, Settings::nodes(3));
    nodes.elect(0);
    (0..30).for_each(|_| {
        nodes.ask(0, add(1));
    });
    nodes.settle();
    nodes.beat(0);
    for id in nodes.ids() {
        let applied: Vec<u64> = nodes
            .facts
            .iter()
            .filter(|(at, _)| *at == node(id))
            .filter_map(|(_, fact)| match fact {
                quorate_raft::Fact::Applied { index, .. } => Some(index.0),
                _ => None,
            })
            .collect();
        assert_eq!(applied, (1..=31).collect::<Vec<_>>());
    }
}
