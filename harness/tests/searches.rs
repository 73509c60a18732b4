//! Searches of Multi-Paxos, cache leases, a replicated register, the Byzantine generals, reliable
//! broadcast, a view change of PBFT and a reliable channel: under the papers' rules nothing breaks
//! and every goal is reached, and bugs are found.

use quorate_bugs::{NamedRulebookOf, byzantine, channel, lease, paxos, replication};
use quorate_harness::checks::{Budget, SearchTarget};
use quorate_harness::protocols::{
    BroadcastTarget, ChannelTarget, GeneralsTarget, LeaseCacheTarget, MultiPaxosTarget, PbftTarget, RegisterTarget,
};
use quorate_harness::reproduce::shortest;
use quorate_lab::check::{Reductions, Search, SearchProgress, SearchVerdict};

/// Asserts that a search under the papers' rules reaches every goal and breaks nothing, to its end
/// or to the depth of its budget.
fn holds<E: SearchTarget>(budget: &Budget) -> SearchProgress {
    let cluster = E::cluster(NamedRulebookOf::<E::Machine>::default(), budget).expect("such a cluster can be");
    let mut search = Search::new(&cluster);
    if let Some(depth) = budget.depth {
        search = search.depth(depth);
    }
    for (name, reached) in E::goals(budget) {
        search = search.goal(name, reached);
    }
    let report = search.run().expect("the search makes sense");
    println!("{report}");
    assert!(report.passed(), "{report}");
    assert_eq!(matches!(report.verdict, SearchVerdict::Exhausted), budget.depth.is_none(), "{report}");
    report.progress
}

/// Asserts that a bug breaks an invariant, and that the papers' rules follow the same schedule, as
/// far as possible, without a violation. Returns the number of steps to the violation.
fn breaks<E: SearchTarget>(rules: Option<NamedRulebookOf<E::Machine>>, invariant: &str) -> usize {
    let bug = rules.expect("the bug is in the zoo");
    let (_, path) = shortest::<E>(bug).unwrap_or_else(|error| panic!("{bug:?}: {error}"));
    let (_, broken) = path.end().broken().expect("it breaks something");
    assert_eq!(broken.invariant, invariant, "{bug:?}: {broken}");
    let book =
        E::under_rules(bug, NamedRulebookOf::<E::Machine>::default(), &E::budget(bug)).expect("such a cluster can be");
    let followed = book.reductions(Reductions::NONE).replay_under(&path);
    assert_eq!(followed.end().broken(), None, "{bug:?}, by the book");
    println!("{bug:?}: {} steps", path.steps.len());
    path.steps.len()
}

#[test]
fn multi_paxos_by_the_book_to_a_stated_depth() {
    let usual = MultiPaxosTarget::budget(paxos::NamedRulebook::default());
    let budget = Budget { requests: 1, depth: Some(15), ..usual };
    let progress = holds::<MultiPaxosTarget>(&budget);
    assert_eq!((progress.depth, progress.unique), (Some(15), 77_115));
}

#[test]
fn a_leader_that_fills_a_slot_though_it_was_reported_is_found() {
    let steps = breaks::<MultiPaxosTarget>(paxos::NamedRulebook::named("hole-not-repaired"), "AtMostOneChosen");
    assert_eq!(steps, 14);
}

#[test]
fn cached_data_by_the_book_to_the_end() {
    let budget = LeaseCacheTarget::budget(lease::NamedRulebook::default());
    assert_eq!(holds::<LeaseCacheTarget>(&budget).unique, 262_473);
}

#[test]
fn a_server_that_does_not_wait_for_its_caches_is_found() {
    let steps = breaks::<LeaseCacheTarget>(lease::NamedRulebook::named("write-at-once"), "NoStaleRead");
    assert_eq!(steps, 6);
}

/// Bugs of other leases, in rules that caches share with them.
#[test]
fn caches_and_their_server_count_on_the_worst_clocks() {
    for id in ["no-drift-margin", "restart-grants-at-once", "wall-clock"] {
        breaks::<LeaseCacheTarget>(lease::NamedRulebook::named(id), "NoStaleRead");
    }
}

#[test]
fn a_register_with_majorities_by_the_book_to_the_end() {
    let budget = RegisterTarget::budget(replication::register::NamedRulebook::default());
    assert_eq!(holds::<RegisterTarget>(&budget).unique, 3_587);
}

/// A commander who lies.
#[test]
fn four_generals_by_the_book_to_the_end() {
    let budget = GeneralsTarget::budget(byzantine::generals::NamedRulebook::default());
    assert_eq!(holds::<GeneralsTarget>(&budget).unique, 1_101);
}

/// A sender that lies.
#[test]
fn a_broadcast_to_four_nodes_by_the_book_to_the_end() {
    let budget = BroadcastTarget::budget(byzantine::broadcast::NamedRulebook::default());
    assert_eq!(holds::<BroadcastTarget>(&budget).unique, 441_803);
}

/// Messages may also never arrive, so replicas lose patience at any time, with any that have voted.
#[test]
fn a_view_change_of_pbft_by_the_book_to_a_stated_depth() {
    let usual = PbftTarget::budget(byzantine::pbft::NamedRulebook::default());
    let progress = holds::<PbftTarget>(&Budget { firings: 2, depth: Some(9), ..usual });
    assert_eq!((progress.depth, progress.unique), (Some(9), 44_933));
}

#[test]
fn a_channel_by_the_book_to_the_end() {
    let budget = ChannelTarget::budget(channel::NamedRulebook::default());
    assert_eq!(holds::<ChannelTarget>(&budget).unique, 26_765);
}
