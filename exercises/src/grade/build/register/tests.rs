//! The grader accepts the reference, and rejects its bugs.

use super::*;
use crate::answer::grade;
use crate::course;
use crate::grading::GradingVerdict;

struct Under(NamedRulebook);

impl Answer for Under {
    fn grade(&self, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
        ap_register(self.0, exercise, grading)
    }
}

fn verdict_from(rules: NamedRulebook, fresh: u64) -> GradingVerdict {
    let exercise = course::find("build-ap-register").expect("the course has it");
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

/// Invariants that each bug breaks. Copies that never become equal break no safety.
#[test]
fn its_bugs_fail_and_a_trace_shows_how() {
    for (id, breaks) in [
        ("tie-by-arrival", "NeverBackwards"),
        ("first-come-stays", "Progress"),
        ("stamps-stand-still", "CauseBeforeEffect"),
        ("never-merges", "CauseBeforeEffect"),
        ("write-begun-again", "EachRequestOnce"),
    ] {
        for fresh in 0..3 {
            match verdict_from(NamedRulebook::named(id).expect("the zoo has it"), fresh) {
                GradingVerdict::Failed(broke) => {
                    assert_eq!((broke.what.as_str(), broke.trace.is_some()), (breaks, true), "{id}: {}", broke.detail);
                }
                other => panic!("{id}: {other:?}"),
            }
        }
    }
}

#[test]
fn no_correct_run_comes_near_its_bound_of_messages() {
    let reference = BuiltApRegister::<Register>::new();
    for trial @ (title, ..) in cases::ALL {
        for seed in 0..5 {
            let (case, run) = reference.planned(trial, seed);
            let world = run.run(|world| ApRegisterSuite::reached(world, &case)).world;
            let sent = world.invariants().messages();
            assert!((1..case.messages_max / 3).contains(&sent), "{title}, seed {seed}: {sent} messages");
        }
    }
}
