//! Assertions about the number of occurrences of an event.

use std::collections::BTreeSet;

use quorate_protocol::{ClientId, Invariant, Machine, Names, NodeId, Rule};

use super::{Assertion, Field, at_path, counted, owned, reads, timer_name};
use crate::script::args::{Args, client, whole};
use crate::script::problem::ScriptProblem;
use crate::script::variants::variants;
use crate::sim::World;
use crate::trace::{Lane, MessageId, Payload, TypedEvent, payload};

/// The kind of event that is counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Rule,
    Fact,
    Sent,
    Delivered,
    Lost,
    Persisted,
    Fired,
    Reply,
}

/// Assertion that an event happened at least once, or an exact number of times.
#[derive(Debug)]
pub(super) struct Count {
    kind: Kind,
    name: String,
    /// The fields that the body must have.
    fields: Vec<Field>,
    /// Which of these fields some body of that name had, once there was one: with a mistyped field,
    /// `count=0` would hold trivially.
    had: Option<Vec<bool>>,
    node: Option<NodeId>,
    to: Option<NodeId>,
    client: Option<ClientId>,
    /// The exact number; otherwise at least once.
    exactly: Option<u64>,
    count: u64,
    /// The matching messages in flight.
    under_way: BTreeSet<MessageId>,
}

impl Count {
    /// Parses the words after the subject's name.
    pub(super) fn read<M: Machine>(
        kind: Kind,
        name: &str,
        args: &mut Args<'_>,
        names: &Names,
    ) -> Result<Self, ScriptProblem> {
        known::<M>(kind, name)?;
        let is_message = matches!(kind, Kind::Sent | Kind::Delivered | Kind::Lost);
        let from = args.node_option(if is_message { "from" } else { "node" }, names)?;
        let to = if is_message { args.node_option("to", names)? } else { None };
        let client = match kind {
            Kind::Reply => args.option("client").map(|name| client(names, name)).transpose()?,
            _ => None,
        };
        let exactly = args.option("count").map(|text| whole(text, "a count")).transpose()?;
        let has_body = !matches!(kind, Kind::Rule | Kind::Fired);
        let fields = if has_body { args.remaining_options().map(owned).collect() } else { Vec::new() };
        let (name, under_way) = (name.to_owned(), BTreeSet::new());
        Ok(Count { kind, name, fields, had: None, node: from, to, client, exactly, count: 0, under_way })
    }

    /// Whether an event with this name and body is counted.
    fn fits(&mut self, subject: &Payload) -> bool {
        if subject.name != self.name {
            return false;
        }
        let had = self.had.get_or_insert_with(|| vec![false; self.fields.len()]);
        let mut fits = true;
        for ((path, text), had) in self.fields.iter().zip(had) {
            let value = at_path(&subject.body, path);
            *had |= value.is_some();
            fits &= value.is_some_and(|value| reads(value, text));
        }
        fits
    }

    /// A required field that no event of that name has.
    fn stray_field(&self) -> Option<&str> {
        let had = self.had.as_ref()?;
        let stray = self.fields.iter().zip(had).find(|(_, had)| !**had);
        stray.map(|((path, _), _)| path.as_str())
    }

    fn by(&self, lane: Option<Lane>) -> bool {
        self.node.is_none_or(|node| lane == Some(Lane::Node(node)))
    }

    fn sees_message<M: Machine>(&mut self, lane: Option<Lane>, what: &TypedEvent<M>) {
        match what {
            TypedEvent::Send { msg, to, message } => {
                let addressed = self.by(lane) && self.to.is_none_or(|node| node == *to);
                if addressed && self.fits(&payload(message, "Message")) {
                    self.under_way.insert(*msg);
                    self.count += u64::from(self.kind == Kind::Sent);
                }
            }
            TypedEvent::Duplicate { msg, copy } if self.under_way.contains(msg) => {
                self.under_way.insert(*copy);
            }
            TypedEvent::Forge(forgery) => {
                let addressed = self.by(lane) && self.to.is_none_or(|node| Lane::Node(node) == forgery.to);
                if addressed && self.fits(&forgery.payload) {
                    self.under_way.insert(forgery.msg);
                } else {
                    self.under_way.remove(&forgery.msg);
                }
            }
            TypedEvent::Deliver { msg, .. } if self.under_way.remove(msg) => {
                self.count += u64::from(self.kind == Kind::Delivered);
            }
            TypedEvent::Drop { msg, .. } if self.under_way.remove(msg) => {
                self.count += u64::from(self.kind == Kind::Lost);
            }
            _ => {}
        }
    }

