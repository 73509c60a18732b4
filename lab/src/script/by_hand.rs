//! Manual mode: scenarios in which every message and timer is triggered by a command.
//!
//! `pace=5ms` on the `cluster` line enables it. Then every message is held until a `deliver`
//! command names it, and every timer until `fire` does; each `deliver`, `fire` and client request
//! takes that time. A node's messages to itself arrive at once.
//!
//! Where nodes see the time, it matters *when* something happens: a timer can be fired late, as if
//! its node had been paused, but not before its minimum duration.

use quorate_protocol::{Machine, NodeId, Time};

use super::args::Args;
use super::assertion::timer_name;
use super::problem::ScriptProblem;
use super::protocol::Protocol;
use super::scenario_run::ScenarioRun;

impl<P: Protocol> ScenarioRun<P> {
    /// Whether nodes see the time. A protocol without clocks has a zero-sized one.
    pub(super) const SEES_TIME: bool = size_of::<<P::Machine as Machine>::Clock>() > 0;

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
    pub(super) fn finish_now(&mut self) -> Result<(), ScriptProblem> {
        let now = self.world.now();
        self.run_while(
            now,
            "events at this instant keep causing new ones at the same instant; check the protocol for an endless loop",
            |_| true,
        )
        .map(|_| ())
    }
}
