//! `deliver`: one held message, selected by its ends, its name and its fields.

use super::args::Args;
use super::pattern::{KnownNames, client_payload};
use super::problem::ScriptProblem;
use super::protocol::Protocol;
use super::scenario_run::ScenarioRun;
use super::wanted::Wanted;
use crate::trace::{Lane, MessageId, Payload, payload};

impl<P: Protocol> ScenarioRun<P> {
    /// Delivers the held message that the arguments name.
    pub(super) fn deliver(&mut self, mut args: Args<'_>) -> Result<(), ScriptProblem> {
        let (names, has_clients) = (self.names(), self.has_clients());
        let (wanted, copy) = Wanted::read(&mut args, &KnownNames::of::<P::Machine>(&names, has_clients))?;
        args.finish()?;
        let between = names.scope(|| self.held_between(wanted.from, wanted.to));
        match wanted.find(&between, self.lenient) {
            Some(msg) => self.hand_over(msg, wanted.to, copy),
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
        self.require_up(to)?;
        self.take_time()?;
        self.world.deliver(msg, copy);
        self.finish_now()
    }

    /// Refuses to deliver to a node that is down.
    pub(super) fn require_up(&self, to: Lane) -> Result<(), ScriptProblem> {
        match to {
            Lane::Node(node) if self.world.machine(node).is_none() => {
                let node = self.names().scope(|| node.to_string());
                Err(ScriptProblem::refused(format_args!("{node} is down; restart it first")))
            }
            _ => Ok(()),
        }
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
