//! What each rule is for: a rulebook that departs from the paper in one method, a schedule under which that matters, and
//! the same schedule under the paper's rules, where nothing happens.

use quorate_bugs::paxos::{ForgetPromise, MixedVotes, OwnValue};
use quorate_paxos::{Ballot, ByTheBook, Fact, Message, Paxos, Rulebook, Value};

use crate::cluster::{A, Cluster, X, apart};

mod acceptor;
mod learner;
mod proposer;

type Story<R> = fn() -> Cluster<Paxos<R>>;

/// The broken rulebook breaks exactly these invariants, in this order; the paper's breaks none, and gets something accepted.
fn compare<R: Rulebook>(broken: Story<R>, book: Story<ByTheBook>, scandals: &[&str]) {
    assert_eq!(broken().scandals(), scandals, "{:?}: {:?}", R::default(), broken().broken);
    let book = book();
    assert_eq!(book.broken, []);
    assert!(book.facts.iter().any(|(_, fact)| matches!(fact, Fact::Accepted { .. })), "the story is empty");
}

fn start<R: Rulebook>() -> Cluster<Paxos<R>> {
    Cluster::paxos(&apart())
}

/// The sentence of a violation names the values that contradict each other.
#[test]
fn a_violation_says_what_happened() {
    let broken = &proposer::second_proposer::<OwnValue>().broken[0];
    assert_eq!(broken.to_string(), "AtMostOneChosen is broken: 8 was chosen in 1.n1, and 9 in 1.n2");
    let broken = &learner::four_ballots::<MixedVotes>().broken[0];
    assert_eq!(broken.detail, "n7 learned 8, which no 2 acceptors accepted in one ballot");
    let broken = &acceptor::late_accepts::<ForgetPromise>().broken[0];
    assert_eq!(broken.detail, "n5 had promised 1.n2, and now it stands by nothing");
}

/// What no client asked for must not be accepted either.
#[test]
fn a_value_out_of_nowhere_is_caught() {
    let mut cluster = start::<ByTheBook>();
    let message = Message::Accept { ballot: Ballot::new(1, A), value: Value::from("666") };
    cluster.deliver(A, X, message);
    assert_eq!(
        cluster.broken[0].to_string(),
        "ChosenWasProposed is broken: n4 accepted 666, which no client had asked for"
    );
}
