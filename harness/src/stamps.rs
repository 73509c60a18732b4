//! Stamps of logical clocks, added to the trace of any run.

use quorate_lab::trace::export::{Step, Steps, steps};
use quorate_lab::trace::{Document, Event, EventKind, Lane, Object, Payload, Value};
use quorate_protocol::NodeId;
use quorate_time::logical::LogicalClock;

/// Returns the trace with the stamp of a logical clock on all that leaves a step: messages,
/// answers and facts have one field more, `name`. All events of a step have the same stamp.
///
/// It shows what the nodes would have written on their messages with
/// [`Stamped`](quorate_time::logical::Stamped) around them. A hybrid clock reads each node's wall
/// clock with its drift and jumps. The processes are numbered as the columns of a drawing: clients
/// first, then nodes.
///
/// ```
/// use quorate_harness::{catalogue, protocols, stamps};
/// use quorate_lab::script::{RunOptions, run_scenario};
/// use quorate_lab::trace::EventKind;
/// use quorate_time::logical::LamportClock;
///
/// let scenario = catalogue::find("two-proposers").expect("it is in the catalogue");
/// let run = run_scenario(scenario.text(), &protocols::registry(), RunOptions::default())?;
/// let stamped = stamps::stamped::<LamportClock>(&run.document, "lamport");
/// let first = stamped.events.iter().find_map(|event| match &event.what {
///     EventKind::Send { payload, .. } => payload.body.get("lamport"),
///     _ => None,
/// });
/// assert!(first.is_some());
/// # Ok::<(), Box<quorate_lab::script::ScenarioFailure>>(())
/// ```
pub fn stamped<C: LogicalClock>(document: &Document, name: &str) -> Document {
    let run = steps(document);
    let stamps = stamps::<C>(document, &run);
    let mut stamped = document.clone();
    for (event, step) in stamped.events.iter_mut().zip(&run.of_event) {
        if let Some(step) = *step {
            write(event, name, &stamps[step]);
        }
    }
    stamped
}

/// The stamp of each step.
fn stamps<C: LogicalClock>(document: &Document, run: &Steps) -> Vec<C> {
    let clients = document.header.clients.len();
    let process = |lane: Lane| match lane {
        Lane::Client(client) => client.index(),
        Lane::Node(node) => clients + node.index(),
    };
    let mut clocks: Vec<C> = Vec::new();
    let mut stamps: Vec<C> = Vec::with_capacity(run.steps.len());
    for Step { lane, receives_from, wall, .. } in &run.steps {
        let place = process(*lane);
        if clocks.len() <= place {
            clocks.resize(place + 1, C::default());
        }
        let me = NodeId(u32::try_from(place).unwrap_or(u32::MAX));
        match receives_from {
            Some(sender) => clocks[place].receive(me, &stamps[*sender], *wall),
            None => clocks[place].tick(me, *wall),
        }
        stamps.push(clocks[place].clone());
    }
    stamps
}

/// Writes a stamp on what leaves a step.
fn write<C: LogicalClock>(event: &mut Event, name: &str, stamp: &C) {
    let (EventKind::Send { payload, .. } | EventKind::Reply { payload, .. } | EventKind::Fact(payload)) =
        &mut event.what
    else {
        return;
    };
    add(payload, name, stamp.to_string());
}

/// Adds a field to the content of a message. Content that has no fields becomes one.
fn add(payload: &mut Payload, name: &str, stamp: String) {
    let mut fields = match std::mem::replace(&mut payload.body, Value::Null) {
        Value::Object(fields) => fields,
        Value::Null => Object::new(),
        other => {
            let mut fields = Object::new();
            fields.insert("content".to_owned(), other);
            fields
        }
    };
    fields.insert(name.to_owned(), Value::String(stamp));
    payload.body = Value::Object(fields);
}
