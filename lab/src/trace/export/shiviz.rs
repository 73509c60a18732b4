//! Log for ShiViz, which draws happened-before from vector clocks.
//!
//! Each event of a lane has two lines: its description, and the lane's name with its vector clock.
//! ShiViz requires every clock to count its own events from 1 without gaps, and assumes that a
//! message was sent by the last event known to the receiver's clock. Therefore the events of one
//! step are merged into one event, which sends all messages of the step.

use std::collections::BTreeMap;

use quorate_protocol::Time;

use super::causality::Causality;
use super::steps::{Step, steps};
use super::{TooLarge, at_most, cut, line};
use crate::trace::humanize::brief;
use crate::trace::{Document, Event, EventKind, Lane, Object, Value, humanize};

/// Regular expression with which ShiViz parses the logs written by [`shiviz`]. It is the one that
/// ShiViz suggests.
pub const SHIVIZ_REGEX: &str = r"(?<event>.*)\n(?<host>\S*) (?<clock>{.*})";

/// ShiViz lays out the whole log at once, in the browser.
const EVENTS_MAX: usize = 20_000;
const EVENT_CHARS: usize = 300;

/// Vector clock: the number of events of each lane that happened before or at the last event.
type Clock = BTreeMap<Lane, u64>;

/// Returns the trace as a log for ShiViz, to be parsed with [`SHIVIZ_REGEX`].
///
/// Spaces in names become `_`; a name that is then not unique gets a number.
///
/// # Errors
/// [`TooLarge`] beyond 20,000 steps.
///
/// ```
/// use quorate_lab::trace::{Document, export};
///
/// let file = r#"{"quorate_trace":1,"protocol":"paxos","nodes":["A","X"]}
/// {"id":1,"at":0,"kind":"send","node":"A","msg":1,"to":"X","name":"Prepare","body":{"ballot":"1.A"}}
/// {"id":2,"at":3000000,"kind":"deliver","node":"X","cause":1,"msg":1,"from":"A"}"#;
/// assert_eq!(export::shiviz(&Document::read_jsonl(file.as_bytes())?)?, r#"0.0 ms: sends Prepare ballot 1.A
/// A {"A":1}
/// 3.0 ms: Prepare ballot 1.A
/// X {"X":1,"A":1}
/// "#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn shiviz(document: &Document) -> Result<String, TooLarge> {
    let causality = Causality::of(document);
    let heads = (0..document.events.len()).filter(|&at| causality.step[at] == at).count();
    at_most("ShiViz", "steps", heads, EVENTS_MAX)?;
    let names = names(document);
    let mut clocks: BTreeMap<Lane, Clock> = BTreeMap::new();
    let mut at_step: Vec<Clock> = Vec::new();
    let mut log = String::new();
    for Step { lane, event, receives_from, .. } in steps(document).steps {
        let clock = clocks.entry(lane).or_default();
        *clock.entry(lane).or_default() += 1;
        if let Some(sent) = receives_from.map(|step| &at_step[step]) {
            for (&other, &count) in sent {
                let known = clock.entry(other).or_default();
                *known = count.max(*known);
            }
        }
        at_step.push(clock.clone());
        log.push_str(&written(&causality, event, lane, clock, &names));
    }
    Ok(log)
}

fn written(
    causality: &Causality<'_>,
    head: usize,
    lane: Lane,
    clock: &Clock,
    names: &BTreeMap<Lane, String>,
) -> String {
    let mut members = Object::new();
    let own = std::iter::once((&lane, &clock[&lane]));
    for (other, count) in own.chain(clock.iter().filter(|(other, _)| **other != lane)) {
        members.insert(names[other].clone(), Value::from(*count));
    }
    let told = cut(&told(causality, head), EVENT_CHARS);
    format!("{told}\n{} {}\n", names[&lane], Value::Object(members))
}

/// Describes a step on one line: its first event, the rules, the facts.
fn told(causality: &Causality<'_>, head: usize) -> String {
    let event = &causality.document.events[head];
    let mut parts = vec![beginning(causality, head, event)];
    let step =
        causality.document.events.iter().enumerate().skip(head + 1).take_while(|(_, other)| other.at == event.at);
    for (at, other) in step {
        match &other.what {
            EventKind::Rule { rule, .. } if causality.step[at] == head => parts.push(format!("[{rule}]")),
            EventKind::Fact(payload) if causality.step[at] == head => {
                parts.push(format!("{} {}", payload.name, humanize(&payload.body)))
            }
            _ => {}
        }
    }
    line(&parts.join(" "))
}

fn beginning(causality: &Causality<'_>, head: usize, event: &Event) -> String {
    let journey = causality.journey_at.get(&head).map(|&at| causality.journeys[at]);
    let what = match (&event.what, journey) {
        (EventKind::Send { payload, .. }, _) => format!("sends {} {}", payload.name, humanize(&payload.body)),
        (EventKind::Deliver { .. }, Some(journey)) => {
            format!("{} {}", journey.payload.name, humanize(&journey.payload.body))
        }
        (EventKind::Forge(forgery), _) => {
            let (name, field) = (forgery.name_before(), &forgery.field);
            format!("forges {name} {field} {}, was {}", brief(field, &forgery.new), brief(field, &forgery.old))
        }
        (EventKind::Request { payload, .. }, _) => format!("{} {}", payload.name, humanize(&payload.body)),
        (EventKind::Fire { timer, .. }, _) => format!("{timer} fires"),
        (EventKind::Drift { ppm }, _) => format!("clock {ppm} ppm"),
        (EventKind::Jump { nanos }, _) => format!("clock set by {nanos} ns"),
        (EventKind::Suspend, _) => "suspend".to_owned(),
        (what, _) => what.kind().to_owned(),
    };
    format!("{}: {}", Time::from_nanos(event.at.as_nanos()), what.trim_end())
}

/// Unique names without spaces.
fn names(document: &Document) -> BTreeMap<Lane, String> {
    let mut taken = std::collections::BTreeSet::new();
    let mut names = BTreeMap::new();
    for (index, lane) in Causality::lanes(document).into_iter().enumerate() {
        let plain = document
            .header
            .name(lane)
            .chars()
            .map(|c| if c.is_whitespace() || c.is_control() { '_' } else { c })
            .collect::<String>();
        let name = if taken.contains(&plain) { format!("{plain}_{index}") } else { plain };
        taken.insert(name.clone());
        names.insert(lane, name);
    }
    names
}
