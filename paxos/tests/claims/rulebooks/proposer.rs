//! Proposers that depart from the paper.

use quorate_bugs::paxos::{
    ANY_REPORTED, BALLOT_REUSE, DUPLICATE_PROMISE, LOWEST_REPORTED, MIXED_PROMISES, OWN_VALUE, SKIP_PHASE_1,
};
use quorate_paxos::{Paxos, Rulebook};
use quorate_protocol::NodeId;

use super::{compare, start};
use crate::cluster::{A, B, C, Cluster, X, Y, Z};

/// A chooses 8 with X and Y, then B gets promises from X and Y.
pub(super) fn second_proposer(rules: Rulebook) -> Cluster<Paxos> {
    let mut cluster = start(rules);
    cluster.propose(A, "8");
    cluster.ballot(A, &[X, Y]);
    cluster.propose(B, "9");
    cluster.ballot(B, &[X, Y]);
    cluster
}

#[test]
fn own_value_instead_of_the_reported_one() {
    compare(OWN_VALUE, second_proposer, &["AtMostOneChosen"]);
}

#[test]
fn phase_1_skipped() {
    compare(SKIP_PHASE_1, second_proposer, &["AtMostOneChosen"]);
}

/// X accepts 8 in ballot 1, Y and Z choose 9 in ballot 2, and C receives reports of both, of 8
/// first or second.
fn two_reports(rules: Rulebook, order: [NodeId; 2]) -> Cluster<Paxos> {
    let mut cluster = start(rules);
    cluster.propose_in(A, "8", 1);
    cluster.exchange(A, &[X, Y]);
    cluster.exchange(A, &[X]);
    cluster.propose_in(B, "9", 2);
    cluster.flying.retain(|envelope| envelope.from != A);
    cluster.ballot(B, &[Y, Z]);
    cluster.propose_in(C, "7", 3);
    cluster.ballot(C, &order);
    cluster
}

#[test]
fn any_reported_value_or_the_lowest() {
    compare(ANY_REPORTED, |rules| two_reports(rules, [X, Y]), &["AtMostOneChosen"]);
    compare(LOWEST_REPORTED, |rules| two_reports(rules, [Y, X]), &["AtMostOneChosen"]);
    assert_eq!(two_reports(ANY_REPORTED.rules, [Y, X]).violations, [], "by luck");
}

/// A chooses 8 with X and Y; B receives promises from Z alone, twice.
fn promise_twice(rules: Rulebook) -> Cluster<Paxos> {
    let mut cluster = start(rules);
    cluster.propose(A, "8");
    cluster.ballot(A, &[X, Y]);
    cluster.propose(B, "9");
    cluster.pass(B, Z);
    let promise = cluster.take(Z, B).message;
    cluster.deliver(Z, B, promise.clone());
    cluster.deliver(Z, B, promise);
    cluster.try_pass(B, Z);
    cluster.exchange(B, &[X]);
    cluster.exchange(B, &[X]);
    cluster
}

#[test]
fn one_promise_counted_twice() {
    compare(DUPLICATE_PROMISE, promise_twice, &["AtMostOneChosen"]);
}

/// A prepares to propose 8, restarts, and later proposes 9, while its accepts for 8 are still in
/// flight.
pub(super) fn restart_in_the_middle(rules: Rulebook) -> Cluster<Paxos> {
    let mut cluster = start(rules);
    cluster.propose(A, "8");
    cluster.exchange(A, &[X, Y]);
    let (to_x, to_y) = (cluster.take(A, X), cluster.take(A, Y));
    cluster.crash(A);
    cluster.restart(A);
    cluster.propose(A, "9");
    cluster.exchange(A, &[X, Y]);
    cluster.deliver(A, X, to_x.message);
    cluster.deliver(A, Y, to_y.message);
    cluster.exchange(A, &[X, Y]);
    cluster
}

#[test]
fn a_ballot_used_twice() {
    compare(BALLOT_REUSE, restart_in_the_middle, &["AtMostOneChosen"]);
}

/// X's promise to A's first ballot is delayed: X has voted since, for 9, and A is in its second
/// ballot.
fn late_promise(rules: Rulebook) -> Cluster<Paxos> {
    let mut cluster = start(rules);
    cluster.propose_in(A, "8", 1);
    cluster.pass(A, X);
    cluster.propose_in(B, "9", 2);
    cluster.ballot(B, &[X, Y]);
    cluster.propose_in(A, "8", 3);
    cluster.take(A, Z);
    cluster.pass(A, Z);
    cluster.pass(Z, A);
    cluster.take(A, X);
    cluster.pass(X, A);
    cluster.exchange(A, &[X, Z]);
    cluster
}

#[test]
fn promises_of_different_ballots_counted_together() {
    compare(MIXED_PROMISES, late_promise, &["AtMostOneChosen"]);
}
