//! PreVote (dissertation §9.6), CheckQuorum (§6.2), leader stickiness (Raft §6,
//! dissertation §4.2.3), leadership transfer (§3.10).

use quorate_raft::{
    Add, Command, Counter, Disk, LogIndex, Message, Position, RaftRule, Refusal, Reply, RequestVote, Role, Settings,
    Term, Timer,
};

use crate::cluster::{Cluster, node};
use crate::elections::log;

type Nodes = Cluster<Counter>;

fn pre_voting() -> Settings {
    Settings { pre_vote: true, ..Settings::nodes(3) }
}

fn checking() -> Settings {
    Settings { check_quorum: true, ..Settings::nodes(3) }
}

fn add(amount: i64) -> Command<Counter> {
    Command::Apply(Add(amount))
}

/// §9.6: without PreVote, a node that was partitioned returns with a high term and deposes the
/// leader; with PreVote it does not.
#[test]
fn a_returning_node_does_not_depose_the_leader() {
    for (settings, deposed) in [(Settings::nodes(3), true), (pre_voting(), false)] {
        let mut nodes = Nodes::new(3, settings);
        nodes.elect(0);
        nodes.isolate(2);
        (0..5).for_each(|_| nodes.fire(2, Timer::Election));
        nodes.take_messages();
        nodes.heal();
        nodes.beat(0);
        assert_eq!(nodes.leaders().is_empty(), deposed);
        assert_eq!(nodes.raft(2).term() > Term(1), deposed);
    }
}

/// §9.6: a pre-vote changes no node's term or vote; a majority of pre-votes starts the real
/// election.
#[test]
fn a_pre_vote_promises_nothing() {
    let mut nodes = Nodes::new(3, pre_voting());
    nodes.fire(0, Timer::Election);
    assert_eq!((nodes.raft(0).role(), nodes.raft(0).term()), (Role::PreCandidate, Term(0)));
    let questions = nodes.take_messages();
    questions.into_iter().for_each(|(from, to, message)| nodes.deliver(from.0, to.0, message));
    for id in [1, 2] {
        assert_eq!((nodes.raft(id).term(), nodes.raft(id).vote()), (Term(0), None));
    }
    nodes.settle();
    assert_eq!((nodes.leaders(), nodes.raft(0).term()), (vec![0], Term(1)));
}

/// §9.6: a pre-vote is refused by a follower that hears a leader, by the leader, for an outdated
/// log, and for a stale term.
#[test]
fn a_pre_vote_is_refused_for_four_reasons() {
    let asked = |term, last| Message::RequestPreVote(RequestVote { term: Term(term), last, transfer: false });
    let mut nodes = Nodes::new(3, pre_voting());
    nodes.elect(0);
    let fresh = Position::new(9, 9);
    for (to, message, rule) in
        [(0, asked(2, fresh), RaftRule::RefusePreVoteLeader), (1, asked(2, fresh), RaftRule::RefusePreVoteLeader)]
    {
        nodes.deliver(2, to, message);
        assert_eq!(nodes.take_messages(), [(node(to), node(2), Message::PreVoteRefused { term: Term(1) })]);
        assert!(nodes.fired.remove(&rule).is_some());
    }
    nodes.fire(1, Timer::LeaderSilence);
    nodes.deliver(2, 1, asked(2, Position::default()));
    nodes.deliver(2, 1, asked(1, fresh));
    assert!(nodes.has_fired(RaftRule::RefusePreVoteOutdated) && nodes.has_fired(RaftRule::RefusePreVoteStaleTerm));
    nodes.take_messages();
    nodes.deliver(2, 1, asked(2, fresh));
    assert_eq!(nodes.take_messages(), [(node(1), node(2), Message::PreVoteGranted { term: Term(2) })]);
}

