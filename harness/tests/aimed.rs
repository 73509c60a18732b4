//! Aimed harsh runs of leases come so close to the ends of terms that they expose a safety margin
//! which is slightly too short.

use quorate_bugs::NamedRulebookOf;
use quorate_bugs::lease::NamedRulebook;
use quorate_harness::experiments::{LeaseCounts, RunParameters, SimTarget};
use quorate_harness::protocols::{LeaseMajorityTarget, LeaseRaftTarget, LeaseTarget};
use quorate_lab::sim::{FaultPlan, RunVerdict};
use quorate_lease::{BY_THE_BOOK, Rulebook, Terms};
use quorate_protocol::Duration;

/// Aimed harsh runs in seed order: every fifth.
fn aimed(nodes: u32) -> impl Iterator<Item = RunParameters> {
    let seeds = (4..).step_by(5);
    seeds.map(move |seed| RunParameters { nodes, seed, fault_plan: FaultPlan::harsh(), span: Duration::from_secs(5) })
}

/// First of at most `most` aimed runs in which an invariant breaks: its number, and the invariant.
fn caught<S: SimTarget>(rules: NamedRulebookOf<S::Machine>, nodes: u32, most: usize) -> Option<(usize, &'static str)> {
    aimed(nodes).take(most).enumerate().find_map(|(count, run)| {
        match S::plan(rules, &run).expect("there can be such a cluster").run(S::reached).verdict {
            RunVerdict::Broke(violation) => Some((count + 1, violation.broken.invariant)),
            RunVerdict::Reached { .. } | RunVerdict::Missed => None,
        }
    })
}

/// A grant recovered from disk binds for the holder's term only.
const RECALLS_FOR_THE_HOLDERS_TERM: Rulebook = Rulebook { recalled_term: Terms::holder, ..BY_THE_BOOK };

/// The holder counts half a renewal interval too long.
const HOLDS_HALF_A_RENEWAL_LONGER: Rulebook =
    Rulebook { holder_term: |terms| terms.holder() + terms.renew_every() / 2, ..BY_THE_BOOK };

/// Lease statistics of `count` runs. Each must be safe, and make progress in the end.
fn seen<S: SimTarget>(
    runs: impl Iterator<Item = RunParameters>,
    count: usize,
    of: fn(&S::Invariants) -> LeaseCounts,
) -> LeaseCounts {
    let mut seen = LeaseCounts::default();
    for run in runs.take(count) {
        let outcome = S::experiment(&run).expect("there can be such a cluster").run(S::reached);
        assert!(matches!(outcome.verdict, RunVerdict::Reached { .. }), "{run:?}: {:?}", outcome.verdict);
        seen += of(&outcome.world.invariants().0);
    }
    seen
}

/// In most harsh runs no lease changes hands within milliseconds of its end, and a margin that is a
/// few milliseconds short would not show. In aimed runs it happens repeatedly.
#[test]
fn leases_change_hands_within_milliseconds_of_their_ends() {
    let one = |(_, stats, ..): &<LeaseTarget as SimTarget>::Invariants| stats.counts();
    let majority = |(_, stats, _): &<LeaseMajorityTarget as SimTarget>::Invariants| stats.counts();
    let near = [
        seen::<LeaseTarget>(aimed(3), 20, one).near_ends,
        seen::<LeaseMajorityTarget>(aimed(3), 20, majority).near_ends,
    ];
    println!("{near:?} leases changed hands near their ends");
    assert!(near.iter().all(|near| *near >= 2), "{near:?} leases changed hands near their ends");
}

/// A table on Raft, whose servers call elections long before their leader lease ends, is safe in
/// aimed runs as well.
#[test]
fn servers_that_stand_for_election_too_soon_are_kept_by_their_trust() {
    let table = |(_, _, stats, _): &<LeaseRaftTarget as SimTarget>::Invariants| stats.counts();
    let seen = seen::<LeaseRaftTarget>(aimed(3), 10, table);
    println!("{seen:?}");
    assert!(seen.hand_overs >= 20 && seen.acts > 10_000, "{seen:?}");
}

/// Half a renewal interval, and the tenth of a term between granter and holder: both show within
/// this many aimed runs.
#[test]
fn a_margin_that_is_a_little_short_shows_in_the_aimed_runs() {
    const DUAL: Option<&str> = Some("AtMostOnePrimary");
    let [half, recall] = [HOLDS_HALF_A_RENEWAL_LONGER, RECALLS_FOR_THE_HOLDERS_TERM].map(NamedRulebook::from);
    let found = [
        caught::<LeaseTarget>(half, 3, 40),
        caught::<LeaseMajorityTarget>(half, 3, 40),
        caught::<LeaseTarget>(recall, 3, 80),
    ];
    println!("{found:?}");
    assert_eq!(found.map(|found| found.map(|(_, invariant)| invariant)), [DUAL; 3], "{found:?}");
}
