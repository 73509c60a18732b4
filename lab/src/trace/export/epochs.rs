//! Epochs of leadership: intervals in which a node leads, holds a lease or is a candidate, with its
//! ballot, term or token.
//!
//! Every protocol here numbers its epochs and shows the state of a node in its view, so the
//! diagrams need no knowledge of a protocol: a `role`, `office` or `stage` in a view is what a node
//! does, and a `term`, `ballot` or `token` is the epoch. `docs/DRAWING.md` describes this for
//! authors of traces.

use std::collections::{BTreeMap, BTreeSet};

use quorate_protocol::{NodeId, Time};

use crate::trace::{Document, Event, EventKind, Lane, Object, Value, apply};

/// View fields that number the epochs, the most specific first.
const EPOCHS: [&str; 5] = ["ballot", "term", "token", "promised", "epoch"];
/// View fields with the role of a node.
const ROLES: [&str; 3] = ["role", "office", "stage"];
/// Roles that at most one node should have.
const OWNERS: [&str; 4] = ["leader", "primary", "owner", "master"];
/// Roles of nodes that compete for one of these.
const TRIERS: [&str; 6] = ["candidate", "precandidate", "preparing", "proposing", "campaigning", "recovering"];
/// Maximum length of a label, whatever the trace contains.
const LABEL_CHARS: usize = 40;

/// Strength of a node's claim to leadership.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(in crate::trace) enum EpochRole {
    /// Follower: it knows the epoch.
    Follower,
    /// Candidate, or in part a leader.
    Candidate,
    /// Leader, or holder of an exclusive lease.
    Leader,
}

/// One node's claim during an interval.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::trace) struct EpochSpan {
    pub(in crate::trace) node: NodeId,
    /// Index of the document's event at which it begins,
    pub(in crate::trace) from: usize,
    /// and at which it ends; `None` if it continues.
    pub(in crate::trace) to: Option<usize>,
    pub(in crate::trace) kind: EpochRole,
    pub(in crate::trace) label: String,
    /// Index among all ballots, terms or tokens.
    pub(in crate::trace) epoch: Option<usize>,
}

/// All epochs of a document.
#[derive(Clone, Debug, Default)]
pub(in crate::trace) struct Epochs {
    /// In the order of their beginnings.
    pub(in crate::trace) all: Vec<EpochSpan>,
    /// All ballots, terms or tokens, in order of appearance.
    pub(in crate::trace) epochs: Vec<String>,
    known: BTreeMap<String, usize>,
}

/// Epochs of leadership of a document, as the interactive page reads them: all ballots, terms or
/// tokens as `epochs`, and as `spans` what each node claimed: `[node, from, to or -1, kind, label,
/// epoch or -1]`, where `from` and `to` are indices of events, and `kind` is 0 for a follower, 1
/// for a candidate and 2 for a leader.
pub fn reigns(document: &Document) -> Value {
    let epochs = Epochs::of(document);
    let place = |place: Option<usize>| place.map_or(Value::from(-1), Value::from);
    let spans = epochs.all.iter().map(|span| {
        let kind = match span.kind {
            EpochRole::Follower => 0,
            EpochRole::Candidate => 1,
            EpochRole::Leader => 2,
        };
        let (node, label) = (span.node.0.into(), span.label.as_str().into());
        vec![node, span.from.into(), place(span.to), Value::from(kind), label, place(span.epoch)]
    });
    let spans = spans.collect();
    Value::from([("epochs", epochs.epochs.iter().map(String::as_str).collect()), ("spans", spans)])
}

impl Epochs {
    pub(in crate::trace) fn of(document: &Document) -> Epochs {
        let mut watch = Watch::default();
        for (place, event) in document.events.iter().enumerate() {
            watch.expire(place, event.at);
            watch.see(place, event);
        }
        watch.epochs
    }

    /// Epoch of a message's payload, if it has one.
    pub(in crate::trace) fn epoch_of(&self, body: &Value) -> Option<usize> {
        self.known.get(&epoch(unwrapped("", body).1.as_object()?)?.1).copied()
    }

