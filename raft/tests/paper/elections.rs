//! Raft §5.1 (terms), §5.2 (leader election), §5.4.1 (election restriction).

use quorate_protocol::{Constants, Input, Machine, Outbox};
use quorate_raft::{
    Counter, Disk, Entry, Log, Message, Payload, Position, Raft, RaftRule, RequestVote, Role, Settings, Term, Timer,
};

use crate::cluster::{Cluster, node};

type Nodes = Cluster<Counter>;

pub(crate) fn log(terms: &[u64]) -> Log<Counter> {
    let mut log = Log::default();
    terms.iter().for_each(|&term| log.push(Entry { term: Term(term), payload: Payload::Noop }));
    log
}

fn vote_request(term: u64, last: (u64, u64)) -> Message<Counter> {
    Message::RequestVote(RequestVote { term: Term(term), last: Position::new(last.0, last.1), transfer: false })
}

/// §5.2: servers start as followers and wait for an election timeout.
#[test]
fn a_node_starts_as_a_follower() {
    let nodes = Nodes::new(3, Settings::nodes(3));
    for id in nodes.ids() {
        assert_eq!((nodes.raft(id).role(), nodes.raft(id).term()), (Role::Follower, Term(0)));
        assert!(nodes.is_armed(id, Timer::Election) && !nodes.is_armed(id, Timer::Heartbeat));
    }
}

/// §5.2: after an election timeout a server starts a new term, votes for itself, and sends
/// RequestVote to every other server.
#[test]
fn an_election_timeout_starts_an_election() {
    let mut nodes = Nodes::new(3, Settings::nodes(3));
    nodes.fire(0, Timer::Election);
    let raft = nodes.raft(0);
    assert_eq!((raft.role(), raft.term(), raft.vote()), (Role::Candidate, Term(1), Some(node(0))));
    let to: Vec<_> = nodes.take_messages().into_iter().map(|(_, to, message)| (to, message)).collect();
    assert_eq!(to, [(node(1), vote_request(1, (0, 0))), (node(2), vote_request(1, (0, 0)))]);
    assert!(nodes.is_armed(0, Timer::Election), "a split vote needs another timeout");
}

/// §5.2: a candidate with the votes of a majority becomes leader and sends heartbeats at once.
#[test]
fn a_majority_of_votes_makes_a_leader() {
    let mut nodes = Nodes::new(5, Settings::nodes(5));
    nodes.partition(&[0, 1, 2], &[3, 4]);
    nodes.elect(0);
    assert_eq!(nodes.leaders(), [0]);
    assert_eq!(nodes.raft(2).leader(), Some(node(0)));
    assert!(nodes.is_armed(0, Timer::Heartbeat) && !nodes.is_armed(0, Timer::Election));
}

/// §5.2: two votes of five are no majority.
#[test]
fn a_minority_of_votes_makes_none() {
    let mut nodes = Nodes::new(5, Settings::nodes(5));
    nodes.partition(&[0, 1], &[2, 3, 4]);
    nodes.fire(0, Timer::Election);
    nodes.settle();
    assert_eq!((nodes.raft(0).role(), nodes.leaders().len()), (Role::Candidate, 0));
}

/// §5.2: a server votes for at most one candidate per term, first-come-first-served; the same
/// candidate may ask again.
#[test]
fn one_vote_per_term() {
    let mut nodes = Nodes::new(3, Settings::nodes(3));
    nodes.deliver(1, 0, vote_request(1, (0, 0)));
    nodes.deliver(2, 0, vote_request(1, (0, 0)));
    nodes.deliver(1, 0, vote_request(1, (0, 0)));
    let answers: Vec<_> = nodes.take_messages().into_iter().map(|(_, to, message)| (to, message)).collect();
    let granted = (node(1), Message::VoteGranted { term: Term(1) });
    assert_eq!(answers, [granted.clone(), (node(2), Message::VoteRefused { term: Term(1) }), granted]);
}

/// §5.1: a request with a stale term is refused.
#[test]
fn no_vote_in_a_stale_term() {
    let mut nodes = Nodes::new(3, Settings::nodes(3));
    nodes.deliver(1, 0, vote_request(4, (0, 0)));
    nodes.take_messages();
    nodes.deliver(2, 0, vote_request(3, (9, 3)));
    assert_eq!(nodes.take_messages(), [(node(0), node(2), Message::VoteRefused { term: Term(4) })]);
    assert!(nodes.has_fired(RaftRule::RefuseVoteStaleTerm));
}

/// Figure 2: term and vote are durable before the answer, so a restarted voter keeps its vote.
#[test]
fn a_vote_survives_a_restart() {
    let mut nodes = Nodes::new(3, Settings::nodes(3));
    nodes.deliver(1, 0, vote_request(1, (0, 0)));
    nodes.restart(0);
    nodes.take_messages();
    nodes.deliver(2, 0, vote_request(1, (0, 0)));
    assert_eq!(nodes.take_messages(), [(node(0), node(2), Message::VoteRefused { term: Term(1) })]);
    assert_eq!(nodes.raft(0).vote(), Some(node(1)));
}

