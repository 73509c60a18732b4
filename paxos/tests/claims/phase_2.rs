//! *Paxos Made Simple* §2.2, phase 2: accept and accepted, with P1a and P2c by name.

use quorate_paxos::{Ballot, Fact, Message, Paxos, PaxosRule, Proposal, Record, Value};
use quorate_protocol::Effect;

use crate::cluster::{A, B, C, Cluster, L, X, Y, Z, apart};

type Basic = Cluster<Paxos>;

fn proposal(round: u64, node: quorate_protocol::NodeId, value: &str) -> Proposal {
    Proposal { ballot: Ballot::new(round, node), value: Value::from(value) }
}

/// Phase 2(a): no proposal before a quorum has promised.
#[test]
fn phase_2a_waits_for_a_quorum() {
    let mut cluster = Basic::paxos(&apart());
    cluster.propose(A, "8");
    cluster.pass(A, X);
    cluster.pass(A, Y);
    let first = cluster.pass(X, A);
    assert_eq!((first.rules, first.effects), (vec![PaxosRule::CountPromise], vec![]));
    assert_eq!(first.whys, ["1 of 2 promises for 1.n1"]);
    let second = cluster.pass(Y, A);
    let accept = Message::Accept { ballot: Ballot::new(1, A), value: Value::from("8") };
    assert_eq!(second.rules, [PaxosRule::ProposeFreely]);
    assert_eq!(second.sent(), [X, Y, Z].map(|acceptor| (acceptor, accept.clone())));
}

/// Phase 2(a): a quorum is a set, so a duplicated promise counts once.
#[test]
fn phase_2a_a_repeated_promise_counts_once() {
    let mut cluster = Basic::paxos(&apart());
    cluster.propose(A, "8");
    cluster.pass(A, X);
    let promise = cluster.flying.last().unwrap().message.clone();
    cluster.pass(X, A);
    let again = cluster.deliver(X, A, promise);
    assert_eq!((again.rules, again.effects), (vec![PaxosRule::RepeatedPromise], vec![]));
}

/// Phase 2(a): promises of an earlier ballot do not count for a later one.
#[test]
fn phase_2a_a_promise_counts_for_its_own_ballot() {
    let mut cluster = Basic::paxos(&apart());
    cluster.propose(A, "8");
    cluster.pass(A, X);
    cluster.fire(A, quorate_paxos::Timer::Retry);
    let late = cluster.pass(X, A);
    assert_eq!((late.rules, late.effects), (vec![PaxosRule::StaleReply], vec![]));
    assert_eq!(late.whys, ["n4 promised 1.n1, this is phase 1 of 2.n1"]);
}

/// P2c: a quorum that has accepted nothing leaves the proposer free to choose.
#[test]
fn p2c_without_reports_the_own_value() {
    let mut cluster = Basic::paxos(&apart());
    cluster.propose(A, "8");
    cluster.settle();
    assert_eq!(cluster.chosen(L), Some("8"));
    assert!(cluster.fired.contains(&PaxosRule::ProposeFreely));
    assert!(!cluster.fired.contains(&PaxosRule::ProposeReported));
}

/// P2c: of several reported proposals, the one of the highest ballot is proposed again, in whatever
/// order the promises arrive.
#[test]
fn p2c_value_of_the_highest_numbered_proposal() {
    for order in [[X, Y], [Y, X]] {
        let mut cluster = Basic::paxos(&apart());
        cluster.propose_in(A, "8", 1);
        cluster.exchange(A, &[X, Y]);
        cluster.pass(A, Z);
        cluster.pass(A, X);
        cluster.lose(A);
        cluster.propose_in(B, "9", 2);
        cluster.exchange(B, &[Y, Z]);
        cluster.pass(B, X);
        cluster.pass(B, Y);
        cluster.lose(B);
        assert_eq!(cluster.node(X).accepted(), Some(&proposal(1, A, "8")));
        assert_eq!(cluster.node(Y).accepted(), Some(&proposal(2, B, "9")));

        cluster.propose_in(C, "7", 3);
        cluster.exchange(C, &order);
        let asked = cluster.take(C, Z);
        assert_eq!(asked.message, Message::Prepare { ballot: Ballot::new(3, C) });
        let accept = cluster.take(C, Z);
        assert_eq!(accept.message, Message::Accept { ballot: Ballot::new(3, C), value: Value::from("9") });
    }
}

