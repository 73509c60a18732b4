//! The grader accepts the reference, and rejects its bugs.

use super::*;
use crate::answer::grade;
use crate::course;
use crate::grading::GradingVerdict;

struct Under(NamedRulebook);

impl Answer for Under {
    fn grade(&self, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
        paxos(self.0, exercise, grading)
    }
}

fn verdict(rules: NamedRulebook) -> GradingVerdict {
    verdict_from(rules, 3)
}

/// The verdict with the seeds that are drawn from this one.
fn verdict_from(rules: NamedRulebook, fresh: u64) -> GradingVerdict {
    let exercise = course::find("build-paxos").expect("the course has it");
    grade(exercise, &Under(rules), &mut Grading::new(fresh)).verdict
}

#[test]
fn the_reference_passes() {
    assert_eq!(verdict(NamedRulebook::default()), GradingVerdict::Passed);
}

#[test]
fn its_bugs_fail_and_a_trace_shows_how() {
    let exercise = course::find("build-paxos").expect("the course has it");
    // The seed of the smallest failure may be a fresh one, and none of these depends on its luck.
    for (id, fresh) in exercise.bugs.iter().flat_map(|id| (0..4).map(move |fresh| (id, fresh))) {
        let GradingVerdict::Failed(broke) = verdict_from(NamedRulebook::named(id).expect("the zoo has it"), fresh)
        else {
            panic!("{id} passes with fresh seeds of {fresh}")
        };
        assert!(broke.trace.is_some() && broke.what != "Progress", "{id}: {}: {}", broke.what, broke.detail);
    }
}

#[test]
fn no_correct_run_comes_near_its_bound_of_messages() {
    let reference = BuiltPaxos::<Paxos>::new();
    for trial @ (title, ..) in cases::ALL {
        for seed in 0..10 {
            let (case, run) = reference.planned(trial, seed);
            let world = run.run(|world| PaxosSuite::reached(world, &case)).world;
            let sent = world.invariants().messages();
            assert!((1..case.messages_max / 4).contains(&sent), "{title}, seed {seed}: {sent} messages");
        }
    }
}
