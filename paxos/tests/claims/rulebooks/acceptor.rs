//! Acceptors that depart from the paper.

use quorate_bugs::paxos::{
    ACCEPT_NO_RAISE, ACCEPTED_ONLY, FORGET_ACCEPTED, FORGET_PROMISE, NO_PROMISE_CHECK, REPORTS_PROMISED,
};
use quorate_paxos::{Paxos, Rulebook};
use quorate_protocol::NodeId;

use super::{compare, start};
use crate::cluster::{A, B, C, Cluster, X, Y, Z};

/// A's accepts for 8 are delayed: meanwhile B has chosen 9 with Y and Z, and Y has restarted.
pub(super) fn late_accepts(rules: Rulebook) -> Cluster<Paxos> {
    let mut cluster = start(rules);
    cluster.propose(A, "8");
    cluster.exchange(A, &[X, Y]);
    cluster.propose(B, "9");
    cluster.ballot(B, &[Y, Z]);
    cluster.crash(Y);
    cluster.restart(Y);
    cluster.exchange(A, &[X, Y]);
    cluster
}

#[test]
fn a_promise_forgotten() {
    compare(FORGET_PROMISE, late_accepts, &["PromisesNeverDecrease", "AtMostOneChosen"]);
}

/// A chooses 8 with X and Y, Y restarts, and B goes on with Y and Z.
fn restart_of_a_voter(rules: Rulebook) -> Cluster<Paxos> {
    let mut cluster = start(rules);
    cluster.propose(A, "8");
    cluster.ballot(A, &[X, Y]);
    cluster.crash(Y);
    cluster.restart(Y);
    cluster.propose(B, "9");
    cluster.ballot(B, &[Y, Z]);
    cluster
}

#[test]
fn a_vote_forgotten() {
    compare(FORGET_ACCEPTED, restart_of_a_voter, &["AtMostOneChosen"]);
}

/// A and B both get promises from X and Y before either proposes; A proposes first or last.
fn overlapping(rules: Rulebook, order: [NodeId; 2]) -> Cluster<Paxos> {
    let mut cluster = start(rules);
    cluster.propose(A, "8");
    cluster.exchange(A, &[X, Y]);
    cluster.propose(B, "9");
    cluster.exchange(B, &[X, Y]);
    order.iter().for_each(|&proposer| cluster.exchange(proposer, &[X, Y]));
    cluster
}

#[test]
fn a_proposal_accepted_against_a_promise() {
    compare(NO_PROMISE_CHECK, |rules| overlapping(rules, [B, A]), &["AtMostOneChosen"]);
    compare(ACCEPTED_ONLY, |rules| overlapping(rules, [A, B]), &["AtMostOneChosen"]);
    assert_eq!(overlapping(ACCEPTED_ONLY.rules, [B, A]).violations, [], "by luck");
}

/// Z promises ballot 2 and accepts in ballot 3, which chooses 7; then it receives an old proposal
/// of ballot 2, which misleads A's ballot 4.
fn three_ballots(rules: Rulebook) -> Cluster<Paxos> {
    let mut cluster = start(rules);
    cluster.propose_in(B, "9", 2);
    cluster.exchange(B, &[Y, Z]);
    cluster.propose_in(C, "7", 3);
    cluster.exchange(C, &[X, Y]);
    cluster.take(C, Z);
    cluster.exchange(C, &[X, Z]);
    assert_eq!(cluster.violations, [], "two ballots are not enough");
    cluster.exchange(B, &[Z]);
    cluster.propose_in(A, "8", 4);
    cluster.ballot(A, &[Y, Z]);
    cluster
}

#[test]
fn accepting_without_raising_the_promise() {
    compare(ACCEPT_NO_RAISE, three_ballots, &["AtMostOneChosen"]);
}

/// X accepts 8 in ballot 1; 9 is chosen in ballot 2; X promises ballot 3, which ends there; A asks
/// X and Z.
fn a_promise_in_between(rules: Rulebook) -> Cluster<Paxos> {
    let mut cluster = start(rules);
    cluster.propose_in(A, "8", 1);
    cluster.exchange(A, &[X, Y]);
    cluster.exchange(A, &[X]);
    cluster.flying.clear();
    cluster.propose_in(B, "9", 2);
    cluster.ballot(B, &[Y, Z]);
    cluster.propose_in(C, "7", 3);
    cluster.pass(C, X);
    cluster.propose_in(A, "8", 4);
    cluster.ballot(A, &[X, Z]);
    cluster
}

#[test]
fn the_promised_ballot_reported_for_the_accepted_one() {
    compare(REPORTS_PROMISED, a_promise_in_between, &["AtMostOneChosen"]);
}
