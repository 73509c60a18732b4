//! The grader accepts the reference, and rejects its bugs.

use super::*;
use crate::answer::grade;
use crate::course;
use crate::grading::GradingVerdict;

struct Under(NamedRulebook);

impl Answer for Under {
    fn grade(&self, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
        two_phase(self.0, exercise, grading)
    }
}

fn verdict_from(rules: NamedRulebook, fresh: u64) -> GradingVerdict {
    let exercise = course::find("build-two-phase").expect("the course has it");
    grade(exercise, &Under(rules), &mut Grading::new(fresh)).verdict
}

#[test]
fn the_reference_passes() {
    for fresh in 0..4 {
        if let GradingVerdict::Failed(broke) = verdict_from(NamedRulebook::default(), fresh) {
            panic!("{}, seed {:?}: {}: {}", broke.case, broke.seed, broke.what, broke.detail);
        }
    }
}

/// Bugs that break no safety, or whose machines only forget: the run shows that somebody waits.
const ONLY_WAITING: [&str; 2] = ["abandoned-prepare", "yes-not-durable"];

#[test]
fn its_bugs_fail_and_a_trace_shows_how() {
    let exercise = course::find("build-two-phase").expect("the course has it");
    let mut unshown = Vec::new();
    for (id, fresh) in exercise.bugs.iter().flat_map(|id| (0..3).map(move |fresh| (id, fresh))) {
        match verdict_from(NamedRulebook::named(id).expect("the zoo has it"), fresh) {
            GradingVerdict::Failed(broke)
                if broke.trace.is_some() && (broke.what != "Progress" || ONLY_WAITING.contains(id)) => {}
            GradingVerdict::Failed(broke) => unshown.push((*id, fresh, format!("{}: {}", broke.what, broke.detail))),
            other => unshown.push((*id, fresh, format!("{other:?}"))),
        }
    }
    assert!(unshown.is_empty(), "{unshown:#?}");
}

#[test]
fn no_correct_run_comes_near_its_bound_of_messages() {
    let reference = BuiltTwoPhase::<TwoPhase>::new();
    for trial @ (title, ..) in cases::ALL {
        for seed in 0..5 {
            let (case, run) = reference.planned(trial, seed);
            let world = run.run(|world| TwoPhaseSuite::reached(world, &case)).world;
            let sent = world.invariants().messages();
            assert!((1..case.messages_max / 3).contains(&sent), "{title}, seed {seed}: {sent} messages");
        }
    }
}
