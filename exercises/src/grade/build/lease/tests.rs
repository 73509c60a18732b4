//! The exam is fair to the reference, and hard on its bugs.

use super::*;
use crate::answer::sit;
use crate::course;
use crate::exam::Verdict;

struct Under(Book);

impl Answer for Under {
    fn sit(&self, exercise: &Exercise, exam: &mut Exam) -> Result<(), Failed> {
        lease(self.0, exercise, exam)
    }
}

fn verdict(rules: Book) -> Verdict {
    let exercise = course::find("build-lease").expect("the course has it");
    sit(exercise, &Under(rules), &mut Exam::new(3)).verdict
}

#[test]
fn the_reference_passes() {
    assert_eq!(verdict(Book::default()), Verdict::Passed);
}

#[test]
fn its_bugs_fail_and_a_trace_shows_how() {
    let exercise = course::find("build-lease").expect("the course has it");
    for id in exercise.bugs {
        let Verdict::Failed(broke) = verdict(Book::named(id).expect("the zoo has it")) else { panic!("{id} passes") };
        assert!(broke.trace.is_some() && broke.what != "Progress", "{id}: {broke:?}");
    }
}

#[test]
fn no_correct_run_comes_near_its_bound_of_messages() {
    let reference = BuiltLease::<Lease>::new();
    for trial @ (title, ..) in cases::ALL {
        for seed in 0..5 {
            let (case, run) = reference.planned(trial, seed);
            let world = run.run(|world| LeaseSuite::reached(world, &case)).world;
            let sent = world.invariants().messages();
            assert!((1..case.messages_max / 3).contains(&sent), "{title}, seed {seed}: {sent} messages");
        }
    }
}
