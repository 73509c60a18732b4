//! Claims: what `expect` demands and `until` waits for.
//!
//! A claim watches a run event by event, so that waiting for it costs no more than the run, and is asked at any moment whether it
//! holds by now.

use std::collections::BTreeSet;

use quorate_protocol::{ClientId, Invariant, Machine, Names, NodeId, Rule};
use serde_json::Value;

use super::problem::Problem;
use super::variants::variants;
use super::words::{Words, client, node, whole};
use crate::sim::{Status, World};
use crate::trace::{Happened, Lane, MessageId, Said, called, json, said, words};

/// Something that is so or not.
pub trait Claim<M: Machine, I: Invariant<M>> {
    /// What is claimed, e.g. `8 to be chosen`: it goes behind "expected".
    fn says(&self) -> String;

    /// An event of the run, from the first on, each once. Names are in scope.
    fn see(&mut self, lane: Option<Lane>, what: &Happened<M>);

    /// Whether it holds by now.
    ///
    /// # Errors
    /// What is the case instead, e.g. `nothing is chosen`: it goes behind "but".
    fn holds(&self, world: &World<M, I>) -> Result<(), String>;
}

/// What a claim that every protocol has begins with: the option that names its subject.
const SUBJECTS: [(&str, Kind); 8] = [
    ("rule", Kind::Rule),
    ("fact", Kind::Fact),
    ("sent", Kind::Sent),
    ("delivered", Kind::Delivered),
    ("lost", Kind::Lost),
    ("persisted", Kind::Persisted),
    ("fired", Kind::Fired),
    ("reply", Kind::Reply),
];

/// The claims that are not about how often something happened.
const STATES: [&str; 4] = ["up", "down", "state", "held"];

/// Reads a claim that every protocol has; `None` if the words begin with no such claim.
pub(super) fn common_claim<M: Machine, I: Invariant<M>>(
    words: &mut Words<'_>,
    names: &Names,
) -> Result<Option<Box<dyn Claim<M, I>>>, Problem> {
    for (key, kind) in SUBJECTS {
        if let Some(name) = words.option(key) {
            return Ok(Some(Box::new(Count::<M>::read(kind, name, words, names)?)));
        }
    }
    for key in STATES {
        if let Some(value) = words.option(key) {
            return Ok(Some(Box::new(Condition::read(key, value, words, names)?)));
        }
    }
    Ok(None)
}

/// What is counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Rule,
    Fact,
    Sent,
    Delivered,
    Lost,
    Persisted,
    Fired,
    Reply,
}

/// That something happened, at least once or exactly so often.
struct Count<M: Machine> {
    kind: Kind,
    name: String,
    /// What the body must say: a path and the words there.
    fields: Vec<(String, String)>,
    node: Option<NodeId>,
    to: Option<NodeId>,
    client: Option<ClientId>,
    /// Exactly so often; otherwise at least once.
    exactly: Option<u64>,
    count: u64,
    /// The messages that fit, until they arrive or are lost.
    under_way: BTreeSet<MessageId>,
    machine: std::marker::PhantomData<fn() -> M>,
}

impl<M: Machine> Count<M> {
    fn read(kind: Kind, name: &str, words: &mut Words<'_>, names: &Names) -> Result<Self, Problem> {
        known::<M>(kind, name)?;
        let is_message = matches!(kind, Kind::Sent | Kind::Delivered | Kind::Lost);
        let from = words.node_option(if is_message { "from" } else { "node" }, names)?;
        let to = if is_message { words.node_option("to", names)? } else { None };
        let client = match words.option("client").filter(|_| kind == Kind::Reply) {
            Some(name) => Some(client(names, name)?),
            None => None,
        };
        let exactly = words.option("count").map(|text| whole(text, "a count")).transpose()?;
        let has_body = !matches!(kind, Kind::Rule | Kind::Fired);
        let fields = if has_body { words.remaining_options().map(owned).collect() } else { Vec::new() };
        let (name, count, machine) = (name.to_owned(), 0, std::marker::PhantomData);
        Ok(Count { kind, name, fields, node: from, to, client, exactly, count, under_way: BTreeSet::new(), machine })
    }

