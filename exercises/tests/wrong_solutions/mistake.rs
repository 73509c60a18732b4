//! A wrong answer, graded like a learner's.

use quorate_exercises::course::find;
use quorate_exercises::grading::{Grading, GradingVerdict};
use quorate_exercises::{Answer, answer};
use quorate_lab::trace::EventKind;

/// A wrong answer.
pub struct Mistake {
    /// The exercise for which it is handed in.
    pub exercise: &'static str,
    /// Description of the mistake.
    pub what: &'static str,
    /// Function that grades it, with fresh cases drawn from a seed.
    pub grade: fn(u64) -> GradingVerdict,
}

/// A way in which the grading of a mistake is no help.
#[derive(PartialEq, Eq, Debug)]
pub enum Unhelpful {
    /// The mistake is not noticed.
    Passed,
    /// The run that shows it has too many steps to be read.
    Long {
        /// Their number.
        steps: usize,
    },
}

/// The largest number of steps of a minimal failing run.
const STEPS_MAX: usize = 40;

impl Mistake {
    /// How its grading is no help, if it is none. Mistakes that stop progress or break an invariant
    /// fail; none panics.
    pub fn is_unhelpful(&self) -> Option<Unhelpful> {
        let failure = match (self.grade)(1) {
            GradingVerdict::Passed => return Some(Unhelpful::Passed),
            GradingVerdict::Failed(failure) => failure,
            other => panic!("{}, {}: {other:?}", self.exercise, self.what),
        };
        // A run without progress ends with its budget: its beginning is shown.
        let trace = failure.trace.filter(|_| failure.what != "Progress")?;
        let steps = trace.events.iter().filter(|event| begins_a_step(&event.what)).count();
        (steps > STEPS_MAX).then_some(Unhelpful::Long { steps })
    }
}

/// Whether a node takes a step because of an event.
fn begins_a_step(what: &EventKind) -> bool {
    matches!(
        what,
        EventKind::Boot { .. } | EventKind::Request { .. } | EventKind::Deliver { .. } | EventKind::Fire { .. }
    )
}

/// Grades an answer to an exercise.
pub fn grade(id: &str, answer: &impl Answer, fresh: u64) -> GradingVerdict {
    let exercise = find(id).expect("the course has it");
    answer::grade(exercise, answer, &mut Grading::new(fresh)).verdict
}

/// Lists rulebooks with one wrong decision: the exercise, the description, and the decision.
macro_rules! mistakes {
    ($($exercise:literal, $what:literal: $decision:ident = $answer:expr;)+) => {
        /// All mistakes of this list.
        pub const ALL: &[$crate::mistake::Mistake] = &[$($crate::mistake::Mistake {
            exercise: $exercise,
            what: $what,
            grade: |fresh| {
                let answer = Rulebook { $decision: $answer, ..BY_THE_BOOK };
                $crate::mistake::grade($exercise, &answer, fresh)
            },
        }),+];
    };
}
