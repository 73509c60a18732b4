//! Translation of lease runs with one granter to steps of `docs/specs/Lease.tla`.
//!
//! A trace has the true time of each event and the drift of each clock. The readings of the clocks
//! follow from these, and are confirmed by the times that nodes report.

mod clocks;
mod terms;

use std::collections::BTreeMap;

use quorate_protocol::NodeId;

use self::clocks::Clocks;
use super::reading::{Place, Reading, node, number_of};
use super::text::Expr;
use super::{Run, TlaError, step};
use crate::trace::{Event, EventId, EventKind, Lane, Payload, Value};

type Parameters = Vec<(&'static str, Expr)>;

/// Translates a run to steps.
pub(super) fn translate(reading: Reading<'_>) -> Result<Run, TlaError> {
    let terms = terms::of(&reading)?;
    let mut lease = Translator {
        clocks: Clocks::new(reading.document.header.nodes.len()),
        roles: reading.first_boots().map(|(_, node, view)| (node, view["role"].clone())).collect(),
        reading,
        asked: BTreeMap::new(),
        last_grant: None,
        steps: Vec::new(),
    };
    if let Some(first) = lease.reading.document.events.first() {
        lease.steps.push(step(first.id, "CheckTerms", vec![]));
    }
    for event in &lease.reading.document.events {
        lease.take(event)?;
    }
    let constants = vec![("cluster", lease.cluster()), ("terms", terms)];
    Ok(Run { constants, steps: lease.steps })
}

struct Translator<'a> {
    reading: Reading<'a>,
    clocks: Clocks,
    /// Role of each node.
    roles: BTreeMap<NodeId, Value>,
    /// Latest request of each holder that the granter has received since its last start.
    asked: BTreeMap<u64, u64>,
    /// Step that last persisted a new grant, and its token.
    last_grant: Option<(Option<EventId>, u64)>,
    steps: Vec<Expr>,
}

