//! The decisions of Snowflake ids.

use quorate_protocol::NodeId;
use quorate_protocol::Ruling::{self, Allow, Refuse};

use super::config::Backwards;
use super::id::Slot;
use super::message::Lease;
use super::rules::SnowflakeRule;

/// The next id of a generator.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Next {
    /// Take this place in time.
    Take {
        /// The place.
        slot: Slot,
        /// The reason.
        rule: SnowflakeRule,
    },
    /// The sequence of the tick is used up.
    Exhausted,
    /// The clock is behind the last tick.
    Behind {
        /// By so many ticks.
        ticks: u64,
    },
}

quorate_protocol::rulebook! {
    /// Rulebook of Snowflake ids. [`BY_THE_BOOK`] is the service as it is described.
    pub struct Rulebook;

    /// Snowflake README §Solution and §System Clock Dependency: the place after `last`, when the
    /// clock is at `tick`. `last_sequence` is the largest sequence of a tick.
    fn next(last: Option<Slot>, tick: u64, last_sequence: u32) -> Next {
        match last {
            Some(last) if tick < last.tick => Next::Behind { ticks: last.tick - tick },
            Some(last) if tick == last.tick && last.sequence >= last_sequence => Next::Exhausted,
            Some(last) if tick == last.tick => {
                let slot = Slot { tick, sequence: last.sequence + 1 };
                Next::Take { slot, rule: SnowflakeRule::NextInTick }
            }
            _ => Next::Take { slot: Slot { tick, sequence: 0 }, rule: SnowflakeRule::FirstOfTick },
        }
    }

    /// Snowflake README §Solution: the tick in which a generator goes on that has waited because
    /// the sequence of tick `full` was used up; `None` as long as it has to wait. The clock is at
    /// `tick`.
    fn after_wait(full: u64, tick: u64) -> Option<u64> {
        (tick > full).then_some(tick)
    }

    /// Snowflake README §Solution: whether the last tick makes no more ids because the worker
    /// number changes. In an id the tick comes first, then the number, then the sequence.
    fn ends_tick(held: u32, next: u32) -> bool {
        next < held
    }

    /// Snowflake README §System Clock Dependency: whether requests wait for a clock that is behind.
    fn on_clock_back(ticks: u64, backwards: Backwards) -> Ruling<SnowflakeRule> {
        match backwards {
            Backwards::Wait { ticks: most } if ticks <= most => Allow(SnowflakeRule::WaitForClock),
            _ => Refuse(SnowflakeRule::ClockBack),
        }
    }

    /// Gray and Cheriton 1989 §2: whether a lease covers a tick.
    fn covers(lease: Option<Lease>, tick: u64) -> Ruling<SnowflakeRule> {
        match lease {
            Some(lease) if tick <= lease.above => Refuse(SnowflakeRule::BeforeLease),
            Some(lease) if tick <= lease.through => Allow(SnowflakeRule::Hold),
            _ => Refuse(SnowflakeRule::NoLease),
        }
    }

    /// Leaf §snowflake: the tick up to which a generator reserves before it uses `tick`, if it must
    /// write at all.
    fn reserves(reserved: Option<u64>, tick: u64, ahead: u64) -> Option<u64> {
        (reserved < Some(tick)).then(|| tick.saturating_add(ahead))
    }

    /// Leaf §snowflake: the place that counts as the last one after a restart.
    fn resumes(reserved: Option<u64>, last_sequence: u32) -> Option<Slot> {
        reserved.map(|tick| Slot { tick, sequence: last_sequence })
    }

    /// Leaf §snowflake: the lease that a generator gives itself, without the registry.
    fn own_lease(me: NodeId) -> Option<Lease> {
        _ = me;
        None
    }

    /// Gray and Cheriton 1989 §2: the tick above which the next holder of a worker number begins,
    /// after one that may use all up to `through`.
    fn fence(through: u64) -> u64 {
        through
    }

    /// Gray and Cheriton 1989 §2: the tick at which a lease ends that was claimed at `tick`. A
    /// lease is never shortened.
    fn ends(through: Option<u64>, tick: u64, lasts: u64) -> u64 {
        tick.saturating_add(lasts).max(through.unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(tick: u64, sequence: u32) -> Slot {
        Slot { tick, sequence }
    }

    #[test]
    fn the_sequence_counts_within_a_tick_and_begins_anew() {
        let take = |slot, rule| Next::Take { slot, rule };
        assert_eq!(BY_THE_BOOK.next(None, 5, 1), take(at(5, 0), SnowflakeRule::FirstOfTick));
        assert_eq!(BY_THE_BOOK.next(Some(at(5, 0)), 5, 1), take(at(5, 1), SnowflakeRule::NextInTick));
        assert_eq!(BY_THE_BOOK.next(Some(at(5, 1)), 5, 1), Next::Exhausted);
        assert_eq!(BY_THE_BOOK.next(Some(at(5, 1)), 6, 1), take(at(6, 0), SnowflakeRule::FirstOfTick));
        assert_eq!(BY_THE_BOOK.next(Some(at(5, 0)), 3, 1), Next::Behind { ticks: 2 });
    }

    #[test]
    fn a_wait_ends_in_a_later_tick_and_no_other() {
        assert_eq!([9, 10, 11].map(|tick| BY_THE_BOOK.after_wait(10, tick)), [None, None, Some(11)]);
    }

    #[test]
    fn a_clock_that_is_behind_is_waited_for_up_to_a_limit() {
        let wait = Backwards::Wait { ticks: 5 };
        assert_eq!(BY_THE_BOOK.on_clock_back(5, wait), Allow(SnowflakeRule::WaitForClock));
        assert_eq!(BY_THE_BOOK.on_clock_back(6, wait), Refuse(SnowflakeRule::ClockBack));
        assert_eq!(BY_THE_BOOK.on_clock_back(1, Backwards::Refuse), Refuse(SnowflakeRule::ClockBack));
    }

    #[test]
    fn a_lease_covers_the_ticks_between_its_ends() {
        let lease = Some(Lease { worker: 0, above: 10, through: 20 });
        assert_eq!(BY_THE_BOOK.covers(lease, 10), Refuse(SnowflakeRule::BeforeLease));
        assert!(BY_THE_BOOK.covers(lease, 11).allows() && BY_THE_BOOK.covers(lease, 20).allows());
        assert_eq!(BY_THE_BOOK.covers(lease, 21), Refuse(SnowflakeRule::NoLease));
        assert_eq!(BY_THE_BOOK.covers(None, 0), Refuse(SnowflakeRule::NoLease));
        assert_eq!(BY_THE_BOOK.ends(Some(50), 20, 10), 50, "a lease is never shortened");
        assert_eq!(BY_THE_BOOK.ends(None, 20, 10), 30);
    }

    #[test]
    fn ticks_are_reserved_once_and_used_up_by_a_restart() {
        assert_eq!(BY_THE_BOOK.reserves(None, 5, 10), Some(15));
        assert_eq!(BY_THE_BOOK.reserves(Some(15), 15, 10), None);
        assert_eq!(BY_THE_BOOK.reserves(Some(15), 16, 10), Some(26));
        assert_eq!(BY_THE_BOOK.resumes(Some(15), 4095), Some(at(15, 4095)));
        assert_eq!((BY_THE_BOOK.resumes(None, 1), BY_THE_BOOK.own_lease(NodeId(1))), (None, None));
    }
}
