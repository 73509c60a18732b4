//! The zoo: bugs that an exhaustive search finds, with the length of the shortest schedule, and what the book makes of the same schedule.

use quorate::bugs;
use quorate::checks::{Ballots, Examined, Leases, Terms};
use quorate::lab::check::{Reductions, Search, Shared};
use quorate::lab::trace::render::{self, Options};

/// Searches for a bug within the budget that it takes. Asserts that the shortest schedule breaks that invariant after so many
/// steps, can be drawn, and breaks nothing by the book.
fn is_found<E: Examined<Machine: Shared, Invariants: Sync>>(rules: Option<E::Rules>, invariant: &str, steps: usize) {
    let rules = rules.expect("the bug is in the zoo");
    let budget = E::budget(rules);
    let cluster = E::cluster(rules, &budget).expect("such a cluster can be");
    let report = Search::new(&cluster).run().expect("the search makes sense");
    let path = report.counterexample().unwrap_or_else(|| panic!("nothing breaks: {report}"));
    assert_eq!(path.steps.len(), steps, "{report}");
    let broken = path.end().broken().map(|(_, broken)| broken.invariant);
    assert_eq!(broken, Some(invariant));
    let document = cluster.replay(path).expect("machines are pure").document();
    assert!(render::log(&document, Options::default()).contains(&format!("BROKEN: {invariant}")));

    let book = E::cluster(E::Rules::default(), &budget).expect("such a cluster can be").reductions(Reductions::NONE);
    let followed = book.follow(path);
    assert!(followed.end().broken().is_none(), "the book breaks, too");
    assert!(!followed.steps.is_empty() && book.replay(&followed).is_ok(), "nothing of the schedule can happen");
}

#[test]
fn bugs_of_paxos_that_need_two_ballots() {
    for (id, invariant, steps) in [
        ("own-value", "AtMostOneChosen", 14),
        ("no-promise-check", "AtMostOneChosen", 14),
        ("accepted-only", "AtMostOneChosen", 14),
        ("skip-phase-1", "AtMostOneChosen", 6),
    ] {
        is_found::<Ballots>(bugs::paxos::Book::named(id), invariant, steps);
    }
}

#[test]
fn bugs_of_paxos_that_need_a_fault() {
    for (id, invariant, steps) in [
        ("duplicate-promise", "AtMostOneChosen", 14),
        ("ballot-reuse", "AtMostOneChosen", 16),
        ("forget-promise", "PromisesNeverDecrease", 4),
        ("forget-accepted", "AtMostOneChosen", 16),
    ] {
        is_found::<Ballots>(bugs::paxos::Book::named(id), invariant, steps);
    }
}

#[test]
fn bugs_of_raft() {
    for (id, invariant, steps) in [
        ("vote-not-durable", "OneVotePerTerm", 5),
        ("stale-vote-reply", "ElectionSafety", 7),
        ("log-not-durable", "LeaderCompleteness", 10),
    ] {
        is_found::<Terms>(bugs::raft::Book::named(id), invariant, steps);
    }
}

#[test]
fn bugs_of_leases() {
    for (id, steps) in
        [("no-drift-margin", 9), ("counts-from-reply", 9), ("wall-clock", 6), ("restart-grants-at-once", 7)]
    {
        is_found::<Leases>(bugs::lease::Book::named(id), "AtMostOnePrimary", steps);
    }
}