impl Translator<'_> {
    fn cluster(&self) -> Expr {
        let of = |role: &'static str| {
            let those = self.roles.iter().filter(move |(_, is)| **is == role);
            those.map(|(node, _)| number_of(*node))
        };
        let processes = 1..=self.reading.document.header.nodes.len() as u64;
        Expr::Record(vec![
            ("processes", Expr::set(processes)),
            ("granter", Expr::Number(of("granter").next().unwrap_or(0))),
            ("holders", Expr::set(of("holder"))),
        ])
    }

    fn take(&mut self, event: &Event) -> Result<(), TlaError> {
        let Some(Lane::Node(at)) = event.lane else { return Ok(()) };
        match &event.what {
            EventKind::Drift { ppm } => {
                self.tick(event)?;
                self.clocks.drift(at, event.at, *ppm);
            }
            EventKind::Suspend => return Err(TlaError::Suspended { event: event.id }),
            EventKind::Crash { wiped: true, .. } => self.push(event, "LoseDisk", at, vec![])?,
            EventKind::Boot { incarnation, .. } => self.booted(event, at, *incarnation)?,
            EventKind::Deliver { .. } => self.received(event, at)?,
            EventKind::Persist(payload) => self.written(event, at, payload)?,
            EventKind::Send { payload, .. } => self.sent(event, at, payload)?,
            EventKind::Fact(payload) => self.became_true(event, at, payload)?,
            EventKind::State { .. } => {
                self.reading.follow(event);
                self.seen(event, at)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Lets true time pass before the next step.
    fn tick(&mut self, event: &Event) -> Result<(), TlaError> {
        if let Some(readings) = self.clocks.tick(event.at) {
            let place = self.reading.at(event.id);
            let readings = readings.into_iter().map(|reading| time(place, reading)).collect::<Result<_, _>>()?;
            let parameters = vec![("now", time(place, event.at.as_nanos())?), ("clocks", Expr::Tuple(readings))];
            self.steps.push(step(event.id, "Tick", parameters));
        }
        Ok(())
    }

    fn push(
        &mut self,
        event: &Event,
        action: &'static str,
        at: NodeId,
        parameters: Parameters,
    ) -> Result<(), TlaError> {
        self.tick(event)?;
        let parameters = std::iter::once(("node", node(at))).chain(parameters).collect();
        self.steps.push(step(event.id, action, parameters));
        Ok(())
    }

    fn is(&self, at: NodeId, role: &str) -> bool {
        self.roles.get(&at).is_some_and(|is| is == role)
    }

    fn booted(&mut self, event: &Event, at: NodeId, incarnation: u64) -> Result<(), TlaError> {
        self.reading.follow(event);
        if incarnation > 1 && self.is(at, "granter") {
            self.asked.clear();
            let view = self.reading.view(at);
            let bound = !view["primary"].is_null();
            self.push(event, if bound { "RestartBound" } else { "RestartSilent" }, at, vec![])?;
        } else if self.is(at, "holder") && (incarnation > 1 || event.at.as_nanos() > 0) {
            self.push(event, "RestartHolder", at, vec![])?;
        }
        self.seen(event, at)
    }

    fn received(&mut self, event: &Event, at: NodeId) -> Result<(), TlaError> {
        let Some(letter) = self.reading.delivered(event) else { return Ok(()) };
        if letter.payload.name != "Heartbeat" || !self.is(at, "granter") {
            return Ok(());
        }
        let sent = sent(self.reading.at(event.id), &letter.payload.body)?;
        let newest = self.asked.entry(number_of(letter.from)).or_default();
        *newest = sent.max(*newest);
        let sent = time(self.reading.at(event.id), sent)?;
        self.push(event, "ReceiveAsk", at, vec![("from", node(letter.from)), ("sent", sent)])
    }

    /// Send time of the request that a grant answers: the one just received, or the latest.
    fn question(&self, event: &Event, holder: u64) -> Result<Expr, TlaError> {
        let place = self.reading.at(event.id);
        let arrived = self.reading.trigger(event);
        let arrived = arrived.filter(|letter| letter.payload.name == "Heartbeat" && number_of(letter.from) == holder);
        match arrived {
            Some(letter) => time(place, sent(place, &letter.payload.body)?),
            None => time(place, self.asked.get(&holder).copied().unwrap_or_default()),
        }
    }

    fn written(&mut self, event: &Event, at: NodeId, payload: &Payload) -> Result<(), TlaError> {
        let place = self.reading.at(event.id);
        let token = place.number(&payload.body, "token")?;
        let number = ("token", Expr::Number(token));
        match payload.name.as_str() {
            "Granted" if payload.body["lease"] == "primary" => {
                let holder = place.node(&payload.body, "holder")?;
                self.last_grant = Some((event.cause, token));
                let sent = self.question(event, holder)?;
                self.push(event, "Grant", at, vec![("holder", Expr::Number(holder)), number, ("sent", sent)])
            }
            "Granted" => self.push(event, "SpendToken", at, vec![number]),
            "Released" => {
                let letter = self.reading.trigger(event).filter(|letter| letter.payload.name == "Release");
                let letter = letter.ok_or_else(|| place.unreadable("a release that has arrived"))?;
                let sent = time(place, sent(place, &letter.payload.body)?)?;
                self.push(event, "TakeRelease", at, vec![("holder", node(letter.from)), number, ("sent", sent)])
            }
            "Written" => self.push(event, "AcceptWrite", at, vec![number]),
            _ => Err(place.unreadable("a record of Granted, Released or Written")),
        }
    }

    fn sent(&mut self, event: &Event, at: NodeId, payload: &Payload) -> Result<(), TlaError> {
        let place = self.reading.at(event.id);
        let body = &payload.body;
        match payload.name.as_str() {
            "Heartbeat" => {
                let sent = time(place, sent(place, body)?)?;
                self.push(event, "Ask", at, vec![("sent", sent)])
            }
            "Granted" if body["lease"] == "primary" => {
                let EventKind::Send { to: Lane::Node(to), .. } = event.what else { return Ok(()) };
                let (token, sent) = (place.number(body, "token")?, time(place, sent(place, body)?)?);
                self.push(
                    event,
                    "SendGranted",
                    at,
                    vec![("holder", node(to)), ("token", Expr::Number(token)), ("sent", sent)],
                )
            }
            "Release" => {
                let (token, sent) = (place.number(body, "token")?, time(place, sent(place, body)?)?);
                self.push(event, "SendRelease", at, vec![("token", Expr::Number(token)), ("sent", sent)])
            }
            "Write" if body["sequencer"]["mode"] == "exclusive" => {
                let token = place.number(&body["sequencer"], "token")?;
                self.push(event, "SendWrite", at, vec![("token", Expr::Number(token))])
            }
            _ => Ok(()),
        }
    }

    fn became_true(&mut self, event: &Event, at: NodeId, payload: &Payload) -> Result<(), TlaError> {
        let place = self.reading.at(event.id);
        if payload.body["lease"] != "primary" {
            return Ok(());
        }
        let token = place.number(&payload.body, "token")?;
        let number = ("token", Expr::Number(token));
        match payload.name.as_str() {
            // A record written in the same step means a new grant, which is already translated.
            "LeaseGranted" if self.last_grant == Some((event.cause, token)) => Ok(()),
            "LeaseGranted" => {
                let holder = place.node(&payload.body, "holder")?;
                let sent = self.question(event, holder)?;
                self.push(event, "Renew", at, vec![("holder", Expr::Number(holder)), number, ("sent", sent)])
            }
            "LeaseHeld" => {
                let letter = self.reading.trigger(event).filter(|letter| letter.payload.name == "Granted");
                let letter = letter.ok_or_else(|| place.unreadable("a grant that has arrived"))?;
                let sent = time(place, sent(place, &letter.payload.body)?)?;
                self.push(event, "Hold", at, vec![number, ("sent", sent)])
            }
            "Acted" => self.push(event, "Act", at, vec![number]),
            "LeaseLost" if payload.body["reason"] == "released" => self.push(event, "GiveBack", at, vec![number]),
            "LeaseLost" => self.push(event, "Expire", at, vec![number]),
            _ => Ok(()),
        }
    }

    /// Emits a step with the variables of the specification that a view shows.
    fn seen(&mut self, event: &Event, at: NodeId) -> Result<(), TlaError> {
        let place = self.reading.at(event.id);
        let view = self.reading.view(at);
        let number = |field: &'static str| if view[field].is_null() { Ok(0) } else { place.number(view, field) };
        let moment = |field: &'static str| match view[field].as_u64() {
            None => Ok(Expr::pair(0, 0)),
            Some(nanos) => time(place, nanos),
        };
        let shown = match view["role"].as_str() {
            Some("granter") => {
                let holder = if view["primary"].is_null() { 0 } else { place.node(view, "primary")? };
                let silent = Expr::Number(u64::from(!view["silent_until"].is_null()));
                vec![
                    ("holder", Expr::Number(holder)),
                    ("token", Expr::Number(number("token")?)),
                    ("expires", moment("expires")?),
                    ("silent", silent),
                ]
            }
            Some("holder") => vec![("token", Expr::Number(number("token")?)), ("until", moment("acts_until")?)],
            Some("resource") => vec![("highest", Expr::Number(number("highest")?))],
            _ => return Ok(()),
        };
        self.push(event, "Observe", at, shown)
    }
}

/// Send time of a request, on the sender's clock.
fn sent(place: Place<'_>, body: &Value) -> Result<u64, TlaError> {
    body["sent"].as_u64().ok_or_else(|| place.unreadable("sent"))
}

/// A time or duration: seconds and nanoseconds.
fn time(place: Place<'_>, nanos: u64) -> Result<Expr, TlaError> {
    Ok(Expr::pair(place.count(nanos / 1_000_000_000)?, nanos % 1_000_000_000))
}
