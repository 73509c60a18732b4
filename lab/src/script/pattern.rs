//! Message patterns of a scenario: `FROM TO [MESSAGE]`, between two nodes, or a client and a node.

use quorate_protocol::{Machine, Names};

use super::args::Args;
use super::problem::ScriptProblem;
use super::variants::variants;
use crate::sim::{ClientInFlight, ClientMessage, InFlight};
use crate::trace::{Lane, Payload, payload};

/// The wildcard for any node.
pub(super) const ANY: &str = "*";

/// The name of a message between two nodes.
pub(super) fn message_name<M: Machine>(passing: &InFlight<'_, M>) -> String {
    payload(passing.message, "Message").name
}

/// The name of a request or a reply.
pub(super) fn client_message_name<M: Machine>(passing: &ClientInFlight<'_, M>) -> String {
    client_payload(passing).name
}

/// The content of a request or a reply.
pub(super) fn client_payload<M: Machine>(passing: &ClientInFlight<'_, M>) -> Payload {
    client_content(&passing.message)
}

/// The content of a request or a reply, without its ends.
pub(super) fn client_content<M: Machine>(message: &ClientMessage<'_, M>) -> Payload {
    match *message {
        ClientMessage::Request(command) => payload(command, "Request"),
        ClientMessage::Reply(reply) => payload(reply, "Reply"),
    }
}

/// The names that a pattern may contain.
pub(super) struct KnownNames<'a> {
    names: &'a Names,
    /// Whether the script names its clients, so that their messages travel.
    has_clients: bool,
    messages: Vec<&'static str>,
    requests: Vec<&'static str>,
    replies: Vec<&'static str>,
}

impl<'a> KnownNames<'a> {
    /// Those of a protocol and its cluster.
    pub(super) fn of<M: Machine>(names: &'a Names, has_clients: bool) -> Self {
        KnownNames {
            names,
            has_clients,
            messages: variants::<M::Message>("Message"),
            requests: variants::<M::Command>("Request"),
            replies: variants::<M::Reply>("Reply"),
        }
    }

    fn end(&self, name: &str) -> Result<End, ScriptProblem> {
        if name == ANY { Ok(End::AnyNode) } else { self.lane(name).map(End::Only) }
    }

    /// The node or client of that name.
    pub(super) fn lane(&self, name: &str) -> Result<Lane, ScriptProblem> {
        let node = self.names.node(name).map(Lane::Node);
        let client = || self.names.client(name).map(Lane::Client);
        match (node.or_else(client), self.has_clients) {
            (Some(Lane::Client(_)), false) => Err(ScriptProblem::bad(format_args!(
                "requests of '{name}' pass no network; name clients on the cluster line: clients=c1"
            ))),
            (Some(lane), _) => Ok(lane),
            (None, false) => Err(ScriptProblem::unknown("node", name, self.names.nodes())),
            (None, true) => {
                let known = self.names.nodes().iter().chain(self.names.clients());
                Err(ScriptProblem::unknown("node or client", name, known))
            }
        }
    }

    /// Checks the name of a message between two lanes.
    pub(super) fn message(&self, from: Lane, to: Lane, name: &str) -> Result<String, ScriptProblem> {
        self.message_between(End::Only(from), End::Only(to), name)
    }

    /// Checks the name of a message between these ends.
    fn message_between(&self, from: End, to: End, name: &str) -> Result<String, ScriptProblem> {
        let (what, known) = match (from, to) {
            (End::Only(Lane::Client(_)), _) => ("request", &self.requests),
            (_, End::Only(Lane::Client(_))) => ("reply", &self.replies),
            _ => ("message", &self.messages),
        };
        match known.contains(&name) {
            true => Ok(name.to_owned()),
            false => Err(ScriptProblem::unknown(what, name, known.iter().copied())),
        }
    }
}

/// One end of the messages that a pattern selects.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum End {
    /// Any node and any client: the word was left out.
    Any,
    /// Any node: `*`.
    AnyNode,
    /// One node or one client.
    Only(Lane),
}

impl End {
    fn fits(self, lane: Lane) -> bool {
        match self {
            End::Any => true,
            End::AnyNode => matches!(lane, Lane::Node(_)),
            End::Only(only) => only == lane,
        }
    }

    /// Whether every lane that fits the other end fits this one.
    fn covers(self, other: End) -> bool {
        match other {
            End::Only(lane) => self.fits(lane),
            other => self == End::Any || self == other,
        }
    }
}

/// The messages that a filter applies to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Pattern {
    from: End,
    to: End,
    message: Option<String>,
}

impl Pattern {
    /// Parses `FROM TO [MESSAGE]`, where `*` stands for any node. `between` parses the words before
    /// the message.
    pub(super) fn read<T>(
        args: &mut Args<'_>,
        known: &KnownNames<'_>,
        between: impl FnOnce(&mut Args<'_>) -> Result<T, ScriptProblem>,
    ) -> Result<(Self, T), ScriptProblem> {
        let from = known.end(args.need("the sender")?)?;
        let to = known.end(args.need("the receiver")?)?;
        let between = between(args)?;
        Ok((Pattern::new(from, to, args.take(), known)?, between))
    }

    /// Parses the same form where trailing words may be omitted.
    pub(super) fn read_loosely(args: &mut Args<'_>, known: &KnownNames<'_>) -> Result<Self, ScriptProblem> {
        let mut end_or_any = || args.take().map_or(Ok(End::Any), |name| known.end(name));
        let (from, to) = (end_or_any()?, end_or_any()?);
        Pattern::new(from, to, args.take(), known)
    }

    fn new(from: End, to: End, message: Option<&str>, known: &KnownNames<'_>) -> Result<Self, ScriptProblem> {
        if let (End::Only(Lane::Client(_)), End::Only(Lane::Client(_))) = (from, to) {
            return Err(ScriptProblem::bad("clients send each other nothing; name a node at one of the ends"));
        }
        let message = message.map(|name| known.message_between(from, to, name)).transpose()?;
        Ok(Pattern { from, to, message })
    }

    /// The words for its ends. Names are in scope.
    pub(super) fn ends(&self) -> (String, String) {
        let word = |end: End| match end {
            End::Any | End::AnyNode => ANY.to_owned(),
            End::Only(lane) => lane.to_string(),
        };
        (word(self.from), word(self.to))
    }

    /// Whether it selects requests of a client.
    pub(super) fn is_from_client(&self) -> bool {
        matches!(self.from, End::Only(Lane::Client(_)))
    }

    /// Whether it selects replies to a client.
    pub(super) fn is_to_client(&self) -> bool {
        matches!(self.to, End::Only(Lane::Client(_)))
    }

    /// The name of the messages that it selects, if not all.
    pub(super) fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// Whether it selects a message.
    pub(super) fn fits(&self, from: Lane, to: Lane, name: &impl Fn() -> String) -> bool {
        self.from.fits(from) && self.to.fits(to) && self.message.as_ref().is_none_or(|message| *message == name())
    }

    /// Whether every message that matches the other pattern matches this one.
    pub(super) fn covers(&self, other: &Pattern) -> bool {
        self.from.covers(other.from)
            && self.to.covers(other.to)
            && (self.message.is_none() || self.message == other.message)
    }
}
