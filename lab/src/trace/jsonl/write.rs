//! Trace file writer: fields in the order of `docs/TRACE.md`, without absent ones.

use std::borrow::Borrow;
use std::collections::BTreeSet;
use std::io;

use quorate_protocol::NodeId;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer as _};
use serde_json::ser::{CompactFormatter, Compound, Serializer};

use crate::trace::{Event, EventId, EventKind, Header, Lane, Object, Payload, Value};

/// Writes a header and events, one line each.
pub(in crate::trace) fn write<E: Borrow<Event>>(
    header: &Header,
    events: impl IntoIterator<Item = E>,
    out: impl io::Write,
) -> io::Result<()> {
    let mut writer = JsonlWriter::new(header.clone(), out)?;
    writer.write(events)?;
    writer.flush()
}

/// Incremental writer of a trace as JSON Lines.
///
/// ```
/// use quorate_lab::trace::{Document, JsonlWriter};
///
/// let file = r#"{"quorate_trace":1,"protocol":"paxos","title":"","nodes":["A"],"clients":[],"rules":{}}
/// {"id":1,"at":0,"kind":"pause","node":"A"}
/// {"id":2,"at":3000000,"kind":"resume","node":"A"}
/// "#;
/// let document = Document::read_jsonl(file.as_bytes())?;
/// let mut written = Vec::new();
/// let mut writer = JsonlWriter::new(document.header.clone(), &mut written)?;
/// writer.write(&document.events[..1])?;
/// writer.write(&document.events[1..])?;
/// writer.flush()?;
/// drop(writer);
/// assert_eq!(written, file.as_bytes());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct JsonlWriter<W> {
    header: Header,
    out: W,
    line: Vec<u8>,
}

impl<W: io::Write> JsonlWriter<W> {
    /// Writes the header, which must list all lanes that events will mention.
    ///
    /// # Errors
    /// Errors of `out`; [`io::ErrorKind::InvalidInput`] if two lanes have the same name, which no
    /// reader could tell apart.
    pub fn new(header: Header, mut out: W) -> io::Result<Self> {
        refuse_shared_names(&header)?;
        let mut line = Vec::new();
        object(&mut line, |fields| header_fields(fields, &header))?;
        out.write_all(&line)?;
        Ok(JsonlWriter { header, out, line })
    }

    /// Writes the next events.
    ///
    /// # Errors
    /// Errors of `out`.
    pub fn write<E: Borrow<Event>>(&mut self, events: impl IntoIterator<Item = E>) -> io::Result<()> {
        for event in events {
            self.line.clear();
            object(&mut self.line, |fields| event_fields(fields, &self.header, event.borrow()))?;
            self.out.write_all(&self.line)?;
        }
        Ok(())
    }

    /// Flushes buffered output.
    ///
    /// # Errors
    /// Errors of `out`.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn refuse_shared_names(header: &Header) -> io::Result<()> {
    let mut seen = BTreeSet::new();
    match header.nodes.iter().chain(&header.clients).find(|name| !seen.insert(name.as_str())) {
        None => Ok(()),
        Some(name) => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("two nodes or clients are called {name:?}; give each a unique name"),
        )),
    }
}

/// The fields of one line.
struct Fields<'a>(Compound<'a, &'a mut Vec<u8>, CompactFormatter>);

impl Fields<'_> {
    fn put(&mut self, key: &str, value: &(impl Serialize + ?Sized)) -> serde_json::Result<()> {
        self.0.serialize_entry(key, value)
    }

    fn put_some(&mut self, key: &str, value: Option<impl Serialize>) -> serde_json::Result<()> {
        value.map_or(Ok(()), |value| self.put(key, &value))
    }

    /// Flags are written only if set.
    fn put_flag(&mut self, key: &str, flag: bool) -> serde_json::Result<()> {
        self.put_some(key, flag.then_some(true))
    }

    fn put_said(&mut self, payload: &Payload) -> serde_json::Result<()> {
        self.put("name", &payload.name)?;
        self.put("body", &payload.body)
    }
}

