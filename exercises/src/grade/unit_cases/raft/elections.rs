//! Unit cases for the decisions of voters and candidates, and for membership.

use std::collections::BTreeSet;

use quorate_protocol::NodeId;
use quorate_raft::{Candidate, ConfigChange, Election, ElectionKind, Membership, Position, Rulebook, Term, Voter};

use super::super::values::Scale;
use super::super::{EITHER, UnitCases, ask, majorities};
use super::{MAX, ends, indexes, terms};

fn is_up_to_date(candidate: Position, mine: Position) -> bool {
    (candidate.term, candidate.index) >= (mine.term, mine.index)
}

/// All pairs of candidate and voter. A node that leads or has voted has done so in its own term.
fn polls(scale: Scale) -> impl Iterator<Item = (Candidate, Voter)> {
    let asked = move |small: u64| {
        let term = Term(scale.at(small));
        let votes = [None, Some(NodeId(0)), Some(NodeId(1))];
        ends(scale, small).flat_map(move |last| {
            votes
                .into_iter()
                .flat_map(move |vote| EITHER.map(|hears_leader| Voter { term, vote, last, hears_leader, leads: false }))
        })
    };
    let standing = move |small: u64| {
        let term = Term(scale.at(small));
        ends(scale, small - 1).map(move |last| Candidate { node: NodeId(0), term, last })
    };
    (1..=MAX).flat_map(asked).flat_map(move |me| (1..=MAX).flat_map(standing).map(move |candidate| (candidate, me)))
}

pub(super) fn vote(rules: Rulebook, cases: &mut UnitCases) {
    for scale in cases.scales_to_the_end() {
        votes(rules, cases, scale);
    }
}

fn votes(rules: Rulebook, cases: &mut UnitCases, scale: Scale) {
    for mine in ends(scale, MAX) {
        for candidate in ends(scale, MAX) {
            ask!(
                cases,
                rules.up_to_date(candidate, mine),
                |is| is == is_up_to_date(candidate, mine),
                "the log with the later last term is more up to date, and with equal terms the longer log"
            );
        }
    }
    // A node that receives a higher term adopts it before it votes.
    for (candidate, me) in polls(scale).filter(|(candidate, me)| candidate.term <= me.term) {
        ask!(
            cases,
            rules.vote(candidate, me),
            |ruling| candidate.term == me.term || !ruling.allows(),
            "no candidate gets a vote for an earlier term"
        );
        ask!(
            cases,
            rules.vote(candidate, me),
            |ruling| me.vote.is_none_or(|vote| vote == candidate.node) || !ruling.allows(),
            "there is one vote in a term"
        );
        ask!(
            cases,
            rules.vote(candidate, me),
            |ruling| is_up_to_date(candidate.last, me.last) || !ruling.allows(),
            "no candidate with an outdated log gets a vote"
        );
        // Whether the same candidate gets the same vote again is left to the voter.
        let free = candidate.term == me.term && me.vote.is_none() && is_up_to_date(candidate.last, me.last);
        ask!(cases, rules.vote(candidate, me), |ruling| !free || ruling.allows(), "no other condition prevents a vote");
    }
}

pub(super) fn elected(rules: Rulebook, cases: &mut UnitCases) {
    majorities(cases, &|count, of| rules.majority(count, of));
    let alone = (1..=5).map(|size| Membership::new((0..size).map(NodeId), [NodeId(5)]));
    let from = Membership::new([0, 1, 2].map(NodeId), [NodeId(5)]);
    let changes = [vec![3, 4], vec![2, 3, 4], vec![1, 2, 3, 4], vec![0]].map(|voters| {
        from.after(&ConfigChange::Replace { voters: voters.into_iter().map(NodeId).collect() }).unwrap_or(from.clone())
    });
    for membership in alone.chain(changes) {
        let membership = &membership;
        for bits in 0..1_u32 << 6 {
            let votes: BTreeSet<NodeId> = (0..6).filter(|node| bits >> node & 1 == 1).map(NodeId).collect();
            let votes = &votes;
            let right = membership
                .groups()
                .all(|group| group.iter().filter(|voter| votes.contains(voter)).count() * 2 > group.len());
            ask!(
                cases,
                rules.elected(votes, membership),
                |wins| wins == right,
                "a winner has more than half of the voters of each group"
            );
        }
    }
    for scale in cases.scales_to_the_end() {
        let ballots = || {
            terms(scale)
                .flat_map(|term| [ElectionKind::PreVote, ElectionKind::Vote].map(|poll| Election { kind: poll, term }))
        };
        for standing in ballots() {
            for answer in ballots().filter(|answer| answer.term <= standing.term) {
                ask!(
                    cases,
                    rules.counts_vote(answer, standing),
                    |ruling| ruling.allows() == (answer == standing),
                    "a reply counts only in the election that it answers"
                );
            }
        }
    }
}

