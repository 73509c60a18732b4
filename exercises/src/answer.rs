//! What can be tried. What a learner's program hands in is [asked](crate::asking) for in a process of its own; what the project's tests
//! hand in is tried where it is.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

pub use quorate_answer::{MEMORY_BYTES_MAX, Unfinished};

use crate::course::Exercise;
use crate::exam::{Exam, Failed, Outcome, Verdict};

/// Something that can be tried: a rulebook with decisions of the learner's, or a machine.
pub trait Answer {
    /// Sits the exam of an exercise.
    ///
    /// # Errors
    /// [`Failed`], if a case went wrong.
    fn sit(&self, exercise: &Exercise, exam: &mut Exam) -> Result<(), Failed>;
}

/// What an exercise ends with, where it is compiled into the project's own tests: there it is tried in this very process. An answer
/// that is decisions becomes the rulebook of the papers with these decisions in it.
#[macro_export]
macro_rules! hand_in {
    ($exercise:literal, $rulebook:ident { $($decision:ident $(: $yours:expr)?),+ $(,)? }) => {
        $crate::hand_in!(
            $exercise,
            $rulebook { $($decision: $crate::decision!($decision, $crate::yours!($decision $(: $yours)?)),)+ ..BY_THE_BOOK }
        );
    };
    ($exercise:literal, $answer:expr) => {
        /// The answer.
        pub fn answer() -> impl $crate::Answer {
            $answer
        }
    };
}

/// A decision of an answer, as the rulebook has it. Those of Raft that ask others are given the rulebook first, and an answer does
/// without: what it asks, it has.
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
    ($decision:ident, $yours:expr) => {
        $yours
    };
}

/// Sits the exam of an exercise, and takes a panic for what it is.
pub fn sit(exercise: &'static Exercise, answer: &impl Answer, exam: &mut Exam) -> Outcome {
    let said = listening(|| panic::catch_unwind(AssertUnwindSafe(|| answer.sit(exercise, exam))));
    let mut outcome = exam.outcome(exercise);
    if let Err((payload, message)) = said {
        let case = exam.under_way().to_owned();
        outcome.points = 0;
        outcome.verdict =
            if payload.is::<Unfinished>() { Verdict::Unfinished } else { Verdict::Panicked { case, message } };
    }
    outcome
}

/// Runs something, and keeps what a panic in it says. What other threads say meanwhile goes where it always goes.
fn listening<T>(run: impl FnOnce() -> Result<T, Box<dyn Any + Send>>) -> Result<T, (Box<dyn Any + Send>, String)> {
    thread_local! {
        /// What the panic of a grading on this thread has said; `None` if none is under way.
        static SAID: RefCell<Option<String>> = const { RefCell::new(None) };
    }
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let heard = SAID.with_borrow_mut(|said| said.as_mut().map(|said| *said = info.to_string()).is_some());
            if !heard {
                before(info);
            }
        }));
    });
    SAID.set(Some(String::new()));
    let result = run();
    let said = SAID.take().unwrap_or_default();
    result.map_err(|payload| (payload, said))
}
