//! `inflight`: one message that is under way, selected by its ends, its name and its fields.

use quorate_protocol::Duration;

use super::args::Args;
use super::pattern::{KnownNames, client_content};
use super::problem::ScriptProblem;
use super::protocol::Protocol;
use super::scenario_run::ScenarioRun;
use super::wanted::Wanted;
use crate::sim::{UnderWay, UnderWayContent};
use crate::trace::{Lane, MessageId, Payload, payload};

/// Fate of the message.
#[derive(Clone, Copy)]
enum Verb {
    Deliver,
    Drop,
    Hold,
    Delay(Duration),
    Duplicate(Duration),
    Forge,
}

const VERBS: [&str; 6] = ["deliver", "drop", "hold", "delay", "duplicate", "forge"];
/// Default of `later=`.
const LATER: Duration = Duration::from_millis(1);

impl Verb {
    fn read(args: &mut Args<'_>) -> Result<Self, ScriptProblem> {
        Ok(match args.need("'deliver', 'drop', 'hold', 'delay', 'duplicate' or 'forge'")? {
            "deliver" => Verb::Deliver,
            "drop" => Verb::Drop,
            "hold" => Verb::Hold,
            "delay" => Verb::Delay(args.span("later")?.unwrap_or(LATER)),
            "duplicate" => Verb::Duplicate(args.span("later")?.unwrap_or(LATER)),
            "forge" => Verb::Forge,
            other => return Err(ScriptProblem::unknown("way to treat a message", other, VERBS)),
        })
    }
}

/// The content of a message under way.
pub(super) fn payload_under_way<M: quorate_protocol::Machine>(each: &UnderWay<'_, M>) -> Payload {
    match &each.content {
        UnderWayContent::Message(message) => payload(*message, "Message"),
        UnderWayContent::Client(message) => client_content(message),
    }
}

impl<P: Protocol> ScenarioRun<P> {
    /// `inflight`: delivers, drops, holds, delays, duplicates or forges one message.
    pub(super) fn inflight(&mut self, mut args: Args<'_>) -> Result<(), ScriptProblem> {
        let names = self.names();
        let verb = Verb::read(&mut args)?;
        // Replies can travel to the default client, too.
        let known = KnownNames::of::<P::Machine>(&names, true);
        let (wanted, lies) = match verb {
            Verb::Forge => Wanted::read_forged(&mut args, &known)?,
            _ => (Wanted::read(&mut args, &known)?, Vec::new()),
        };
        let (wanted, copy) = wanted;
        if copy {
            return Err(ScriptProblem::Surplus { word: "copy".to_owned(), usage: args.usage() });
        }
        args.finish()?;
        let between = names.scope(|| self.under_way_between(wanted.from, wanted.to));
        let Some(msg) = wanted.find(&between, self.lenient) else {
            return Err(names.scope(|| nothing_such(wanted.from, wanted.to, &between)));
        };
        match verb {
            Verb::Deliver => {
                self.require_up(wanted.to)?;
                self.take_time()?;
                let delivered = self.world.deliver_under_way(msg);
                self.note_violation(delivered.map(|_| ()))?;
            }
            Verb::Hold if self.is_held(msg) => {
                return Err(ScriptProblem::refused("this message is held already; remove this line"));
            }
            Verb::Hold => {
                self.world.hold_under_way(msg);
            }
            Verb::Drop => {
                self.world.drop_under_way(msg);
            }
            Verb::Delay(later) => {
                self.world.delay_under_way(msg, later);
            }
            Verb::Forge => drop(self.world.forge_under_way(msg, &lies).map_err(ScriptProblem::refused)?),
            Verb::Duplicate(later) => {
                self.world.duplicate_under_way(msg, later);
            }
        }
        self.finish_instant()
    }

    fn is_held(&self, msg: MessageId) -> bool {
        self.world.under_way().iter().any(|each| each.msg == msg && each.due.is_none())
    }

    /// The messages under way from one end to another, in the order of sending; those of a node to
    /// itself cannot be influenced.
    fn under_way_between(&self, from: Lane, to: Lane) -> Vec<(MessageId, Payload)> {
        let all = self.world.under_way();
        let between = all.iter().filter(|each| each.from != each.to && (each.from, each.to) == (from, to));
        between.map(|each| (each.msg, payload_under_way(each))).collect()
    }
}

fn nothing_such(from: Lane, to: Lane, between: &[(MessageId, Payload)]) -> ScriptProblem {
    if between.is_empty() {
        return ScriptProblem::refused(format_args!("no message from {from} to {to} is under way; remove this line"));
    }
    let names: Vec<&str> = between.iter().map(|(_, message)| message.name.as_str()).collect();
    ScriptProblem::refused(format_args!(
        "no such message is under way; from {from} to {to} there are, oldest first: {}",
        names.join(", ")
    ))
}