    /// Whether a name and a body are what is counted.
    fn fits(&self, subject: &Said) -> bool {
        subject.name == self.name
            && self
                .fields
                .iter()
                .all(|(path, text)| at_path(&subject.body, path).is_some_and(|value| reads(value, text)))
    }

    fn by(&self, lane: Option<Lane>) -> bool {
        self.node.is_none_or(|node| lane == Some(Lane::Node(node)))
    }

    fn sees_message(&mut self, lane: Option<Lane>, what: &Happened<M>) {
        match what {
            Happened::Send { msg, to, message } => {
                let addressed = self.by(lane) && self.to.is_none_or(|node| node == *to);
                if addressed && self.fits(&said(message, "Message")) {
                    self.under_way.insert(*msg);
                    self.count += u64::from(self.kind == Kind::Sent);
                }
            }
            Happened::Duplicate { msg, copy } if self.under_way.contains(msg) => {
                self.under_way.insert(*copy);
            }
            Happened::Deliver { msg, .. } if self.under_way.remove(msg) => {
                self.count += u64::from(self.kind == Kind::Delivered);
            }
            Happened::Drop { msg, .. } if self.under_way.remove(msg) => {
                self.count += u64::from(self.kind == Kind::Lost);
            }
            _ => {}
        }
    }

    /// The subject in words: `Chosen with value 8 on A`.
    fn subject(&self) -> String {
        let kind = match self.kind {
            Kind::Rule => "the rule",
            Kind::Fact => "the fact",
            Kind::Sent | Kind::Delivered | Kind::Lost => "the message",
            Kind::Persisted => "the record",
            Kind::Fired => "the timer",
            Kind::Reply => "the answer",
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
            Kind::Fact => "learned",
            Kind::Sent => "sent",
            Kind::Delivered => "delivered",
            Kind::Lost => "lost",
            Kind::Persisted => "persisted",
            Kind::Fired => "fired",
            Kind::Reply => "given",
        }
    }
}

impl<M: Machine, I: Invariant<M>> Claim<M, I> for Count<M> {
    fn says(&self) -> String {
        let times = match self.exactly {
            None => "at least once".to_owned(),
            Some(times) => counted(times),
        };
        format!("{} to be {} {times}", self.subject(), self.verb())
    }

