//! Unit cases for the decisions of voters, leaders and followers.

mod elections;
mod logs;

use quorate_raft::{LogIndex, Position, Rulebook, Term};

use super::values::Scale;
use super::{LAST, UnitCases};
use crate::course::Exercise;
use crate::grading::{Failed, Grading};

/// Tests the decisions of an exercise about Raft.
pub(in crate::grade) fn raft(rules: Rulebook, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
    let ask: Option<fn(Rulebook, &mut UnitCases)> = match exercise.id {
        "raft-vote" => Some(elections::vote),
        "raft-elected" => Some(elections::elected),
        "raft-append" => Some(logs::append),
        "raft-truncate" => Some(logs::truncate),
        "raft-follower-commit" => Some(logs::follower_commit),
        "raft-commit" => Some(logs::commit),
        "raft-durable" => Some(logs::durable),
        "raft-answers" => Some(logs::answers),
        "raft-backtrack" => Some(logs::backtrack),
        "raft-apply-once" => Some(logs::apply_once),
        "raft-pre-vote" => Some(elections::pre_vote),
        "raft-check-quorum" => Some(elections::check_quorum),
        "raft-install" => Some(logs::install),
        "raft-members" => Some(elections::members),
        "raft-read" => Some(logs::read),
        _ => None,
    };
    UnitCases::put(grading, LAST, ask.map(|ask| move |cases: &mut UnitCases| ask(rules, cases)))
}

/// Highest term, and highest index.
const MAX: u64 = 3;

fn terms(scale: Scale) -> impl Iterator<Item = Term> {
    (1..=MAX).map(move |term| Term(scale.at(term)))
}

fn indexes(scale: Scale) -> impl Iterator<Item = LogIndex> {
    (0..=MAX).map(move |index| LogIndex(scale.at(index)))
}

/// Possible last log positions of a node in the given term, including that of an empty log.
fn ends(scale: Scale, term: u64) -> impl Iterator<Item = Position> {
    let entries = move |index| (1..=term).map(move |term| Position::new(scale.at(index), scale.at(term)));
    (1..=MAX).flat_map(entries).chain([Position::new(0, 0)])
}
