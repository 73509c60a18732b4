//! The program that a learner hands in, and how it is tried: in a process of its own, so that it can hurt nothing but itself.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Once;

use crate::course::{self, Exercise};
use crate::exam::{Exam, Failed, Outcome, Verdict, trace_beside};

/// Something that can be tried: a rulebook with decisions of the learner's, or a machine.
pub trait Answer {
    /// Sits the exam of an exercise.
    ///
    /// # Errors
    /// [`Failed`], if a case went wrong.
    fn sit(&self, exercise: &Exercise, exam: &mut Exam) -> Result<(), Failed>;
}

/// The panic payload of a skeleton at its gap.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unfinished;

/// The gap in a skeleton. It takes what there is to decide with, so that the compiler does not call it unused.
#[macro_export]
macro_rules! unfinished {
    ($($given:expr),* $(,)?) => {{
        $(let _ = &$given;)*
        ::std::panic::panic_any($crate::answer::Unfinished)
    }};
}

/// The last line of every exercise: whose answer this is, and the answer.
///
/// In a learner's folder it is the whole program; in the project's own tests only the answer.
#[macro_export]
macro_rules! hand_in {
    ($exercise:literal, $answer:expr) => {
        /// What is handed in.
        pub fn answer() -> impl $crate::Answer {
            $answer
        }

        // Limits of the answer. Beyond them the process ends, and the grader says why.
        #[cfg(not(test))]
        #[global_allocator]
        static MEMORY: $crate::hidden::Cap<$crate::hidden::System> =
            $crate::hidden::Cap::new($crate::hidden::System, $crate::answer::MEMORY_BYTES_MAX);

        #[cfg(not(test))]
        fn main() -> ::std::process::ExitCode {
            $crate::hand_in($exercise, &answer())
        }
    };
}

/// How much memory an answer may use while it is graded.
pub const MEMORY_BYTES_MAX: usize = 1 << 30;

/// Grades an answer and leaves the report where the command line says. Called by the `main` of a learner's program.
///
/// Usage: `PROGRAM REPORT SEED`. Without arguments, says how to grade it.
pub fn hand_in(exercise: &str, answer: &impl Answer) -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (Some(exercise), [report, seed]) = (course::find(exercise), arguments.as_slice()) else {
        eprintln!("This is graded by: quorate learn grade {exercise}");
        return ExitCode::from(2);
    };
    let report = PathBuf::from(report);
    let exam = seed.parse().map_err(|_| ()).and_then(|seed| Exam::new(seed).reporting(&report).map_err(|_| ()));
    let Ok(mut exam) = exam else {
        eprintln!("the report {} cannot be written, or '{seed}' is no seed", report.display());
        return ExitCode::from(2);
    };
    let outcome = sit(exercise, answer, &mut exam);
    let passed = outcome.is_passed();
    match exam.end(outcome, &trace_beside(&report)) {
        Ok(()) if passed => ExitCode::SUCCESS,
        Ok(()) => ExitCode::from(1),
        Err(error) => {
            eprintln!("the report cannot be written: {error}");
            ExitCode::from(2)
        }
    }
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
