//! *Paxos Made Simple* §2.3: learning a chosen value, and answering clients.

use quorate_paxos::{Ballot, Command, Config, Fact, Message, Paxos, PaxosRule, Reply, Timer, Value};
use quorate_protocol::{Delay, Duration, Effect};

use crate::cluster::{A, B, C, Cluster, L, M, X, Y, Z, apart};

type Basic = Cluster<Paxos>;

fn chosen(round: u64, node: quorate_protocol::NodeId, value: &str) -> Message {
    Message::Chosen { ballot: Ballot::new(round, node), value: Value::from(value) }
}

fn vote(round: u64, node: quorate_protocol::NodeId, value: &str) -> Message {
    Message::Accepted { ballot: Ballot::new(round, node), value: Value::from(value) }
}

/// A learner learns when a quorum has accepted one ballot: not before, and only once.
#[test]
fn a_value_is_learned_with_the_quorums_last_vote() {
    let mut cluster = Basic::paxos(&apart());
    let first = cluster.deliver(X, L, vote(1, A, "8"));
    assert_eq!(first.rules, [PaxosRule::CountVote]);
    let again = cluster.deliver(X, L, vote(1, A, "8"));
    assert_eq!((again.rules, again.effects), (vec![PaxosRule::RepeatedVote], vec![]));
    assert_eq!(cluster.chosen(L), None);
    let second = cluster.deliver(Y, L, vote(1, A, "8"));
    let fact = Fact::Chosen { ballot: Ballot::new(1, A), value: Value::from("8") };
    assert_eq!(second.rules, [PaxosRule::LearnChosen]);
    assert_eq!(
        second.effects,
        [Effect::Emit(fact), Effect::Disarm(Timer::CatchUp), Effect::Send { to: A, message: chosen(1, A, "8") }]
    );
    let third = cluster.deliver(Z, L, vote(1, A, "8"));
    assert_eq!((third.rules, third.effects), (vec![PaxosRule::LateVote], vec![]));
}

/// Votes of different ballots are not votes for the same proposal, even if the value is the same.
#[test]
fn votes_of_different_ballots_do_not_add_up() {
    let mut cluster = Basic::paxos(&apart());
    cluster.deliver(X, L, vote(1, A, "8"));
    let other = cluster.deliver(Y, L, vote(3, C, "8"));
    assert_eq!(other.rules, [PaxosRule::CountVote]);
    assert_eq!(cluster.chosen(L), None);
    let overtaken = cluster.deliver(Y, L, vote(1, A, "8"));
    assert_eq!((overtaken.rules, overtaken.effects), (vec![PaxosRule::OlderVote], vec![]));
    assert_eq!(cluster.chosen(L), None);
}

/// A later proposer finds out the chosen value, and its client gets that one.
#[test]
fn a_client_may_be_answered_with_anothers_value() {
    let mut cluster = Basic::paxos(&apart());
    let (first, _) = cluster.propose(A, "8");
    cluster.settle();
    let (second, _) = cluster.propose_in(B, "9", 2);
    cluster.settle();
    let eight = Reply::Chosen { value: Value::from("8") };
    assert_eq!(cluster.replies, [(first, eight.clone()), (second, eight)]);
    assert!(cluster.fired.contains(&PaxosRule::ChosenAgain));
    assert_eq!(cluster.violations, []);
}

/// A request for a value already known is answered at once, without another ballot.
#[test]
fn a_known_choice_is_answered_at_once() {
    let mut cluster = Basic::paxos(&apart());
    cluster.propose(A, "8");
    cluster.settle();
    let (ticket, done) = cluster.propose(A, "9");
    assert_eq!(done.rules, [PaxosRule::AnswerAtOnce]);
    assert_eq!(done.effects, [Effect::Reply { ticket, reply: Reply::Chosen { value: Value::from("8") } }]);
}

/// A client's retry is not proposed twice in parallel; requests of other clients wait for the
/// outcome.
#[test]
fn requests_in_the_meantime_wait() {
    let mut cluster = Basic::paxos(&apart());
    let (first, _) = cluster.propose(A, "8");
    let again = cluster.ask_again(A, first, Command::Propose { value: Value::from("8"), round: None });
    assert_eq!((again.rules, again.effects), (vec![PaxosRule::RepeatedRequest], vec![]));
    let (second, joined) = cluster.propose(A, "9");
    assert_eq!((joined.rules, joined.effects), (vec![PaxosRule::JoinProposal], vec![]));
    cluster.settle();
    let eight = Reply::Chosen { value: Value::from("8") };
    assert_eq!(cluster.replies, [(first, eight.clone()), (second, eight)]);
}

/// A learner that missed the votes asks the acceptors, and counts their votes.
#[test]
fn a_learner_that_missed_the_votes_asks_the_acceptors() {
    let mut cluster = Basic::paxos(&apart());
    cluster.propose(A, "8");
    cluster.settle_without(&[L]);
    assert_eq!(cluster.chosen(L), None);
    let done = cluster.fire(L, Timer::CatchUp);
    assert_eq!(done.rules, [PaxosRule::AskForNews]);
    assert_eq!(done.sent(), [X, Y, Z].map(|acceptor| (acceptor, Message::AskAccepted)));
    assert!(cluster.timers.contains_key(&(L, Timer::CatchUp)), "it keeps asking until it knows");
    cluster.settle();
    assert_eq!(cluster.chosen(L), Some("8"));
    assert_eq!(cluster.chosen(A), Some("8"));
    assert!(!cluster.timers.contains_key(&(L, Timer::CatchUp)));
}

