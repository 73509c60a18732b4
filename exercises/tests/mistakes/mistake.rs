//! A wrong answer, and how it is graded: as a learner's would be.

use quorate_exercises::course::find;
use quorate_exercises::exam::{Exam, Verdict};
use quorate_exercises::{Answer, answer};

/// A wrong answer.
pub struct Mistake {
    /// The exercise that it is handed in for.
    pub exercise: &'static str,
    /// What is wrong.
    pub what: &'static str,
    /// Grades it, with fresh cases drawn from a seed.
    pub grade: fn(u64) -> Verdict,
}

impl Mistake {
    /// Whether its grader finds out. Mistakes that stop progress or break an invariant fail; none panics.
    pub fn is_noticed(&self) -> bool {
        match (self.grade)(1) {
            Verdict::Passed => false,
            Verdict::Failed(_) => true,
            other => panic!("{}, {}: {other:?}", self.exercise, self.what),
        }
    }
}

/// Grades an answer to an exercise.
pub fn grade(id: &str, answer: &impl Answer, fresh: u64) -> Verdict {
    let exercise = find(id).expect("the course has it");
    answer::sit(exercise, answer, &mut Exam::new(fresh)).verdict
}

/// Lists rulebooks of which one decision is wrong: the exercise, what is wrong, and the decision.
macro_rules! mistakes {
    ($($exercise:literal, $what:literal: $decision:ident = $answer:expr;)+) => {
        /// All of them.
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
