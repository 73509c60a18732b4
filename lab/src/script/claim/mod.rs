//! Claims: what `expect` demands and `until` waits for.
//!
//! A claim watches a run event by event, so that waiting for it costs no more than the run, and is asked at any moment whether it
//! holds by now.

mod condition;
mod count;

use quorate_protocol::{Invariant, Machine, Names};
use serde_json::Value;

use self::condition::Condition;
use self::count::{Count, Kind};
use super::problem::Problem;
use super::words::Words;
use crate::sim::World;
use crate::trace::{Happened, Lane, Said, called, said, words};

/// Something that is so or not.
pub trait Claim<M: Machine, I: Invariant<M>> {
    /// What is claimed, e.g. `8 to be chosen`: it goes behind "expected".
    fn says(&self) -> String;

    /// An event of the run, from the first on, each once. Names are in scope.
    fn see(&mut self, lane: Option<Lane>, what: &Happened<M>);

    /// Whether it holds by now.
    ///
    /// # Errors
    /// What is the case instead, e.g. `nothing is chosen`: it goes behind "but".
    fn holds(&self, world: &World<M, I>) -> Result<(), String>;
}

/// What a claim that every protocol has begins with: the option that names its subject.
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

/// The claims that are not about how often something happened.
const STATES: [&str; 4] = ["up", "down", "state", "held"];

/// Reads a claim that every protocol has; `None` if the words begin with no such claim.
pub(super) fn common_claim<M: Machine, I: Invariant<M>>(
    words: &mut Words<'_>,
    names: &Names,
) -> Result<Option<Box<dyn Claim<M, I>>>, Problem> {
    for (key, kind) in SUBJECTS {
        if let Some(name) = words.option(key) {
            return Ok(Some(Box::new(Count::read::<M>(kind, name, words, names)?)));
        }
    }
    for key in STATES {
        if let Some(value) = words.option(key) {
            return Ok(Some(Box::new(Condition::read(key, value, words, names)?)));
        }
    }
    Ok(None)
}

/// What a body or a view must show: a path, and the words there.
type Field = (String, String);

fn owned((path, text): (&str, &str)) -> Field {
    (path.to_owned(), text.to_owned())
}

/// The value at a path such as `acceptor.promised`; what is missing on the way is null.
pub(super) fn at_path<'a>(body: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(body, |value, key| match value {
        Value::Object(members) => members.get(key),
        Value::Array(items) => items.get(key.parse::<usize>().ok()?),
        _ => None,
    })
}

/// Whether a value is what somebody wrote: as a text, or in words.
pub(super) fn reads(value: &Value, text: &str) -> bool {
    read_out(value) == text
}

pub(super) fn read_out(value: &Value) -> String {
    match value {
        Value::String(string) => string.clone(),
        Value::Null => "none".to_owned(),
        Value::Array(items) => items.iter().map(read_out).collect::<Vec<_>>().join(","),
        other => words(other),
    }
}

/// What traces call a timer.
pub(super) fn timer_name(timer: &impl serde::Serialize) -> String {
    let Said { name, body } = said(timer, "Timer");
    called(&name, &body)
}

/// `never`, `once`, `3 times`.
pub(super) fn counted(times: u64) -> String {
    match times {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        _ => format!("{times} times"),
    }
}
