//! Unit cases for the decisions of proposers, acceptors and learners.

use quorate_paxos::multi::Entry;
use quorate_paxos::{Ballot, Phase, Quorums, Rulebook, Value};
use quorate_protocol::{ClientId, NodeId, RequestId};

use super::values::Scale;
use super::{LAST, UnitCases, ask};
use crate::course::Exercise;
use crate::grading::{Failed, Grading};

/// Tests the decisions of an exercise about Paxos.
pub(in crate::grade) fn paxos(rules: Rulebook, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
    let ask: Option<fn(Rulebook, &mut UnitCases)> = match exercise.id {
        "paxos-ballots" => Some(ballots),
        "paxos-promise" => Some(promise),
        "paxos-accept" => Some(accept),
        "paxos-report" => Some(report),
        "paxos-value" => Some(value),
        "paxos-quorum" => Some(quorum),
        "paxos-count" => Some(count),
        "paxos-phase-1" => Some(phase_1),
        "paxos-learner" => Some(learner),
        "paxos-restart" => Some(restart),
        "paxos-hole" => Some(hole),
        _ => None,
    };
    UnitCases::put(grading, LAST, ask.map(|ask| move |cases: &mut UnitCases| ask(rules, cases)))
}

const NODES: [NodeId; 3] = [NodeId(0), NodeId(1), NodeId(2)];

/// Ballots of three rounds and three proposers.
fn all(scale: Scale) -> impl Iterator<Item = Ballot> {
    (1..=3).flat_map(move |round| NODES.map(|node| Ballot::new(scale.at(round), node)))
}

/// The same ballots, and `None`.
fn any(scale: Scale) -> impl Iterator<Item = Option<Ballot>> {
    all(scale).map(Some).chain([None])
}

fn ballots(rules: Rulebook, cases: &mut UnitCases) {
    for scale in cases.scales() {
        for me in NODES {
            for tried in any(scale).filter(|tried| tried.is_none_or(|tried| tried.node == me)) {
                for seen in any(scale).filter(|seen| seen.is_none_or(|seen| seen.node != me)) {
                    for asked in (1..=5).map(|round| Some(scale.at(round))).chain([None]) {
                        // Rounds beyond the limit need not be adopted from others.
                        let limit = Some(Ballot::new(Ballot::ROUND_LIMIT, NodeId(0)));
                        let counts = asked.filter(|round| {
                            *round <= Ballot::ROUND_LIMIT && tried.is_none_or(|tried| *round > tried.round)
                        });
                        ask!(
                            cases,
                            rules.next_ballot(me, tried, seen, asked),
                            |ballot| ballot.node == me,
                            "a ballot contains the id of its proposer"
                        );
                        ask!(
                            cases,
                            rules.next_ballot(me, tried, seen, asked),
                            |ballot| Some(ballot) > tried,
                            "no ballot is used twice"
                        );
                        ask!(
                            cases,
                            rules.next_ballot(me, tried, seen, asked),
                            |ballot| asked.is_some() || seen >= limit || Some(ballot) > seen,
                            "a ballot below a seen one is useless"
                        );
                        ask!(
                            cases,
                            rules.next_ballot(me, tried, seen, asked),
                            |ballot| counts.is_none_or(|round| ballot.round == round),
                            "a requested round above all used ones must be used"
                        );
                    }
                }
            }
        }
        for written in any(scale) {
            ask!(cases, rules.recall_tried(written), |known| known >= written, "a used ballot stays used");
        }
    }
}

fn promise(rules: Rulebook, cases: &mut UnitCases) {
    for scale in cases.scales_to_the_end() {
        for promised in any(scale) {
            for accepted in any(scale).filter(|accepted| *accepted <= promised) {
                for asked in all(scale) {
                    ask!(
                        cases,
                        rules.promise(promised, accepted, asked),
                        |ruling| Some(asked) <= promised || ruling.allows(),
                        "a ballot above the promise is promised"
                    );
                    ask!(
                        cases,
                        rules.promise(promised, accepted, asked),
                        |ruling| Some(asked) >= promised || !ruling.allows(),
                        "a ballot below the promise is refused"
                    );
                }
            }
        }
    }
}

fn accept(rules: Rulebook, cases: &mut UnitCases) {
    for scale in cases.scales_to_the_end() {
        for promised in any(scale) {
            for accepted in any(scale).filter(|accepted| *accepted <= promised) {
                for asked in all(scale) {
                    ask!(
                        cases,
                        rules.accept(promised, accepted, asked),
                        |ruling| Some(asked) >= promised || !ruling.allows(),
                        "an acceptor that has promised a higher ballot does not vote in this one"
                    );
                    // Voting again for the ballot of an existing vote makes no difference to that
                    // vote.
                    ask!(
                        cases,
                        rules.accept(promised, accepted, asked),
                        |ruling| Some(asked) < promised || accepted == Some(asked) || ruling.allows(),
                        "only a promise of a higher ballot prevents an acceptor from voting"
                    );
                }
            }
        }
        for before in any(scale) {
            for accepted in all(scale).filter(|accepted| before <= Some(*accepted)) {
                ask!(
                    cases,
                    rules.promised_after_accept(before, accepted),
                    |promised| promised == Some(accepted),
                    "a vote in a ballot implies a promise of that ballot, and of none above it"
                );
            }
        }
    }
}