    fn see(&mut self, lane: Option<Lane>, what: &Happened<M>) {
        let counts = match what {
            Happened::Rule { rule, .. } if self.kind == Kind::Rule => self.by(lane) && rule.id() == self.name,
            Happened::Fact { fact } if self.kind == Kind::Fact => self.by(lane) && self.fits(&said(fact, "Fact")),
            Happened::Persist { record } if self.kind == Kind::Persisted => {
                self.by(lane) && self.fits(&said(record, "Record"))
            }
            Happened::Fire { timer } if self.kind == Kind::Fired => self.by(lane) && timer_name(timer) == self.name,
            Happened::Reply { ticket, reply, .. } if self.kind == Kind::Reply => {
                let meant = self.client.is_none_or(|client| client == ticket.client);
                meant && self.by(lane) && self.fits(&said(reply, "Reply"))
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
        match self.exactly {
            None if self.count > 0 => Ok(()),
            Some(times) if times == self.count => Ok(()),
            _ => Err(format!("it was {} {}", self.verb(), counted(self.count))),
        }
    }
}

/// Makes sure that there is something of that name, where the protocol can tell.
fn known<M: Machine>(kind: Kind, name: &str) -> Result<(), Problem> {
    let (what, names): (_, Vec<&'static str>) = match kind {
        Kind::Rule => ("rule", M::Rule::ALL.iter().map(|rule| rule.id()).collect()),
        Kind::Fact => ("fact", variants::<M::Fact>("Fact")),
        Kind::Sent | Kind::Delivered | Kind::Lost => ("message", variants::<M::Message>("Message")),
        Kind::Persisted => ("record", variants::<M::Record>("Record")),
        Kind::Reply => ("answer", variants::<M::Reply>("Reply")),
        Kind::Fired => {
            let names = variants::<M::Timer>("Timer");
            return match name.split('(').next() {
                Some(stem) if names.contains(&stem) => Ok(()),
                _ => Err(Problem::unknown("timer", name, names)),
            };
        }
    };
    if names.contains(&name) { Ok(()) } else { Err(Problem::unknown(what, name, names)) }
}

/// What the world is like at the moment.
enum Condition {
    Status { node: NodeId, up: bool },
    View { node: NodeId, fields: Vec<(String, String)> },
    Held(usize),
}

impl Condition {
    fn read(key: &str, value: &str, words: &mut Words<'_>, names: &Names) -> Result<Self, Problem> {
        Ok(match key {
            "up" | "down" => Condition::Status { node: node(names, value)?, up: key == "up" },
            "held" => Condition::Held(whole(value, "a number of messages")?),
            _ => {
                let node = node(names, value)?;
                let fields: Vec<(String, String)> = words.remaining_options().map(owned).collect();
                if fields.is_empty() {
                    return Err(Problem::Missing {
                        what: "what the state shows",
                        usage: "expect state=NODE PATH=VALUE …",
                    });
                }
                Condition::View { node, fields }
            }
        })
    }
}

impl<M: Machine, I: Invariant<M>> Claim<M, I> for Condition {
    fn says(&self) -> String {
        match self {
            Condition::Status { node, up: true } => format!("{node} to be up"),
            Condition::Status { node, up: false } => format!("{node} to be down"),
            Condition::Held(count) => format!("{count} held messages"),
            Condition::View { node, fields } => {
                let fields: Vec<String> = fields.iter().map(|(path, text)| format!("{path} {text}")).collect();
                format!("{node} to show {}", fields.join(" and "))
            }
        }
    }

    fn see(&mut self, _: Option<Lane>, _: &Happened<M>) {}

    fn holds(&self, world: &World<M, I>) -> Result<(), String> {
        match self {
            Condition::Status { node, up } => match world.status(*node) {
                Some(status) if (status == Status::Up) == *up && status != Status::Paused => Ok(()),
                Some(Status::Up) => Err("it is up".to_owned()),
                Some(Status::Paused) => Err("it is paused".to_owned()),
                Some(Status::Down) | None => Err("it is down".to_owned()),
            },
            Condition::Held(count) if world.held() == *count => Ok(()),
            Condition::Held(_) => Err(format!("{} are held", world.held())),
            Condition::View { node, fields } => {
                let Some(machine) = world.machine(*node) else { return Err("it is down".to_owned()) };
                let view = json(&machine.view());
                for (path, text) in fields {
                    match at_path(&view, path) {
                        Some(value) if reads(value, text) => {}
                        Some(value) => return Err(format!("its {path} is {}", read_out(value))),
                        None => return Err(format!("its state is: {}", words(&view))),
                    }
                }
                Ok(())
            }
        }
    }
}

fn owned((path, text): (&str, &str)) -> (String, String) {
    (path.to_owned(), text.to_owned())
}

/// The value at a path such as `acceptor.promised`; what is missing on the way is null.
fn at_path<'a>(body: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(body, |value, key| match value {
        Value::Object(members) => members.get(key),
        Value::Array(items) => items.get(key.parse::<usize>().ok()?),
        _ => None,
    })
}

/// Whether a value is what somebody wrote: as a text, or in words.
fn reads(value: &Value, text: &str) -> bool {
    read_out(value) == text
}

fn read_out(value: &Value) -> String {
    match value {
        Value::String(string) => string.clone(),
        Value::Null => "none".to_owned(),
        Value::Array(items) => items.iter().map(read_out).collect::<Vec<_>>().join(","),
        other => words(other),
    }
}

/// What traces call a timer.
pub(super) fn timer_name(timer: &impl serde::Serialize) -> String {
    let Said { name, body } = said(timer, "Timer");
    called(&name, &body)
}

/// `never`, `once`, `3 times`.
pub(super) fn counted(times: u64) -> String {
    match times {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        _ => format!("{times} times"),
    }
}
