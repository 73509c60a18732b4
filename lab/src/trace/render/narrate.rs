//! Narration of a trace: decides which events to show, and how to word them.
//!
//! The narration remembers what later events may refer to: messages in flight with the time of
//! their send, paused nodes, earlier requests. It is fed event by event, so that a script can print
//! after each of its blocks.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use quorate_protocol::{ClientId, NodeId, Time};

use super::Options;
use super::heartbeats::{Folded, Part, heartbeats};
use super::in_flight::{Flight, MessagesInFlight};
use super::plain::{cut, plain};
use super::style::Tone;
use crate::trace::humanize::brief;
use crate::trace::{
    Citation, Document, DropReason, Event, EventKind, Forgery, Header, Lane, MessageId, Payload, humanize,
};

/// Something to show. All its strings are already escaped.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Scene {
    /// A message is delivered or lost.
    Arrow(Arrow),
    /// Event in one lane; the sentence continues after the lane's name.
    Aside { lane: Lane, tone: Tone, mark: Mark, text: String },
    /// A rule fired.
    Because { lane: Lane, rule: String, cite: String, why: String },
    /// The network changes, for all nodes or only some.
    Network { text: String, all: bool },
    /// An invariant is violated.
    Broken { invariant: String, detail: String },
    /// Heartbeats that change nothing.
    Folded(String),
    /// Narration of the scenario, with its own line breaks.
    Prose(String),
}

/// A message that is delivered or lost.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Arrow {
    pub(super) from: Lane,
    pub(super) to: Lane,
    pub(super) name: Arc<str>,
    pub(super) body: Arc<str>,
    /// Anything unusual about it; often empty.
    pub(super) remark: String,
    pub(super) lost: bool,
}

/// Mark on a lane's line at an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Mark {
    /// No mark: a continuation of the event above.
    None,
    Dot,
    Start,
    Crash,
    Pause,
    Resume,
}

/// Maximum number of messages in flight that are listed at the end of a rendering.
const UNDER_WAY_MAX: usize = 8;

/// Number of remembered requests above which the older ones of each client are forgotten,
const ASKED_MAX: usize = 1 << 16;
/// except for this many.
const RECENT: u64 = 1 << 10;

/// One message sent to several recipients at once.
#[derive(Debug)]
struct Sending {
    at: Time,
    lane: Lane,
    what: String,
    body: String,
    to: Vec<String>,
}

/// State of the narration that later events may need.
#[derive(Debug)]
pub(super) struct Narrator {
    options: Options,
    in_flight: MessagesInFlight,
    /// Requests that clients have sent: the client and the request's number.
    asked: BTreeSet<(Lane, u64)>,
    paused: BTreeMap<Lane, Time>,
    sending: Option<Sending>,
    /// The node whose latest rule is shown, so that the writes that follow from it are, too.
    reason_shown: Option<Lane>,
    /// The header's rules by name, built on first use.
    rules: Option<BTreeMap<String, (String, String)>>,
}

impl Narrator {
    pub(super) fn new(options: Options) -> Self {
        Narrator {
            options,
            in_flight: MessagesInFlight::default(),
            asked: BTreeSet::new(),
            paused: BTreeMap::new(),
            sending: None,
            reason_shown: None,
            rules: None,
        }
    }

    /// Narrates an event: passes each scene with its time to `show`.
    pub(super) fn tell(&mut self, header: &Header, event: &Event, show: &mut impl FnMut(Time, Scene)) {
        if let EventKind::Send { msg, to, ticket, payload } = &event.what {
            self.send(header, event, (*msg, *to, *ticket, payload), show);
            return;
        }
        self.flush(show);
        if let Some(scene) = self.scene(header, event) {
            show(event.at, scene);
        }
    }

    /// Narrates a whole trace up to the last time that is requested, with heartbeats that change
    /// nothing folded.
    pub(super) fn tell_all(&mut self, document: &Document, show: &mut impl FnMut(Time, Scene)) {
        let header = &document.header;
        let parts = heartbeats(document, &self.options);
        let mut folded = Folded::default();
        for (index, event) in document.events.iter().enumerate() {
            if self.options.to.is_some_and(|to| event.at > to) {
                break;
            }
            let part = parts.get(index).copied().unwrap_or(Part::None);
            let mut show_after_folded = |at, scene| {
                if let Some((first, text)) = folded.take(header) {
                    show(first, Scene::Folded(text));
                }
                show(at, scene);
            };
            if part == Part::None {
                self.tell(header, event, &mut show_after_folded);
                continue;
            }
            self.flush(&mut show_after_folded);
            self.tell(header, event, &mut |_, _| {});
            self.sending = None;
            if let Part::Beat(sender) = part
                && self.options.shows(event.at)
            {
                folded.add(event.at, sender);
            }
        }
        if let Some((first, text)) = folded.take(header) {
            show(first, Scene::Folded(text));
        }
        self.flush(show);
    }

