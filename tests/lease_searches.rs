//! Searches of the leases other than those of one granter: each bug of the zoo within their bounds
//! is found by a shortest counterexample, the correct rulebook is safe under the same schedule, and
//! no schedule violates an invariant with the correct rulebook.

use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use quorate::bugs::lease::NamedRulebook;
use quorate::checks::{SearchTarget, guided};
use quorate::lab::check::{Reductions, Search, SearchProgress, SyncMachine};
use quorate::lease::Rulebook;
use quorate::protocols::{LeaseMajorityTarget, LeaseRaftTarget, LeaseStoreTarget};
use quorate::reproduce::shortest;

/// Asserts that a bug violates an invariant, and that the correct rulebook is safe under the same
/// schedule as far as it applies. Returns the number of steps.
fn breaks<E>(id: &str, invariant: &str) -> usize
where
    E: SearchTarget<Machine: SyncMachine<Rulebook = Rulebook>, Invariants: Sync>,
{
    let bug = NamedRulebook::named(id).expect("the bug is in the zoo");
    let (_, path) = shortest::<E>(bug).unwrap_or_else(|error| panic!("{id}: {error}"));
    let (_, broken) = path.end().broken().expect("it breaks something");
    assert_eq!(broken.invariant, invariant, "{id}: {broken}");
    let book = E::under_rules(bug, NamedRulebook::default(), &E::budget(bug)).expect("such a cluster can be");
    let followed = book.reductions(Reductions::NONE).replay_under(&path);
    assert_eq!(followed.end().broken(), None, "{id}, by the book");
    assert!(!followed.steps.is_empty(), "{id}: by the book nothing of it can happen");
    path.steps.len()
}

/// Searches with the correct rulebook to a depth: from the initial state, or from the end of the
/// stages. `quorate check` in release mode goes deeper.
fn by_the_book<E>(depth: u32) -> SearchProgress
where
    E: SearchTarget<Machine: SyncMachine<Rulebook = Rulebook>, Invariants: Sync>,
{
    let (rules, budget) = (NamedRulebook::default(), E::budget(NamedRulebook::default()));
    let waypoints = E::waypoints(rules);
    let cluster = if waypoints.is_empty() { E::cluster(rules, &budget) } else { E::without_symmetry(rules, &budget) };
    let cluster = cluster.expect("such a cluster can be");
    let way = guided::<E>(&cluster, &waypoints).expect("the stages are reached");
    let search = Search::new(&cluster).depth(depth);
    let search = match &way {
        Some(way) => search.from([way.end().clone()]),
        None => search,
    };
    let report = search.run().expect("the search makes sense");
    assert!(report.counterexample().is_none(), "{report}");
    report.progress
}

#[test]
fn bugs_of_the_fenced_store() {
    assert_eq!(breaks::<LeaseStoreTarget>("replica-fence-only", "NoLostWrite"), 7, "and no sooner");
}

#[test]
fn bugs_of_leases_from_a_majority() {
    // Counting from the reply needs more ticks than this search has: a random run finds it.
    for id in ["no-drift-margin", "wall-clock", "restart-grants-at-once", "release-ignores-ballot"] {
        breaks::<LeaseMajorityTarget>(id, "AtMostOnePrimary");
    }
}

#[test]
fn bugs_of_leases_on_raft() {
    for id in ["transfer-keeps-lease", "votes-while-trusting", "limbo-read", "no-drift-margin"] {
        breaks::<LeaseRaftTarget>(id, "NoStaleRead");
    }
    breaks::<LeaseRaftTarget>("successor-does-not-wait", "AtMostOnePrimary");
}

#[test]
fn the_book_keeps_the_fenced_store_to_a_stated_depth() {
    assert_eq!(by_the_book::<LeaseStoreTarget>(12).depth, Some(12));
}

#[test]
fn the_book_keeps_leases_from_a_majority_to_a_stated_depth() {
    assert_eq!(by_the_book::<LeaseMajorityTarget>(8).depth, Some(8));
}

#[test]
fn the_book_keeps_leases_on_raft_to_a_stated_depth() {
    assert_eq!(by_the_book::<LeaseRaftTarget>(7).depth, Some(7));
}

/// They can be searched from the command line, with a report.
#[test]
fn they_are_searched_from_the_command_line() {
    let quorate = || Command::cargo_bin("quorate").expect("the binary is built");
    let found = quorate().args(["check", "lease-store", "--bug", "replica-fence-only"]).assert().code(1);
    found
        .stderr(contains("NoLostWrite is broken"))
        .stdout(contains("Under the correct rulebook the same schedule breaks nothing"));
    let store = quorate().args(["check", "lease-store", "--requests", "2"]).assert().success();
    store.stdout(contains("Every invariant held").and(contains("exhausted")));
    let cache = quorate().args(["check", "lease-cache"]).assert().success();
    cache.stdout(contains("Every invariant held").and(contains("exhausted")));
    let found = quorate().args(["check", "lease-cache", "--bug", "write-at-once"]).assert().code(1);
    found
        .stderr(contains("NoStaleRead is broken"))
        .stdout(contains("Under the correct rulebook the same schedule breaks nothing"));
    let pushed = quorate().args(["check", "lease-pushed"]).assert().success();
    pushed.stdout(contains("Every invariant held").and(contains("exhausted")));
    for protocol in ["lease-majority", "lease-raft"] {
        let cut = quorate().args(["check", protocol, "--depth", "6"]).assert().success();
        cut.stdout(contains("Every invariant held").and(contains("depth 6 complete")));
    }
    let other = quorate().args(["check", "lease-store", "--bug", "figure-8"]).assert().code(2);
    other.stderr(contains("'figure-8' is a bug of raft, not of lease-store"));
}
