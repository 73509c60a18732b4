//! Recovery checker: compares the persisted records in a trace with the state that restarted nodes
//! show.

use std::collections::{BTreeMap, BTreeSet};

use quorate::lab::trace::{Document, Event, EventId, EventKind, Lane, Payload, json};
use quorate::protocol::{Clock as _, Constants, Disk, LocalTime, Machine, Names, NodeId, Outbox, Time, nanos};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Coverage of the checks: a check without restarts and losses proves nothing.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Counts {
    /// Restarts after a crash.
    pub restarts: usize,
    /// Crashes that lost records.
    pub losses: usize,
    /// Records that were persisted.
    pub records: usize,
    /// Messages, requests and replies that were neither delivered nor lost by the end.
    pub in_flight: usize,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Counts) {
        self.restarts += other.restarts;
        self.losses += other.losses;
        self.records += other.records;
        self.in_flight += other.in_flight;
    }
}

/// State of a node according to the trace.
struct Node<D> {
    disk: D,
    clock: Clock,
    /// The disk after each event to which a later crash puts it back.
    backups: BTreeMap<EventId, D>,
    /// Whether it has crashed before.
    crashed: bool,
    /// Effect of its current step other than rules and records.
    spoke: Option<&'static str>,
}

/// Checks the consistency of a trace of machines with this configuration. `given` is the initial
/// content of the disks.
///
/// # Errors
/// The first impossible event, and the reason.
pub fn check<M: Machine>(
    document: &Document,
    constants: &Constants<M>,
    given: &BTreeMap<NodeId, M::Disk>,
) -> Result<Counts, String> {
    let names = Names::new(document.header.nodes.clone(), document.header.clients.clone());
    names.scope(|| {
        let node = |node: u32| Node {
            disk: given.get(&NodeId(node)).cloned().unwrap_or_default(),
            clock: Clock::default(),
            backups: BTreeMap::new(),
            crashed: false,
            spoke: None,
        };
        let mut nodes: Vec<Node<M::Disk>> = (0..document.header.nodes.len() as u32).map(node).collect();
        let mut counts = Counts::default();
        let restored = document.events.iter().filter_map(|event| match (&event.what, event.lane) {
            (EventKind::Crash { restored: Some(after), .. }, Some(Lane::Node(id))) => Some((*after, id)),
            _ => None,
        });
        let restored: BTreeSet<(EventId, NodeId)> = restored.collect();
        for event in &document.events {
            account(&event.what, &mut counts);
            if let Some(Lane::Node(id)) = event.lane {
                check_event::<M>(event, id, constants, &mut nodes[id.index()], &mut counts)
                    .map_err(|wrong| format!("event {} at {} on {id}: {wrong}", event.id, event.at))?;
            }
            for (after, id) in restored.iter().filter(|(after, _)| *after == event.id) {
                let node = &mut nodes[id.index()];
                node.backups.insert(*after, node.disk.clone());
            }
        }
        Ok(counts)
    })
}

/// Counts messages in flight: every message ends at most once.
fn account(what: &EventKind, counts: &mut Counts) {
    match what {
        EventKind::Send { .. } | EventKind::Reply { msg: Some(_), .. } | EventKind::Duplicate { .. } => {
            counts.in_flight += 1
        }
        EventKind::Deliver { .. } | EventKind::Request { msg: Some(_), .. } | EventKind::Drop { .. } => {
            counts.in_flight -= 1
        }
        _ => {}
    }
}

fn check_event<M: Machine>(
    event: &Event,
    id: NodeId,
    constants: &Constants<M>,
    node: &mut Node<M::Disk>,
    counts: &mut Counts,
) -> Result<(), String> {
    match &event.what {
        EventKind::Boot { state, .. } => {
            let cx = constants.of(id, M::Clock::read(node.clock.read(event.at)));
            let shown = json(&M::boot(&cx, &node.disk, &mut Outbox::new()).view(&cx));
            if state.as_ref() != Some(&shown) {
                let state = state.clone().unwrap_or_default();
                return Err(format!("it booted with\n  {state}\nbut what was persisted gives\n  {shown}"));
            }
            counts.restarts += usize::from(node.crashed);
            node.spoke = None;
        }
        EventKind::Persist(payload) => {
            node.disk.apply(&record(payload)?);
            counts.records += 1;
        }
        EventKind::Crash { restored: Some(after), .. } => {
            let disk = node.backups.get(after).ok_or("its disk is put back to one that there never was")?;
            (node.disk, node.crashed) = (disk.clone(), true);
        }
        EventKind::Crash { wiped: true, .. } => (node.disk, node.crashed) = (M::Disk::default(), true),
        EventKind::Crash { lost, .. } => {
            if let (1.., Some(spoke)) = (*lost, node.spoke) {
                return Err(format!(
                    "it crashed before {lost} records were durable, and yet there is {spoke} in its step"
                ));
            }
            counts.losses += usize::from(*lost > 0);
            node.crashed = true;
        }
        EventKind::Deliver { .. } | EventKind::Fire { .. } | EventKind::Request { .. } => node.spoke = None,
        EventKind::Send { to, .. } if *to != Lane::Node(id) => node.spoke = Some("a message"),
        EventKind::Reply { .. } => node.spoke = Some("an answer"),
        EventKind::Fact(_) => node.spoke = Some("a fact"),
        EventKind::Drift { ppm } => node.clock.drift(event.at, i128::from(*ppm)),
        EventKind::Jump { nanos } => node.clock.jumped += i128::from(*nanos),
        _ => {}
    }
    Ok(())
}

/// Parses a record of the trace: a variant of an enum, or another type.
fn record<R: DeserializeOwned>(payload: &Payload) -> Result<R, String> {
    let Payload { name, body } = payload;
    let mut forms = vec![json!({ name: body }), json!(body)];
    if body.is_null() {
        forms.insert(0, Value::from(name.as_str()));
    }
    let read = forms.into_iter().find_map(|form| serde_json::from_value(form).ok());
    read.ok_or_else(|| format!("{name} {body} is no record of this protocol"))
}

/// A node's clocks, according to the faults in the trace.
#[derive(Default)]
struct Clock {
    changed: Time,
    shown: i128,
    ppm: i128,
    jumped: i128,
}

impl Clock {
    fn monotonic(&self, now: Time) -> i128 {
        let elapsed = i128::from(nanos(now.since(self.changed)));
        self.shown + elapsed * (1_000_000 + self.ppm) / 1_000_000
    }

    fn drift(&mut self, now: Time, ppm: i128) {
        (self.shown, self.changed, self.ppm) = (self.monotonic(now), now, ppm);
    }

    fn read(&self, now: Time) -> LocalTime {
        let monotonic = self.monotonic(now);
        let time = |nanos: i128| Time::from_nanos(u64::try_from(nanos.max(0)).unwrap_or(u64::MAX));
        LocalTime { monotonic: time(monotonic), wall: time(monotonic + self.jumped) }
    }
}