    /// Emits sends that were held back to be merged with others.
    pub(super) fn flush(&mut self, show: &mut impl FnMut(Time, Scene)) {
        if let Some(Sending { at, lane, what, body, to }) = self.sending.take() {
            let body = if body.is_empty() { body } else { format!(": {body}") };
            let text = format!("sends {what} to {}{body}", to.join(", "));
            show(at, Scene::Aside { lane, tone: Tone::Quiet, mark: Mark::Dot, text });
        }
    }

    /// Forgets state that later events hardly need: messages that were delivered or lost, and old
    /// requests.
    pub(super) fn forget(&mut self) {
        self.in_flight.forget_landed();
        if self.asked.len() > ASKED_MAX {
            let newest: BTreeMap<Lane, u64> = self.asked.iter().copied().collect();
            let is_recent = |(lane, ticket): &(Lane, u64)| newest.get(lane).is_some_and(|last| last - ticket < RECENT);
            self.asked.retain(is_recent);
        }
    }

    /// Lists the messages that were neither delivered nor lost; prints nothing if there are none.
    pub(super) fn write_under_way(&self, header: &Header, out: &mut impl fmt::Write) -> fmt::Result {
        let mut in_flight = self.in_flight.under_way();
        for (index, Flight { from, to, name, sent, .. }) in in_flight.by_ref().take(UNDER_WAY_MAX).enumerate() {
            let heading = if index == 0 { " in flight" } else { "" };
            let (from, to) = (name_of(header, *from), name_of(header, *to));
            let text = cut(&format!("{heading:12}{name} from {from} to {to}, sent at {sent}"), self.options.width);
            writeln!(out, "{text}")?;
        }
        match in_flight.count() {
            0 => Ok(()),
            more => writeln!(out, "{:12}and {more} more", ""),
        }
    }

    fn scene(&mut self, header: &Header, event: &Event) -> Option<Scene> {
        match &event.what {
            EventKind::Deliver { msg, from, late } => self.deliver(header, event, *msg, *from, *late),
            EventKind::Request { msg, client, payload, .. } => self.request(event, *msg, *client, payload),
            EventKind::Reply { msg, client, payload, .. } => self.reply(event, *msg, *client, payload),
            EventKind::Drop { msg, reason } => self.drop(header, *msg, *reason),
            EventKind::Duplicate { msg, copy } => self.duplicate(header, event.at, *msg, *copy),
            EventKind::Forge(forgery) => self.forge(header, event, forgery),
            EventKind::Partition { groups } => Some(Scene::Network { text: split(header, groups), all: true }),
            EventKind::Heal => Some(Scene::Network { text: "network heals".to_owned(), all: true }),
            EventKind::Link { from, to, up } => {
                let (from, to) = (name_of(header, Lane::Node(*from)), name_of(header, Lane::Node(*to)));
                let reaches = if *up { "reaches" } else { "no longer reaches" };
                let again = if *up { " again" } else { "" };
                Some(Scene::Network { text: format!("network: {from} {reaches} {to}{again}"), all: false })
            }
            EventKind::Violation { invariant, detail } => {
                Some(Scene::Broken { invariant: plain(invariant), detail: plain(detail) })
            }
            EventKind::Note { text } => Some(Scene::Prose(text.lines().map(plain).collect::<Vec<_>>().join("\n"))),
            EventKind::Rule { rule, why } if self.options.why => {
                let lane = event.lane?;
                self.reason_shown = self.shows_reason(header, lane, rule).then_some(lane);
                self.reason_shown.and_then(|lane| self.because(header, lane, rule, why))
            }
            _ => self.aside(event),
        }
    }

    /// Whether the reason is one of those that are requested.
    fn shows_reason(&self, header: &Header, lane: Lane, rule: &str) -> bool {
        self.options.shows_all_reasons() || self.options.names(rule) || self.options.names(&header.name(lane))
    }

    /// A rule with its citation, and its explanation or else its summary.
    fn because(&mut self, header: &Header, lane: Lane, rule: &str, why: &str) -> Option<Scene> {
        let explained = |rule: &Citation| (rule.id.clone(), (plain(&rule.cite), plain(&rule.says)));
        let rules = self.rules.get_or_insert_with(|| header.rules.iter().map(explained).collect());
        let (cite, says) = rules.get(rule).cloned().unwrap_or_default();
        let why = if why.is_empty() { says } else { plain(why) };
        Some(Scene::Because { lane, rule: plain(rule), cite, why })
    }

