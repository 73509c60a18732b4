//! Mermaid sequence diagrams.
//!
//! Mermaid draws one arrow below the other, so each message is placed at its delivery, as in the
//! terminal renderings. The characters `;`, `#`, `<`, `:` and others have a meaning in its syntax;
//! they are written as entities, which Mermaid shows as the characters.

use std::fmt::Write as _;

use super::causality::{Causality, Journey, MessageOutcome};
use super::{TooLarge, at_most, cut, line};
use crate::trace::humanize::brief;
use crate::trace::{Document, DropReason, Event, EventKind, Lane, humanize};

/// Mermaid rejects text beyond 50,000 characters by default.
const MESSAGES_MAX: usize = 400;
const LANES_MAX: usize = 60;
const LABEL_CHARS: usize = 60;

/// Returns the trace as a Mermaid `sequenceDiagram`: messages, facts, notes, and faults of nodes
/// and network.
///
/// # Errors
/// [`TooLarge`] beyond 400 messages or 60 lanes.
///
/// ```
/// use quorate_lab::trace::{Document, export};
///
/// let file = r#"{"quorate_trace":1,"protocol":"paxos","nodes":["A","X"]}
/// {"id":1,"at":0,"kind":"send","node":"A","msg":1,"to":"X","name":"Prepare","body":{"ballot":"1.A"}}
/// {"id":2,"at":3000000,"kind":"deliver","node":"X","cause":1,"msg":1,"from":"A"}"#;
/// let diagram = export::mermaid(&Document::read_jsonl(file.as_bytes())?)?;
/// assert_eq!(diagram.lines().collect::<Vec<_>>(), [
///     "sequenceDiagram",
///     "    participant n0 as A",
///     "    participant n1 as X",
///     "    n0->>n1: Prepare ballot 1.A",
/// ]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn mermaid(document: &Document) -> Result<String, TooLarge> {
    let causality = Causality::of(document);
    let lanes = Causality::lanes(document);
    at_most("Mermaid", "messages", causality.journeys.len(), MESSAGES_MAX)?;
    at_most("Mermaid", "lanes", lanes.len(), LANES_MAX)?;
    let mut diagram = String::from("sequenceDiagram\n");
    for lane in &lanes {
        let kind = if matches!(lane, Lane::Client(_)) { "actor" } else { "participant" };
        let name = text(&document.header.name(*lane), 30);
        diagram.push_str(&format!("    {kind} {} as {name}\n", id(*lane)));
    }
    for (place, event) in document.events.iter().enumerate() {
        if let Some(statement) = statement(&causality, place, event, &lanes) {
            let _ = writeln!(diagram, "    {statement}");
        }
    }
    Ok(diagram)
}

