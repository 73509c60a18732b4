//! Random runs of the Byzantine generals and of reliable broadcast, with harsh faults and as many
//! liars as each bears: within its assumptions nothing breaks. Tests drop one assumption after the
//! other, and count what breaks then.
//!
//! `QUORATE_SEEDS=10000` sets the number of runs by the book.

use std::collections::BTreeMap;

use quorate_bugs::NamedRulebookOf;
use quorate_bugs::byzantine::{broadcast, generals};
use quorate_byzantine::broadcast::BroadcastRule;
use quorate_byzantine::generals::GeneralsRule;
use quorate_harness::experiments::{RunParameters, SimTarget};
use quorate_harness::protocols::{BroadcastTarget, GeneralsTarget};
use quorate_lab::sim::{Conditions, Coverage, FaultPlan, RunVerdict};
use quorate_protocol::{Duration, Machine, Rule};

/// Number of runs of which the counts are exact, since a seed always makes the same run.
const COUNTED: u64 = 200;

fn seeds() -> u64 {
    std::env::var("QUORATE_SEEDS").map_or(500, |text| text.parse().expect("a number of seeds"))
}

fn run(nodes: u32, seed: u64) -> RunParameters {
    RunParameters { nodes, seed, fault_plan: FaultPlan::harsh(), span: Duration::from_secs(2) }
}

/// Harsh runs by the book: each must be safe, and reach its goal.
fn harsh<S: SimTarget>(nodes: u32, seeds: u64) -> Coverage<S::Machine> {
    let mut coverage = Coverage::default();
    for seed in 0..seeds {
        let run = run(nodes, seed);
        let outcome = S::experiment(&run).expect("such a cluster can be").run(S::reached);
        let is_reached = matches!(outcome.verdict, RunVerdict::Reached { .. });
        assert!(is_reached, "{:?}; see it with\n  {}", outcome.verdict, run.replay::<S>());
        coverage.add(&outcome.world.invariants().1);
    }
    coverage
}

/// The rules that fired in no run.
fn never<M: Machine>(coverage: &Coverage<M>) -> Vec<M::Rule> {
    M::Rule::ALL.iter().copied().filter(|rule| coverage.of(*rule) == 0).collect()
}

/// Number of the counted runs that break an invariant, by its name, and that never reach the goal.
fn broken<S: SimTarget>(plan: FaultPlan, book: NamedRulebookOf<S::Machine>) -> BTreeMap<&'static str, u64> {
    let mut broken = BTreeMap::new();
    for seed in 0..COUNTED {
        let run = run(3, seed);
        let mut experiment = S::plan(book, &run).expect("such a cluster can be");
        experiment.faults = plan.schedule(seed, run.nodes + 1, run.span);
        experiment.setup = experiment.setup.conditions(plan.conditions);
        match experiment.run(S::reached).verdict {
            RunVerdict::Reached { .. } => {}
            RunVerdict::Missed => *broken.entry("missed").or_default() += 1,
            RunVerdict::Broke(violation) => *broken.entry(violation.broken.invariant).or_default() += 1,
        }
    }
    broken
}

fn counts<const N: usize>(counts: [(&'static str, u64); N]) -> BTreeMap<&'static str, u64> {
    counts.into()
}

fn lossy() -> FaultPlan {
    let conditions = FaultPlan::none().conditions;
    let loss = FaultPlan::harsh().conditions.loss;
    FaultPlan { conditions: Conditions { loss, ..conditions }, ..FaultPlan::none() }
}

fn slow() -> FaultPlan {
    let conditions = Conditions { loss: FaultPlan::none().conditions.loss, ..FaultPlan::harsh().conditions };
    FaultPlan { conditions, ..FaultPlan::none() }
}

/// With three lieutenants OM(1) and a traitor, with six OM(2) and two of them.
#[test]
fn loyal_generals_agree_while_messages_arrive_in_time() {
    let mut coverage = harsh::<GeneralsTarget>(3, seeds());
    coverage.add(&harsh::<GeneralsTarget>(6, seeds() / 5));
    let cannot = [GeneralsRule::WrongSender, GeneralsRule::NoSuchPath, GeneralsRule::LieByList];
    assert_eq!(never(&coverage), cannot, "nobody speaks for another, and lists of lies are not drawn");
}

#[test]
fn honest_nodes_accept_the_same_or_nothing_while_messages_arrive() {
    let mut coverage = harsh::<BroadcastTarget>(3, seeds());
    coverage.add(&harsh::<BroadcastTarget>(6, seeds() / 5));
    assert_eq!(never(&coverage), [BroadcastRule::NotTheSender], "the sender alone sends its value");
    assert!(coverage.of(BroadcastRule::Accept) > seeds(), "{}", coverage.of(BroadcastRule::Accept));
}

/// Each assumption that is dropped makes loyal lieutenants obey different orders.
#[test]
fn generals_disagree_in_a_network_that_is_not_synchronous() {
    let none = FaultPlan::none();
    let plans = [lossy(), slow(), FaultPlan { pauses: 8, ..none }, FaultPlan { crashes: 8, ..none }, none];
    let broken = plans.map(|plan| broken::<GeneralsTarget>(plan, generals::NamedRulebook::default()));
    let expected = [
        counts([("LoyalAgree", 4), ("LoyalObey", 16)]),
        counts([("LoyalAgree", 3), ("LoyalObey", 2)]),
        counts([("LoyalObey", 2)]),
        counts([("LoyalAgree", 66), ("LoyalObey", 7), ("missed", 19)]),
        counts([]),
    ];
    assert_eq!(broken, expected, "of {COUNTED} runs with losses, slow messages, pauses, crashes, and none of them");
}

/// Delays and pauses break nothing; what loses messages leaves nodes behind. A sender that restarts
/// has forgotten its value, and may send another one.
#[test]
fn broadcast_leaves_nodes_behind_where_messages_are_lost() {
    let none = FaultPlan::none();
    let plans = [lossy(), slow(), FaultPlan { pauses: 8, ..none }, FaultPlan { crashes: 8, ..none }, none];
    let broken = plans.map(|plan| broken::<BroadcastTarget>(plan, broadcast::NamedRulebook::default()));
    let expected = [
        counts([("Totality", 32), ("missed", 29)]),
        counts([]),
        counts([]),
        counts([("SendersValue", 20), ("Totality", 78), ("missed", 27)]),
        counts([]),
    ];
    assert_eq!(broken, expected, "of {COUNTED} runs with losses, slow messages, pauses, crashes, and none of them");
}

/// The bugs that break no step leave nodes behind at the end of a run.
#[test]
fn bugs_that_leave_nodes_behind_are_seen_at_the_end() {
    let plan = BroadcastTarget::within_assumptions(&FaultPlan::harsh());
    for book in [broadcast::READY_AFTER_TWO_F, broadcast::FOLLOWS_NOBODY] {
        let broken = broken::<BroadcastTarget>(plan, book);
        assert_eq!(broken.keys().copied().collect::<Vec<_>>(), ["Totality"], "{}", book.id());
    }
}
