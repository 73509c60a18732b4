//! Question loop: the whole behaviour of a learner's program.

use std::io::{IsTerminal, Write};
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

use crate::wire::{Greeting, MARK, Question, VERSION, WireForm};

/// Panic payload of an unfinished skeleton.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unfinished;

/// Answer that can be handed in: it answers questions.
pub trait Answers {
    /// Names of the learner's decisions, for exercises about decisions.
    fn given(&self) -> Vec<&'static str> {
        Vec::new()
    }

    /// Answers a question, in JSON. `None` if the question is not understood, which means that the
    /// answer and the grader are of different versions.
    fn answer(&mut self, question: &Question<'_>) -> Option<String>;
}

/// Number of the current question.
static UNDER_WAY: AtomicU64 = AtomicU64::new(0);

/// Message of the last panic.
static SAID: Mutex<String> = Mutex::new(String::new());

/// Answers questions until the input ends. Called by the `main` of a learner's program.
pub fn serve(exercise: &str, mut answers: impl Answers) -> ExitCode {
    if std::io::stdin().is_terminal() {
        eprintln!("This is graded by: quorate learn grade {exercise}");
        return ExitCode::from(2);
    }
    panic::set_hook(Box::new(|info| {
        if let Ok(mut said) = SAID.lock() {
            *said = info.to_string();
        }
    }));
    let given = answers.given().into_iter().map(str::to_owned).collect();
    say("hello", &json(&Greeting { version: VERSION, exercise: exercise.to_owned(), given }));
    while let Some(line) = hear() {
        let Some(question) = Question::read(&line) else {
            say("unreadable", "null");
            continue;
        };
        UNDER_WAY.store(question.number, Ordering::Relaxed);
        match panic::catch_unwind(AssertUnwindSafe(|| answers.answer(&question))) {
            Ok(Some(answer)) => say("done", &answer),
            Ok(None) => say("unreadable", "null"),
            Err(payload) if payload.is::<Unfinished>() => say("unfinished", "null"),
            Err(_) => say("panicked", &json(&SAID.lock().map(|said| said.clone()).unwrap_or_default())),
        }
    }
    ExitCode::SUCCESS
}

/// Sends the grader a query in the middle of a question.
pub(crate) fn ask_back<T: WireForm>(about: &impl Serialize) -> T {
    say("back", &json(about));
    let told = hear().and_then(|line| serde_json::from_str(&line).ok()).and_then(T::from_wire);
    // The grader is gone.
    told.unwrap_or_else(|| std::process::exit(2))
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}

/// Reads the next line of the grader; `None` at the end of the input.
fn hear() -> Option<String> {
    let mut line = String::new();
    let length = std::io::stdin().read_line(&mut line).ok()?;
    let whole = line.strip_suffix('\n').map(str::len);
    line.truncate(whole?);
    (length > 0).then_some(line)
}

/// Sends a message to the grader on a line of its own: printed output before it may lack a line
/// break.
fn say(kind: &str, json: &str) {
    let number = UNDER_WAY.load(Ordering::Relaxed);
    let line = format!("\n{MARK}{number} {kind} {json}\n");
    let mut out = std::io::stdout().lock();
    if out.write_all(line.as_bytes()).and_then(|()| out.flush()).is_err() {
        std::process::exit(2);
    }
}
