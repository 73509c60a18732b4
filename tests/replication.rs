//! Random runs of a replicated register with harsh faults: with majorities every history is
//! linearizable; with answers at once many are not, copies converge, and only wall clocks put an
//! effect before its cause.

use std::collections::BTreeSet;

use quorate::bugs::NamedRulebook;
use quorate::experiments::{AnswerStats, LinearizableInMajorityMode, RunParameters, SimTarget};
use quorate::lab::sim::{Coverage, Experiment, FaultPlan, RunVerdict};
use quorate::protocol::{Duration, Rule};
use quorate::protocols::RegisterTarget;
use quorate::replication::register::{Available, CauseBeforeEffect, Mode, Order, Register, RegisterRule, Session};

const SEEDS: u64 = 500;

fn run(seed: u64) -> RunParameters {
    RunParameters { nodes: 3, seed, fault_plan: FaultPlan::harsh(), span: Duration::from_secs(2) }
}

/// Counts of the runs of one mode.
#[derive(Default)]
struct Counts {
    coverage: Coverage<Register>,
    checked: AnswerStats,
    not_linearizable: u64,
}

/// Harsh runs: each must be safe, and reach its goal.
fn harsh(mode: Mode, seeds: u64) -> Counts {
    let mut counts = Counts::default();
    for seed in 0..seeds {
        let experiment = RegisterTarget::plan_in(mode, NamedRulebook::default(), &run(seed)).expect("it can be");
        let outcome = experiment.run(RegisterTarget::reached);
        match outcome.verdict {
            RunVerdict::Reached { .. } => {}
            RunVerdict::Missed => panic!("{mode:?}, seed {seed}: never {}", RegisterTarget::GOAL),
            RunVerdict::Broke(violation) => panic!("{mode:?}, seed {seed}: {violation}"),
        }
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

#[test]
fn with_majorities_every_history_is_linearizable() {
    let Counts { coverage, checked, not_linearizable } = harsh(Mode::Consistent, SEEDS);
    assert_eq!((checked.histories, checked.undecided, not_linearizable), (SEEDS, 0, 0));
    assert!(checked.operations > 10 * SEEDS, "{checked:?}");
    assert!(coverage.of(RegisterRule::WriteBack) > SEEDS / 2, "{}", coverage.of(RegisterRule::WriteBack));
    assert!(coverage.of(RegisterRule::NoMajority) > SEEDS, "{}", coverage.of(RegisterRule::NoMajority));
}

#[test]
fn answers_at_once_are_often_not_linearizable_and_converge() {
    for (order, session) in [
        (Order::Wall, Session::Off),
        (Order::Lamport, Session::ReadYourWrites),
        (Order::Hybrid, Session::MonotonicReads),
        (Order::Vector, Session::Off),
    ] {
        let Counts { checked, not_linearizable, .. } = harsh(available(order, session), SEEDS / 2);
        assert_eq!((checked.histories, checked.undecided), (SEEDS / 2, 0));
        assert!(not_linearizable > SEEDS / 50, "{order:?}: only {not_linearizable} of {}", SEEDS / 2);
    }
}

/// Only the order of wall clocks lets an effect come before its cause.
#[test]
fn wall_clocks_lose_updates_and_the_other_orders_do_not() {
    for (order, least) in [(Order::Wall, 25), (Order::Lamport, 0), (Order::Hybrid, 0), (Order::Vector, 0)] {
        let mut broken = 0;
        for seed in 0..SEEDS / 2 {
            let planned = RegisterTarget::plan_in(available(order, Session::Off), NamedRulebook::default(), &run(seed));
            let planned = planned.expect("it can be");
            let judged = Experiment {
                setup: planned.setup,
                invariants: CauseBeforeEffect { of_wall_clocks: true },
                requests: planned.requests,
                faults: planned.faults,
                message_faults: planned.message_faults,
                fault_window: planned.fault_window,
                recovery_window: planned.recovery_window,
            };
            broken += u64::from(matches!(judged.run(|_| false).verdict, RunVerdict::Broke(_)));
        }
        assert!(broken >= least && (least > 0 || broken == 0), "{order:?}: {broken} of {}", SEEDS / 2);
    }
}

/// Every rule fires in random runs, but those of requests and clocks that random runs do not have,
/// and that of an answer that comes twice while its operation is under way.
#[test]
fn every_rule_fires_in_random_runs() {
    let mut fired: BTreeSet<RegisterRule> = BTreeSet::new();
    for seed in 0..200 {
        let outcome = RegisterTarget::experiment(&run(seed)).expect("it can be").run(RegisterTarget::reached);
        let (_, seen) = outcome.world.invariants();
        fired.extend(RegisterRule::ALL.iter().filter(|rule| seen.of(**rule) > 0));
    }
    let never: Vec<_> = RegisterRule::ALL.iter().filter(|rule| !fired.contains(rule)).collect();
    assert_eq!(never, [&RegisterRule::CountedBefore, &RegisterRule::FutureStamp, &RegisterRule::NotMyRole]);
}
