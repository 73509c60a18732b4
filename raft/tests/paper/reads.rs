//! Dissertation §6.4: linearizable reads without the log.

use quorate_raft::{
    Add, Appended, Command, ConfigChange, Counter, CounterQuery, Disk, Fact, LogIndex, Message, RaftRule, Reply,
    Settings, Term, Timer,
};

use crate::cluster::{Cluster, node};
use crate::elections::log;

type Nodes = Cluster<Counter>;

const READ: Command<Counter> = Command::Read(CounterQuery);

/// A read is answered after a round of heartbeats and adds nothing to the log.
#[test]
fn a_read_is_answered_after_a_round_of_heartbeats() {
    let mut nodes = Nodes::new(3, Settings::nodes(3));
    nodes.elect(0);
    nodes.ask(0, Command::Apply(Add(5)));
    nodes.settle();
    let last = nodes.raft(0).log().last();
    let ticket = nodes.ask(0, READ);
    assert_eq!(nodes.reply_to(ticket), None);
    nodes.settle();
    assert_eq!(nodes.reply_to(ticket), Some(&Reply::Read(5)));
    assert_eq!(nodes.raft(0).log().last(), last);
    assert!(nodes.facts.contains(&(node(0), Fact::ReadServed { index: LogIndex(2) })));
}

/// A deposed leader that does not know it answers no read, and redirects the client when it learns
/// of the new term.
#[test]
fn a_deposed_leader_answers_no_read() {
    let mut nodes = Nodes::new(3, Settings::nodes(3));
    nodes.elect(0);
    nodes.isolate(0);
    nodes.elect(1);
    nodes.ask(1, Command::Apply(Add(5)));
    nodes.settle();
    let stale = nodes.ask(0, READ);
    nodes.settle();
    assert_eq!(nodes.reply_to(stale), None);
    nodes.heal();
    nodes.beat(0);
    assert_eq!(nodes.reply_to(stale), Some(&Reply::Redirect { leader: None }));
}

/// The answer to an earlier heartbeat confirms nothing: it may be older than the read.
#[test]
fn an_earlier_heartbeat_confirms_nothing() {
    let mut nodes = Nodes::new(3, Settings::nodes(3));
    nodes.elect(0);
    let ticket = nodes.ask(0, READ);
    nodes.take_messages();
    let before = Appended { term: Term(1), matched: LogIndex(1), round: 0 };
    nodes.deliver(1, 0, Message::Appended(before));
    nodes.deliver(2, 0, Message::Appended(before));
    assert_eq!(nodes.reply_to(ticket), None);
    nodes.deliver(1, 0, Message::Appended(Appended { round: 1, ..before }));
    assert_eq!(nodes.reply_to(ticket), Some(&Reply::Read(0)));
}

/// Each term counts its rounds from 0: the answer to an append of an earlier term confirms no round
/// of the current term, although the same node leads both.
#[test]
fn an_append_of_an_earlier_term_confirms_nothing() {
    let mut nodes = Nodes::new(3, Settings::nodes(3));
    nodes.elect(0);
    for _ in 0..5 {
        nodes.ask(0, READ);
        nodes.settle();
    }
    nodes.ask(0, READ);
    let (.., late) = nodes.take_messages().into_iter().find(|(_, to, _)| *to == node(2)).expect("a round begins");
    nodes.elect(1);
    nodes.elect(0);

    nodes.deliver(0, 2, late);
    let answers = nodes.take_messages();
    assert!(matches!(answers[..], [(_, _, Message::AppendRefused(refused))] if refused.term == nodes.raft(0).term()));
    for (_, _, answer) in answers {
        nodes.deliver(2, 0, answer);
    }
    let ticket = nodes.ask(0, READ);
    assert_eq!(nodes.reply_to(ticket), None, "nobody has confirmed anything in this term");
    nodes.settle();
    assert_eq!(nodes.reply_to(ticket), Some(&Reply::Read(0)));
}

