//! Answers, compiled from their files and graded as a learner's would be.

use quorate_exercises::exam::{Exam, Outcome};

/// How an answer is graded, with fresh cases drawn from this seed.
pub type Grade = fn(u64) -> Outcome;

/// Compiles answers from their files, and lists them by the exercise that they answer.
macro_rules! answers {
    ($($id:literal $module:ident $path:literal)+) => {
        $(#[path = $path] mod $module;)+

        /// All of them.
        pub const ALL: &[(&str, $crate::answers::Grade)] =
            &[$(($id, |fresh| $crate::answers::grade($id, &$module::answer(), fresh))),+];
    };
}

/// Grades an answer to an exercise.
pub fn grade(id: &str, answer: &impl quorate_exercises::Answer, fresh: u64) -> Outcome {
    let exercise = quorate_exercises::course::find(id).expect("the course has it");
    quorate_exercises::answer::sit(exercise, answer, &mut Exam::new(fresh))
}
