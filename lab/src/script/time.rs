//! Commands that advance time: `run`, `step`, `until`, `fire`.

use quorate_protocol::Time;

use super::claim::timer_name;
use super::play::{PATIENCE, Play};
use super::problem::Problem;
use super::protocol::Protocol;
use super::words::{Words, whole};
use crate::env::duration;
use crate::trace::{EventId, Happened, Lane};

impl<P: Protocol> Play<P> {
    /// `run`: until no message is in flight, or for a duration.
    pub(super) fn run(&mut self, mut words: Words<'_>) -> Result<(), Problem> {
        let span = words.take().map(duration).transpose().map_err(Problem::bad)?;
        words.finish()?;
        let Some(span) = span else { return self.settle() };
        let end = self.world.now() + span;
        self.run_while(end, "run a shorter span, or let the nodes wait longer between attempts", |_| true)?;
        let ended = self.world.run_until(end);
        self.note_violation(ended.map_err(Into::into))
    }

    /// Runs until no message is in flight. Timers may still be armed.
    fn settle(&mut self) -> Result<(), Problem> {
        let end = self.world.now() + PATIENCE;
        let advice = "messages never cease to be on their way, so give 'run' a span, such as 'run 50ms'";
        self.run_while(end, advice, |world| world.is_busy())?;
        if self.is_unbroken() && self.world.in_flight() > 0 {
            let left = self.world.in_flight();
            return Err(Problem::refused(format_args!(
                "after {PATIENCE:?} messages are on their way still ({left}); give 'run' a span, such as 'run 50ms'"
            )));
        }
        Ok(())
    }

    /// `step`: executes the next due event, or this many of them.
    pub(super) fn step(&mut self, mut words: Words<'_>) -> Result<(), Problem> {
        let count: u64 = words.take().map_or(Ok(1), |text| whole(text, "a number of steps"))?;
        words.finish()?;
        let (begun, stop_at) = (self.world.events(), self.world.events().saturating_add(count));
        let still_due = self.run_while(Time::MAX, "make fewer steps at once", |world| world.events() < stop_at)?;
        if still_due {
            let made = self.world.events() - begun;
            return Err(Problem::refused(format_args!(
                "nothing is due any more after {made} of {count} steps; make fewer, or let something happen first"
            )));
        }
        Ok(())
    }

    /// `until`: lets time pass until an assertion holds.
    pub(super) fn until(&mut self, mut words: Words<'_>) -> Result<(), Problem> {
        let within = words.span("within")?.unwrap_or(PATIENCE);
        self.look(1)?;
        let names = self.names();
        let mut claim = self.claim(&mut words)?;
        words.finish()?;
        let mut next = EventId::FIRST;
        let end = self.world.now() + within;
        let not_yet =
            self.run_while(end, "it does not come true; look at the trace so far with 'show log'", |world| {
                if let Some(recording) = world.recording() {
                    super::expect::watch(&mut *claim, recording, &mut next);
                }
                claim.holds(world).is_err()
            })?;
        if not_yet && self.is_unbroken() {
            let ended = self.world.run_until(end);
            self.note_violation(ended.map_err(Into::into))?;
            return names.scope(|| match claim.holds(&self.world) {
                Ok(()) => Ok(()),
                Err(actual) => Err(Problem::Unmet { expected: format!("{} within {within:?}", claim.says()), actual }),
            });
        }
        Ok(())
    }

    /// `fire`: fires an armed timer now, after everything that is due at this instant.
    pub(super) fn fire(&mut self, mut words: Words<'_>) -> Result<(), Problem> {
        let names = self.names();
        let node = words.node(&names)?;
        let name = words.need("a timer")?;
        words.finish()?;
        let armed: Vec<_> = self.world.armed(node).map(|(timer, _)| timer.clone()).collect();
        let named: Vec<String> = names.scope(|| armed.iter().map(timer_name).collect());
        let Some(index) = named.iter().position(|each| each == name) else {
            return Err(Problem::unknown("timer running on that node", name, named));
        };
        if self.pace.is_some() {
            return self.strike(node, &armed[index]);
        }
        self.world.fire_next(node, &armed[index]);
        let mut seen = self.world.recording().map_or(0, crate::trace::Recording::len);
        let timer = &armed[index];
        let now = self.world.now();
        self.run_while(now, "something goes on and on at this very instant", |world| {
            let Some(recording) = world.recording() else { return false };
            let mut fresh = recording.iter().skip(seen).map(|(_, event)| event);
            seen = recording.len();
            !fresh.any(|event| {
                event.lane == Some(Lane::Node(node))
                    && matches!(&event.what, Happened::Fire { timer: fired } if fired == timer)
            })
        })?;
        Ok(())
    }
}
