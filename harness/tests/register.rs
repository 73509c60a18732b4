//! Random runs of a replicated register with harsh faults: with majorities every history is
//! linearizable; with answers at once many are not, copies converge, and only wall clocks put an
//! effect before its cause. Each claim fails when an assumption of it is dropped.
//!
//! `QUORATE_REGISTER_SEEDS=10000` sets the number of runs by the book.

use std::collections::BTreeMap;

use quorate_bugs::NamedRulebook;
use quorate_harness::experiments::{AnswerStats, LinearizableInMajorityMode, Planned, RunParameters, SimTarget};
use quorate_harness::protocols::RegisterTarget;
use quorate_lab::sim::{Coverage, Experiment, FaultPlan, RunVerdict, Setup};
use quorate_protocol::{Duration, Invariant, Rule};
use quorate_replication::Tick;
use quorate_replication::register::{
    Available, BY_THE_BOOK, CauseBeforeEffect, Mode, Order, Register, RegisterRule, Rulebook, Safety, Session,
};

/// Number of runs of which the counts are exact, since a seed always makes the same run.
const COUNTED: u64 = 100;

fn seeds() -> u64 {
    std::env::var("QUORATE_REGISTER_SEEDS").map_or(500, |text| text.parse().expect("a number of seeds"))
}

fn run(seed: u64) -> RunParameters {
    RunParameters { nodes: 3, seed, fault_plan: FaultPlan::harsh(), span: Duration::from_secs(2) }
}

fn plan(mode: Mode, seed: u64) -> Planned<RegisterTarget> {
    RegisterTarget::plan_in(mode, NamedRulebook::default(), &run(seed)).expect("such a cluster can be")
}

/// Counts of the runs of one mode.
#[derive(Default)]
struct Counts {
    coverage: Coverage<Register>,
    checked: AnswerStats,
    not_linearizable: u64,
}

/// Harsh runs by the book: each must be safe, and reach its goal.
fn harsh(mode: Mode, seeds: u64) -> Counts {
    let mut counts = Counts::default();
    for seed in 0..seeds {
        let outcome = plan(mode, seed).run(RegisterTarget::reached);
        let is_reached = matches!(outcome.verdict, RunVerdict::Reached { .. });
        assert!(is_reached, "{mode:?}, seed {seed}: {:?}", outcome.verdict);
        let ((_, answers), seen) = outcome.world.invariants();
        counts.coverage.add(seen);
        counts.checked += RegisterTarget::answer_stats(&outcome.world.invariants().0);
        counts.not_linearizable += LinearizableInMajorityMode::not_linearizable(answers);
    }
    counts
}

fn available(order: Order, session: Session) -> Mode {
    let anti_entropy = Duration::from_millis(200);
    Mode::Available(Available { order, session, anti_entropy, ..Available::default() })
}

/// Number of the counted runs that break an invariant, under a rulebook and judged by `invariants`.
fn broken<I: Invariant<Register> + Clone>(mode: Mode, rules: Rulebook, invariants: &I) -> BTreeMap<&'static str, u64> {
    let mut broken = BTreeMap::new();
    for seed in 0..COUNTED {
        let planned = plan(mode, seed);
        let setup: Setup<Register> = planned.setup.under_named("changed", rules);
        let judged = Experiment {
            setup,
            invariants: invariants.clone(),
            requests: planned.requests,
            faults: planned.faults,
            message_faults: planned.message_faults,
            fault_window: planned.fault_window,
            recovery_window: planned.recovery_window,
        };
        if let RunVerdict::Broke(violation) = judged.run(|_| false).verdict {
            *broken.entry(violation.broken.invariant).or_default() += 1;
        }
    }
    broken
}

fn not_linearizable(rules: Rulebook) -> BTreeMap<&'static str, u64> {
    broken(Mode::Consistent, rules, &LinearizableInMajorityMode::default())
}

#[test]
fn with_majorities_every_history_is_linearizable() {
    let Counts { coverage, checked, not_linearizable } = harsh(Mode::Consistent, seeds());
    assert_eq!((checked.histories, checked.undecided, not_linearizable), (seeds(), 0, 0));
    assert!(checked.operations > 10 * seeds(), "{checked:?}");
    assert!(coverage.of(RegisterRule::WriteBack) > seeds() / 2, "{}", coverage.of(RegisterRule::WriteBack));
    assert!(coverage.of(RegisterRule::NoMajority) > seeds(), "{}", coverage.of(RegisterRule::NoMajority));
}

