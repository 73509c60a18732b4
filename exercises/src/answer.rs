//! Answers that can be graded. A learner's program is [asked](crate::asking) in a process of its
//! own; answers in the project's tests run in the test process.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

pub use quorate_answer::{MEMORY_BYTES_MAX, Unfinished};

use crate::course::Exercise;
use crate::grading::{Failed, Grading, GradingOutcome, GradingVerdict};

/// Gradable answer: a rulebook with decisions of the learner's, or a machine.
pub trait Answer {
    /// Runs the cases of an exercise.
    ///
    /// # Errors
    /// [`Failed`], if a case failed.
    fn grade(&self, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed>;
}

/// Hands in an answer in the project's own tests, where it is graded in the test process. An answer
/// that consists of decisions becomes the papers' rulebook with these decisions in it.
#[macro_export]
macro_rules! hand_in {
    // The name `covers` is one of another rulebook as well, where it takes more.
    ("time-worker", $rulebook:ident { $($decision:ident $(: $yours:expr)?),+ $(,)? }) => {
        $crate::hand_in!(
            "time-worker",
            $rulebook { $($decision: $crate::yours!($decision $(: $yours)?),)+ ..BY_THE_BOOK }
        );
    };
    ($exercise:literal, $rulebook:ident { $($decision:ident $(: $yours:expr)?),+ $(,)? }) => {
        $crate::hand_in!(
            $exercise,
            $rulebook { $($decision: $crate::decision!($decision, $crate::yours!($decision $(: $yours)?)),)+ ..BY_THE_BOOK }
        );
    };
    ($exercise:literal, $answer:expr) => {
        /// Returns the answer.
        #[allow(clippy::needless_update, reason = "an answer may be about every decision of a small rulebook")]
        pub fn answer() -> impl $crate::Answer {
            $answer
        }
    };
}

/// Adapter from an answer's decision to a rulebook field. Decisions that use other decisions
/// receive the rulebook as first argument; an answer's functions do not, because they call each
/// other directly.
#[doc(hidden)]
#[macro_export]
macro_rules! decision {
    (vote, $yours:expr) => {
        |_, candidate, me| $yours(candidate, me)
    };
    (pre_vote, $yours:expr) => {
        |_, candidate, me| $yours(candidate, me)
    };
    (elected, $yours:expr) => {
        |_, votes, membership| $yours(votes, membership)
    };
    (committed, $yours:expr) => {
        |_, f, commits| $yours(f, commits)
    };
    (replaces, $yours:expr) => {
        |_, order, one, other| $yours(order, one, other)
    };
    (covers, $yours:expr) => {
        |_, order, held, token| $yours(order, held, token)
    };
    (trusted, $yours:expr) => {
        |_, answers, faulty| $yours(answers, faulty)
    };
    ($decision:ident, $yours:expr) => {
        $yours
    };
}

/// Runs the cases of an exercise, and converts a panic to its outcome.
pub fn grade(exercise: &'static Exercise, answer: &impl Answer, grading: &mut Grading) -> GradingOutcome {
    let said = listening(|| panic::catch_unwind(AssertUnwindSafe(|| answer.grade(exercise, grading))));
    let mut outcome = grading.outcome(exercise);
    if let Err((payload, message)) = said {
        let case = grading.under_way().to_owned();
        outcome.points = 0;
        outcome.verdict = if payload.is::<Unfinished>() {
            GradingVerdict::Unfinished
        } else {
            GradingVerdict::Panicked { case, message }
        };
    }
    outcome
}

/// Runs `run`, and captures the message of a panic in it. Panics of other threads are reported as
/// usual.
fn listening<T>(run: impl FnOnce() -> Result<T, Box<dyn Any + Send>>) -> Result<T, (Box<dyn Any + Send>, String)> {
    thread_local! {
        /// Message of a panic in a grading on this thread; `None` if no grading runs.
        static SAID: RefCell<Option<String>> = const { RefCell::new(None) };
    }
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let captured = SAID.with_borrow_mut(|said| said.as_mut().map(|said| *said = info.to_string()).is_some());
            if !captured {
                before(info);
            }
        }));
    });
    SAID.set(Some(String::new()));
    let result = run();
    let said = SAID.take().unwrap_or_default();
    result.map_err(|payload| (payload, said))
}
