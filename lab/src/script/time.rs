//! Commands that advance time: `run`, `step`, `until`, `fire`.

use quorate_protocol::Time;

use super::args::{Args, whole};
use super::assertion::timer_name;
use super::problem::ScriptProblem;
use super::protocol::Protocol;
use super::scenario_run::{ScenarioRun, TIME_LIMIT};
use crate::env::duration;
use crate::trace::{EventId, Lane, TypedEvent};

impl<P: Protocol> ScenarioRun<P> {
    /// `run`: until no message is in flight, or for a duration.
    pub(super) fn run(&mut self, mut args: Args<'_>) -> Result<(), ScriptProblem> {
        let span = args.take().map(duration).transpose().map_err(ScriptProblem::bad)?;
        args.finish()?;
        let Some(span) = span else { return self.settle() };
        let end = self.world.now() + span;
        self.run_while(end, "use a shorter duration, or let the nodes wait longer between attempts", |_| true)?;
        let ended = self.world.run_until(end);
        self.note_violation(ended.map_err(Into::into))
    }

    /// Runs until no message is in flight. Timers may still be armed.
    fn settle(&mut self) -> Result<(), ScriptProblem> {
        let end = self.world.now() + TIME_LIMIT;
        let advice = "there are always messages in flight, so give 'run' a duration, such as 'run 50ms'";
        self.run_while(end, advice, |world| world.is_busy())?;
        if self.is_unbroken() && self.world.in_flight() > 0 {
            let left = self.world.in_flight();
            return Err(ScriptProblem::refused(format_args!(
                "messages are still in flight after {TIME_LIMIT:?} ({left}); give 'run' a duration, such as 'run 50ms'"
            )));
        }
        Ok(())
    }

    /// `step`: executes the next due event, or this many of them.
    pub(super) fn step(&mut self, mut args: Args<'_>) -> Result<(), ScriptProblem> {
        let count: u64 = args.take().map_or(Ok(1), |text| whole(text, "a number of steps"))?;
        args.finish()?;
        let (begun, stop_at) = (self.world.events(), self.world.events().saturating_add(count));
        let still_due = self.run_while(Time::MAX, "use fewer steps", |world| world.events() < stop_at)?;
        if still_due {
            let made = self.world.events() - begun;
            return Err(ScriptProblem::refused(format_args!(
                "no event is due after {made} of {count} steps; use fewer steps, or cause an event first"
            )));
        }
        Ok(())
    }

    /// `until`: lets time pass until an assertion holds.
    pub(super) fn until(&mut self, mut args: Args<'_>) -> Result<(), ScriptProblem> {
        let within = args.span("within")?.unwrap_or(TIME_LIMIT);
        self.look(1)?;
        let names = self.names();
        let mut assertion = self.assertion(&mut args)?;
        args.finish()?;
        let mut next = EventId::FIRST;
        let end = self.world.now() + within;
        let not_yet =
            self.run_while(end, "the assertion never holds; see the trace so far with 'show log'", |world| {
                if let Some(recording) = world.recording() {
                    super::expect::watch(&mut *assertion, recording, &mut next);
                }
                assertion.holds(world).is_err()
            })?;
        if not_yet && self.is_unbroken() {
            let ended = self.world.run_until(end);
            self.note_violation(ended.map_err(Into::into))?;
            return names.scope(|| match assertion.holds(&self.world) {
                Ok(()) => Ok(()),
                Err(actual) => {
                    Err(ScriptProblem::Unmet { expected: format!("{} within {within:?}", assertion.says()), actual })
                }
            });
        }
        Ok(())
    }

    /// `fire`: fires an armed timer now, after everything that is due at this instant.
    pub(super) fn fire(&mut self, mut args: Args<'_>) -> Result<(), ScriptProblem> {
        let names = self.names();
        let node = args.node(&names)?;
        let name = args.need("a timer")?;
        args.finish()?;
        let armed: Vec<_> = self.world.armed(node).map(|(timer, _)| timer.clone()).collect();
        let named: Vec<String> = names.scope(|| armed.iter().map(timer_name).collect());
        let Some(index) = named.iter().position(|each| each == name) else {
            return Err(ScriptProblem::unknown("armed timer on that node", name, named));
        };
        if self.pace.is_some() {
            return self.strike(node, &armed[index]);
        }
        self.world.fire_next(node, &armed[index]);
        let mut seen = self.world.recording().map_or(0, crate::trace::Recording::len);
        let timer = &armed[index];
        let now = self.world.now();
        self.run_while(
            now,
            "events at this instant keep causing new ones at the same instant; check the protocol for an endless loop",
            |world| {
                let Some(recording) = world.recording() else { return false };
                let mut fresh = recording.iter().skip(seen).map(|(_, event)| event);
                seen = recording.len();
                !fresh.any(|event| {
                    event.lane == Some(Lane::Node(node))
                        && matches!(&event.what, TypedEvent::Fire { timer: fired } if fired == timer)
                })
            },
        )?;
        Ok(())
    }
}