fn object(line: &mut Vec<u8>, put: impl FnOnce(&mut Fields<'_>) -> serde_json::Result<()>) -> serde_json::Result<()> {
    let mut serializer = Serializer::new(&mut *line);
    let mut fields = Fields(serializer.serialize_map(None)?);
    put(&mut fields)?;
    SerializeMap::end(fields.0)?;
    line.push(b'\n');
    Ok(())
}

fn header_fields(fields: &mut Fields<'_>, header: &Header) -> serde_json::Result<()> {
    fields.put("quorate_trace", &1)?;
    fields.put("protocol", &header.protocol)?;
    fields.put("title", &header.title)?;
    fields.put_some("seed", header.seed)?;
    fields.put("nodes", &header.nodes)?;
    fields.put("clients", &header.clients)?;
    let rules = header.rules.iter().map(|rule| {
        let explained = Value::from([("cite", rule.cite.as_str().into()), ("says", rule.says.as_str().into())]);
        (rule.id.clone(), explained)
    });
    fields.put("rules", &rules.collect::<Object>())
}

fn event_fields(fields: &mut Fields<'_>, header: &Header, event: &Event) -> serde_json::Result<()> {
    fields.put("id", &event.id.get())?;
    fields.put("at", &event.at)?;
    fields.put("kind", event.what.kind())?;
    fields.put_some("node", event.lane.map(|lane| header.name(lane)))?;
    fields.put_some("cause", event.cause.map(|cause| cause.get()))?;
    match &event.what {
        EventKind::Request { .. }
        | EventKind::Reply { .. }
        | EventKind::Send { .. }
        | EventKind::Deliver { .. }
        | EventKind::Forge(_) => message_fields(fields, header, &event.what),
        EventKind::Partition { .. } | EventKind::Heal | EventKind::Link { .. } => {
            network_fields(fields, header, &event.what)
        }
        what => node_fields(fields, what),
    }
}

fn message_fields(fields: &mut Fields<'_>, header: &Header, what: &EventKind) -> serde_json::Result<()> {
    match what {
        EventKind::Request { msg, client, ticket, payload } | EventKind::Reply { msg, client, ticket, payload } => {
            fields.put_some("msg", msg.map(|msg| msg.0))?;
            fields.put("client", &header.name(Lane::Client(*client)))?;
            fields.put("ticket", ticket)?;
            fields.put_said(payload)
        }
        EventKind::Send { msg, to, ticket, payload } => {
            fields.put("msg", &msg.0)?;
            fields.put("to", &header.name(*to))?;
            fields.put_some("ticket", *ticket)?;
            fields.put_said(payload)
        }
        EventKind::Forge(forgery) => {
            fields.put("msg", &forgery.msg.0)?;
            fields.put("to", &header.name(forgery.to))?;
            fields.put_said(&forgery.payload)?;
            fields.put("field", &forgery.field)?;
            fields.put("old", &forgery.old)?;
            fields.put("new", &forgery.new)
        }
        EventKind::Deliver { msg, from, late } => {
            fields.put("msg", &msg.0)?;
            fields.put("from", &header.name(*from))?;
            fields.put_flag("late", *late)
        }
        _ => Ok(()),
    }
}

fn network_fields(fields: &mut Fields<'_>, header: &Header, what: &EventKind) -> serde_json::Result<()> {
    let name = |node: &NodeId| header.name(Lane::Node(*node));
    match what {
        EventKind::Partition { groups } => {
            let groups: Vec<Vec<_>> = groups.iter().map(|group| group.iter().map(name).collect()).collect();
            fields.put("partition", &groups)
        }
        EventKind::Heal => fields.put("heal", &true),
        EventKind::Link { from, to, up } => {
            let name = |node| Value::from(&*name(node));
            fields.put("link", &Value::from([("from", name(from)), ("to", name(to)), ("up", (*up).into())]))
        }
        _ => Ok(()),
    }
}

fn node_fields(fields: &mut Fields<'_>, what: &EventKind) -> serde_json::Result<()> {
    match what {
        EventKind::Boot { incarnation, state } => {
            fields.put("incarnation", incarnation)?;
            fields.put_some("state", state.as_ref())
        }
        EventKind::Crash { lost, wiped, restored } => {
            fields.put("lost", lost)?;
            fields.put_flag("wiped", *wiped)?;
            fields.put_some("restored", restored.map(EventId::get))
        }
        EventKind::Suspend => fields.put_flag("suspended", true),
        EventKind::Drift { ppm } => fields.put("drift_ppm", ppm),
        EventKind::Jump { nanos } => fields.put("jump_ns", nanos),
        EventKind::Drop { msg, reason } => {
            fields.put("msg", &msg.0)?;
            fields.put("reason", reason.word())
        }
        EventKind::Duplicate { msg, copy } => {
            fields.put("msg", &msg.0)?;
            fields.put("copy", &copy.0)
        }
        EventKind::Arm { timer, due, ticket } => {
            fields.put("timer", timer)?;
            fields.put("due", due)?;
            fields.put_some("ticket", *ticket)
        }
        EventKind::Disarm { timer } => fields.put("timer", timer),
        EventKind::Fire { timer, ticket, gave_up } => {
            fields.put("timer", timer)?;
            fields.put_some("ticket", *ticket)?;
            fields.put_flag("gave_up", *gave_up)
        }
        EventKind::Rule { rule, why } => {
            fields.put("rule", rule)?;
            fields.put_some("why", (!why.is_empty()).then_some(why))
        }
        EventKind::Persist(payload) | EventKind::Fact(payload) => fields.put_said(payload),
        EventKind::State { diff } => fields.put("diff", diff),
        EventKind::Violation { invariant, detail } => {
            fields.put("invariant", invariant)?;
            fields.put("detail", detail)
        }
        EventKind::Note { text } => fields.put("text", text),
        _ => Ok(()),
    }
}