    fn number(&mut self, epoch: String) -> usize {
        let next = self.epochs.len();
        *self.known.entry(epoch).or_insert_with_key(|epoch| {
            self.epochs.push(epoch.clone());
            next
        })
    }
}

/// The nodes' views and clocks as of the current event.
#[derive(Debug, Default)]
struct Watch {
    epochs: Epochs,
    views: BTreeMap<NodeId, Value>,
    /// The current epoch of each node, by its index in the list.
    going_on: BTreeMap<NodeId, usize>,
    clocks: BTreeMap<NodeId, Clock>,
    /// Deadlines of current epochs that expire.
    deadlines: BTreeSet<(Time, NodeId)>,
}

impl Watch {
    fn see(&mut self, place: usize, event: &Event) {
        if let EventKind::Send { payload, .. } | EventKind::Reply { payload, .. } | EventKind::Fact(payload) =
            &event.what
            && let Some((_, epoch)) = unwrapped("", &payload.body).1.as_object().and_then(epoch)
        {
            self.epochs.number(epoch);
        }
        let Some(Lane::Node(node)) = event.lane else { return };
        match &event.what {
            EventKind::Boot { state, .. } => {
                self.views.insert(node, state.clone().unwrap_or_default());
                self.look(place, event.at, node);
            }
            EventKind::State { diff } => {
                apply(self.views.entry(node).or_default(), diff.clone());
                self.look(place, event.at, node);
            }
            EventKind::Crash { .. } => {
                self.end(place, node);
                self.clocks.entry(node).or_default().resume(event.at);
            }
            EventKind::Suspend => {
                self.clocks.entry(node).or_default().suspend(event.at);
                self.deadlines.retain(|(_, other)| *other != node);
            }
            EventKind::Resume => {
                let was_suspended = self.clocks.entry(node).or_default().resume(event.at);
                if was_suspended {
                    self.look(place, event.at, node);
                }
            }
            EventKind::Drift { ppm } => self.clocks.entry(node).or_default().drift(event.at, *ppm),
            _ => {}
        }
    }

    /// Ends epochs whose deadline has passed.
    fn expire(&mut self, place: usize, now: Time) {
        while let Some(&(due, node)) = self.deadlines.first().filter(|(due, _)| *due <= now) {
            self.deadlines.remove(&(due, node));
            self.end(place, node);
        }
    }

    /// Compares a node's view with its current epoch.
    fn look(&mut self, place: usize, now: Time, node: NodeId) {
        let Some(found) = self.views.get(&node).and_then(span) else { return self.end(place, node) };
        let ends = found.until.map(|until| self.clocks.entry(node).or_default().when(until));
        self.deadlines.retain(|(_, other)| *other != node);
        if ends.is_some_and(|ends| ends <= now) {
            return self.end(place, node);
        }
        self.deadlines.extend(ends.map(|ends| (ends, node)));
        let epoch = found.epoch.map(|epoch| self.epochs.number(epoch));
        let current = self.going_on.get(&node).and_then(|&at| self.epochs.all.get(at));
        if current.is_some_and(|r| (r.kind, r.epoch, r.label.as_str()) == (found.kind, epoch, found.label.as_str())) {
            return;
        }
        self.end_current(place, node);
        self.going_on.insert(node, self.epochs.all.len());
        let RoleInView { kind, label, .. } = found;
        self.epochs.all.push(EpochSpan { node, from: place, to: None, kind, label, epoch });
    }

    fn end(&mut self, place: usize, node: NodeId) {
        self.deadlines.retain(|(_, other)| *other != node);
        self.end_current(place, node);
    }

    fn end_current(&mut self, place: usize, node: NodeId) {
        if let Some(span) = self.going_on.remove(&node).and_then(|at| self.epochs.all.get_mut(at)) {
            span.to = Some(place);
        }
    }
}

/// Claim of a node according to its view.
struct RoleInView {
    kind: EpochRole,
    label: String,
    epoch: Option<String>,
    /// Deadline on the node's own clock.
    until: Option<Time>,
}