#[test]
fn a_quorum_of_one_is_not_linearizable() {
    assert_eq!(not_linearizable(BY_THE_BOOK), BTreeMap::new());
    let one = Rulebook { quorum: |_| 1, ..BY_THE_BOOK };
    assert_eq!(not_linearizable(one), BTreeMap::from([("Linearizable", 68)]));
}

#[test]
fn a_read_that_does_not_write_back_is_not_linearizable() {
    let no_write_back =
        Rulebook { write_back: |_, _| quorate_protocol::Ruling::Refuse(RegisterRule::OnMajority), ..BY_THE_BOOK };
    assert_eq!(not_linearizable(no_write_back), BTreeMap::from([("Linearizable", 2)]));
}

#[test]
fn a_write_that_asks_nobody_is_not_linearizable() {
    let unasked = Rulebook { write_asks_first: || false, ..BY_THE_BOOK };
    assert_eq!(not_linearizable(unasked), BTreeMap::from([("Linearizable", 1)]));
}

#[test]
fn answers_at_once_are_often_not_linearizable_and_converge() {
    let counts = [
        (Order::Wall, Session::Off),
        (Order::Lamport, Session::ReadYourWrites),
        (Order::Hybrid, Session::MonotonicReads),
        (Order::Vector, Session::Off),
    ]
    .map(|(order, session)| {
        let Counts { checked, not_linearizable, .. } = harsh(available(order, session), COUNTED);
        assert_eq!((checked.histories, checked.undecided), (COUNTED, 0));
        not_linearizable
    });
    assert_eq!(counts, [97, 34, 39, 100]);
}

/// Copies that are compared too seldom stay different: nothing but anti-entropy repairs what was
/// lost on its way.
#[test]
fn without_anti_entropy_copies_do_not_converge() {
    let anti_entropy = Duration::from_secs(3_600);
    let mode = Mode::Available(Available { anti_entropy, read_repair: false, ..Available::default() });
    let missed = (0..COUNTED)
        .filter(|seed| matches!(plan(mode, *seed).run(RegisterTarget::reached).verdict, RunVerdict::Missed))
        .count();
    assert_eq!(missed, 2);
}

/// Only the order of wall clocks lets an effect come before its cause, so that the effect is lost.
#[test]
fn wall_clocks_lose_updates_and_the_other_orders_do_not() {
    let judge = CauseBeforeEffect { of_wall_clocks: true };
    let lost = |order, rules| broken(available(order, Session::Off), rules, &judge);
    assert_eq!(lost(Order::Wall, BY_THE_BOOK), BTreeMap::from([("CauseBeforeEffect", 96)]));
    for order in [Order::Lamport, Order::Hybrid, Order::Vector] {
        assert_eq!(lost(order, BY_THE_BOOK), BTreeMap::new(), "{order:?}");
    }
    let deaf = Rulebook { on_receive: |_, clock: Tick, _| clock, ..BY_THE_BOOK };
    assert_eq!(lost(Order::Lamport, deaf), BTreeMap::from([("CauseBeforeEffect", 98)]));
}

/// A session is as good as the replica's willingness to wait for it.
#[test]
fn a_replica_that_answers_behind_breaks_sessions() {
    let hasty = Rulebook { may_answer: |_| quorate_protocol::Ruling::Allow(RegisterRule::ReadHere), ..BY_THE_BOOK };
    for (session, count) in [(Session::ReadYourWrites, 7), (Session::MonotonicReads, 1)] {
        let mode = available(Order::Lamport, session);
        assert_eq!(broken(mode, BY_THE_BOOK, &Safety::default()), BTreeMap::new());
        assert_eq!(
            broken(mode, hasty, &Safety::default()),
            BTreeMap::from([("SessionGuarantee", count)]),
            "{session:?}"
        );
    }
}

/// Every rule fires in random runs, but those of requests and clocks that random runs do not have.
#[test]
fn every_rule_fires_in_random_runs() {
    let mut met = Coverage::<Register>::default();
    for seed in 0..200 {
        let outcome = RegisterTarget::experiment(&run(seed)).expect("it can be").run(RegisterTarget::reached);
        met.add(&outcome.world.invariants().1);
    }
    let never: Vec<_> = RegisterRule::ALL.iter().filter(|rule| met.of(**rule) == 0).collect();
    assert_eq!(never, [&RegisterRule::CountedBefore, &RegisterRule::FutureStamp, &RegisterRule::NotMyRole]);
}
