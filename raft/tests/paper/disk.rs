//! Dissertation §3.8: restarts from the disk, intact or damaged.

use quorate_protocol::Disk as _;
use quorate_raft::{
    Add, Batch, Command, Counter, Disk, DiskError, Entry, LogIndex, Membership, Payload, Position, RaftRule, Record,
    Refusal, Reply, Role, Settings, Snapshot, Term,
};

use crate::cluster::Cluster;
use crate::elections::log;

type Nodes = Cluster<Counter>;

/// Figure 2: term, vote and log survive a restart; roles and indexes do not.
#[test]
fn a_restart_brings_back_what_is_durable() {
    let mut nodes = Nodes::new(3, Settings::nodes(3));
    nodes.elect(0);
    nodes.ask(0, Command::Apply(Add(1)));
    nodes.settle();
    let before = (nodes.raft(0).term(), nodes.raft(0).vote(), nodes.raft(0).log().clone());
    nodes.restart(0);
    let raft = nodes.raft(0);
    assert_eq!((raft.term(), raft.vote(), raft.log().clone()), before);
    assert_eq!((raft.role(), raft.commit(), raft.state()), (Role::Follower, LogIndex(0), &Counter(0)));
}

/// After all nodes restart at once, the log is complete and accepts new entries.
#[test]
fn a_whole_cluster_restarts() {
    let mut nodes = Nodes::new(3, Settings::nodes(3));
    nodes.elect(0);
    for round in 0..5 {
        let leader = round % 3;
        nodes.ids().for_each(|id| nodes.restart(id));
        nodes.take_messages();
        nodes.elect(leader);
        nodes.ask(leader, Command::Apply(Add(1)));
        nodes.settle();
        nodes.beat(leader);
    }
    assert!(nodes.ids().all(|id| nodes.raft(id).state() == &Counter(5)));
}

/// A node with a damaged disk refuses requests with a typed error, and does not vote, acknowledge
/// entries or start elections.
#[test]
fn a_damaged_disk_keeps_its_node_out() {
    let mut torn = Disk::<Counter>::default();
    torn.apply(&Record::Term { term: Term(1) });
    torn.apply(&Record::Append { previous: LogIndex(3), entries: Default::default() });
    let mut nodes = Nodes::with_disks(vec![torn, Disk::default(), Disk::default()], Settings::nodes(3));
    let error = DiskError::Gap { end: LogIndex(0), previous: LogIndex(3) };
    assert_eq!(nodes.raft(0).disk_error(), Some(&error));
    nodes.elect(1);
    let ticket = nodes.ask(0, Command::Apply(Add(1)));
    assert_eq!(nodes.reply_to(ticket), Some(&Reply::Refused(Refusal::Damaged(error))));
    assert_eq!((nodes.raft(0).term(), nodes.raft(0).vote()), (Term(1), None));
    assert!(nodes.has_fired(RaftRule::StayOutDamaged));
    nodes.beat(1);
    assert_eq!(nodes.commits(), [0, 1, 1], "two of three go on without it");
}

/// Terms that decrease along a log are damage.
#[test]
fn a_log_with_falling_terms_is_damage() {
    let disk = Disk::new(Term(5), None, log(&[2, 1]));
    let error = DiskError::TermDecreases { before: Position::new(1, 2), here: Position::new(2, 1) };
    assert_eq!(disk.check(), Err(error));
}

/// The error of a term from the future names the last entry of the log if that is of the
/// snapshot's term, and the snapshot if its term is later.
#[test]
fn a_term_from_the_future_is_shown_at_its_last_entry() {
    for (term, here) in [(2, Position::new(5, 2)), (1, Position::new(4, 2))] {
        let mut disk = Disk::<Counter>::default();
        disk.apply(&Record::Append { previous: LogIndex(0), entries: entries(&[1, 1, 1, 1]) });
        let snapshot = Snapshot { last: Position::new(4, 2), membership: Membership::new([], []), pieces: vec![] };
        let base = Position::new(4, term);
        disk.apply(&Record::Snapshot { snapshot: Box::new(snapshot), base });
        disk.apply(&Record::Append { previous: LogIndex(4), entries: entries(&[term]) });
        assert_eq!(disk.check(), Err(DiskError::TermFromTheFuture { here, current: Term(0) }), "term {term}");
    }
}

/// Figure 2: a term that is written again is the same term, and an empty disk has no records.
#[test]
fn a_term_may_be_written_twice_and_none_is_written_first() {
    let mut disk = Disk::<Counter>::default();
    assert_eq!(disk.compacted(), Some(vec![]));
    disk.apply(&Record::Term { term: Term(2) });
    disk.apply(&Record::Term { term: Term(2) });
    assert_eq!((disk.check(), disk.term), (Ok(()), Term(2)));
}

fn entries(terms: &[u64]) -> Batch<Counter> {
    terms.iter().map(|&term| Entry { term: Term(term), payload: Payload::Noop }).collect()
}
