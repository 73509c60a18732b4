//! `deliver`: one held message, selected by its ends, its name and its fields.

use super::args::{Args, whole};
use super::assertion::{at_path, reads};
use super::pattern::{KnownNames, client_payload};
use super::problem::ScriptProblem;
use super::protocol::Protocol;
use super::scenario_run::ScenarioRun;
use crate::trace::{Lane, MessageId, Payload, payload};

/// The held message that a command selects.
struct Wanted {
    from: Lane,
    to: Lane,
    name: Option<String>,
    fields: Vec<(String, String)>,
    nth: usize,
}

const COPY: &str = "copy";

impl Wanted {
    fn read(args: &mut Args<'_>, known: &KnownNames<'_>) -> Result<(Self, bool), ScriptProblem> {
        let from = known.lane(args.need("the sender")?)?;
        let to = known.lane(args.need("the receiver")?)?;
        let mut next = args.take();
        let name = next.filter(|word| *word != COPY).map(|name| known.message(from, to, name)).transpose()?;
        if name.is_some() {
            next = args.take();
        }
        let copy = match next {
            None => false,
            Some(COPY) => true,
            Some(word) => return Err(ScriptProblem::Surplus { word: word.to_owned(), usage: args.usage() }),
        };
        let nth = args.option("nth").map(|text| whole(text, "a position")).transpose()?.unwrap_or(1);
        if nth == 0 {
            return Err(ScriptProblem::bad("nth=0 is not a position; the oldest message is nth=1"));
        }
        let fields = args.remaining_options().map(|(path, text)| (path.to_owned(), text.to_owned())).collect();
        Ok((Wanted { from, to, name, fields, nth }, copy))
    }

    /// Whether a held message between the same ends has the name, whatever its fields.
    fn is_kind(&self, held: &Payload) -> bool {
        self.name.as_ref().is_none_or(|name| *name == held.name)
    }

    fn fits(&self, held: &Payload) -> bool {
        let fields_fit =
            || self.fields.iter().all(|(path, text)| at_path(&held.body, path).is_some_and(|value| reads(value, text)));
        self.is_kind(held) && fields_fit()
    }
}

impl<P: Protocol> ScenarioRun<P> {
    /// Delivers the held message that the arguments name.
    pub(super) fn deliver(&mut self, mut args: Args<'_>) -> Result<(), ScriptProblem> {
        let (names, has_clients) = (self.names(), self.has_clients());
        let (wanted, copy) = Wanted::read(&mut args, &KnownNames::of::<P::Machine>(&names, has_clients))?;
        args.finish()?;
        let between = names.scope(|| self.held_between(wanted.from, wanted.to));
        let exactly = between.iter().filter(|(_, held)| wanted.fits(held)).nth(wanted.nth - 1);
        let nearly = || between.iter().find(|(_, held)| self.lenient && wanted.is_kind(held));
        match exactly.or_else(nearly) {
            Some((msg, _)) => self.hand_over(*msg, wanted.to, copy),
            None => Err(names.scope(|| nothing_such(&wanted, &between))),
        }
    }

    /// The held messages from one end to another, in the order of sending.
    fn held_between(&self, from: Lane, to: Lane) -> Vec<(MessageId, Payload)> {
        let between_nodes = self.world.held_messages();
        let between_nodes = between_nodes.filter(|held| (Lane::Node(held.from), Lane::Node(held.to)) == (from, to));
        let of_clients = self.world.held_client_messages();
        let of_clients = of_clients.filter(|(_, held)| (held.from, held.to) == (from, to));
        between_nodes
            .map(|held| (held.msg, payload(held.message, "Message")))
            .chain(of_clients.map(|(msg, held)| (msg, client_payload(&held))))
            .collect()
    }

    /// Delivers a held message, or a copy of it, and then the messages of its receiver to itself.
    pub(super) fn hand_over(&mut self, msg: MessageId, to: Lane, copy: bool) -> Result<(), ScriptProblem> {
        if let Lane::Node(node) = to
            && self.world.machine(node).is_none()
        {
            let node = self.names().scope(|| node.to_string());
            return Err(ScriptProblem::refused(format_args!("{node} is down; restart it first")));
        }
        self.take_time()?;
        self.world.deliver(msg, copy);
        self.finish_now()
    }
}

fn nothing_such(wanted: &Wanted, between: &[(MessageId, Payload)]) -> ScriptProblem {
    let (from, to) = (wanted.from, wanted.to);
    if between.is_empty() {
        return ScriptProblem::refused(format_args!(
            "no message from {from} to {to} is held; hold one first, or set the cluster up with pace=1ms"
        ));
    }
    let held: Vec<&str> = between.iter().map(|(_, held)| held.name.as_str()).collect();
    ScriptProblem::refused(format_args!(
        "no such message is held; from {from} to {to} there are, oldest first: {}",
        held.join(", ")
    ))
}