fn report(rules: Rulebook, cases: &mut UnitCases) {
    for scale in cases.scales_to_the_end() {
        for accepted in all(scale) {
            for promised in any(scale).filter(|promised| promised.is_none_or(|promised| promised >= accepted)) {
                ask!(
                    cases,
                    rules.reported_ballot(accepted, promised),
                    |ballot| ballot == accepted,
                    "a vote is reported unchanged"
                );
            }
        }
    }
}

fn value(rules: Rulebook, cases: &mut UnitCases) {
    ask!(cases, rules.completes_reported(), |completes| completes, "a reported value need not have been chosen");
    for scale in cases.scales_to_the_end() {
        let mut put = |ballots: &[Ballot]| {
            let answer = rules.value_to_propose(ballots).and_then(|place| ballots.get(place)).copied();
            cases.note(
                answer == ballots.iter().max().copied(),
                "the highest reported ballot binds, if there is one",
                || format!("of {ballots:?}, in the order of their promises, {answer:?} is chosen"),
            );
        };
        put(&[]);
        for one in all(scale) {
            put(&[one]);
            for two in all(scale) {
                put(&[one, two]);
                all(scale).for_each(|three| put(&[one, two, three]));
            }
        }
    }
}

fn quorum(rules: Rulebook, cases: &mut UnitCases) {
    for all in 1..=5 {
        for phase_1 in 1..=all {
            for phase_2 in all + 1 - phase_1..=all {
                sizes(rules, cases, Quorums { acceptors: all, phase_1, phase_2 }, 0..=all);
            }
        }
    }
    for all in cases.drawn(100_000).into_iter().filter_map(|all| usize::try_from(all).ok()) {
        let phase_1 = all / 2 + 1;
        let quorums = Quorums { acceptors: all, phase_1, phase_2: all + 1 - phase_1 };
        sizes(rules, cases, quorums, [0, quorums.phase_2 - 1, quorums.phase_2, phase_1 - 1, phase_1, all]);
    }
}

fn sizes(rules: Rulebook, cases: &mut UnitCases, quorums: Quorums, answered: impl IntoIterator<Item = usize> + Clone) {
    for phase in [Phase::One, Phase::Two] {
        for acceptors in answered.clone() {
            ask!(
                cases,
                rules.quorum(phase, acceptors, quorums),
                |enough| enough == (acceptors >= quorums.size(phase)),
                "each phase has its own quorum size, and that many acceptors are enough"
            );
        }
    }
}

fn count(rules: Rulebook, cases: &mut UnitCases) {
    for scale in cases.scales_to_the_end() {
        for current in all(scale) {
            // Ballots that this proposer has used.
            for reply in all(scale).filter(|reply| reply.node == current.node && *reply <= current) {
                ask!(
                    cases,
                    rules.counts(reply, current),
                    |ruling| ruling.allows() == (reply == current),
                    "a reply counts only for the ballot that it answers"
                );
            }
        }
        for from in NODES {
            for first in NODES {
                for second in NODES.into_iter().filter(|second| *second != first) {
                    for length in 0..=2 {
                        let heard = &[first, second][..length];
                        ask!(
                            cases,
                            rules.counts_once(from, heard),
                            |ruling| ruling.allows() != heard.contains(&from),
                            "each acceptor counts exactly once"
                        );
                    }
                }
            }
        }
    }
}

fn phase_1(rules: Rulebook, cases: &mut UnitCases) {
    for scale in cases.scales_to_the_end() {
        for ballot in all(scale) {
            for prepared in any(scale).filter(|it| it.is_none_or(|it| it.node == ballot.node && it <= ballot)) {
                ask!(
                    cases,
                    rules.must_prepare(ballot, prepared),
                    |must| must == (prepared != Some(ballot)),
                    "each ballot needs its own phase 1, exactly once"
                );
            }
        }
    }
}

fn learner(rules: Rulebook, cases: &mut UnitCases) {
    for scale in cases.scales_to_the_end() {
        for vote in all(scale) {
            for towards in all(scale) {
                ask!(
                    cases,
                    rules.vote_counts(vote, towards),
                    |counts| counts == (vote == towards),
                    "only votes of the same ballot count together"
                );
            }
        }
    }
}

fn restart(rules: Rulebook, cases: &mut UnitCases) {
    for scale in cases.scales() {
        for written in any(scale) {
            ask!(cases, rules.recall_promised(written), |promised| promised >= written, "a promise survives a crash");
        }
        for ballot in all(scale) {
            let known = rules.recall_accepted(ballot);
            cases.note(known, "a vote survives a crash", || format!("the vote in {ballot} is forgotten"));
        }
    }
}

fn hole(rules: Rulebook, cases: &mut UnitCases) {
    let command = Entry::command(RequestId { client: ClientId(0), number: 1 }, Value::from("v1"));
    for bound in [None, Some(&command), Some(&Entry::noop())] {
        ask!(
            cases,
            rules.fill_hole(bound),
            |entry| entry == Some(bound.cloned().unwrap_or_else(Entry::noop)),
            "an open slot gets the binding value, or else a no-op"
        );
    }
}
