//! The grader accepts the reference, and rejects its bugs.

use super::*;
use crate::answer::grade;
use crate::course;
use crate::grading::GradingVerdict;

const EXERCISES: [&str; 4] = ["build-raft-election", "build-raft-log", "build-raft-persistence", "build-raft-snapshot"];

/// Reference, or its careless variant, under a rulebook.
type Under<M> = BuiltRaft<M>;

fn under<M: Machine<Config = Config>>(rules: quorate_bugs::NamedRulebookOf<M>) -> Under<M> {
    Under::<M>::new().under(rules.rules)
}

fn exercise(id: &str) -> &'static Exercise {
    course::find(id).expect("the course has it")
}

fn verdict<M: RaftMachine<Config = Config>>(id: &str, machine: &Under<M>) -> GradingVerdict {
    grade(exercise(id), machine, &mut Grading::new(3)).verdict
}

#[test]
fn the_reference_passes() {
    for id in EXERCISES {
        assert_eq!(verdict(id, &under::<Raft<KeyValue>>(NamedRulebook::default())), GradingVerdict::Passed, "{id}");
    }
}

#[test]
fn its_bugs_fail_and_a_trace_shows_how() {
    for id in EXERCISES {
        for bug in exercise(id).bugs {
            match NamedRulebook::named(bug) {
                Some(rules) => fails(id, bug, &under::<Raft<KeyValue>>(rules)),
                None => {
                    let rules = careless::NamedRulebook::named(bug).expect("the zoo has it");
                    fails(id, bug, &under::<CarelessRaft<KeyValue>>(rules));
                }
            }
        }
    }
}

/// The smallest failing run is looked for with the first bug alone: with all it takes minutes.
fn fails<M: RaftMachine<Config = Config>>(id: &str, bug: &str, machine: &Under<M>) {
    let mut grading = if exercise(id).bugs[0] == bug { Grading::new(3) } else { Grading::verdict_only(3) };
    let GradingVerdict::Failed(broke) = grade(exercise(id), machine, &mut grading).verdict else {
        panic!("{bug} passes {id}")
    };
    assert!(broke.trace.is_some(), "{bug}: {broke:?}");
    assert!(fails_whatever_is_fresh(id, machine), "{bug} fails {id} by the luck of the fresh cases only");
}

/// Whether a run with a fixed seed fails.
fn fails_whatever_is_fresh<M: RaftMachine<Config = Config>>(id: &str, built: &Under<M>) -> bool {
    RaftSuite::trials(exercise(id)).iter().any(|trial @ (_, _, (fixed, _))| {
        (0..*fixed).any(|seed| {
            let (case, run) = built.planned(trial, seed);
            let outcome = run.run(|world| RaftSuite::reached(world, &case));
            !matches!(outcome.verdict, quorate_lab::sim::RunVerdict::Reached { .. })
        })
    })
}

#[test]
fn no_correct_run_comes_near_its_bounds() {
    let reference = BuiltRaft::<Raft<KeyValue>>::new();
    for id in EXERCISES {
        for trial @ (title, ..) in RaftSuite::trials(exercise(id)) {
            for seed in 0..5 {
                let (case, run) = reference.planned(trial, seed);
                let world = run.run(|world| RaftSuite::reached(world, &case)).world;
                let (messages, entries) = (world.invariants().messages(), world.invariants().entries_sent());
                assert!((1..case.messages_max / 2).contains(&messages), "{title}, seed {seed}: {messages} messages");
                let most = case.aim.entries_max.unwrap_or(u64::MAX);
                assert!(entries <= most / 4 * 3, "{title}, seed {seed}: {entries} entries of {most}");
            }
        }
    }
}
