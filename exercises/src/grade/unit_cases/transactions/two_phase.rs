//! Unit cases for the decisions of two-phase commit.

use quorate_transactions::Txn;
use quorate_transactions::two_phase::{Outcome, Rulebook};

use super::counts;
use crate::course::Exercise;
use crate::grade::unit_cases::{EITHER, LAST, UnitCases, ask};
use crate::grading::{Failed, Grading};

/// Tests the decisions of an exercise about two-phase commit.
pub(in crate::grade) fn two_phase(rules: Rulebook, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
    let ask: Option<fn(Rulebook, &mut UnitCases)> = match exercise.id {
        "txn-vote" => Some(vote),
        "txn-yes" => Some(yes),
        "txn-decide" => Some(decide),
        "txn-presume" => Some(presume),
        "txn-doubt" => Some(doubt),
        "txn-again" => Some(again),
        _ => None,
    };
    UnitCases::put(grading, LAST, ask.map(|ask| move |cases: &mut UnitCases| ask(rules, cases)))
}

fn vote(rules: Rulebook, cases: &mut UnitCases) {
    let holder = None;
    ask!(cases, rules.locks(holder), |ruling| ruling.allows(), "a row that nobody holds is free");
    for scale in cases.scales_to_the_end() {
        for (life, number) in [(1, 1), (1, 2), (2, 1)] {
            let holder = Some(Txn { life: scale.at(life), number: scale.at(number) });
            ask!(cases, rules.locks(holder), |ruling| !ruling.allows(), "a row that is held is waited for");
        }
    }
    let drawn: Vec<i64> = cases.drawn(1 << 62).into_iter().filter_map(|amount| i64::try_from(amount).ok()).collect();
    for amount in (0..=6).chain(drawn).chain([i64::MAX]) {
        let near = [-amount - 1, -amount, -amount + 1, -1, 0, 1].into_iter();
        for by in near.chain([i64::MIN, i64::MAX]) {
            ask!(
                cases,
                rules.votes(amount, by),
                |ruling| ruling.allows() == amount.checked_add(by).is_some_and(|after| after >= 0),
                "a participant votes yes exactly if the amount after the change is a number of at least zero"
            );
        }
    }
}

fn yes(rules: Rulebook, cases: &mut UnitCases) {
    ask!(cases, rules.writes_yes(), |writes| writes, "a yes is on disk before it is sent");
    ask!(cases, rules.locks_again(), |locks| locks, "the row stays locked until the outcome is known");
}

fn decide(rules: Rulebook, cases: &mut UnitCases) {
    let drawn: Vec<u32> = cases.drawn(u64::from(u32::MAX)).into_iter().filter_map(|n| u32::try_from(n).ok()).collect();
    for before in (0..=4).chain(drawn) {
        ask!(
            cases,
            rules.counts(before),
            |ruling| ruling.allows() == (before == 0),
            "the first yes of a participant counts, and no other"
        );
    }
    for (yes, participants) in counts(cases) {
        ask!(
            cases,
            rules.commits(yes, participants),
            |ruling| ruling.allows() == (yes == participants),
            "a commit needs the yes of every participant"
        );
    }
    for committed in EITHER {
        ask!(
            cases,
            rules.aborts_late(committed),
            |ruling| ruling.allows() != committed,
            "a late vote counts as a no, and a commit is never reversed"
        );
    }
}

fn presume(rules: Rulebook, cases: &mut UnitCases) {
    ask!(cases, rules.writes_commit(), |writes| writes, "a commit is on disk before it is announced");
    for (done, participants) in counts(cases) {
        ask!(
            cases,
            rules.forgets(done, participants),
            |ruling| ruling.allows() == (done == participants),
            "a commit may be forgotten when every participant has acknowledged it, and not before"
        );
    }
    ask!(
        cases,
        rules.presumes(),
        |outcome| outcome == Some(Outcome::Abort),
        "of a transaction without a record the coordinator says that it was aborted"
    );
}

fn doubt(rules: Rulebook, cases: &mut UnitCases) {
    ask!(cases, rules.on_silence(), |ruling| !ruling.allows(), "a participant in doubt may not decide alone");
    ask!(
        cases,
        rules.keeps_lock(),
        |keeps| keeps,
        "what is in doubt may yet be committed, and its row is still its own"
    );
    ask!(cases, rules.remembers_abort(), |keeps| keeps, "the request to prepare may still arrive");
    for told in [Outcome::Commit, Outcome::Abort] {
        for reached in [None, Some(Outcome::Commit), Some(Outcome::Abort)] {
            ask!(
                cases,
                rules.takes(reached, told),
                |ruling| ruling.allows() == reached.is_none(),
                "a participant takes the first outcome that it is told, and keeps it"
            );
        }
    }
}

fn again(rules: Rulebook, cases: &mut UnitCases) {
    for scale in cases.scales_to_the_end() {
        for number in (1..=5).map(|number| scale.at(number)) {
            let last = None;
            ask!(cases, rules.begins(last, number), |ruling| ruling.allows(), "the first request of a client is new");
            for last in (1..=5).map(|last| Some(scale.at(last))) {
                ask!(
                    cases,
                    rules.begins(last, number),
                    |ruling| ruling.allows() == (Some(number) > last),
                    "only a request above the newest one that was decided is new"
                );
            }
        }
    }
    for scale in cases.scales() {
        for written in [0, scale.at(1), scale.at(5)] {
            ask!(cases, rules.next_life(written), |life| life > written, "a life is above every one before it");
        }
    }
}
