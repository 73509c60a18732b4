//! Raft §5.1: which answers count for a leader, and which end its term; dissertation §3.10: the
//! reply to a transfer's client.

use quorate_bugs::raft::CONFIG_BEFORE_COMMIT;
use quorate_protocol::Ruling;
use quorate_raft::{
    Add, AppendRefused, Appended, BY_THE_BOOK, Candidate, ChunkStored, Command, ConfigChange, Conflict, Counter, Disk,
    LogIndex, Membership, Message, Position, RaftRule, Refusal, Reply, Role, Settings, Term, Timer, Voter,
};

use crate::cluster::{Cluster, node};

type Nodes = Cluster<Counter>;

fn add(amount: i64) -> Command<Counter> {
    Command::Apply(Add(amount))
}

fn refusal(term: u64) -> Message<Counter> {
    let conflict = Conflict { term: None, first: LogIndex(1) };
    Message::AppendRefused(AppendRefused { term: Term(term), previous: LogIndex(1), conflict, round: 0 })
}

/// §5.1: an acknowledgement of an earlier term does not count, because the follower's log may have
/// changed since, even if the same node leads again.
#[test]
fn an_acknowledgement_of_an_earlier_term_counts_for_nothing() {
    let mut nodes = Nodes::new(3, Settings::nodes(3));
    nodes.elect(0);
    nodes.ask(0, add(1));
    nodes.take_messages();
    nodes.deliver(1, 0, refusal(2));
    nodes.fire(0, Timer::Election);
    nodes.deliver(1, 0, Message::VoteGranted { term: Term(3) });
    nodes.take_messages();
    let committed = nodes.raft(0).commit();
    for term in [1, 2] {
        nodes.deliver(1, 0, Message::Appended(Appended { term: Term(term), matched: LogIndex(3), round: 9 }));
    }
    assert_eq!((nodes.raft(0).commit(), nodes.view(0).followers[&node(1)].matched), (committed, LogIndex(0)));
    nodes.deliver(1, 0, Message::Appended(Appended { term: Term(3), matched: LogIndex(3), round: 0 }));
    assert_eq!(nodes.raft(0).commit(), LogIndex(3));
}

/// §5.3: a follower cannot acknowledge more entries than the leader's log has.
#[test]
fn an_acknowledgement_covers_no_more_than_the_log() {
    let mut nodes = Nodes::new(3, Settings::nodes(3));
    nodes.elect(0);
    nodes.deliver(1, 0, Message::Appended(Appended { term: Term(1), matched: LogIndex(99), round: 0 }));
    assert_eq!(nodes.view(0).followers[&node(1)].matched, LogIndex(1));
}

/// §5.1: any answer with a higher term ends the leader's term.
#[test]
fn every_answer_with_a_higher_term_ends_a_leaders_term() {
    let (term, matched, last) = (Term(9), LogIndex(1), LogIndex(1));
    for answer in [
        Message::Appended(Appended { term, matched, round: 0 }),
        refusal(9),
        Message::ChunkStored(ChunkStored { term, last, stored: 1, round: 0 }),
        Message::VoteRefused { term },
        Message::PreVoteRefused { term },
    ] {
        let mut nodes = Nodes::new(3, Settings::nodes(3));
        nodes.elect(0);
        nodes.deliver(1, 0, answer.clone());
        assert_eq!((nodes.raft(0).role(), nodes.raft(0).term()), (Role::Follower, term), "{answer:?}");
    }
}

/// Dissertation §3.10: a transfer is reported as done only if TimeoutNow was sent to the successor
/// and a new term has begun since.
#[test]
fn a_transfer_is_reported_done_only_if_the_successor_was_told() {
    let redirected = Some(&Reply::Redirect { leader: None });
    let mut nodes = Nodes::new(3, Settings { check_quorum: true, ..Settings::nodes(3) });
    nodes.elect(0);
    nodes.ask(0, add(1));
    nodes.take_messages();
    let ticket = nodes.ask(0, Command::TransferLeadership(node(2)));
    assert!(!nodes.has_fired(RaftRule::SendTimeoutNow), "n3 lacks an entry");
    nodes.deliver(1, 0, refusal(2));
    assert_eq!(nodes.reply_to(ticket), redirected, "another term began, and n3 was told nothing");

    let mut nodes = Nodes::new(3, Settings { check_quorum: true, ..Settings::nodes(3) });
    nodes.elect(0);
    nodes.fire(0, Timer::CheckQuorum);
    let ticket = nodes.ask(0, Command::TransferLeadership(node(2)));
    assert!(nodes.has_fired(RaftRule::SendTimeoutNow));
    nodes.fire(0, Timer::CheckQuorum);
    assert!(nodes.leaders().is_empty());
    assert_eq!(nodes.reply_to(ticket), redirected, "n1 gave up in its own term, for want of a majority");
}

