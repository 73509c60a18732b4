//! Timers of a simulated node: armed on its own drifting clock, fired at a true time.

use quorate_protocol::{Duration, Time};

use crate::env::HostClock;
use crate::trace::EventId;

/// The timers of one node, by name.
///
/// A protocol may re-arm a timer with every message. So the scheduled event is not moved when its
/// timer is re-armed for later: when it comes up at the old time, it is scheduled anew. `turn` is
/// the number of the timer's newest scheduled event; older ones are stale.
#[derive(Clone, Debug)]
pub(super) struct Timers<T> {
    slots: Vec<Slot<T>>,
}

#[derive(Clone, Debug)]
struct Slot<T> {
    timer: T,
    armed: Option<Armed>,
    /// The scheduled event of this timer: its time and its turn.
    planned: Option<(Time, u32)>,
    turns: u32,
}

#[derive(Clone, Copy, Debug)]
struct Armed {
    /// Time at which it fires, on the node's own monotonic clock.
    shown: Time,
    /// True time at which it fires, if the clock's rate does not change.
    due: Time,
    cause: Option<EventId>,
}

/// An event that is to be scheduled for a timer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Entry {
    pub(super) slot: u32,
    pub(super) turn: u32,
    pub(super) at: Time,
}

/// Result of a timer event.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Expiry<T> {
    /// The timer fires; it is no longer armed.
    Now { timer: T, cause: Option<EventId> },
    /// It was re-armed for later in the meantime.
    Later(Entry),
    /// It was disarmed, or has another event.
    Stale,
}

impl<T: Clone + Eq> Timers<T> {
    pub(super) const fn new() -> Self {
        Timers { slots: Vec::new() }
    }

    /// Arms a timer, for a duration on the node's own clock. Returns its slot, the true time at
    /// which it fires, and the event to schedule, if one is needed.
    pub(super) fn arm(
        &mut self,
        timer: T,
        after: Duration,
        clock: &HostClock,
        now: Time,
    ) -> (u32, Time, Option<Entry>) {
        let index = match self.slots.iter().position(|slot| slot.timer == timer) {
            Some(index) => index,
            None => {
                self.slots.push(Slot { timer, armed: None, planned: None, turns: 0 });
                self.slots.len() - 1
            }
        };
        let shown = clock.due(now, after);
        // A slow clock shows one reading for more than a nanosecond, so it may have shown it
        // before.
        let due = clock.when(shown).max(now);
        let slot = &mut self.slots[index];
        slot.armed = Some(Armed { shown, due, cause: None });
        (index as u32, due, slot.entry(index))
    }

    /// Stores the trace event that armed the timer of this slot.
    pub(super) fn blame(&mut self, slot: u32, cause: Option<EventId>) {
        if let Some(armed) = self.slots.get_mut(slot as usize).and_then(|slot| slot.armed.as_mut()) {
            armed.cause = cause;
        }
    }

    /// Disarms a timer. Returns whether it was armed.
    pub(super) fn disarm(&mut self, timer: &T) -> bool {
        self.slots.iter_mut().find(|slot| slot.timer == *timer).and_then(|slot| slot.armed.take()).is_some()
    }

    /// Handles a timer event.
    pub(super) fn due(&mut self, index: u32, turn: u32, now: Time) -> Expiry<T> {
        let Some(slot) = self.slots.get_mut(index as usize) else { return Expiry::Stale };
        if slot.planned.is_none_or(|(_, planned)| planned != turn) {
            return Expiry::Stale;
        }
        slot.planned = None;
        match slot.armed {
            None => Expiry::Stale,
            Some(armed) if armed.due > now => slot.entry(index as usize).map_or(Expiry::Stale, Expiry::Later),
            Some(armed) => {
                slot.armed = None;
                Expiry::Now { timer: slot.timer.clone(), cause: armed.cause }
            }
        }
    }

    /// Recomputes the times of all armed timers after the clock's rate has changed. Returns the
    /// events to schedule.
    pub(super) fn recalculate<'a>(&'a mut self, clock: &'a HostClock) -> impl Iterator<Item = Entry> + 'a {
        self.slots.iter_mut().enumerate().filter_map(|(index, slot)| {
            let armed = slot.armed.as_mut()?;
            armed.due = clock.when(armed.shown);
            slot.entry(index)
        })
    }