/// §9.6: a delayed pre-vote is not a vote, although it names the same term (canonical/raft #196).
#[test]
fn a_pre_vote_is_not_a_vote() {
    let mut nodes = Nodes::new(5, Settings { pre_vote: true, ..Settings::nodes(5) });
    nodes.fire(0, Timer::Election);
    let granted = Message::PreVoteGranted { term: Term(1) };
    nodes.deliver(1, 0, granted.clone());
    nodes.deliver(2, 0, granted.clone());
    assert_eq!(nodes.raft(0).role(), Role::Candidate);
    nodes.deliver(3, 0, granted.clone());
    nodes.deliver(4, 0, granted);
    assert_eq!(nodes.raft(0).role(), Role::Candidate);
}

/// §9.6: granting a pre-vote does not restart the election timeout (hashicorp/raft #609).
#[test]
fn granting_a_pre_vote_is_no_contact_with_a_leader() {
    let mut nodes = Nodes::new(3, pre_voting());
    nodes.fire(0, Timer::Election);
    nodes.take_messages();
    let asked = RequestVote { term: Term(1), last: Position::default(), transfer: false };
    nodes.fire(1, Timer::Election);
    nodes.take_messages();
    let before = nodes.due(1, Timer::Election);
    nodes.deliver(0, 1, Message::RequestPreVote(asked));
    assert!(nodes.has_fired(RaftRule::GrantPreVote));
    assert_eq!(nodes.due(1, Timer::Election), before);
}

/// §6.2: a leader that hears no majority for an election timeout steps down; one that does keeps
/// leading.
#[test]
fn a_leader_without_a_majority_steps_down() {
    let mut nodes = Nodes::new(3, checking());
    nodes.elect(0);
    nodes.fire(0, Timer::CheckQuorum);
    assert_eq!(nodes.leaders(), [0]);
    nodes.isolate(0);
    nodes.beat(0);
    nodes.fire(0, Timer::CheckQuorum);
    assert_eq!((nodes.leaders().len(), nodes.raft(0).term()), (0, Term(1)));
    assert!(nodes.is_armed(0, Timer::Election));
    assert_eq!(nodes.raft(0).vote(), Some(node(0)), "the vote of the term stays given");
}

/// Raft §6: a node that hears the leader ignores a candidate, including its term.
#[test]
fn a_candidate_is_disregarded_while_the_leader_is_heard() {
    let mut nodes = Nodes::new(3, checking());
    nodes.elect(0);
    nodes.fire(2, Timer::Election);
    nodes.settle();
    assert_eq!((nodes.leaders(), nodes.raft(1).term()), (vec![0], Term(1)));
    assert!(nodes.has_fired(RaftRule::DisregardCandidate));
    nodes.fire(1, Timer::LeaderSilence);
    nodes.isolate(0);
    nodes.fire(2, Timer::Election);
    nodes.settle();
    assert_eq!(nodes.leader(), Some(2), "after the minimum election timeout it is");
}

/// A node whose term is ahead is not stuck: its refusal tells the leader, and an election brings
/// all nodes to one term (etcd).
#[test]
fn a_candidate_that_was_disregarded_is_not_stuck() {
    let mut nodes = Nodes::new(3, checking());
    nodes.elect(0);
    nodes.fire(2, Timer::Election);
    nodes.settle();
    nodes.beat(0);
    assert!(nodes.leaders().is_empty(), "the leader has learnt the higher term");
    nodes.run_until(nodes.now + 2_000_000_000);
    let leader = nodes.leader().expect("there is a leader again");
    assert_eq!(nodes.raft(2).term(), nodes.raft(leader).term());
}

/// §3.10: the successor is brought up to date, receives TimeoutNow, and wins although all nodes
/// hear the leader.
#[test]
fn leadership_is_transferred_at_once() {
    let mut nodes = Nodes::new(3, Settings { pre_vote: true, ..checking() });
    nodes.elect(0);
    nodes.isolate(2);
    nodes.ask(0, add(1));
    nodes.settle();
    nodes.heal();
    let ticket = nodes.ask(0, Command::TransferLeadership(node(2)));
    assert!(!nodes.has_fired(RaftRule::SendTimeoutNow), "its log is not complete");
    nodes.settle();
    nodes.beat(0);
    assert_eq!(nodes.leaders(), [2]);
    assert_eq!(nodes.reply_to(ticket), Some(&Reply::SteppedAside(node(2))));
    assert_eq!(nodes.raft(2).commit(), LogIndex(3));
}

