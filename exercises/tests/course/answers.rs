//! Test answers, compiled from their files and graded like a learner's.

use quorate_exercises::grading::{Grading, GradingOutcome};

/// Function that grades an answer, with fresh cases drawn from the given seed.
pub type Grade = fn(u64) -> GradingOutcome;

/// Seeds of the fresh cases that each answer is graded with, besides the fixed ones: `seed` and,
/// with `QUORATE_FRESH=N`, as in `.ci/long fresh`, more of them.
pub fn fresh_seeds(seed: u64) -> impl Iterator<Item = u64> {
    let count = std::env::var("QUORATE_FRESH").map_or(1, |count| count.parse().expect("QUORATE_FRESH is a number"));
    (0..count).map(move |number| seed + 77 * number)
}

/// Compiles answers from their files, and lists each with its exercise.
macro_rules! answers {
    ($($id:literal $module:ident $path:literal)+) => {
        $(#[path = $path] mod $module;)+

        /// All answers, each with its exercise.
        pub const ALL: &[(&str, $crate::answers::Grade)] =
            &[$(($id, |fresh| $crate::answers::grade($id, &$module::answer(), fresh))),+];
    };
}

/// Grades an answer to an exercise.
pub fn grade(id: &str, answer: &impl quorate_exercises::Answer, fresh: u64) -> GradingOutcome {
    let exercise = quorate_exercises::course::find(id).expect("the course has it");
    quorate_exercises::answer::grade(exercise, answer, &mut Grading::new(fresh))
}