/// Dissertation §3.10: TimeoutNow is obeyed only by a voter that follows; a leader ignores it.
#[test]
fn neither_a_learner_nor_a_leader_obeys_a_timeout_now() {
    let mut nodes = Nodes::new(4, Settings { learners: vec![node(3)], ..Settings::nodes(3) });
    nodes.elect(0);
    nodes.deliver(0, 3, Message::TimeoutNow { term: Term(1) });
    nodes.deliver(1, 0, Message::TimeoutNow { term: Term(1) });
    assert_eq!((nodes.raft(3).role(), nodes.raft(3).term()), (Role::Follower, Term(1)));
    assert_eq!((nodes.leaders(), nodes.raft(0).term()), (vec![0], Term(1)));
}

/// §4.2.1: a learner that lacks exactly the permitted number of entries is made a voter; one that
/// lacks one more is not.
#[test]
fn a_learner_may_lack_as_much_as_is_allowed_and_no_more() {
    for (missing, promoted) in [(3, true), (4, false)] {
        let settings = Settings { promotion_lag: 3, learners: vec![node(3)], ..Settings::nodes(3) };
        let mut nodes = Nodes::new(4, settings);
        nodes.elect(0);
        nodes.crash(3);
        (0..missing).for_each(|_| {
            nodes.ask(0, add(1));
            nodes.settle();
        });
        let ticket = nodes.ask(0, Command::ChangeMembership(ConfigChange::AddVoter(node(3))));
        let behind = Reply::Refused(Refusal::LearnerBehind { node: node(3), lacks: missing, limit: 3 });
        assert_eq!(nodes.reply_to(ticket) != Some(&behind), promoted, "{missing} entries are missing");
    }
}

/// §4.2.1: a leader that is a learner lacks nothing of its own log. It is one only under a rulebook
/// that lets it remove and add itself without waiting for either to be committed.
#[test]
fn a_leader_that_learns_lacks_nothing() {
    let disks = vec![Disk::default(); 3];
    let mut nodes =
        Nodes::under(CONFIG_BEFORE_COMMIT.rules, disks, Settings { promotion_lag: 0, ..Settings::nodes(3) });
    nodes.elect(0);
    for change in [ConfigChange::Remove, ConfigChange::AddLearner, ConfigChange::AddVoter] {
        nodes.ask(0, Command::ChangeMembership(change(node(0))));
    }
    assert!(!nodes.has_fired(RaftRule::RefusePromotion));
    assert_eq!(nodes.raft(0).membership(), &Membership::new([0, 1, 2].map(node), []));
}

/// Dissertation §9.6: a pre-vote is for a term above the voter's own.
#[test]
fn a_pre_vote_for_a_term_that_has_begun_is_refused() {
    let last = Position::new(4, 2);
    let me = Voter { term: Term(3), vote: None, last, hears_leader: false, leads: false };
    let asks = |term| BY_THE_BOOK.pre_vote(Candidate { node: node(1), term: Term(term), last }, me);
    for term in [2, 3] {
        assert_eq!(asks(term), Ruling::Refuse(RaftRule::RefusePreVoteStaleTerm));
    }
    assert_eq!(asks(4), Ruling::Allow(RaftRule::GrantPreVote));
}

/// Decisions that no single message can test: the papers' answers, case by case.
#[test]
fn the_rulebook_decides_case_by_case() {
    let (rules, at) = (BY_THE_BOOK, LogIndex);
    let allows = |ruling: Ruling<RaftRule>| ruling.allows();
    // §6.4 of the dissertation: confirmed since the query arrived, and applied up to the read
    // index.
    let served =
        [(true, 4), (true, 3), (false, 4)].map(|(confirmed, applied)| rules.serves_read(confirmed, at(applied), at(4)));
    assert_eq!(served, [true, false, false]);
    // §7: only a snapshot that covers more than is committed.
    assert_eq!([3, 4, 5].map(|last| allows(rules.installs(at(last), at(4)))), [false, false, true]);
    // §5.1: only in the term in which the answer was given.
    assert_eq!([1, 2, 3].map(|term| allows(rules.counts_answer(Term(term), Term(2)))), [false, true, false]);
    // §5.4.2: counted only in the leader's own term, and never decreasing.
    let term_at = |index: LogIndex| Some(Term(index.0));
    let commit = [3, 4, 5].map(|replicated| rules.leader_commit(at(4), at(replicated), Term(5), &term_at));
    assert_eq!(commit, [at(4), at(4), at(5)]);
    assert_eq!(rules.leader_commit(at(4), at(6), Term(5), &term_at), at(4));
    // §5.3: a refusal above the match index, and of the index that was probed.
    let heeds = |refused, probing: Option<u64>| allows(rules.heeds_refusal(at(refused), at(4), probing.map(at)));
    assert_eq!([heeds(4, None), heeds(5, None), heeds(5, Some(5)), heeds(6, Some(5))], [false, true, true, false]);
}