/// A new leader's commit index may be out of date: reads wait until an entry of its term is
/// committed.
#[test]
fn a_new_leader_commits_before_it_answers_reads() {
    let mut nodes = Nodes::with_disks(vec![Disk::new(Term(1), None, log(&[1])); 3], Settings::nodes(3));
    nodes.fire(0, Timer::Election);
    nodes.deliver(1, 0, Message::VoteGranted { term: Term(2) });
    let ticket = nodes.ask(0, READ);
    assert!(nodes.has_fired(RaftRule::ReadTooEarly) && !nodes.has_fired(RaftRule::NoteReadIndex));
    nodes.settle();
    assert_eq!(nodes.reply_to(ticket), Some(&Reply::Read(0)));
    assert!(nodes.facts.contains(&(node(0), Fact::ReadServed { index: LogIndex(2) })));
}

/// Reads that arrive while a round is in progress share the next one.
#[test]
fn reads_share_rounds() {
    let mut nodes = Nodes::new(3, Settings::nodes(3));
    nodes.elect(0);
    nodes.sent = 0;
    let tickets: Vec<_> = (0..10).map(|_| nodes.ask(0, READ)).collect();
    nodes.settle();
    assert!(tickets.iter().all(|ticket| nodes.reply_to(*ticket) == Some(&Reply::Read(0))));
    assert_eq!(nodes.sent, 2 * 2 * 2, "two rounds for ten questions");
    assert!(nodes.has_fired(RaftRule::ConfirmLead));
}

/// The heartbeat repeats a round whose messages are lost.
#[test]
fn a_lost_round_is_repeated() {
    let mut nodes = Nodes::new(3, Settings::nodes(3));
    nodes.elect(0);
    let (one, other) = (nodes.ask(0, READ), nodes.ask(0, READ));
    nodes.take_messages();
    nodes.beat(0);
    assert_eq!((nodes.reply_to(one), nodes.reply_to(other)), (Some(&Reply::Read(0)), Some(&Reply::Read(0))));
}

/// A read is answered when a majority has confirmed its round: of five, the leader and two others.
#[test]
fn a_read_needs_the_answers_of_a_majority() {
    let mut nodes = Nodes::new(5, Settings::nodes(5));
    nodes.elect(0);
    let ticket = nodes.ask(0, READ);
    nodes.take_messages();
    for (from, answered) in [(1, false), (1, false), (2, true)] {
        nodes.deliver(from, 0, Message::Appended(Appended { term: Term(1), matched: LogIndex(1), round: 1 }));
        assert_eq!(nodes.reply_to(ticket).is_some(), answered, "with the answer of n{}", from + 1);
    }
}

/// Raft §6: a read in a joint configuration needs a majority of each side.
#[test]
fn a_read_in_a_joint_configuration_needs_both_majorities() {
    for (others, answered) in [([1, 2], false), ([3, 4], false), ([1, 4], true)] {
        let mut nodes = Nodes::new(5, Settings::nodes(3));
        nodes.elect(0);
        nodes.ask(0, Command::ChangeMembership(ConfigChange::Replace { voters: [0, 3, 4].map(node).to_vec() }));
        let ticket = nodes.ask(0, READ);
        nodes.take_messages();
        for from in others {
            nodes.deliver(from, 0, Message::Appended(Appended { term: Term(1), matched: LogIndex(1), round: 1 }));
        }
        assert_eq!(nodes.reply_to(ticket).is_some(), answered, "with the answers of {others:?}");
    }
}

/// A cluster of one confirms its own leadership.
#[test]
fn a_lone_leader_reads_at_once() {
    let mut nodes = Nodes::new(1, Settings::nodes(1));
    nodes.elect(0);
    let ticket = nodes.ask(0, READ);
    assert_eq!(nodes.reply_to(ticket), Some(&Reply::Read(0)));
}