    fn aside(&mut self, event: &Event) -> Option<Scene> {
        let lane = event.lane?;
        let Options { why, timers, state, implied, .. } = self.options;
        let all_reasons = self.options.shows_all_reasons();
        let (tone, mark, text) = match &event.what {
            EventKind::Fact(payload) if !all_reasons && implied.contains(&payload.name.as_str()) => return None,
            EventKind::Fact(payload) => (Tone::Fact, Mark::Dot, format!("fact {}", named(payload))),
            EventKind::Persist(payload) if all_reasons || (why && self.reason_shown == Some(lane)) => {
                (Tone::Plain, Mark::None, format!("persists {}", named(payload)))
            }
            EventKind::State { diff } if state => {
                (Tone::Quiet, Mark::None, format!("now has {}", plain(&humanize(diff))))
            }
            EventKind::Boot { incarnation: 1, .. } if event.at == Time::ZERO && !all_reasons => return None,
            EventKind::Boot { incarnation: 1, .. } => (Tone::Fault, Mark::Start, "starts".to_owned()),
            EventKind::Boot { incarnation, .. } => {
                (Tone::Fault, Mark::Start, format!("restarts (incarnation {incarnation})"))
            }
            EventKind::Crash { lost, wiped, restored } => {
                (Tone::Fault, Mark::Crash, crash(*lost, *wiped, restored.is_some()))
            }
            EventKind::Pause => {
                self.paused.insert(lane, event.at);
                (Tone::Fault, Mark::Pause, "pauses".to_owned())
            }
            EventKind::Suspend => {
                self.paused.insert(lane, event.at);
                (Tone::Fault, Mark::Pause, "is suspended".to_owned())
            }
            EventKind::Resume => {
                let after = self.paused.remove(&lane).map(|since| span(event.at.since(since).as_nanos()));
                let after = after.map(|after| format!(" after {after}")).unwrap_or_default();
                (Tone::Fault, Mark::Resume, format!("resumes{after}"))
            }
            EventKind::Drift { ppm: 0 } => (Tone::Fault, Mark::Dot, "has a clock that runs correctly again".to_owned()),
            EventKind::Drift { ppm } => {
                let way = if *ppm > 0 { "fast" } else { "slow" };
                (Tone::Fault, Mark::Dot, format!("has a clock that runs {} ppm {way}", ppm.unsigned_abs()))
            }
            EventKind::Jump { nanos } => {
                let way = if *nanos < 0 { "back" } else { "forward" };
                let text = format!("has its clock set {way} by {}", span(u128::from(nanos.unsigned_abs())));
                (Tone::Fault, Mark::Dot, text)
            }
            EventKind::Fire { ticket: Some(ticket), gave_up, .. } => {
                let then = if *gave_up { "gives up" } else { "retries" };
                (Tone::Fault, Mark::Dot, format!("gets no reply to request {ticket} and {then}"))
            }
            EventKind::Fire { timer, .. } => (Tone::Plain, Mark::Dot, format!("timer {} fires", plain(timer))),
            EventKind::Arm { timer, due, .. } if timers => {
                (Tone::Quiet, Mark::None, format!("arms timer {}, to fire at {due}", plain(timer)))
            }
            EventKind::Disarm { timer } if timers => {
                (Tone::Quiet, Mark::None, format!("disarms timer {}", plain(timer)))
            }
            _ => return None,
        };
        Some(Scene::Aside { lane, tone, mark, text })
    }
}

/// Narration of messages.
impl Narrator {
    fn send(
        &mut self,
        header: &Header,
        event: &Event,
        (msg, to, ticket, payload): (MessageId, Lane, Option<u64>, &Payload),
        show: &mut impl FnMut(Time, Scene),
    ) {
        let Some(from) = event.lane else { return };
        let again = ticket.is_some_and(|ticket| !self.asked.insert((from, ticket)));
        self.in_flight.leave(msg, (from, to), payload, event.at, again);
        if !self.options.sends {
            return;
        }
        let (what, body) = (plain(&payload.name), plain(&humanize(&payload.body)));
        let name = name_of(header, to);
        match &mut self.sending {
            Some(last) if last.at == event.at && last.lane == from && last.what == what && last.body == body => {
                last.to.push(name);
            }
            _ => {
                self.flush(show);
                self.sending = Some(Sending { at: event.at, lane: from, what, body, to: vec![name] });
            }
        }
    }

    fn deliver(&mut self, header: &Header, event: &Event, msg: MessageId, from: Lane, late: bool) -> Option<Scene> {
        let to = event.lane?;
        let mut remarks = self.in_flight.land(msg, event.at);
        if late {
            remarks.push(format!("too late, {} no longer waits", name_of(header, to)));
        }
        let (name, body) = match self.in_flight.get(msg) {
            Some(flight) => (flight.name.clone(), flight.body.clone()),
            None => (format!("message {msg}").into(), "".into()),
        };
        Some(Scene::Arrow(Arrow { from, to, name, body, remark: remarks.join("; "), lost: false }))
    }

