//! First divergence of two traces: the first event that differs, and what each side does there.

use std::collections::BTreeSet;

use crate::trace::{Document, Event, EventKind, render};

/// Effects of a step that are worded at most.
const EFFECTS_MAX: usize = 3;

/// The first difference between two traces. Notes are not compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// Index of the first event that differs in the left trace, from 0.
    pub at: usize,
    /// The same in the right trace: another one if only one of them has notes before it.
    pub at_right: usize,
    /// The step of each side there with its rule, and the invariants that a side breaks.
    pub says: String,
}

/// Finds the first difference of two traces; `None` if all events but the notes are equal. Headers
/// may differ, as with two rulebooks.
///
/// ```
/// use quorate_lab::trace::{Document, first_divergence};
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
    let (ours, theirs) = (Compared::of(left), Compared::of(right));
    let count = ours.places.len().min(theirs.places.len());
    let equal = (0..count).take_while(|place| ours.is_same(&theirs, *place)).count();
    if equal == ours.places.len() && equal == theirs.places.len() {
        return None;
    }
    let (at, at_right) = (ours.index(equal), theirs.index(equal));
    let when = [left.events.get(at), right.events.get(at_right)].into_iter().flatten().map(|event| event.at).min()?;
    let events = if equal == 1 { "event" } else { "events" };
    let says = format!(
        "The traces agree on {equal} {events}. At {when}, left: {}; right: {}.{}",
        side(left, at),
        side(right, at_right),
        violations(left, right)
    );
    Some(Divergence { at, at_right, says })
}

/// A trace without its notes.
struct Compared<'a> {
    document: &'a Document,
    /// Index of each event that is compared.
    places: Vec<usize>,
}

impl<'a> Compared<'a> {
    fn of(document: &'a Document) -> Self {
        let is_note = |event: &Event| matches!(event.what, EventKind::Note { .. });
        let places = document.events.iter().enumerate().filter(|(_, event)| !is_note(event));
        Compared { document, places: places.map(|(index, _)| index).collect() }
    }

    fn event(&self, place: usize) -> &'a Event {
        &self.document.events[self.places[place]]
    }

    fn index(&self, place: usize) -> usize {
        self.places.get(place).copied().unwrap_or(self.document.events.len())
    }

    fn lane(&self, event: &Event) -> Option<String> {
        event.lane.map(|lane| self.document.header.name(lane).into_owned())
    }

    /// The place of an event's cause. Ids differ where only one of two traces has notes.
    fn cause(&self, event: &Event) -> Option<usize> {
        let cause = event.cause?;
        self.places.binary_search_by_key(&cause, |index| self.document.events[*index].id).ok()
    }

    fn is_same(&self, other: &Compared<'_>, place: usize) -> bool {
        let (a, b) = (self.event(place), other.event(place));
        a.at == b.at && a.what == b.what && self.lane(a) == other.lane(b) && self.cause(a) == other.cause(b)
    }
}

/// Words what one side does: the rule that decides in the step, and the effects from the first
/// difference on.
fn side(document: &Document, at: usize) -> String {
    let Some(event) = document.events.get(at) else { return "nothing more happens".to_owned() };
    let who = event.lane.map(|lane| document.header.name(lane).into_owned()).unwrap_or_default();
    let rule = rule(document, at);
    let is_effect = |event: &Event| {
        !matches!(event.what, EventKind::Rule { .. } | EventKind::State { .. } | EventKind::Arm { .. })
            && !matches!(event.what, EventKind::Disarm { .. } | EventKind::Note { .. })
    };
    let rest = document.events[at..].iter().take_while(|other| is_same_step(other, event));
    let length = rest.clone().count();
    let clauses = render::clauses(document, at..at + length);
    let prefix = format!("{who} ");
    let effects = rest.zip(clauses).filter(|(other, clause)| is_effect(other) && !clause.is_empty());
    let effects: Vec<String> = effects
        .take(EFFECTS_MAX)
        .map(|(_, clause)| clause.strip_prefix(&prefix).map(str::to_owned).unwrap_or(clause))
        .collect();
    let effects = effects.join(", ");
    match (rule, effects.is_empty()) {
        (Some(rule), true) => format!("{who} by rule {rule}"),
        (Some(rule), false) => format!("{who} by rule {rule}: {effects}"),
        (None, true) => format!("{who} without a rule ({})", event.what.kind()),
        (None, false) if effects.contains('→') || who.is_empty() => effects,
        (None, false) => format!("{who} {effects}"),
    }
}

/// Whether an event is of the same step as an earlier one.
fn is_same_step(other: &Event, event: &Event) -> bool {
    let is_of_step = other.cause == event.cause || other.cause == Some(event.id) || Some(other.id) == event.cause;
    other.lane == event.lane && other.at == event.at && is_of_step
}

/// The rule of the event, or the last one before it in the same step.
fn rule(document: &Document, at: usize) -> Option<&str> {
    let event = &document.events[at];
    let step = document.events[..=at].iter().rev().take_while(|other| is_same_step(other, event));
    step.into_iter().find_map(|other| match &other.what {
        EventKind::Rule { rule, .. } => Some(rule.as_str()),
        _ => None,
    })
}

/// Says which side breaks which invariants; empty if neither does.
fn violations(left: &Document, right: &Document) -> String {
    let broken = |document: &Document| -> BTreeSet<String> {
        let names = document.events.iter().filter_map(|event| match &event.what {
            EventKind::Violation { invariant, .. } => Some(format!("{invariant} at {}", event.at)),
            _ => None,
        });
        names.collect()
    };
    let (ours, theirs) = (broken(left), broken(right));
    if ours.is_empty() && theirs.is_empty() {
        return String::new();
    }
    let says = |broken: &BTreeSet<String>| match broken.len() {
        0 => "no invariant".to_owned(),
        _ => broken.iter().cloned().collect::<Vec<_>>().join(" and "),
    };
    format!(" Left breaks {}; right breaks {}.", says(&ours), says(&theirs))
}