/// Returns the strongest claim in a view: of the view itself or of a part, such as a proposer or an
/// acceptor.
fn span(view: &Value) -> Option<RoleInView> {
    let view = view.as_object()?;
    let parts = view.values().filter_map(Value::as_object);
    std::iter::once(view).chain(parts).filter_map(kind).reduce(
        |best, next| {
            if next.kind > best.kind { next } else { best }
        },
    )
}

fn kind(part: &Object) -> Option<RoleInView> {
    let epoch = epoch(part);
    let until = |key: &str| part.get(key).and_then(Value::as_u64).map(Time::from_nanos);
    if let (Some(until), Some(token)) =
        (until("acts_until").or(until("serves_until")), part.get("token").and_then(plain))
    {
        let (kind, verb) = if part.contains_key("acts_until") {
            (EpochRole::Leader, "acts")
        } else {
            (EpochRole::Candidate, "serves")
        };
        return Some(RoleInView {
            kind,
            label: short(&format!("{verb}, token {token}")),
            epoch: Some(token),
            until: Some(until),
        });
    }
    let role = ROLES.iter().find_map(|role| part.get(role)?.as_str()).unwrap_or_default();
    let lower = role.to_lowercase().replace(['_', '-', ' '], "");
    let kind = if OWNERS.contains(&lower.as_str()) {
        EpochRole::Leader
    } else if TRIERS.contains(&lower.as_str()) {
        EpochRole::Candidate
    } else {
        EpochRole::Follower
    };
    let (name, value) = match epoch {
        Some(epoch) => epoch,
        None if kind == EpochRole::Follower => return None,
        None => ("", String::new()),
    };
    let word = if kind == EpochRole::Follower { name } else { role };
    let label = short(format!("{} {value}", word.to_lowercase()).trim());
    Some(RoleInView { kind, label, epoch: (!value.is_empty()).then_some(value), until: None })
}

/// Returns the field that numbers the epochs in a payload or a part of a view, and its value.
fn epoch(members: &Object) -> Option<(&'static str, String)> {
    EPOCHS.iter().find_map(|name| Some((*name, plain(members.get(name)?)?)))
}

/// Unwraps a message whose only content is another one, as with Raft in a service built on it, if
/// the inner one belongs to an epoch: `Raft {"AppendEntries":{"term":1}}` is an `AppendEntries`.
pub(in crate::trace) fn unwrapped<'a>(name: &'a str, body: &'a Value) -> (&'a str, &'a Value) {
    let only = body.as_object().filter(|members| members.len() == 1).and_then(|members| members.iter().next());
    match only {
        Some((inner, payload))
            if inner.starts_with(|first: char| first.is_ascii_uppercase())
                && payload.as_object().and_then(epoch).is_some() =>
        {
            (inner, payload)
        }
        _ => (name, body),
    }
}

/// A number or a string, the types of ballots, terms and tokens.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(short(text)),
        _ => None,
    }
}

fn short(text: &str) -> String {
    text.chars().take(LABEL_CHARS).collect()
}

/// A node's clock according to its `clock` events: accurate at first, then faster or slower.
#[derive(Clone, Copy, Debug, Default)]
struct Clock {
    changed: Time,
    shown: u64,
    ppm: i64,
    /// Whether it stands still, because the machine is suspended.
    suspended: bool,
}

impl Clock {
    fn drift(&mut self, now: Time, ppm: i64) {
        let elapsed = i128::from(now.as_nanos().saturating_sub(self.changed.as_nanos()));
        let shown = if self.suspended { 0 } else { elapsed * self.rate() / 1_000_000 };
        self.shown = self.shown.saturating_add(u64::try_from(shown).unwrap_or(u64::MAX));
        (self.changed, self.ppm) = (now, ppm);
    }

    fn suspend(&mut self, now: Time) {
        self.drift(now, self.ppm);
        self.suspended = true;
    }

    /// Ends a suspension. Returns whether there was one.
    fn resume(&mut self, now: Time) -> bool {
        self.drift(now, self.ppm);
        std::mem::take(&mut self.suspended)
    }