/// §5.4.1: the later last term is more up to date; with equal terms the longer log.
#[test]
fn votes_go_to_logs_at_least_as_up_to_date() {
    let cases: [(&[u64], (u64, u64), bool); 7] = [
        (&[1], (1, 1), true),
        (&[1], (1, 2), true),
        (&[1, 1], (1, 2), true),
        (&[1], (2, 1), true),
        (&[2], (1, 1), false),
        (&[2], (9, 1), false),
        (&[1, 1], (1, 1), false),
    ];
    for (mine, theirs, expected) in cases {
        let mut out = Outbox::new();
        let config = Settings::nodes(3).build().unwrap();
        let disk = Disk::new(Term(2), None, log(mine));
        let constants = Constants::new(config);
        let cx = constants.of(node(0), ());
        let mut raft = Raft::<Counter>::boot(&cx, &disk, &mut out);
        out.clear();
        raft.step(&cx, Input::Deliver { from: node(1), message: vote_request(3, theirs) }, &mut out);
        assert_eq!(raft.vote() == Some(node(1)), expected, "{mine:?} and {theirs:?}");
    }
}

/// §5.2: a candidate that hears the leader of its own term becomes its follower.
#[test]
fn a_candidate_follows_the_leader_of_its_term() {
    let mut nodes = Nodes::new(3, Settings::nodes(3));
    nodes.fire(0, Timer::Election);
    nodes.take_messages();
    nodes.isolate(0);
    nodes.elect(1);
    assert_eq!((nodes.raft(0).role(), nodes.raft(0).term()), (Role::Candidate, Term(1)));
    nodes.heal();
    nodes.beat(1);
    assert_eq!((nodes.raft(0).role(), nodes.raft(0).leader()), (Role::Follower, Some(node(1))));
    assert_eq!(nodes.raft(0).vote(), Some(node(0)), "the vote of the term stays given");
    assert!(nodes.has_fired(RaftRule::RecognizeLeader));
}

/// §5.2: after a split vote, all nodes time out again, and the next term has its own election.
#[test]
fn a_split_vote_resolves_in_the_next_term() {
    let mut nodes = Nodes::new(4, Settings::nodes(4));
    nodes.fire(0, Timer::Election);
    nodes.fire(1, Timer::Election);
    let requests = nodes.take_messages();
    for (from, to, message) in requests {
        if (from == node(0) && to == node(2)) || (from == node(1) && to == node(3)) {
            nodes.deliver(from.0, to.0, message);
        }
    }
    nodes.settle();
    assert!(nodes.leaders().is_empty());
    nodes.elect(2);
    assert_eq!(nodes.raft(2).term(), Term(2));
}

/// §5.1: a leader or candidate that sees a higher term adopts it and becomes a follower.
#[test]
fn a_higher_term_turns_leaders_and_candidates_into_followers() {
    let mut nodes = Nodes::new(3, Settings::nodes(3));
    nodes.elect(0);
    nodes.fire(1, Timer::Election);
    nodes.deliver(2, 0, vote_request(7, (9, 6)));
    nodes.deliver(2, 1, vote_request(7, (9, 6)));
    for id in [0, 1] {
        assert_eq!((nodes.raft(id).role(), nodes.raft(id).term()), (Role::Follower, Term(7)));
        assert!(nodes.is_armed(id, Timer::Election) && !nodes.is_armed(id, Timer::Heartbeat));
    }
}

/// §5.2: a vote of an earlier term does not count, nor does one that arrives after the election.
#[test]
fn late_votes_do_not_count() {
    let mut nodes = Nodes::new(3, Settings::nodes(3));
    nodes.fire(0, Timer::Election);
    nodes.fire(0, Timer::Election);
    nodes.deliver(1, 0, Message::VoteGranted { term: Term(1) });
    assert_eq!(nodes.raft(0).role(), Role::Candidate, "term 1 is over");
    nodes.deliver(1, 0, Message::VoteGranted { term: Term(2) });
    assert_eq!(nodes.raft(0).role(), Role::Leader);
    nodes.deliver(2, 0, Message::VoteGranted { term: Term(2) });
    assert_eq!(nodes.elections(), 1);
}

/// §5.2: the same vote delivered twice is one vote.
#[test]
fn a_duplicated_vote_counts_once() {
    let mut nodes = Nodes::new(5, Settings::nodes(5));
    nodes.fire(0, Timer::Election);
    nodes.deliver(1, 0, Message::VoteGranted { term: Term(1) });
    nodes.deliver(1, 0, Message::VoteGranted { term: Term(1) });
    assert_eq!(nodes.raft(0).role(), Role::Candidate);
}

/// §5.2: granting a vote restarts the election timeout; refusing one does not.
#[test]
fn only_a_granted_vote_restarts_the_timeout() {
    let config = Settings::nodes(3).build().unwrap();
    let mut out = Outbox::new();
    let constants = Constants::new(config);
    let cx = constants.of(node(0), ());
    let mut raft = Raft::<Counter>::boot(&cx, &Disk::default(), &mut out);
    let arms = |out: &Outbox<Raft<Counter>>| {
        out.effects().iter().filter(|effect| matches!(effect, quorate_protocol::Effect::Arm { .. })).count()
    };
    for (candidate, restarts) in [(1, 1), (2, 0)] {
        out.clear();
        raft.step(&cx, Input::Deliver { from: node(candidate), message: vote_request(1, (0, 0)) }, &mut out);
        assert_eq!(arms(&out), restarts, "candidate {candidate}");
    }
}

/// A cluster of one elects itself and commits without sending messages.
#[test]
fn a_lone_voter_elects_itself() {
    let mut nodes = Nodes::new(1, Settings::nodes(1));
    nodes.elect(0);
    assert_eq!(nodes.commits(), [1]);
}
