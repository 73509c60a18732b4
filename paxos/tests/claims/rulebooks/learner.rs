//! Learners and quorums that depart from the paper.

use quorate_bugs::paxos::{BALLOT_REUSE, MIXED_VOTES, SMALL_QUORUM};
use quorate_paxos::{BY_THE_BOOK, Config, Paxos, PaxosRule, Rulebook};
use quorate_protocol::NodeId;

use super::proposer::restart_in_the_middle;
use super::{compare, start};
use crate::cluster::{A, B, C, Cluster, L, M, X, Y, Z};

/// 8 has one vote in each of ballots 1 and 3, 9 has one in ballot 2 and then a quorum in ballot 4.
pub(super) fn four_ballots(rules: Rulebook) -> Cluster<Paxos> {
    let mut cluster = start(rules);
    cluster.propose_in(A, "8", 1);
    cluster.exchange(A, &[X, Y]);
    cluster.exchange(A, &[X]);
    cluster.propose_in(B, "9", 2);
    cluster.exchange(B, &[Y, Z]);
    cluster.exchange(B, &[Z]);
    cluster.propose_in(C, "7", 3);
    cluster.exchange(C, &[X, Y]);
    cluster.exchange(C, &[Y]);
    cluster.tell(&[X, Y], L);
    cluster.flying.clear();
    assert!(!cluster.violated().contains(&"AtMostOneChosen"), "three ballots are not enough");
    cluster.propose_in(A, "8", 4);
    cluster.ballot(A, &[X, Z]);
    cluster
}

#[test]
fn votes_of_different_ballots_counted_together() {
    compare(MIXED_VOTES, four_ballots, &["LearnedWasChosen", "AtMostOneChosen"]);
}

const W: NodeId = M;

/// Of four acceptors, two vote for A and two for B.
fn halves(rules: Rulebook, config: Config) -> Cluster<Paxos> {
    let mut cluster = Cluster::paxos_under(&config, rules);
    cluster.propose(A, "8");
    cluster.ballot(A, &[X, Y]);
    cluster.tell(&[X, Y], L);
    cluster.propose(B, "9");
    cluster.ballot(B, &[Z, W]);
    cluster.tell(&[Z, W], L);
    cluster
}

#[test]
fn quorums_that_miss_each_other() {
    let majority = || Config::new([A, B], [X, Y, Z, W], [L]).unwrap();
    let broken = halves(SMALL_QUORUM.rules, majority());
    assert_eq!(broken.violated(), ["LearnedWasChosen", "AtMostOneChosen", "LearnersAgree"]);
    assert_eq!(halves(BY_THE_BOOK, majority()).violations, []);
    let flexible = Config::builder([A, B], [X, Y, Z, W], [L]).phase_1_quorum(3).phase_2_quorum(2);
    assert_eq!(halves(BY_THE_BOOK, flexible.build().unwrap()).violations, []);
}

/// §2.3: a proposal is a ballot and its value, and a majority that has accepted it chooses it. X
/// and Y have accepted 8 and then 9 in one ballot, which its proposer used twice; the learner hears
/// of all but Y's vote for 8.
#[test]
fn a_later_vote_in_the_same_ballot_replaces_the_earlier_one() {
    let mut cluster = restart_in_the_middle(BALLOT_REUSE.rules);
    cluster.take(Y, L);
    cluster.pass(X, L);
    assert_eq!(cluster.pass(X, L).rules, [PaxosRule::CountVote]);
    assert_eq!(cluster.pass(Y, L).rules, [PaxosRule::LearnChosen]);
    assert_eq!(cluster.chosen(L), Some("9"));
}
