//! *Paxos Made Simple* §2.2, phase 1: prepare and promise.

use quorate_paxos::{BY_THE_BOOK, Ballot, Message, Paxos, PaxosRule, Proposal, Record, Value};
use quorate_protocol::Effect;

use crate::cluster::{A, B, Cluster, X, Y, Z, apart};

type Basic = Cluster<Paxos>;

/// Phase 1(a): a prepare goes to the acceptors, with a number written to disk before, and without a
/// value.
#[test]
fn phase_1a_a_prepare_is_a_number_alone() {
    let mut cluster = Basic::paxos(&apart());
    let (_, done) = cluster.propose(A, "8");
    let ballot = Ballot::new(1, A);
    assert_eq!(done.rules, [PaxosRule::Prepare]);
    assert_eq!(done.effects[0], Effect::Persist(Record::Tried { ballot }));
    assert_eq!(done.sent(), [X, Y, Z].map(|acceptor| (acceptor, Message::Prepare { ballot })));
    let json = serde_json::to_string(&Message::Prepare { ballot }).unwrap();
    assert_eq!(json, r#"{"Prepare":{"ballot":"1.n1"}}"#);
}

/// Phase 1(b): an acceptor promises a higher ballot, and the promise is durable before the answer
/// leaves.
#[test]
fn phase_1b_a_promise_is_durable_before_it_is_given() {
    let mut cluster = Basic::paxos(&apart());
    cluster.propose(A, "8");
    let done = cluster.pass(A, X);
    let ballot = Ballot::new(1, A);
    assert_eq!(done.rules, [PaxosRule::PromiseHigher]);
    assert_eq!(done.whys, ["1.n1 is asked for, nothing was promised"]);
    assert_eq!(done.records(), [Record::Promised { ballot }]);
    assert_eq!(done.sent(), [(A, Message::Promise { ballot, accepted: None })]);
    assert_eq!(cluster.node(X).promised(), Some(ballot));
    assert_eq!(cluster.disk(X).promised, Some(ballot));
}

/// Phase 1(b): a lower prepare is refused, and its proposer is informed of the higher ballot.
#[test]
fn phase_1b_a_lower_prepare_is_refused() {
    let mut cluster = Basic::paxos(&apart());
    cluster.propose_in(B, "9", 5);
    cluster.propose(A, "8");
    cluster.pass(B, X);
    let done = cluster.pass(A, X);
    let (ballot, promised) = (Ballot::new(1, A), Ballot::new(5, B));
    assert_eq!(done.rules, [PaxosRule::RefusePrepare]);
    assert_eq!(done.whys, ["5.n2 was promised, which is above 1.n1"]);
    assert_eq!(done.effects, [Effect::Send { to: A, message: Message::Refused { ballot, promised } }]);
    assert_eq!(cluster.node(X).promised(), Some(promised));
}

/// Phase 1(b): a promise reports the proposal of the highest ballot that the acceptor has accepted.
#[test]
fn phase_1b_a_promise_reports_what_was_accepted() {
    let mut cluster = Basic::paxos(&apart());
    cluster.propose(A, "8");
    cluster.exchange(A, &[X, Y]);
    cluster.pass(A, Z);
    cluster.pass(A, X);
    cluster.propose(B, "9");
    let done = cluster.pass(B, X);
    let accepted = Some(Proposal { ballot: Ballot::new(1, A), value: Value::from("8") });
    assert_eq!(done.sent(), [(B, Message::Promise { ballot: Ballot::new(1, B), accepted })]);
}

/// §2.1: messages can be duplicated. A repeated prepare gets the same promise again, without
/// another write.
#[test]
fn phase_1b_a_repeated_prepare_gets_the_same_answer_again() {
    let mut cluster = Basic::paxos(&apart());
    cluster.propose(A, "8");
    let prepare = cluster.flying[0].message.clone();
    let first = cluster.pass(A, X);
    let again = cluster.deliver(A, X, prepare);
    assert_eq!(again.rules, [PaxosRule::PromiseAgain]);
    assert_eq!(again.records(), []);
    assert_eq!(again.sent(), first.sent());
}

/// §2.2: a prepare for a proposal already accepted is ignored: it is a delayed duplicate.
#[test]
fn phase_1b_a_prepare_for_an_accepted_proposal_is_ignored() {
    let mut cluster = Basic::paxos(&apart());
    cluster.propose(A, "8");
    let prepare = cluster.flying[0].message.clone();
    cluster.exchange(A, &[X, Y]);
    cluster.take(A, Z);
    cluster.pass(A, X);
    let late = cluster.deliver(A, X, prepare);
    assert_eq!(late.rules, [PaxosRule::IgnoreAccepted]);
    assert_eq!(late.effects, []);
}

/// §2.5: numbers of different proposers differ, and a proposer exceeds every ballot it has seen.
#[test]
fn ballots_are_unique_and_rise() {
    let mut cluster = Basic::paxos(&apart());
    cluster.propose(A, "8");
    cluster.propose(B, "9");
    assert_eq!(cluster.node(A).highest_ballot_used(), Some(Ballot::new(1, A)));
    assert_eq!(cluster.node(B).highest_ballot_used(), Some(Ballot::new(1, B)));
    cluster.pass(B, X);
    cluster.exchange(A, &[X]);
    cluster.fire(A, quorate_paxos::Timer::Retry);
    assert_eq!(cluster.node(A).highest_ballot_used(), Some(Ballot::new(2, A)));
}

/// §2.2, P2c: phase 1 is needed until it is complete, and only for its own ballot.
#[test]
fn a_ballot_that_is_prepared_need_not_be_prepared_again() {
    let (ballot, other) = (Ballot::new(2, A), Ballot::new(2, B));
    let needed = [None, Some(other), Some(ballot)].map(|prepared| BY_THE_BOOK.must_prepare(ballot, prepared));
    assert_eq!(needed, [true, true, false]);
}
