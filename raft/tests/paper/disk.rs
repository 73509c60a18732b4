//! Dissertation §3.8: restarts from the disk, intact or damaged.

use quorate_protocol::Disk as _;
use quorate_raft::{
    Add, Command, Counter, Disk, DiskError, LogIndex, Position, RaftRule, Record, Refusal, Reply, RoleName, Settings,
    Term,
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
    assert_eq!((raft.role(), raft.commit(), raft.state()), (RoleName::Follower, LogIndex(0), &Counter(0)));
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
