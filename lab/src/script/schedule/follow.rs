//! Replay of moves: each is made if it is possible, until an invariant breaks.

use std::collections::BTreeMap;

use quorate_protocol::{Duration, Machine, NodeId, Time};

use super::{Action, Followed, MessageKey, Move};
use crate::env::Fault;
use crate::script::args::Args;
use crate::script::assertion::timer_name;
use crate::script::command_line::CommandLine;
use crate::script::problem::ScriptProblem;
use crate::script::protocol::Protocol;
use crate::script::scenario_run::ScenarioRun;
use crate::script::wanted::told_apart;
use crate::trace::{MessageId, Value, payload, variant};

/// The held messages, by what sent them.
struct HeldMessages {
    messages: BTreeMap<MessageKey, MessageId>,
    /// The last message that was registered.
    last: MessageId,
}

impl<P: Protocol> ScenarioRun<P> {
    /// Makes these moves, as far as possible.
    pub(in crate::script) fn make(&mut self, moves: &[Move], telling: bool) -> Followed {
        let names = self.names();
        names.scope(|| {
            let mut held_messages = HeldMessages { messages: BTreeMap::new(), last: MessageId(0) };
            let mut followed = Followed { made: Vec::new(), broken: None, told: Vec::new(), left_out: None };
            self.sort(&mut held_messages, 0);
            for (position, each) in moves.iter().enumerate() {
                if !self.is_unbroken() {
                    break;
                }
                let told = telling.then(|| self.tell_move(each, &held_messages));
                match self.make_one(each, &held_messages) {
                    Ok(()) => {
                        followed.made.push(position);
                        followed.told.extend(told.into_iter().flatten());
                    }
                    Err(problem) if followed.left_out.is_none() => {
                        let commands = self.tell_move(each, &held_messages).join(", ");
                        followed.left_out = Some(format!("{commands} ({problem})"));
                    }
                    Err(_) => {}
                }
                self.sort(&mut held_messages, each.id);
            }
            followed.broken = self.broken();
            followed
        })
    }

    /// Registers the messages that a move led to.
    fn sort(&self, held_messages: &mut HeldMessages, by: u32) {
        let mut counts: BTreeMap<(NodeId, NodeId), u32> = BTreeMap::new();
        for held in self.world.held_since(held_messages.last) {
            let (from, to) = (held.from, held.to);
            let nth = counts.entry((from, to)).or_default();
            held_messages.messages.insert(MessageKey { by, from, to, nth: *nth }, held.msg);
            *nth += 1;
            held_messages.last = held.msg;
        }
    }

    fn make_one(&mut self, each: &Move, held_messages: &HeldMessages) -> Result<(), ScriptProblem> {
        let node = each.node;
        if Self::SEES_TIME && each.at > self.world.now() {
            self.pass_until(each.at)?;
        }
        let fault = match &each.what {
            Action::Deliver { message, name, again } => {
                let msg = self
                    .message(message, *name, held_messages)
                    .ok_or_else(|| ScriptProblem::refused("it was never sent"))?;
                return self.hand_over(msg, node.into(), *again);
            }
            Action::Fire { timer } => {
                let armed = self.timer(node, timer).ok_or_else(|| ScriptProblem::refused("it is not armed"))?;
                return self.strike(node, &armed);
            }
            Action::Ask { request, .. } => {
                let arguments = self.asked(each, request).arguments();
                return self.request(request.name(), Args::new("a request", &arguments)?);
            }
            Action::Crash(moment) => Fault::Crash { node, point: *moment },
            Action::Restart => Fault::Restart(node),
            Action::Wipe => Fault::Wipe(node),
            Action::Suspend => Fault::Suspend(node),
            Action::Resume => Fault::Resume(node),
            Action::Drift(ppm) => Fault::Drift { node, ppm: *ppm },
            Action::Jump(nanos) => Fault::Jump { node, nanos: *nanos },
        };
        let injected = self.world.inject(fault);
        self.note_violation(injected)?;
        self.finish_instant()
    }