    fn request(&mut self, event: &Event, msg: Option<MessageId>, client: ClientId, payload: &Payload) -> Option<Scene> {
        let remark = msg.map(|msg| self.in_flight.land(msg, event.at)).unwrap_or_default().join("; ");
        let (name, body) = (plain(&payload.name).into(), plain(&humanize(&payload.body)).into());
        Some(Scene::Arrow(Arrow { from: Lane::Client(client), to: event.lane?, name, body, remark, lost: false }))
    }

    /// A reply whose delivery is in the trace is shown when it is delivered.
    fn reply(&mut self, event: &Event, msg: Option<MessageId>, client: ClientId, payload: &Payload) -> Option<Scene> {
        let (from, to) = (event.lane?, Lane::Client(client));
        if let Some(msg) = msg {
            self.in_flight.leave(msg, (from, to), payload, event.at, false);
            return None;
        }
        let (name, body) = (plain(&payload.name).into(), plain(&humanize(&payload.body)).into());
        Some(Scene::Arrow(Arrow { from, to, name, body, remark: String::new(), lost: false }))
    }

    fn drop(&mut self, header: &Header, msg: MessageId, reason: DropReason) -> Option<Scene> {
        let Flight { from, to, name, body, .. } = self.in_flight.lose(msg)?.clone();
        let remark = match reason {
            DropReason::Loss => "lost at random".to_owned(),
            DropReason::Partition => "lost, the link is cut".to_owned(),
            DropReason::Crashed => format!("lost, {} is down", name_of(header, to)),
            DropReason::Unknown => "dropped: there is no such receiver".to_owned(),
            DropReason::Script => "dropped by the scenario".to_owned(),
            DropReason::Overflow => "lost, the queue is full".to_owned(),
        };
        Some(Scene::Arrow(Arrow { from, to, name, body, remark, lost: true }))
    }

    /// A lie is told in the lane of the liar, whose machine knows nothing of it.
    fn forge(&mut self, header: &Header, event: &Event, forgery: &Forgery) -> Option<Scene> {
        let lane = event.lane?;
        self.in_flight.forge(forgery.msg, &forgery.payload);
        let Forgery { field, old, new, .. } = forgery;
        let (name, to) = (plain(forgery.name_before()), name_of(header, forgery.to));
        let (new, old) = (plain(&brief(field, new)), plain(&brief(field, old)));
        let text = format!("forges {name} to {to}: {} {new}, was {old}", plain(field));
        Some(Scene::Aside { lane, tone: Tone::Fault, mark: Mark::Dot, text })
    }

    fn duplicate(&mut self, header: &Header, at: Time, msg: MessageId, copy: MessageId) -> Option<Scene> {
        let Flight { from, to, name, .. } = self.in_flight.repeat(msg, copy, at)?;
        let (from, to) = (name_of(header, *from), name_of(header, *to));
        Some(Scene::Network { text: format!("network duplicates {name} from {from} to {to}"), all: false })
    }
}

/// Maximum width of a lane's name.
const NAME_MAX: usize = 24;

/// Returns a lane's name, escaped and shortened.
pub(super) fn name_of(header: &Header, lane: Lane) -> String {
    cut(&plain(&header.name(lane)), NAME_MAX)
}

/// Formats a name and its payload: `Chosen: ballot 2.A, value 8`.
fn named(payload: &Payload) -> String {
    match humanize(&payload.body) {
        body if body.is_empty() => plain(&payload.name),
        body => format!("{}: {}", plain(&payload.name), plain(&body)),
    }
}

fn split(header: &Header, groups: &[Vec<NodeId>]) -> String {
    let name = |node: &NodeId| name_of(header, Lane::Node(*node));
    let groups: Vec<_> = groups.iter().map(|group| group.iter().map(name).collect::<Vec<_>>().join(" ")).collect();
    format!("network splits: {}", groups.join(" | "))
}

fn crash(lost: u64, wiped: bool, restored: bool) -> String {
    let lost = match lost {
        0 => String::new(),
        1 => "; 1 record was not yet durable and is lost".to_owned(),
        lost => format!("; {lost} records were not yet durable and are lost"),
    };
    let disk = match (wiped, restored) {
        (_, true) => " and its disk is restored from a backup",
        (true, false) => " and its disk is wiped",
        (false, false) => "",
    };
    format!("crashes{disk}{lost}")
}

/// Formats a duration in milliseconds, or in seconds if it is long.
fn span(nanos: u128) -> String {
    let tenths = nanos / 100_000;
    if tenths < 100_000 {
        format!("{}.{} ms", tenths / 10, tenths % 10)
    } else {
        format!("{}.{} s", tenths / 10_000, tenths / 1_000 % 10)
    }
}
