//! Purpose of each rule: a rulebook that departs from the paper in one decision, a schedule under
//! which it violates an invariant, and the same schedule under the paper's rules, which violates
//! none.

use quorate_bugs::paxos::{FORGET_PROMISE, MIXED_VOTES, NamedRulebook, OWN_VALUE};
use quorate_paxos::{BY_THE_BOOK, Ballot, Fact, Message, Paxos, Rulebook, Value};

use crate::cluster::{A, Cluster, X, apart};

mod acceptor;
mod learner;
mod proposer;

/// Asserts that the buggy rulebook violates exactly these invariants, in this order, and that the
/// paper's violates none and gets a value accepted.
fn compare(bug: NamedRulebook, story: impl Fn(Rulebook) -> Cluster<Paxos>, violated: &[&str]) {
    let broken = story(bug.rules);
    assert_eq!(broken.violated(), violated, "{bug:?}: {:?}", broken.violations);
    let correct = story(BY_THE_BOOK);
    assert_eq!(correct.violations, []);
    assert!(correct.facts.iter().any(|(_, fact)| matches!(fact, Fact::Accepted { .. })), "the story is empty");
}

fn start(rules: Rulebook) -> Cluster<Paxos> {
    Cluster::paxos_under(&apart(), rules)
}

/// The description of a violation names the contradicting values.
#[test]
fn a_violation_says_what_happened() {
    let violation = &proposer::second_proposer(OWN_VALUE.rules).violations[0];
    assert_eq!(violation.to_string(), "AtMostOneChosen is broken: 8 was chosen in 1.n1, and 9 in 1.n2");
    let violation = &learner::four_ballots(MIXED_VOTES.rules).violations[0];
    assert_eq!(violation.detail, "n7 learned 8, which no 2 acceptors accepted in one ballot");
    let violation = &acceptor::late_accepts(FORGET_PROMISE.rules).violations[0];
    assert_eq!(violation.detail, "n5 had promised 1.n2, and now it stands by nothing");
}

/// A value that no client requested must not be accepted either.
#[test]
fn a_value_out_of_nowhere_is_caught() {
    let mut cluster = start(BY_THE_BOOK);
    let message = Message::Accept { ballot: Ballot::new(1, A), value: Value::from("666") };
    cluster.deliver(A, X, message);
    assert_eq!(
        cluster.violations[0].to_string(),
        "ChosenWasProposed is broken: n4 accepted 666, which no client had asked for"
    );
}