/// §3.10: a leader refuses requests during a transfer; if the transfer fails, it keeps leading.
#[test]
fn a_transfer_that_fails_is_given_up() {
    let mut nodes = Nodes::new(3, Settings::nodes(3));
    nodes.elect(0);
    nodes.isolate(2);
    let transfer = nodes.ask(0, Command::TransferLeadership(node(2)));
    let meanwhile = nodes.ask(0, add(1));
    let refused = Reply::Refused(Refusal::HandingOver { to: node(2) });
    assert_eq!(nodes.reply_to(meanwhile), Some(&refused));
    nodes.settle();
    nodes.fire(0, Timer::Transfer);
    let timed_out = Reply::Refused(Refusal::TransferTimedOut { to: node(2) });
    assert_eq!(nodes.reply_to(transfer), Some(&timed_out));
    let afterwards = nodes.ask(0, add(1));
    nodes.settle();
    assert_eq!(nodes.reply_to(afterwards), Some(&Reply::Applied(1)));
}

/// §3.10: leadership is transferred only to a voter that is not already the leader.
#[test]
fn leadership_goes_to_voters_only() {
    let mut nodes = Nodes::new(4, Settings { learners: vec![node(3)], ..Settings::nodes(3) });
    nodes.elect(0);
    let learner = nodes.ask(0, Command::TransferLeadership(node(3)));
    let itself = nodes.ask(0, Command::TransferLeadership(node(0)));
    assert_eq!(nodes.reply_to(learner), Some(&Reply::Refused(Refusal::NotAVoter(node(3)))));
    assert_eq!(nodes.reply_to(itself), Some(&Reply::SteppedAside(node(0))));
    assert_eq!(nodes.leaders(), [0]);
}

/// §3.10: a TimeoutNow of an earlier term is ignored.
#[test]
fn an_old_timeout_now_is_ignored() {
    let mut nodes = Nodes::with_disks(vec![Disk::new(Term(3), None, log(&[1])); 3], Settings::nodes(3));
    nodes.deliver(1, 0, Message::TimeoutNow { term: Term(2) });
    assert_eq!((nodes.raft(0).role(), nodes.raft(0).term()), (Role::Follower, Term(3)));
}

/// Cloudflare 2020: every other node reaches only A, and A still hears the old leader C. With
/// CheckQuorum, C steps down and A can win.
#[test]
fn partial_connectivity_resolves() {
    let mut nodes = Nodes::new(5, Settings { pre_vote: true, check_quorum: true, ..Settings::nodes(5) });
    nodes.elect(2);
    for (one, other) in [(1, 2), (1, 3), (1, 4), (2, 3), (2, 4), (3, 4)] {
        nodes.partition(&[one], &[other]);
    }
    nodes.run_until(nodes.now + 5_000_000_000);
    assert_eq!(nodes.leader(), Some(0));
    let ticket = nodes.ask(0, add(1));
    nodes.run_until(nodes.now + 100_000_000);
    assert_eq!(nodes.reply_to(ticket), Some(&Reply::Applied(1)));
}

/// A leader whose link works one way only, so that it gets no answers, does not lead forever.
#[test]
fn a_one_way_partition_resolves() {
    let mut nodes = Nodes::new(3, Settings { pre_vote: true, ..checking() });
    nodes.elect(0);
    nodes.cut_one_way(1, 0);
    nodes.cut_one_way(2, 0);
    nodes.run_until(nodes.now + 2_000_000_000);
    assert!(matches!(nodes.leader(), Some(1 | 2)), "{:?}", nodes.leaders());
}
