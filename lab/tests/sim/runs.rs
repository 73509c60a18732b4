//! Whole runs: repeatable byte by byte, checked after every step, and shrunk when they fail.

use std::collections::BTreeSet;

use quorate_lab::Stop;
use quorate_lab::env::{Fault, FaultPlan, RetryPolicy};
use quorate_lab::sim::{ClientRequest, Coverage, Experiment, RunVerdict, Setup};
use quorate_protocol::{Invariant, InvariantViolation, Names, NodeId, StepView, Time};

use crate::courier::{Command, Courier, CourierRule};
use crate::{CLIENT, ONE, TWO, at, ms, setup};

/// Claims, wrongly, that a node never receives the same number twice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct HeardOnce;

impl Invariant<Courier> for HeardOnce {
    fn check(&mut self, seen: &StepView<'_, Courier>) -> Result<(), InvariantViolation> {
        let Some(machine) = seen.machine() else { return Ok(()) };
        let mut once = BTreeSet::new();
        match machine.heard.iter().find(|heard| !once.insert(**heard)) {
            Some((from, number)) => {
                Err(InvariantViolation::new("HeardOnce", format!("{number} from {from} came twice")))
            }
            None => Ok(()),
        }
    }
}

fn experiment<I>(seed: u64, invariants: I) -> Experiment<Courier, I> {
    let fault_plan = FaultPlan::harsh();
    let patience = RetryPolicy { timeout: ms(50), attempts: 100, rotates: true };
    let setup: Setup<Courier> = setup().seed(seed).conditions(fault_plan.conditions).retry_policy(patience);
    let request = |number: u32| ClientRequest {
        at: at(u64::from(number) * 20),
        client: CLIENT,
        of: Some(NodeId(number % 3)),
        command: Command::Write(number, 1_000 + number),
    };
    Experiment {
        setup,
        invariants,
        requests: (0..200).map(request).collect(),
        faults: fault_plan.schedule(seed, 3, ms(5_000)),
        message_faults: None,
        fault_window: ms(5_000),
        recovery_window: ms(60_000),
    }
}

