//! Manual mode: scenarios in which every message and timer is triggered by a command.
//!
//! `pace=5ms` on the `cluster` line enables it. Then every message is held until a `deliver`
//! command names it, and every timer until `fire` does; each `deliver`, `fire` and client request
//! takes that time. A node's messages to itself arrive at once.
//!
//! Where nodes see the time, it matters *when* something happens: a timer can be fired late, as if
//! its node had been paused, but not before its minimum duration.

use quorate_protocol::{Machine, Names, NodeId, Time};

use super::args::{Args, whole};
use super::assertion::{at_path, reads, timer_name};
use super::problem::ScriptProblem;
use super::protocol::Protocol;
use super::scenario_run::ScenarioRun;
use super::variants::variants;
use crate::sim::HeldMessage;
use crate::trace::{MessageId, payload};

/// The held message that a command selects.
struct Wanted {
    from: NodeId,
    to: NodeId,
    name: Option<String>,
    fields: Vec<(String, String)>,
    nth: usize,
}

impl Wanted {
    fn read<M: Machine>(args: &mut Args<'_>, names: &Names) -> Result<(Self, bool), ScriptProblem> {
        let (from, to) = (args.node(names)?, args.node(names)?);
        let mut next = args.take();
        let name = next.filter(|word| *word != COPY).map(str::to_owned);
        if let Some(name) = &name {
            let known = variants::<M::Message>("Message");
            if !known.contains(&name.as_str()) {
                return Err(ScriptProblem::unknown("message", name, known));
            }
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

    /// Whether a held message has the sender, receiver and name, whatever its fields.
    fn is_kind<M: Machine>(&self, held: &HeldMessage<'_, M>) -> bool {
        held.from == self.from
            && held.to == self.to
            && self.name.as_ref().is_none_or(|name| *name == payload(held.message, "Message").name)
    }

    fn fits<M: Machine>(&self, held: &HeldMessage<'_, M>) -> bool {
        let says = || payload(held.message, "Message").body;
        self.is_kind(held)
            && (self.fields.is_empty() || {
                let body = says();
                self.fields.iter().all(|(path, text)| at_path(&body, path).is_some_and(|value| reads(value, text)))
            })
    }
}

const COPY: &str = "copy";

impl<P: Protocol> ScenarioRun<P> {
    /// Whether nodes see the time. A protocol without clocks has a zero-sized one.
    pub(super) const SEES_TIME: bool = size_of::<<P::Machine as Machine>::Clock>() > 0;

    /// `deliver`: delivers a held message now.
    pub(super) fn deliver(&mut self, mut args: Args<'_>) -> Result<(), ScriptProblem> {
        let names = self.names();
        let (wanted, copy) = Wanted::read::<P::Machine>(&mut args, &names)?;
        args.finish()?;
        let found = names.scope(|| self.find(&wanted));
        match found {
            Some(msg) => self.hand_over(msg, wanted.to, copy),
            None => Err(names.scope(|| self.nothing_such(&wanted))),
        }
    }

    fn find(&self, wanted: &Wanted) -> Option<MessageId> {
        let exactly = self.world.held_messages().filter(|held| wanted.fits(held)).nth(wanted.nth - 1);
        let nearly = || self.world.held_messages().find(|held| self.lenient && wanted.is_kind(held));
        exactly.or_else(nearly).map(|held| held.msg)
    }

    fn nothing_such(&self, wanted: &Wanted) -> ScriptProblem {
        let (from, to) = (wanted.from, wanted.to);
        let between = self.world.held_messages().filter(|held| (held.from, held.to) == (from, to));
        let held: Vec<String> = between.map(|held| payload(held.message, "Message").name).collect();
        ScriptProblem::refused(match held.is_empty() {
            true => {
                format!("no message from {from} to {to} is held; hold one first, or set the cluster up with pace=1ms")
            }
            false => {
                format!("no such message is held; from {from} to {to} there are, oldest first: {}", held.join(", "))
            }
        })
    }

    /// Delivers a held message, or a copy of it, and then the messages of its receiver to itself.
    pub(super) fn hand_over(&mut self, msg: MessageId, to: NodeId, copy: bool) -> Result<(), ScriptProblem> {
        if self.world.machine(to).is_none() {
            let to = self.names().scope(|| to.to_string());
            return Err(ScriptProblem::refused(format_args!("{to} is down; restart it first")));
        }
        self.take_time()?;
        self.world.deliver(msg, copy);
        self.finish_now()
    }

    /// Makes a request; in manual mode, also delivers the nodes' messages to themselves about it.
    pub(super) fn request(&mut self, name: &str, args: Args<'_>) -> Result<(), ScriptProblem> {
        self.take_time()?;
        self.ask(name, args)?;
        self.finish_instant()
    }

    /// Fires an armed timer, if its minimum duration has passed.
    pub(super) fn strike(&mut self, node: NodeId, timer: &<P::Machine as Machine>::Timer) -> Result<(), ScriptProblem> {
        self.take_time()?;
        if let Some(due) = self.world.due(node, timer).filter(|due| Self::SEES_TIME && *due > self.world.now()) {
            let left = due.since(self.world.now());
            let name = self.names().scope(|| timer_name(timer));
            return Err(ScriptProblem::refused(format_args!(
                "{name} fires at {due} at the earliest; let that time pass first: run {left:?}"
            )));
        }
        self.world.fire_next(node, timer);
        self.finish_now()
    }

    /// Advances time by the pace, the duration of one manual command.
    pub(super) fn take_time(&mut self) -> Result<(), ScriptProblem> {
        match self.pace {
            Some(pace) => self.pass_until(self.world.now() + pace),
            None => Ok(()),
        }
    }

    /// Advances time, and executes everything that is due until then.
    pub(super) fn pass_until(&mut self, end: Time) -> Result<(), ScriptProblem> {
        let passed = self.world.run_until(end);
        self.note_violation(passed.map_err(Into::into))
    }

    /// In manual mode, delivers the nodes' messages to themselves.
    pub(super) fn finish_instant(&mut self) -> Result<(), ScriptProblem> {
        if self.pace.is_some() { self.finish_now() } else { Ok(()) }
    }

    /// Executes everything that is due at the present instant.
    fn finish_now(&mut self) -> Result<(), ScriptProblem> {
        let now = self.world.now();
        self.run_while(
            now,
            "events at this instant keep causing new ones at the same instant; check the protocol for an endless loop",
            |_| true,
        )
        .map(|_| ())
    }
}