    /// True time at which the clock has a reading.
    fn when(&self, shown: Time) -> Time {
        let ahead = i128::from(shown.as_nanos().saturating_sub(self.shown)) * 1_000_000;
        let elapsed = u64::try_from(ahead / self.rate()).unwrap_or(u64::MAX);
        Time::from_nanos(self.changed.as_nanos().saturating_add(elapsed))
    }

    /// Rate in millionths; at least 1, because a clock that stops or runs backwards cannot be
    /// converted.
    fn rate(&self) -> i128 {
        (1_000_000 + i128::from(self.ppm)).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epochs(events: &str) -> Vec<(u32, usize, Option<usize>, EpochRole, String)> {
        let header = r#"{"quorate_trace":1,"protocol":"p","nodes":["a","b"]}"#;
        let document = Document::read_jsonl(format!("{header}\n{events}").as_bytes()).expect("it conforms");
        Epochs::of(&document).all.into_iter().map(|r| (r.node.0, r.from, r.to, r.kind, r.label)).collect()
    }

    #[test]
    fn a_leader_reigns_until_its_view_says_otherwise_or_it_crashes() {
        let found = epochs(
            r#"{"id":1,"at":0,"kind":"boot","node":"a","incarnation":1,"state":{"role":"Follower","term":1}}
{"id":2,"at":1,"kind":"state","node":"a","diff":{"role":"Leader","term":2}}
{"id":3,"at":2,"kind":"state","node":"a","diff":{"commit":4}}
{"id":4,"at":3,"kind":"crash","node":"a","lost":0}"#,
        );
        let follower = (0, 0, Some(1), EpochRole::Follower, "term 1".to_owned());
        assert_eq!(found, [follower, (0, 1, Some(3), EpochRole::Leader, "leader 2".to_owned())]);
    }

    #[test]
    fn a_lease_ends_by_the_clock_of_its_holder() {
        let found = epochs(
            r#"{"id":1,"at":0,"kind":"boot","node":"a","incarnation":1,"state":{}}
{"id":2,"at":0,"kind":"clock","node":"a","drift_ppm":-500000}
{"id":3,"at":0,"kind":"state","node":"a","diff":{"token":4,"acts_until":1000}}
{"id":4,"at":1500,"kind":"note","text":"by a right clock it would be over"}
{"id":5,"at":2000,"kind":"note","text":"a's clock runs at half the speed"}"#,
        );
        assert_eq!(found, [(0, 2, Some(4), EpochRole::Leader, "acts, token 4".to_owned())]);
    }

    #[test]
    fn a_lease_outlasts_the_suspension_of_its_holder() {
        let found = epochs(
            r#"{"id":1,"at":0,"kind":"boot","node":"a","incarnation":1,"state":{"token":4,"acts_until":1000}}
{"id":2,"at":400,"kind":"pause","node":"a","suspended":true}
{"id":3,"at":1500,"kind":"note","text":"a's clock shows 400"}
{"id":4,"at":2400,"kind":"resume","node":"a"}
{"id":5,"at":2900,"kind":"note","text":"a's clock shows 900"}
{"id":6,"at":3000,"kind":"note","text":"a's clock shows 1000"}"#,
        );
        assert_eq!(found, [(0, 0, Some(5), EpochRole::Leader, "acts, token 4".to_owned())]);
    }

    #[test]
    fn a_message_that_carries_another_is_known_by_that() {
        let append = Value::from(serde_json::json!({"AppendEntries": {"term": 3}}));
        assert_eq!(unwrapped("Raft", &append), ("AppendEntries", &append["AppendEntries"]));
        let put = Value::from(serde_json::json!({"Put": {"key": "x"}}));
        assert_eq!(unwrapped("Apply", &put), ("Apply", &put));
    }

    #[test]
    fn the_strongest_claim_of_a_nodes_parts_counts() {
        let found = epochs(
            r#"{"id":1,"at":0,"kind":"boot","node":"b","incarnation":1,"state":{"acceptor":{"promised":"1.A"},"proposer":{"stage":"preparing","ballot":"2.B"}}}"#,
        );
        assert_eq!(found, [(1, 0, None, EpochRole::Candidate, "preparing 2.B".to_owned())]);
    }
}