/// The line for an event; most events have none.
fn statement(causality: &Causality<'_>, place: usize, event: &Event, lanes: &[Lane]) -> Option<String> {
    let header = &causality.document.header;
    let over = |lane: Lane, payload: &str| Some(format!("Note over {}: {}", id(lane), text(payload, LABEL_CHARS)));
    let across = |payload: &str| {
        let (first, last) = (lanes.first()?, lanes.last()?);
        let over = if first == last { id(*first) } else { format!("{},{}", id(*first), id(*last)) };
        Some(format!("Note over {over}: {}", text(payload, 200)))
    };
    match (&event.what, event.lane) {
        (EventKind::Request { msg: None, client, payload, .. }, Some(node)) => Some(format!(
            "{}->>{}: {}",
            id(Lane::Client(*client)),
            id(node),
            label(&payload.name, &humanize(&payload.body))
        )),
        (EventKind::Reply { msg: None, client, payload, .. }, Some(node)) => Some(format!(
            "{}->>{}: {}",
            id(node),
            id(Lane::Client(*client)),
            label(&payload.name, &humanize(&payload.body))
        )),
        (EventKind::Deliver { .. } | EventKind::Request { .. } | EventKind::Drop { .. }, _) => {
            causality.journey_at.get(&place).map(|&journey| arrow(&causality.journeys[journey]))
        }
        (EventKind::Forge(forgery), Some(lane)) => over(
            lane,
            &format!("forges {}: {} {}", forgery.name_before(), forgery.field, brief(&forgery.field, &forgery.new)),
        ),
        (EventKind::Crash { .. }, Some(node)) => over(node, "crashes"),
        (EventKind::Boot { incarnation, .. }, Some(node)) if *incarnation > 1 => over(node, "restarts"),
        (EventKind::Pause, Some(node)) => over(node, "pauses"),
        (EventKind::Suspend, Some(node)) => over(node, "is suspended"),
        (EventKind::Resume, Some(node)) => over(node, "resumes"),
        (EventKind::Drift { ppm }, Some(node)) => over(node, &format!("clock {ppm} ppm")),
        (EventKind::Jump { nanos }, Some(node)) => over(node, &format!("clock set by {} ms", nanos / 1_000_000)),
        (EventKind::Fact(payload), Some(lane)) => over(lane, &format!("{} {}", payload.name, humanize(&payload.body))),
        (EventKind::Partition { groups }, _) => {
            let names =
                |group: &Vec<_>| group.iter().map(|node| header.name(Lane::Node(*node))).collect::<Vec<_>>().join(" ");
            across(&format!("network partition: {}", groups.iter().map(names).collect::<Vec<_>>().join(" | ")))
        }
        (EventKind::Heal, _) => across("the network heals"),
        (EventKind::Link { from, to, up }, _) => {
            let (from, to) = (header.name(Lane::Node(*from)), header.name(Lane::Node(*to)));
            across(&format!("{from} to {to} {}", if *up { "works again" } else { "is cut" }))
        }
        (EventKind::Violation { invariant, detail }, _) => across(&format!("{invariant} is broken: {detail}")),
        (EventKind::Note { text }, _) => across(text),
        _ => None,
    }
}

fn arrow(journey: &Journey<'_>) -> String {
    let (from, to) = (id(journey.from), id(journey.to));
    let payload = label(&journey.payload.name, &humanize(&journey.payload.body));
    match journey.fate {
        MessageOutcome::Lost(_, reason) => format!("{from}--x{to}: {payload} ({})", lost(reason)),
        _ if journey.forged.is_some() => format!("{from}->>{to}: {payload} (forged)"),
        _ if journey.copy => format!("{from}-->>{to}: {payload} (a copy)"),
        _ => format!("{from}->>{to}: {payload}"),
    }
}

fn lost(reason: DropReason) -> &'static str {
    match reason {
        DropReason::Loss | DropReason::Script => "lost",
        DropReason::Partition => "link cut",
        DropReason::Crashed => "receiver down",
        DropReason::Unknown => "no such receiver",
        DropReason::Overflow => "queue full",
    }
}

fn label(name: &str, body: &str) -> String {
    text(&format!("{name} {body}"), LABEL_CHARS)
}

/// Lanes have generated ids, because Mermaid accepts few other names.
fn id(lane: Lane) -> String {
    match lane {
        Lane::Client(client) => format!("c{}", client.0),
        Lane::Node(node) => format!("n{}", node.0),
    }
}

/// Escapes text for Mermaid: one line, with entities for everything that its syntax might use.
fn text(payload: &str, chars: usize) -> String {
    let plain = line(payload);
    let mut text = String::new();
    for char in cut(plain.trim(), chars).chars() {
        match char {
            'a'..='z' | 'A'..='Z' | '0'..='9' | ' ' | '.' | ',' | '_' | '-' | '(' | ')' | '=' | '@' | '/' => {
                text.push(char)
            }
            _ => {
                let _ = write!(text, "#{};", u32::from(char));
            }
        }
    }
    // Mermaid does not accept an empty text.
    if text.is_empty() { "#160;".to_owned() } else { text }
}