/// FNV-1a hash of the debug output of every recorded event.
fn digest<I: Invariant<Courier>>(experiment: &Experiment<Courier, I>) -> u64 {
    let outcome = experiment.run(|world| world.clients_are_idle());
    let recording = outcome.world.into_recording().unwrap();
    recording.iter().fold(0xcbf2_9ce4_8422_2325, |hash, event| {
        format!("{event:?}").bytes().fold(hash, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    })
}

#[test]
fn the_same_seed_makes_the_same_run_and_another_seed_another() {
    let first = digest(&experiment(1, ()));
    assert_eq!(digest(&experiment(1, ())), first);
    assert_ne!(digest(&experiment(2, ())), first);
}

#[test]
fn a_run_is_the_same_whether_it_is_traced_or_not() {
    for seed in 0..20 {
        let traced = experiment(seed, Coverage::default()).run(|world| world.clients_are_idle());
        let mut untraced = experiment(seed, Coverage::default());
        untraced.setup.traced = false;
        let untraced = untraced.run(|world| world.clients_are_idle());
        assert_eq!(traced.world.events(), untraced.world.events());
        assert_eq!(traced.world.machines(), untraced.world.machines());
        assert_eq!(traced.world.invariants(), untraced.world.invariants());
    }
}

#[test]
fn after_the_storm_every_client_is_answered_or_has_given_up() {
    let mut all = Coverage::default();
    for seed in 0..50 {
        let outcome = experiment(seed, Coverage::default()).run(|world| world.clients_are_idle());
        assert!(matches!(outcome.verdict, RunVerdict::Reached { .. }), "seed {seed}: {:?}", outcome.verdict);
        all.add(outcome.world.invariants());
    }
    assert!(all.crashes() > 100 && all.boots() > all.crashes(), "{all:?}");
    assert!(all.of(CourierRule::Hear) > 500, "{all:?}");
}

#[test]
fn the_first_violation_ends_the_run_and_is_in_the_trace() {
    let outcome = experiment(1, HeardOnce).run(|_| true);
    let RunVerdict::Broke(violation) = outcome.verdict else { panic!("nothing came twice") };
    assert_eq!(violation.broken.invariant, "HeardOnce");
    let mut world = outcome.world;
    let events = world.recording().unwrap().len();
    assert_eq!(world.run_for(ms(100)), Err(violation.clone()));
    assert_eq!(world.step(), Err(violation));
    assert_eq!(world.recording().unwrap().len(), events);
}

#[test]
fn a_failing_run_shrinks_to_the_few_things_that_make_it_fail() {
    for seed in 0..5 {
        let shrunk = experiment(seed, HeardOnce).shrink(10_000).expect("harsh faults duplicate messages");
        let text = shrunk.schedule(&Names::new(["A", "B", "C"], ["carol"]));
        let parts = parts(&shrunk.experiment);
        assert!((2..=10).contains(&parts.len()), "{text}");
        for part in parts {
            let spared = part.run_to_end().verdict;
            assert!(!matches!(spared, RunVerdict::Broke(_)), "something can be left out of\n{text}");
        }
        assert!(shrunk.before > 50 && shrunk.runs < 1_000, "{} {}", shrunk.before, shrunk.runs);
        assert!(text.contains("carol asks") && text.contains("HeardOnce is broken"), "{text}");
        let again = shrunk.experiment.run_to_end().verdict;
        assert_eq!(again, RunVerdict::Broke(shrunk.violation));
    }
}

/// Returns the runs that lack one of its requests, faults and message faults each.
fn parts<I: Invariant<Courier>>(whole: &Experiment<Courier, I>) -> Vec<Experiment<Courier, I>> {
    let mut parts = Vec::new();
    for index in 0..whole.requests.len() {
        parts.push(whole.clone());
        parts.last_mut().unwrap().requests.remove(index);
    }
    for index in 0..whole.faults.len() {
        parts.push(whole.clone());
        parts.last_mut().unwrap().faults.remove(index);
    }
    for message_fault in whole.message_faults.iter().flatten() {
        parts.push(whole.clone());
        parts.last_mut().unwrap().message_faults.as_mut().unwrap().remove(message_fault);
    }
    parts
}

#[test]
fn a_run_that_fails_only_after_it_is_healed_shrinks_too() {
    let mut late = experiment(1, ());
    let at = at(5_001);
    late.requests.push(ClientRequest { at, client: CLIENT, of: Some(TWO), command: Command::Sulk });
    let shrunk = late.shrink(1_000).expect("to sulk breaks a rule");
    assert_eq!(shrunk.experiment.requests.len(), 1, "{}", shrunk.experiment.requests.len());
    assert!(shrunk.violation.at > at && shrunk.experiment.faults.is_empty());
}

#[test]
fn what_fails_late_is_made_to_fail_soon() {
    let mut late = experiment(1, ());
    late.requests.push(ClientRequest { at: at(5_001), client: CLIENT, of: Some(TWO), command: Command::Sulk });
    let shrunk = late.shrink(1_000).expect("to sulk breaks a rule");
    let invariant = shrunk.violation.broken.invariant;
    let sooner = shrunk.clone().sooner(100);
    assert_eq!(sooner.violation.broken.invariant, invariant);
    assert_eq!(sooner.experiment.requests[0].at, at(2), "healing is at 1 ms, and the request after it");
    assert!(sooner.violation.at < at(100) && sooner.runs > shrunk.runs, "{}", sooner.violation.at);
    let again = sooner.experiment.run_to_end().verdict;
    assert_eq!(again, RunVerdict::Broke(sooner.violation));
    let untouched = shrunk.clone().sooner(0);
    assert_eq!(untouched.experiment.requests[0].at, at(5_001));
}

#[test]
fn a_failure_that_is_brought_forward_is_no_longer_and_keeps_its_parts() {
    for seed in 0..5 {
        let shrunk = experiment(seed, HeardOnce).shrink(10_000).expect("harsh faults duplicate messages");
        let sooner = shrunk.clone().sooner(200);
        let [before, after] = [&shrunk, &sooner].map(|run| run.experiment.run_to_end().world.events());
        assert!(after <= before, "{after} of {before}");
        assert_eq!(parts(&sooner.experiment).len(), parts(&shrunk.experiment).len());
        assert!(matches!(sooner.experiment.run_to_end().verdict, RunVerdict::Broke(_)));
    }
}

#[test]
fn a_run_that_is_stopped_has_no_verdict() {
    let stop = Stop::new();
    let whole = experiment(1, ());
    let outcome = whole.run_unless(&stop, |_| true).ok().expect("nobody has stopped it");
    assert_eq!(outcome.verdict, whole.run(|_| true).verdict);
    // Stop it during the run: here, when the goal is checked after healing.
    let mut looks = 0;
    let stopped = whole.run_unless(&stop, |_| {
        looks += 1;
        if looks == 10 {
            stop.request();
        }
        false
    });
    let world = stopped.err().expect("it was stopped");
    assert!(world.now() >= Time::ZERO + whole.fault_window && looks < 20, "{} {looks}", world.now());
    let at_once = whole.run_unless(&stop, |_| true).err().expect("it was stopped before it began");
    assert_eq!(at_once.now(), Time::ZERO);
}

#[test]
fn shrinking_that_is_stopped_leaves_a_run_that_fails() {
    let whole = experiment(0, HeardOnce);
    let least = whole.shrink(10_000).expect("harsh faults duplicate messages");
    assert!(least.complete);
    let cut_short = whole.shrink(5).expect("harsh faults duplicate messages");
    assert!(!cut_short.complete && cut_short.runs <= 5);
    assert!(matches!(cut_short.experiment.run_to_end().verdict, RunVerdict::Broke(_)));
    let stop = Stop::new();
    stop.request();
    assert!(whole.shrink_unless(&stop, 10_000).is_none(), "the violation was not met by then");
}

#[test]
fn what_is_planned_from_outside_is_no_flood_of_messages() {
    let mut run = experiment(1, ());
    run.faults = (0..1_100_000).map(|number| (at(4_000 + number % 900), Fault::Heal)).collect();
    assert!(!matches!(run.run(|_| true).verdict, RunVerdict::Broke(_)));
}

#[test]
fn a_run_that_holds_does_not_shrink() {
    assert!(experiment(1, ()).shrink(100).is_none());
}

#[test]
fn a_step_without_a_reason_is_a_violation() {
    let mut world = setup().start();
    world.ask(CLIENT, Some(TWO), Command::Sulk);
    let violation = world.run_for(ms(10)).unwrap_err();
    assert_eq!((violation.node, violation.broken.invariant), (TWO, "EveryStepCitesARule"));
}

#[test]
fn sending_without_bound_is_a_violation() {
    let mut world = setup().start();
    world.ask(CLIENT, Some(ONE), Command::Flood(2_000_000));
    let violation = world.run_for(ms(10)).unwrap_err();
    assert_eq!(violation.broken.invariant, "BoundedSending");
}

#[test]
fn an_armed_timer_can_be_made_to_run_out_now() {
    let mut world = setup().start();
    assert!(!world.fire_next(ONE, &()));
    world.ask(CLIENT, Some(ONE), Command::Wake(Some(1_000_000)));
    world.run_for(ms(10)).unwrap();
    assert_eq!(world.armed(ONE).count(), 1);
    assert!(world.fire_next(ONE, &()));
    world.step().unwrap();
    assert_eq!((world.armed(ONE).count(), world.now()), (0, at(10)));
}
