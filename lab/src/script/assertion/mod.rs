//! Assertions: the conditions of `expect` and `until`.
//!
//! An assertion observes a run event by event, so that waiting for it costs no more than the run,
//! and can be evaluated at any moment.

mod condition;
mod count;

use quorate_protocol::{Invariant, Machine, Names};

use self::condition::Condition;
use self::count::{Count, Kind};
pub(super) use crate::trace::forgery::at_path;

use super::args::Args;
use super::problem::ScriptProblem;
use crate::sim::World;
use crate::trace::{Lane, Payload, TypedEvent, Value, humanize, label, payload};

/// An assertion about a run.
pub trait Assertion<M: Machine, I: Invariant<M>> {
    /// The assertion as a phrase, e.g. `8 to be chosen`: it follows "expected".
    fn says(&self) -> String;

    /// Observes an event of the run; called for every event, once, from the first on. Names are in
    /// scope.
    fn see(&mut self, lane: Option<Lane>, what: &TypedEvent<M>);

    /// Whether it holds now.
    ///
    /// # Errors
    /// The actual state, e.g. `nothing is chosen`: it follows "but".
    fn holds(&self, world: &World<M, I>) -> Result<(), String>;
}

/// The first option of an assertion that every protocol has: it names the subject.
const SUBJECTS: [(&str, Kind); 8] = [
    ("rule", Kind::Rule),
    ("fact", Kind::Fact),
    ("sent", Kind::Sent),
    ("delivered", Kind::Delivered),
    ("lost", Kind::Lost),
    ("persisted", Kind::Persisted),
    ("fired", Kind::Fired),
    ("reply", Kind::Reply),
];

/// The assertions that do not count events.
const STATES: [&str; 4] = ["up", "down", "state", "held"];

/// Parses an assertion that every protocol has; `None` if the words are no such assertion.
pub(super) fn common_assertion<M: Machine, I: Invariant<M>>(
    args: &mut Args<'_>,
    names: &Names,
) -> Result<Option<Box<dyn Assertion<M, I>>>, ScriptProblem> {
    for (key, kind) in SUBJECTS {
        if let Some(name) = args.option(key) {
            return Ok(Some(Box::new(Count::read::<M>(kind, name, args, names)?)));
        }
    }
    for key in STATES {
        if let Some(value) = args.option(key) {
            return Ok(Some(Box::new(Condition::read(key, value, args, names)?)));
        }
    }
    Ok(None)
}

/// A required field of a body or a view: its path and its value.
type Field = (String, String);

fn owned((path, text): (&str, &str)) -> Field {
    (path.to_owned(), text.to_owned())
}

/// Whether a value equals the written text, in its textual or readable form.
pub(super) fn reads(value: &Value, text: &str) -> bool {
    read_out(value) == text
}

pub(super) fn read_out(value: &Value) -> String {
    match value {
        Value::String(string) => string.clone(),
        Value::Null => "none".to_owned(),
        Value::Array(items) => items.iter().map(read_out).collect::<Vec<_>>().join(","),
        other => humanize(other),
    }
}

/// A timer's name in traces.
pub(super) fn timer_name(timer: &impl serde::Serialize) -> String {
    let Payload { name, body } = payload(timer, "Timer");
    label(&name, &body)
}

/// A number of times in words: `never`, `once`, `3 times`.
pub(super) fn counted(times: u64) -> String {
    match times {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        _ => format!("{times} times"),
    }
}