    /// The subject as a phrase: `Chosen with value 8 on A`.
    fn subject(&self) -> String {
        let kind = match self.kind {
            Kind::Rule => "the rule",
            Kind::Fact => "the fact",
            Kind::Sent | Kind::Delivered | Kind::Lost => "the message",
            Kind::Persisted => "the record",
            Kind::Fired => "the timer",
            Kind::Reply => "the reply",
        };
        let mut text = format!("{kind} {}", self.name);
        for (index, (path, value)) in self.fields.iter().enumerate() {
            text.push_str(if index == 0 { " with " } else { " and " });
            text.push_str(&format!("{path} {value}"));
        }
        if let Some(node) = self.node {
            text.push_str(&format!(" {} {node}", if self.to.is_some() || self.is_message() { "from" } else { "on" }));
        }
        for receiver in self.to.map(Lane::Node).into_iter().chain(self.client.map(Lane::Client)) {
            text.push_str(&format!(" to {receiver}"));
        }
        text
    }

    fn is_message(&self) -> bool {
        matches!(self.kind, Kind::Sent | Kind::Delivered | Kind::Lost)
    }

    fn verb(&self) -> &'static str {
        match self.kind {
            Kind::Rule => "cited",
            Kind::Fact => "emitted",
            Kind::Sent => "sent",
            Kind::Delivered => "delivered",
            Kind::Lost => "lost",
            Kind::Persisted => "persisted",
            Kind::Fired => "fired",
            Kind::Reply => "given",
        }
    }
}

impl<M: Machine, I: Invariant<M>> Assertion<M, I> for Count {
    fn says(&self) -> String {
        let times = match self.exactly {
            None => "at least once".to_owned(),
            Some(times) => counted(times),
        };
        format!("{} to be {} {times}", self.subject(), self.verb())
    }

    fn see(&mut self, lane: Option<Lane>, what: &TypedEvent<M>) {
        let counts = match what {
            TypedEvent::Rule { rule, .. } if self.kind == Kind::Rule => self.by(lane) && rule.id() == self.name,
            TypedEvent::Fact { fact } if self.kind == Kind::Fact => self.by(lane) && self.fits(&payload(fact, "Fact")),
            TypedEvent::Persist { record } if self.kind == Kind::Persisted => {
                self.by(lane) && self.fits(&payload(record, "Record"))
            }
            TypedEvent::Fire { timer } if self.kind == Kind::Fired => self.by(lane) && timer_name(timer) == self.name,
            TypedEvent::Reply { ticket, reply, .. } if self.kind == Kind::Reply => {
                let meant = self.client.is_none_or(|client| client == ticket.client);
                meant && self.by(lane) && self.fits(&payload(reply, "Reply"))
            }
            _ => {
                if self.is_message() {
                    self.sees_message(lane, what);
                }
                false
            }
        };
        self.count += u64::from(counts);
    }

    fn holds(&self, _: &World<M, I>) -> Result<(), String> {
        if let Some(path) = self.stray_field() {
            return Err(format!("no {} has a field '{path}'", self.name));
        }
        match self.exactly {
            None if self.count > 0 => Ok(()),
            Some(times) if times == self.count => Ok(()),
            _ => Err(format!("it was {} {}", self.verb(), counted(self.count))),
        }
    }
}

/// Checks that the name exists, where the protocol can tell.
fn known<M: Machine>(kind: Kind, name: &str) -> Result<(), ScriptProblem> {
    let (what, names): (_, Vec<&'static str>) = match kind {
        Kind::Rule => ("rule", M::Rule::ALL.iter().map(|rule| rule.id()).collect()),
        Kind::Fact => ("fact", variants::<M::Fact>("Fact")),
        Kind::Sent | Kind::Delivered | Kind::Lost => ("message", variants::<M::Message>("Message")),
        Kind::Persisted => ("record", variants::<M::Record>("Record")),
        Kind::Reply => ("reply", variants::<M::Reply>("Reply")),
        Kind::Fired => {
            let names = variants::<M::Timer>("Timer");
            return match name.split('(').next() {
                Some(stem) if names.contains(&stem) => Ok(()),
                _ => Err(ScriptProblem::unknown("timer", name, names)),
            };
        }
    };
    if names.contains(&name) { Ok(()) } else { Err(ScriptProblem::unknown(what, name, names)) }
}
