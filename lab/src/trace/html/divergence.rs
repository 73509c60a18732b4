//! First divergence of two traces: the first event that differs, and the rules that decided there.

use crate::trace::{Document, Event, EventKind};

/// The first difference between two traces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// Number of equal events; the index of the first that differs, from 0.
    pub at: usize,
    /// One sentence: the time, what each side does there, and by which rule.
    pub says: String,
}

/// Finds the first difference of two traces; `None` if all events are equal. Headers may differ, as
/// with two rulebooks.
///
/// ```
/// use quorate_lab::trace::{Document, html::first_divergence};
///
/// let trace = |why: &str| {
///     let text = format!("{}\n{}\n{}\n",
///         r#"{"quorate_trace":1,"protocol":"paxos","nodes":["X"]}"#,
///         r#"{"id":1,"at":0,"kind":"boot","node":"X","incarnation":1}"#,
///         r#"{"id":2,"at":1000000,"kind":"rule","node":"X","rule":"RULE"}"#.replace("RULE", why));
///     Document::read_jsonl(text.as_bytes())
/// };
/// let divergence = first_divergence(&trace("Accept")?, &trace("RefuseAccept")?).unwrap();
/// assert_eq!(divergence.at, 1);
/// assert_eq!(divergence.says, "The traces agree on 1 event. At 1.0 ms, left: X by rule Accept; right: X by rule RefuseAccept.");
/// # Ok::<(), quorate_lab::trace::ReadError>(())
/// ```
pub fn first_divergence(left: &Document, right: &Document) -> Option<Divergence> {
    let lanes = |event: &Event, document: &Document| event.lane.map(|lane| document.header.name(lane).into_owned());
    let same = |(a, b): &(&Event, &Event)| a == b && lanes(a, left) == lanes(b, right);
    let at = left.events.iter().zip(&right.events).take_while(same).count();
    if at == left.events.len() && at == right.events.len() {
        return None;
    }
    let when = [left, right].into_iter().filter_map(|document| Some(document.events.get(at)?.at)).min()?;
    let events = if at == 1 { "event" } else { "events" };
    let (left, right) = (side(left, at), side(right, at));
    Some(Divergence {
        at,
        says: format!("The traces agree on {at} {events}. At {when}, left: {left}; right: {right}."),
    })
}

/// Describes the event on one side (or the end of its trace) and the rule that decided.
fn side(document: &Document, at: usize) -> String {
    let Some(event) = document.events.get(at) else { return "nothing more happens".to_owned() };
    let who = event.lane.map(|lane| document.header.name(lane).into_owned()).unwrap_or_else(|| "the run".to_owned());
    match rule(document, at) {
        Some(rule) => format!("{who} by rule {rule}"),
        None => format!("{who} without a rule ({})", event.what.kind()),
    }
}

/// The rule of the event, or the last one before it in the same step.
fn rule(document: &Document, at: usize) -> Option<&str> {
    let event = &document.events[at];
    let step = document.events[..=at].iter().rev().take_while(|other| {
        other.lane == event.lane
            && other.at == event.at
            && (other.cause == event.cause || Some(other.id) == event.cause)
    });
    step.into_iter().find_map(|other| match &other.what {
        EventKind::Rule { rule, .. } => Some(rule.as_str()),
        _ => None,
    })
}
