//! A wrong answer, graded like a learner's.

use quorate_exercises::course::find;
use quorate_exercises::grading::{Grading, GradingVerdict};
use quorate_exercises::{Answer, answer};

/// A wrong answer.
pub struct Mistake {
    /// The exercise for which it is handed in.
    pub exercise: &'static str,
    /// Description of the mistake.
    pub what: &'static str,
    /// Function that grades it, with fresh cases drawn from a seed.
    pub grade: fn(u64) -> GradingVerdict,
}

impl Mistake {
    /// Whether its grader notices it. Mistakes that stop progress or break an invariant fail; none
    /// panics.
    pub fn is_noticed(&self) -> bool {
        match (self.grade)(1) {
            GradingVerdict::Passed => false,
            GradingVerdict::Failed(_) => true,
            other => panic!("{}, {}: {other:?}", self.exercise, self.what),
        }
    }
}

/// Grades an answer to an exercise.
pub fn grade(id: &str, answer: &impl Answer, fresh: u64) -> GradingVerdict {
    let exercise = find(id).expect("the course has it");
    answer::grade(exercise, answer, &mut Grading::verdict_only(fresh)).verdict
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