    /// Returns the armed timers, with the true time at which each fires and the event of the trace
    /// that armed it.
    pub(super) fn armed(&self) -> impl Iterator<Item = (&T, Time, Option<EventId>)> {
        self.slots.iter().filter_map(|slot| slot.armed.map(|armed| (&slot.timer, armed.due, armed.cause)))
    }

    /// Makes an armed timer fire now. Returns the event to schedule, or `None` if it is not armed.
    pub(super) fn fire_next(&mut self, timer: &T, now: Time) -> Option<Entry> {
        let index = self.slots.iter().position(|slot| slot.timer == *timer)?;
        let slot = &mut self.slots[index];
        slot.armed.as_mut()?.due = now;
        slot.planned = None;
        slot.entry(index)
    }

    /// Disarms all timers after a crash; scheduled events become stale.
    pub(super) fn clear(&mut self) {
        for slot in &mut self.slots {
            slot.armed = None;
            slot.planned = None;
        }
    }
}

impl<T> Slot<T> {
    /// Returns the event that must be scheduled for this timer, unless there is one at or before
    /// its time.
    fn entry(&mut self, index: usize) -> Option<Entry> {
        let due = self.armed?.due;
        if self.planned.is_some_and(|(at, _)| at <= due) {
            return None;
        }
        self.turns = self.turns.wrapping_add(1);
        self.planned = Some((due, self.turns));
        Some(Entry { slot: index as u32, turn: self.turns, at: due })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Time {
        Time::from_millis(millis)
    }

    fn arm(timers: &mut Timers<&'static str>, now: u64, after: u64) -> Option<Entry> {
        timers.arm("election", Duration::from_millis(after), &HostClock::default(), at(now)).2
    }

    #[test]
    fn arming_anew_for_later_costs_no_entry_until_the_old_one_comes_up() {
        let mut timers = Timers::new();
        let entry = arm(&mut timers, 0, 10).unwrap();
        assert_eq!(arm(&mut timers, 5, 10), None);
        let Expiry::Later(later) = timers.due(entry.slot, entry.turn, entry.at) else { panic!("fired early") };
        assert_eq!(later.at, at(15));
        assert_eq!(timers.due(later.slot, later.turn, later.at), Expiry::Now { timer: "election", cause: None });
        assert_eq!(timers.due(later.slot, later.turn, later.at), Expiry::Stale);
    }

    #[test]
    fn arming_anew_for_sooner_makes_the_old_entry_stale() {
        let mut timers = Timers::new();
        let late = arm(&mut timers, 0, 10).unwrap();
        let soon = arm(&mut timers, 0, 3).unwrap();
        assert_eq!(timers.due(soon.slot, soon.turn, soon.at), Expiry::Now { timer: "election", cause: None });
        assert_eq!(timers.due(late.slot, late.turn, late.at), Expiry::Stale);
    }

    #[test]
    fn a_timer_armed_for_no_time_fires_now_and_not_before() {
        let mut slow = HostClock::default();
        slow.drift(Time::ZERO, -500_000);
        let now = Time::from_nanos(7);
        assert!(slow.when(slow.read(now).monotonic) < now, "the clock has shown this reading before");
        let (_, due, entry) = Timers::new().arm("lapse", Duration::ZERO, &slow, now);
        assert_eq!((due, entry.map(|entry| entry.at)), (now, Some(now)));
    }

    #[test]
    fn a_disarmed_timer_does_not_fire_and_can_be_armed_again() {
        let mut timers = Timers::new();
        let entry = arm(&mut timers, 0, 10).unwrap();
        assert!(timers.disarm(&"election"));
        assert!(!timers.disarm(&"election"));
        assert_eq!(arm(&mut timers, 2, 10), None, "the entry at 10 ms still stands for it");
        assert!(matches!(timers.due(entry.slot, entry.turn, entry.at), Expiry::Later(later) if later.at == at(12)));
    }

    #[test]
    fn a_clock_that_speeds_up_brings_its_timers_forward() {
        let mut timers = Timers::new();
        arm(&mut timers, 0, 10);
        let mut clock = HostClock::default();
        clock.drift(Time::ZERO, 1_000_000);
        let entries: Vec<Entry> = timers.recalculate(&clock).collect();
        assert_eq!(entries.iter().map(|entry| entry.at).collect::<Vec<_>>(), [at(5)]);
    }
}
