//! Informal Trace Format: the states of a run in the format of Apalache and Quint, one for each
//! step.
//!
//! The variables are `nodes`, a map from each node's name to its view; `down`, the set of nodes
//! that are down; `at`, the nanoseconds since the start; and `action`: the node, the kind of event,
//! and the rules that fired. Whole numbers are big integers, which the format requires beyond 2⁵³
//! and allows everywhere. The format has no null: null members are omitted, and a null in a list is
//! the variant `Nothing`.

use std::collections::BTreeMap;

use quorate_protocol::NodeId;

use super::causality::Causality;
use super::{TooLarge, at_most};
use crate::trace::{Document, Event, EventKind, Lane, Object, Value, apply};

/// Each state repeats all views, so the file size is the product of both.
const STATES_MAX: usize = 20_000;

/// Returns the trace in the Informal Trace Format, as JSON.
///
/// # Errors
/// [`TooLarge`] beyond 20,000 steps.
///
/// ```
/// use quorate_lab::trace::{Document, export};
///
/// let file = r#"{"quorate_trace":1,"protocol":"paxos","nodes":["X"]}
/// {"id":1,"at":0,"kind":"boot","node":"X","incarnation":1,"state":{"promised":null,"count":1}}"#;
/// let itf = export::itf(&Document::read_jsonl(file.as_bytes())?)?;
/// assert!(itf.contains(r##"{"#map":[["X",{"count":{"#bigint":"1"}}]]}"##), "{itf}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn itf(document: &Document) -> Result<String, TooLarge> {
    let causality = Causality::of(document);
    let heads: Vec<usize> = (0..document.events.len()).filter(|&at| causality.step[at] == at).collect();
    at_most("ITF", "steps", heads.len(), STATES_MAX)?;
    let mut views: BTreeMap<NodeId, Value> = BTreeMap::new();
    let mut down: BTreeMap<NodeId, bool> = BTreeMap::new();
    let mut states = Vec::with_capacity(heads.len());
    let mut next = 0;
    for (index, &head) in heads.iter().enumerate() {
        let end = heads.get(index + 1).copied().unwrap_or(document.events.len());
        for event in &document.events[next..end] {
            follow(event, &mut views, &mut down);
        }
        next = end;
        states.push(state(&causality, index, head, end, &views, &down));
    }
    let about = Value::from([
        ("format", "ITF".into()),
        ("format-description", "https://apalache-mc.org/docs/adr/015adr-trace.html".into()),
        ("source", document.header.protocol.as_str().into()),
        ("description", document.header.title.as_str().into()),
    ]);
    let variables = vec!["nodes", "down", "at", "action"];
    let trace = Value::from([("#meta", about), ("vars", variables.into()), ("states", states.into())]);
    Ok(trace.to_string())
}

fn follow(event: &Event, views: &mut BTreeMap<NodeId, Value>, down: &mut BTreeMap<NodeId, bool>) {
    let Some(Lane::Node(node)) = event.lane else { return };
    match &event.what {
        EventKind::Boot { state, .. } => {
            views.insert(node, state.clone().unwrap_or_else(|| Value::Object(Object::new())));
            down.insert(node, false);
        }
        EventKind::State { diff } => apply(views.entry(node).or_default(), diff.clone()),
        EventKind::Crash { .. } => {
            down.insert(node, true);
        }
        _ => {}
    }
}

fn state(
    causality: &Causality<'_>,
    index: usize,
    head: usize,
    end: usize,
    views: &BTreeMap<NodeId, Value>,
    down: &BTreeMap<NodeId, bool>,
) -> Value {
    let header = &causality.document.header;
    let name = |node: &NodeId| header.name(Lane::Node(*node)).into_owned();
    let event = &causality.document.events[head];
    let rules: Value = (head..end)
        .filter(|&at| causality.step[at] == head)
        .filter_map(|at| rule(&causality.document.events[at]))
        .collect();
    let nodes: Value = views.iter().map(|(node, view)| vec![name(node).into(), value(view)]).collect();
    let down: Value = down.iter().filter(|(_, down)| **down).map(|(node, _)| name(node)).collect();
    let action = Value::from([
        ("event", whole(event.id)),
        ("node", event.lane.map(|lane| header.name(lane).into_owned()).unwrap_or_default().into()),
        ("kind", event.what.kind().into()),
        ("rules", rules),
    ]);
    Value::from([
        ("#meta", Value::from([("index", index.into())])),
        ("nodes", Value::from([("#map", nodes)])),
        ("down", Value::from([("#set", down)])),
        ("at", whole(event.at.as_nanos())),
        ("action", action),
    ])
}

/// A whole number of any size.
fn whole(number: impl ToString) -> Value {
    Value::from([("#bigint", number.to_string().into())])
}

fn rule(event: &Event) -> Option<&str> {
    match &event.what {
        EventKind::Rule { rule, .. } => Some(rule),
        _ => None,
    }
}

/// Words reserved by the format's readers: `tag` marks a variant, and Python's keywords cannot be
/// fields of the named tuples to which its Python library converts records.
const RESERVED: [&str; 36] = [
    "tag", "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def",
    "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda",
    "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// Converts JSON to the format. An object is a record if its keys are valid names of fields, and a
/// map otherwise; null members are omitted, which is equivalent in a trace; a number that is not
/// whole becomes a string.
fn value(json: &Value) -> Value {
    match json {
        Value::Null => Value::from([("tag", "Nothing".into()), ("value", Object::new().into())]),
        Value::Bool(_) | Value::String(_) => json.clone(),
        Value::Number(number) if number.is_f64() => Value::String(number.to_string()),
        Value::Number(number) => whole(number),
        Value::Array(items) => Value::Array(items.iter().map(value).collect()),
        Value::Object(members) => {
            let members = || members.iter().filter(|(_, member)| !member.is_null());
            if members().all(|(name, _)| is_field(name)) {
                Value::Object(members().map(|(name, member)| (name.clone(), value(member))).collect())
            } else {
                let pairs = members().map(|(name, member)| vec![name.as_str().into(), value(member)]);
                Value::from([("#map", pairs.collect())])
            }
        }
    }
}

fn is_field(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_')
        && !RESERVED.contains(&name)
}