/// Phase 2(b): a vote is durable before the learners are informed, and is reported as a fact.
#[test]
fn phase_2b_a_vote_is_durable_before_it_is_told() {
    let mut cluster = Basic::paxos(&apart());
    cluster.propose(A, "8");
    cluster.exchange(A, &[X, Y]);
    cluster.take(A, Z);
    let done = cluster.pass(A, X);
    let (ballot, value) = (Ballot::new(1, A), Value::from("8"));
    assert_eq!(done.rules, [PaxosRule::Accept]);
    assert_eq!(
        done.effects,
        [
            Effect::Persist(Record::Accepted { ballot, value: value.clone() }),
            Effect::Emit(Fact::Accepted { ballot, value: value.clone() }),
            Effect::Send { to: L, message: Message::Accepted { ballot, value } },
        ]
    );
}

/// P1a: an acceptor accepts a proposal unless it has promised a higher ballot, even without a
/// prepare.
#[test]
fn p1a_the_first_proposal_is_accepted_and_raises_the_promise() {
    let mut cluster = Basic::paxos(&apart());
    cluster.propose(A, "8");
    cluster.exchange(A, &[X, Y]);
    cluster.take(A, Z);
    let done = cluster.pass(A, Z);
    let (ballot, value) = (Ballot::new(1, A), Value::from("8"));
    assert_eq!(done.records(), [Record::Promised { ballot }, Record::Accepted { ballot, value }]);
    assert_eq!(cluster.node(Z).promised(), Some(ballot));
    let lower = cluster.deliver(A, Z, Message::Prepare { ballot: Ballot::new(0, B) });
    assert_eq!(lower.rules, [PaxosRule::RefusePrepare]);
}

/// P1a: a proposal below the promise is refused, and its proposer is informed.
#[test]
fn p1a_a_proposal_below_the_promise_is_refused() {
    let mut cluster = Basic::paxos(&apart());
    cluster.propose(A, "8");
    cluster.exchange(A, &[X, Y]);
    cluster.propose_in(B, "9", 2);
    cluster.pass(B, X);
    let done = cluster.pass(A, X);
    let (ballot, promised) = (Ballot::new(1, A), Ballot::new(2, B));
    assert_eq!(done.rules, [PaxosRule::RefuseAccept]);
    assert_eq!(done.effects, [Effect::Send { to: A, message: Message::Refused { ballot, promised } }]);
    assert_eq!(cluster.node(X).accepted(), None);
}

/// Phase 2(b), P2c: a vote in a higher ballot replaces the previous one, on disk as well, and is
/// reported by the next promise.
#[test]
fn phase_2b_a_later_vote_replaces_an_earlier_one() {
    let mut cluster = Basic::paxos(&apart());
    for (round, proposer, value) in [(1, A, "8"), (2, B, "9")] {
        let (ballot, value) = (Ballot::new(round, proposer), Value::from(value));
        assert_eq!(cluster.deliver(proposer, X, Message::Accept { ballot, value }).rules, [PaxosRule::Accept]);
    }
    for _ in 0..2 {
        assert_eq!(cluster.node(X).accepted(), Some(&proposal(2, B, "9")));
        cluster.crash(X);
        cluster.restart(X);
    }
    let ballot = Ballot::new(3, C);
    let promised = cluster.deliver(C, X, Message::Prepare { ballot });
    assert_eq!(promised.sent(), [(C, Message::Promise { ballot, accepted: Some(proposal(2, B, "9")) })]);
}

/// §2.1: messages can be duplicated. A repeated proposal gets the same vote again, without another
/// write or fact.
#[test]
fn phase_2b_a_repeated_proposal_gets_the_same_vote_again() {
    let mut cluster = Basic::paxos(&apart());
    cluster.propose(A, "8");
    cluster.exchange(A, &[X, Y]);
    cluster.take(A, Z);
    let accept = cluster.take(A, X).message;
    let first = cluster.deliver(A, X, accept.clone());
    let again = cluster.deliver(A, X, accept);
    assert_eq!(again.rules, [PaxosRule::AcceptAgain]);
    assert_eq!(again.records(), []);
    assert_eq!(again.sent(), first.sent());
}

/// P2: once a value is chosen, every higher ballot that reaches phase 2 proposes that value.
#[test]
fn p2_what_is_chosen_stays_chosen() {
    let mut cluster = Basic::paxos(&apart());
    cluster.propose(A, "8");
    cluster.settle();
    for (round, proposer, quorum) in [(2, B, [X, Y]), (3, C, [Y, Z]), (4, B, [X, Z])] {
        cluster.propose_in(proposer, "9", round);
        cluster.exchange(proposer, &quorum);
        cluster.settle();
        for acceptor in quorum {
            let vote = cluster.node(acceptor).accepted().unwrap();
            assert_eq!(vote.value, Value::from("8"), "in ballot {}", vote.ballot);
        }
    }
    assert_eq!(cluster.violations, []);
}