    /// Finds the held message: the same one, or the oldest of its name on the same link.
    fn message(&self, message: &MessageKey, name: Option<&str>, held_messages: &HeldMessages) -> Option<MessageId> {
        let is_held =
            |msg: &&MessageId| self.world.held_since(MessageId(msg.0 - 1)).next().is_some_and(|held| held.msg == **msg);
        let very = held_messages.messages.get(message).filter(is_held).copied();
        very.or_else(|| {
            let mut on_the_way =
                self.world.held_messages().filter(|held| (held.from, held.to) == (message.from, message.to));
            on_the_way.find(|held| variant(held.message) == name).map(|held| held.msg)
        })
    }

    /// Finds the armed timer: the same one, or the first of its kind, because names may contain the
    /// number of a request.
    fn timer(&self, node: NodeId, name: &str) -> Option<<P::Machine as Machine>::Timer> {
        let kind = |name: &str| name.split('(').next().unwrap_or_default().to_owned();
        let armed = || self.world.armed(node).map(|(armed, _)| armed);
        let very = armed().find(|armed| timer_name(*armed) == name);
        very.or_else(|| armed().find(|armed| kind(&timer_name(*armed)) == kind(name))).cloned()
    }

    /// A request, with its client and number where they matter.
    fn asked(&self, each: &Move, request: &CommandLine) -> CommandLine {
        match each.what {
            Action::Ask { client, number, .. } if self.has_clients() => {
                request.clone().option("client", client).option("ticket", number)
            }
            _ => request.clone(),
        }
    }

    /// A move as commands, computed before it is made.
    fn tell_move(&self, each: &Move, held_messages: &HeldMessages) -> Vec<String> {
        let node = each.node;
        let mut lines = Vec::new();
        if Self::SEES_TIME && each.at > self.world.now() {
            lines.push(format!("run {:?}", each.at.since(self.world.now())));
        }
        lines.push(match &each.what {
            Action::Deliver { message, name, again } => {
                let msg = self.message(message, *name, held_messages);
                let phrase = msg.map_or_else(|| CommandLine::new("deliver"), |msg| self.tell_message(msg));
                if *again { phrase.word("copy").to_string() } else { phrase.to_string() }
            }
            Action::Fire { timer } => {
                let armed = self.timer(node, timer).map(|armed| timer_name(&armed));
                CommandLine::new("fire").word(node).word(armed.as_ref().unwrap_or(timer)).to_string()
            }
            Action::Ask { request, .. } => self.asked(each, request).to_string(),
            Action::Crash(moment) => format!("crash {node}{moment}"),
            Action::Restart => format!("restart {node}"),
            Action::Wipe => format!("wipe {node}"),
            Action::Suspend => format!("suspend {node}"),
            Action::Resume => format!("resume {node}"),
            Action::Drift(ppm) => format!("drift {node} {ppm}ppm"),
            Action::Jump(nanos) => Fault::Jump { node, nanos: *nanos }.to_string(),
        });
        lines
    }

    /// A `deliver` command for a held message: by its name, if it is the oldest of that name on its
    /// link, else by a distinguishing field, else by its position.
    fn tell_message(&self, msg: MessageId) -> CommandLine {
        let Some(meant) = self.world.held_since(MessageId(msg.0 - 1)).next() else {
            return CommandLine::new("deliver");
        };
        let name = payload(meant.message, "Message");
        let phrase = CommandLine::new("deliver").word(meant.from).word(meant.to).word(&name.name);
        let on_the_way = self.world.held_messages().filter(|held| (held.from, held.to) == (meant.from, meant.to));
        let older = on_the_way.take_while(|held| held.msg < msg).map(|held| payload(held.message, "Message"));
        let older: Vec<Value> = older.filter(|older| older.name == name.name).map(|older| older.body).collect();
        told_apart(phrase, &older.iter().collect::<Vec<_>>(), &name.body)
    }
}

/// Rounds the times of the moves down to multiples of `grain`.
pub(super) fn rounded(moves: &[Move], grain: Duration) -> Vec<Move> {
    let grain = grain.as_nanos().max(1) as u64;
    let round = |at: Time| Time::from_nanos(at.as_nanos() / grain * grain);
    moves.iter().map(|each| Move { at: round(each.at), ..each.clone() }).collect()
}
