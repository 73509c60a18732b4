//! Unit cases for the decisions of leaders and followers about their logs.

use quorate_protocol::NodeId;
use quorate_raft::{AppendSpan, Conflict, LogIndex, Position, Rulebook, Term};

use super::super::values::Scale;
use super::super::{EITHER, UnitCases, ask};
use super::{MAX, ends, indexes, terms};

pub(super) fn append(rules: Rulebook, cases: &mut UnitCases) {
    for scale in cases.scales_to_the_end() {
        for previous in ends(scale, MAX) {
            let here = if previous.index == LogIndex(0) {
                vec![Some(Term(0))]
            } else {
                terms(scale).map(Some).chain([None]).collect()
            };
            for mine in here {
                ask!(
                    cases,
                    rules.matches(previous, mine),
                    |ruling| ruling.allows() == (mine == Some(previous.term)),
                    "entries are accepted exactly after a matching entry with the same term"
                );
            }
        }
        ask!(
            cases,
            rules.answers_stale_leader(),
            |answers| answers,
            "a leader of an earlier term must be told the current term"
        );
    }
}

/// All appends of a few entries to a follower with a few entries, in logs of length `base` before
/// that.
fn overlaps(base: u64) -> impl Iterator<Item = AppendSpan> {
    (base..=base + MAX).map(LogIndex).flat_map(|previous| {
        (0..=MAX).flat_map(move |count| {
            (previous.0..=previous.0 + MAX + 1).flat_map(move |last| {
                let both = previous.0 + 1..=last.min(previous.0 + count);
                let conflicts = both.map(|index| Some(LogIndex(index))).chain([None]);
                conflicts.map(move |conflict| AppendSpan { previous, count, conflict, last: LogIndex(last) })
            })
        })
    })
}

pub(super) fn truncate(rules: Rulebook, cases: &mut UnitCases) {
    for scale in cases.few_scales() {
        for overlap in overlaps(scale.base()) {
            ask!(
                cases,
                rules.truncates(overlap),
                |from| from == overlap.conflict,
                "exactly a conflicting entry and those after it are deleted"
            );
            ask!(
                cases,
                rules.acknowledges(overlap),
                |index| index == overlap.covered(),
                "the logs are known to agree up to the last entry that the append covers"
            );
        }
    }
}

pub(super) fn follower_commit(rules: Rulebook, cases: &mut UnitCases) {
    for scale in cases.few_scales() {
        for overlap in overlaps(scale.base()) {
            // Committed entries never conflict.
            let end = overlap.conflict.map_or(overlap.last, LogIndex::previous);
            for commit in (scale.base()..=end.0).map(LogIndex) {
                for leader in (scale.base()..=scale.base() + 2 * MAX).map(LogIndex) {
                    let right = commit.max(leader.min(overlap.covered()));
                    ask!(
                        cases,
                        rules.follower_commit(commit, leader, overlap),
                        |index| index == right,
                        "a follower adopts the leader's commit index, up to the last entry that the append covers, and never lowers its own"
                    );
                }
            }
        }
    }
}

pub(super) fn commit(rules: Rulebook, cases: &mut UnitCases) {
    for scale in cases.scales() {
        for first in 0..=4 {
            for second in first..=4 {
                commits(rules, cases, scale, [first, second]);
            }
        }
    }
}

/// A log of four entries: terms 1 up to `first`, 2 up to `second`, 3 for the rest.
fn commits(rules: Rulebook, cases: &mut UnitCases, scale: Scale, [first, second]: [u64; 2]) {
    let base = scale.base();
    let term_at = move |index: LogIndex| match index.0.checked_sub(base) {
        Some(0) if base == 0 => Some(Term(0)),
        Some(index) if index <= first => Some(Term(scale.at(1))),
        Some(index) if index <= second => Some(Term(scale.at(2))),
        Some(1..=4) => Some(Term(scale.at(3))),
        _ => None,
    };
    let log: Vec<u64> = (1..=4).filter_map(|index| term_at(LogIndex(base + index))).map(|term| term.0).collect();
    for current in [3, 4].map(|term| Term(scale.at(term))) {
        for committed in (base..=base + 4).map(LogIndex) {
            for replicated in (committed.0 + 1..=base + 4).map(LogIndex) {
                let index = rules.leader_commit(committed, replicated, current, &term_at);
                let describe = || {
                    format!(
                        "in term {current}, with a log of the terms {log:?} after entry {base}, replicated up to {replicated} and committed up to {committed}, the answer commits up to {index}"
                    )
                };
                let is_own = |index| term_at(index) == Some(current);
                cases.note(index >= committed, "committed entries stay committed", describe);
                cases.note(index <= replicated, "a majority does not have all these entries", describe);
                cases.note(
                    index == committed || is_own(index),
                    "copies count only for entries of the leader's own term",
                    describe,
                );
                cases.note(!is_own(replicated) || index > committed, "there is an entry to commit", describe);
            }
        }
    }
}

