//! Unit cases for the decisions of Paxos Commit.

use quorate_paxos::{Ballot, Quorums};
use quorate_protocol::NodeId;
use quorate_transactions::paxos_commit::{Rulebook, Vote};

use super::counts;
use crate::course::Exercise;
use crate::grade::unit_cases::values::Scale;
use crate::grade::unit_cases::{LAST, UnitCases, ask};
use crate::grading::{Failed, Grading};

/// Tests the decisions of an exercise about Paxos Commit.
pub(in crate::grade) fn paxos_commit(
    rules: Rulebook,
    exercise: &Exercise,
    grading: &mut Grading,
) -> Result<(), Failed> {
    let ask: Option<fn(Rulebook, &mut UnitCases)> = match exercise.id {
        "txn-instance" => Some(instance),
        "txn-acceptors" => Some(acceptors),
        "txn-leader" => Some(leader),
        _ => None,
    };
    UnitCases::put(grading, LAST, ask.map(|ask| move |cases: &mut UnitCases| ask(rules, cases)))
}

/// Ballots of two leaders in three rounds, above round 0.
fn ballots(scale: Scale) -> impl Iterator<Item = Ballot> + Clone {
    (1..=3).flat_map(move |round| [0, 1].map(|leader| Ballot::new(scale.at(round), NodeId(leader))))
}

fn instance(rules: Rulebook, cases: &mut UnitCases) {
    ask!(cases, rules.free(), |vote| vote == Vote::Aborted, "a participant that has not voted may still say no");
    for scale in cases.few_scales() {
        let zero = Ballot::new(0, NodeId(4));
        let some = || ballots(scale).chain([zero]).map(Some).chain([None]);
        for tried in some() {
            for seen in some() {
                for me in [0, 1].map(NodeId) {
                    ask!(
                        cases,
                        rules.next_ballot(me, tried, seen),
                        |ballot| ballot.node == me && ballot.round > 0 && Some(ballot) > tried && Some(ballot) > seen,
                        "a leader's ballot is its own, in a round above 0, and above all that it has tried and seen"
                    );
                }
            }
        }
        for first in some() {
            for second in some() {
                for third in some() {
                    let reported: Vec<Ballot> = [first, second, third].into_iter().flatten().collect();
                    let highest = reported.iter().max().copied();
                    let reported: &[Ballot] = &reported;
                    ask!(
                        cases,
                        rules.bound(reported),
                        |index| match index {
                            None => highest.is_none(),
                            Some(index) => reported.get(index).copied() == highest,
                        },
                        "the vote of the highest reported ballot is proposed, and none only if none is reported"
                    );
                }
            }
        }
    }
}

fn acceptors(rules: Rulebook, cases: &mut UnitCases) {
    for scale in cases.few_scales() {
        let zero = Ballot::new(0, NodeId(4));
        for asked in ballots(scale).chain([zero]) {
            for promised in ballots(scale).map(Some).chain([None]) {
                // The vote of this very ballot was accepted before, or it was not.
                for accepted in [None, Some(asked)] {
                    ask!(
                        cases,
                        rules.accepts(promised, accepted, asked),
                        |ruling| ruling.allows() == (promised.is_none_or(|promised| promised <= asked)),
                        "an acceptor takes no part in a ballot below the one that it has promised"
                    );
                }
            }
        }
    }
    ask!(cases, rules.writes_accepted(), |writes| writes, "an accepted vote is on disk before it is reported");
    for acceptors in [1, 3, 5, 7, 9, 1_001] {
        let majority = acceptors / 2 + 1;
        let quorums = Quorums { acceptors, phase_1: majority, phase_2: majority };
        for count in [0, 1, majority - 1, majority, acceptors] {
            ask!(
                cases,
                rules.prepared(count, quorums),
                |enough| enough == (count >= majority),
                "a leader proposes when a majority has promised, and not before"
            );
            ask!(
                cases,
                rules.chosen(count, quorums),
                |enough| enough == (count >= majority),
                "a vote is chosen when a majority has accepted it, and not before"
            );
        }
    }
}

fn leader(rules: Rulebook, cases: &mut UnitCases) {
    for (prepared, participants) in counts(cases) {
        ask!(
            cases,
            rules.commits(prepared, participants),
            |ruling| ruling.allows() == (prepared == participants),
            "a commit needs Prepared in the instance of every participant"
        );
    }
    ask!(
        cases,
        rules.tells_undecided(),
        |told| told.is_none(),
        "what a leader does not know yet, it tells nobody: another one may commit"
    );
    ask!(cases, rules.on_silence(), |ruling| !ruling.allows(), "a participant in doubt asks the leaders");
    for scale in cases.scales() {
        for written in [0, scale.at(1), scale.at(5)] {
            ask!(cases, rules.next_life(written), |life| life > written, "a life is above every one before it");
        }
    }
}