pub(super) fn pre_vote(rules: Rulebook, cases: &mut UnitCases) {
    let scales = cases.scales_to_the_end().into_iter();
    let voters =
        scales.flat_map(polls).flat_map(|(candidate, me)| EITHER.map(|leads| (candidate, Voter { leads, ..me })));
    for (candidate, me) in voters {
        let would = candidate.term > me.term && is_up_to_date(candidate.last, me.last);
        ask!(
            cases,
            rules.pre_vote(candidate, me),
            |ruling| ruling.allows() == (would && !me.leads && !me.hears_leader),
            "a pre-vote requires a new term, an up-to-date log, and no contact with a leader"
        );
    }
    ask!(cases, rules.pre_vote_restarts_timeout(), |restarts| !restarts, "granting a pre-vote promises nothing");
    ask!(cases, rules.refusal_restarts_timeout(), |restarts| !restarts, "a refused candidate needs no time");
}

pub(super) fn check_quorum(rules: Rulebook, cases: &mut UnitCases) {
    for scale in cases.scales_to_the_end() {
        for current in terms(scale) {
            for sent in terms(scale).filter(|sent| *sent <= current) {
                ask!(
                    cases,
                    rules.obeys_timeout_now(sent, current),
                    |ruling| ruling.allows() == (sent == current),
                    "only the leader of the current term may tell a node to campaign"
                );
            }
        }
    }
    for heard_majority in EITHER {
        ask!(
            cases,
            rules.keeps_leading(heard_majority),
            |ruling| ruling.allows() == heard_majority,
            "a leader stays leader while it has contact with a majority"
        );
    }
    for hears_leader in EITHER {
        for transfer in EITHER {
            ask!(
                cases,
                rules.considers_candidate(hears_leader, transfer),
                |ruling| ruling.allows() == (transfer || !hears_leader),
                "a node with contact with a leader ignores candidates, except in a transfer by the leader"
            );
        }
    }
}

pub(super) fn members(rules: Rulebook, cases: &mut UnitCases) {
    ask!(cases, rules.votes_without_vote(), |votes| votes, "a node that is asked may have been made a voter");
    for one in EITHER {
        for other in EITHER {
            let (change_pending, own_term_committed) = (one, other);
            ask!(
                cases,
                rules.may_change(change_pending, own_term_committed),
                |ruling| ruling.allows() == (own_term_committed && !change_pending),
                "changes are made one at a time, after an entry of the leader's own term"
            );
            let (votes_in_newest, votes_in_earlier) = (one, other);
            ask!(
                cases,
                rules.may_campaign(votes_in_newest, votes_in_earlier),
                |ruling| ruling.allows() == (votes_in_newest || votes_in_earlier),
                "a node that is a voter in a configuration that is or may become effective campaigns"
            );
        }
        let is_voter = one;
        ask!(
            cases,
            rules.leader_counts_itself(is_voter),
            |counts| counts == is_voter,
            "a leader counts itself only if it is a member"
        );
    }
    for committed in EITHER {
        ask!(
            cases,
            rules.leaves_joint(committed),
            |leaves| leaves == committed,
            "a configuration with two lists is left once it is committed"
        );
    }
    for scale in cases.scales_to_the_end() {
        for last in indexes(scale) {
            for commit in indexes(scale).filter(|commit| *commit <= last) {
                ask!(
                    cases,
                    rules.configured_up_to(last, commit),
                    |upto| upto == last,
                    "a list counts from the moment at which it is stored"
                );
            }
        }
        for limit in (0..=MAX).map(|limit| scale.at(limit)) {
            for lacks in (0..=2 * MAX).map(|lacks| scale.at(lacks)) {
                ask!(
                    cases,
                    rules.may_promote(lacks, limit),
                    |may| may == (lacks <= limit),
                    "a learner is promoted once it lacks at most the limit"
                );
            }
        }
    }
}