pub(super) fn durable(rules: Rulebook, cases: &mut UnitCases) {
    for scale in cases.scales_to_the_end() {
        for vote in [None, Some(NodeId(0)), Some(NodeId(1)), Some(NodeId(u32::MAX))] {
            for before in terms(scale) {
                for after in terms(scale).filter(|after| *after >= before) {
                    ask!(
                        cases,
                        rules.vote_after_step_down(before, after, vote),
                        |kept| kept == vote.filter(|_| after == before),
                        "a vote is valid only in its term"
                    );
                }
            }
        }
    }
}

pub(super) fn answers(rules: Rulebook, cases: &mut UnitCases) {
    for scale in cases.scales_to_the_end() {
        for current in terms(scale) {
            for answer in terms(scale).filter(|answer| *answer <= current) {
                ask!(
                    cases,
                    rules.counts_answer(answer, current),
                    |ruling| ruling.allows() == (answer == current),
                    "a reply counts only in its own term"
                );
            }
        }
        for matched in indexes(scale) {
            for acknowledged in indexes(scale) {
                ask!(
                    cases,
                    rules.matched_after_ack(matched, acknowledged),
                    |index| index == matched.max(acknowledged),
                    "within a term the match index only increases, up to the acknowledged index"
                );
            }
        }
    }
}

pub(super) fn backtrack(rules: Rulebook, cases: &mut UnitCases) {
    for scale in cases.scales() {
        for first in (1..=MAX).map(|index| LogIndex(scale.at(index))) {
            for term in terms(scale).map(Some).chain([None]) {
                let conflict = Conflict { term, first };
                for last in indexes(scale).filter(|last| last.0 > 0 && term.is_some()).map(Some).chain([None]) {
                    // The leader may go back further than necessary, where both have entries of
                    // that term.
                    let latest = last.map_or(first, LogIndex::next);
                    ask!(
                        cases,
                        rules.next_after_refusal(conflict, last),
                        |next| next <= latest && next >= latest.min(first),
                        "the leader goes back as far as the hint says"
                    );
                }
            }
        }
        for refused in indexes(scale) {
            for matched in indexes(scale) {
                for probing in indexes(scale).map(Some).chain([None]) {
                    let is_news = refused > matched && probing.is_none_or(|asked| asked == refused);
                    ask!(
                        cases,
                        rules.heeds_refusal(refused, matched, probing),
                        |ruling| ruling.allows() == is_news,
                        "a refusal counts only above the match index, and as the reply to the current probe"
                    );
                }
            }
        }
    }
}

pub(super) fn apply_once(rules: Rulebook, cases: &mut UnitCases) {
    for applied_before in EITHER {
        ask!(
            cases,
            rules.applies(applied_before),
            |applies| applies != applied_before,
            "a request is applied exactly once"
        );
    }
}

pub(super) fn install(rules: Rulebook, cases: &mut UnitCases) {
    for scale in cases.scales_to_the_end() {
        for last in indexes(scale) {
            for commit in indexes(scale) {
                ask!(
                    cases,
                    rules.installs(last, commit),
                    |ruling| ruling.allows() == (last > commit),
                    "a snapshot is useful only if it contains more than the committed entries"
                );
            }
        }
        for current in terms(scale) {
            for snapshot in terms(scale).filter(|snapshot| *snapshot <= current) {
                ask!(
                    cases,
                    rules.term_after_snapshot(current, snapshot),
                    |term| term == current,
                    "the term of an entry is not the term of the node"
                );
            }
        }
        for term in terms(scale) {
            let last = Position { index: LogIndex(scale.at(1)), term };
            for mine in terms(scale).map(Some).chain([None]) {
                ask!(
                    cases,
                    rules.keeps_log_behind_snapshot(last, mine),
                    |keeps| keeps == (mine == Some(term)),
                    "a log that lacks the snapshot's last entry goes, all of it"
                );
            }
        }
    }
}

pub(super) fn read(rules: Rulebook, cases: &mut UnitCases) {
    for scale in cases.scales_to_the_end() {
        for own_term_committed in EITHER {
            ask!(
                cases,
                rules.notes_read(own_term_committed),
                |ruling| ruling.allows() == own_term_committed,
                "a commit index can be relied on after an entry of the leader's own term"
            );
        }
        for confirmed in EITHER {
            for applied in indexes(scale) {
                for read_index in indexes(scale) {
                    ask!(
                        cases,
                        rules.serves_read(confirmed, applied, read_index),
                        |serves| serves == (confirmed && applied >= read_index),
                        "a read needs a confirmed leader and a state that is new enough"
                    );
                }
            }
        }
    }
}
