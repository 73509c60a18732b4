//! Armed timers of a node, on its own clock.

use quorate_protocol::Time;

use super::thread_trace::Cause;
use crate::env::HostClock;

/// The armed timers, at most one of each name. There are few at a time, so a list is faster than a
/// tree.
#[derive(Debug)]
pub(super) struct Timers<T> {
    armed: Vec<Armed<T>>,
}

#[derive(Debug)]
struct Armed<T> {
    timer: T,
    /// When it fires, on the node's own monotonic clock.
    shown: Time,
    /// The same in real time, as far as the clock's rate is known.
    due: Time,
    cause: Cause,
}

impl<T: Eq> Timers<T> {
    pub(super) const fn new() -> Self {
        Timers { armed: Vec::new() }
    }

    /// Arms or re-arms a timer for this reading of the node's clock. Returns when that is in real
    /// time.
    pub(super) fn arm(&mut self, timer: T, shown: Time, clock: &HostClock, cause: Cause) -> Time {
        let due = clock.when(shown);
        match self.armed.iter_mut().find(|armed| armed.timer == timer) {
            Some(armed) => (armed.shown, armed.due, armed.cause) = (shown, due, cause),
            None => self.armed.push(Armed { timer, shown, due, cause }),
        }
        due
    }

    /// Disarms a timer. Returns whether it was armed.
    pub(super) fn disarm(&mut self, timer: &T) -> bool {
        let index = self.armed.iter().position(|armed| armed.timer == *timer);
        index.map(|index| self.armed.swap_remove(index)).is_some()
    }

    /// The time at which the next one fires.
    pub(super) fn next(&self) -> Option<Time> {
        self.armed.iter().map(|armed| armed.due).min()
    }

    /// Removes and returns the timer that expired first, if any, with the cause that armed it.
    pub(super) fn run_out(&mut self, now: Time) -> Option<(T, Cause)> {
        let due = self.armed.iter().enumerate().filter(|(_, armed)| armed.due <= now);
        let (index, _) = due.min_by_key(|(_, armed)| armed.due)?;
        let Armed { timer, cause, .. } = self.armed.swap_remove(index);
        Some((timer, cause))
    }

    /// Recalculates the due times after the clock's rate has changed.
    pub(super) fn recalculate(&mut self, clock: &HostClock) {
        for armed in &mut self.armed {
            armed.due = clock.when(armed.shown);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Time {
        Time::from_millis(millis)
    }

    #[test]
    fn timers_run_out_in_their_order_and_once() {
        let (mut timers, clock) = (Timers::new(), HostClock::default());
        for (timer, after) in [("election", 30), ("heartbeat", 10), ("election", 20), ("retry", 5)] {
            timers.arm(timer, at(after), &clock, Cause::None);
        }
        assert!(timers.disarm(&"retry") && !timers.disarm(&"retry"));
        assert_eq!(timers.next(), Some(at(10)));
        assert_eq!(timers.run_out(at(9)), None);
        assert_eq!(timers.run_out(at(25)).map(|(timer, _)| timer), Some("heartbeat"));
        assert_eq!(timers.run_out(at(25)).map(|(timer, _)| timer), Some("election"));
        assert_eq!((timers.run_out(at(99)), timers.next()), (None, None));
    }

    #[test]
    fn a_clock_that_speeds_up_brings_its_timers_forward() {
        let (mut timers, mut clock) = (Timers::new(), HostClock::default());
        timers.arm("election", at(10), &clock, Cause::None);
        clock.drift(Time::ZERO, 1_000_000);
        timers.recalculate(&clock);
        assert_eq!(timers.next(), Some(at(5)));
    }
}