/// A learner that was told nothing asks after a second at the earliest, and after two at the
/// latest: the time is drawn, so that learners do not all ask at once.
#[test]
fn learners_do_not_all_ask_at_once() {
    let mut cluster = Basic::paxos(&Config::new([A], [X, Y, Z], [L, M]).unwrap());
    let drawn = Delay::from(Duration::from_secs(1)..Duration::from_secs(2));
    assert_eq!([L, M].map(|learner| cluster.timers[&(learner, Timer::CatchUp)]), [drawn; 2]);
    cluster.fire(L, Timer::CatchUp);
    assert_eq!(cluster.timers[&(L, Timer::CatchUp)], drawn, "and so every time");
}

/// A learner may also learn from another learner. A learner that knows nothing and an acceptor
/// without a vote do not answer.
#[test]
fn a_learner_that_missed_the_votes_asks_the_other_learners() {
    let config = Config::new([A], [X, Y, Z], [L, M]).unwrap();
    let mut cluster = Basic::paxos(&config);
    cluster.fire(M, Timer::CatchUp);
    cluster.settle();
    assert!(cluster.fired.contains(&PaxosRule::NothingChosen));
    assert!(cluster.fired.contains(&PaxosRule::NothingAccepted));
    cluster.propose(A, "8");
    cluster.settle_without(&[M]);
    cluster.fire(M, Timer::CatchUp);
    cluster.settle_without(&[X, Y, Z]);
    assert_eq!(cluster.chosen(M), Some("8"));
    assert!(cluster.fired.contains(&PaxosRule::LearnFromLearner));
}

/// With a distinguished learner, acceptors inform it alone, and it informs the others and the
/// proposer.
#[test]
fn a_distinguished_learner_tells_the_others() {
    let config = Config::builder([A, B], [X, Y, Z], [L, M]).distinguished_learner(L).build().unwrap();
    let mut cluster = Basic::paxos(&config);
    let (ticket, _) = cluster.propose(A, "8");
    cluster.exchange(A, &[X, Y, Z]);
    let voted = cluster.pass(A, X);
    assert_eq!(voted.sent(), [(L, vote(1, A, "8"))]);
    cluster.pass(A, Y);
    cluster.pass(X, L);
    let learned = cluster.pass(Y, L);
    assert_eq!(learned.sent(), [(M, chosen(1, A, "8")), (A, chosen(1, A, "8"))]);
    cluster.settle();
    assert_eq!(cluster.chosen(M), Some("8"));
    assert_eq!(cluster.replies, [(ticket, Reply::Chosen { value: Value::from("8") })]);
}

/// A proposer that missed the announcement starts another ballot, which can only choose the same
/// value, and then learns it.
#[test]
fn a_proposer_that_missed_the_news_hears_of_it_with_its_next_ballot() {
    let mut cluster = Basic::paxos(&apart());
    let (ticket, _) = cluster.propose(A, "8");
    cluster.exchange(A, &[X, Y]);
    cluster.exchange(A, &[X, Y]);
    cluster.tell(&[X, Y], L);
    assert_eq!(cluster.take(L, A).message, chosen(1, A, "8"));
    cluster.flying.clear();
    assert_eq!(cluster.replies, []);
    cluster.fire(A, Timer::Retry);
    cluster.settle();
    assert_eq!(cluster.replies, [(ticket, Reply::Chosen { value: Value::from("8") })]);
    let learned = cluster.facts.iter().filter(|(_, fact)| matches!(fact, Fact::Chosen { .. })).count();
    assert_eq!(learned, 1, "the same news is a fact once");
}

/// A proposer on a learner's node is informed by that learner; a second announcement has no effect.
#[test]
fn a_learner_tells_the_proposer_on_its_own_node() {
    let mut cluster = Basic::paxos(&Config::symmetric(3).unwrap());
    cluster.propose(A, "8");
    cluster.settle();
    for node in [A, B, C] {
        let (_, done) = cluster.propose(node, "9");
        assert_eq!(done.rules, [PaxosRule::AnswerAtOnce]);
    }
    let told = cluster.deliver(B, A, chosen(1, A, "8"));
    assert_eq!(told.rules, [PaxosRule::NothingLeftToDo; 2]);
    assert_eq!(told.effects, []);
}

/// A proposer that learns counts the votes itself, so nobody else has to tell it: a learner tells
/// the proposer on its own node alone.
#[test]
fn a_proposer_that_learns_is_told_by_no_other_node() {
    let mut cluster = Basic::paxos(&Config::symmetric(3).unwrap());
    cluster.propose(A, "8");
    let mut told = Vec::new();
    while !cluster.flying.is_empty() {
        let sent = cluster.flying.remove(0);
        if matches!(sent.message, Message::Chosen { .. }) {
            told.push((sent.from, sent.to));
        }
        cluster.deliver(sent.from, sent.to, sent.message);
    }
    told.sort_unstable();
    assert_eq!(told, [(A, A), (B, B), (C, C)]);
}
