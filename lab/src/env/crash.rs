//! Crashes within a step: the moments at which they may occur, and the effects that survive.
//!
//! The simulator, the checker, the threads and every trace share this one table, so that a trace
//! shows a record as persisted, or a message as sent, exactly if it was.
//!
//! | moment | needs a step with | durable | sent to others | facts | replies, timers, own messages |
//! |---|---|---|---|---|---|
//! | [`BetweenSteps`](CrashPoint::BetweenSteps) | – | all | all | all | all |
//! | [`BeforePersist`](CrashPoint::BeforePersist) | records | the first `kept`, never the last | none | none | none |
//! | [`AfterPersist`](CrashPoint::AfterPersist) | records | all | none | all | none |
//! | [`AfterSends`](CrashPoint::AfterSends) | more messages to others than `sent` | all | the first `sent` | all | none |

use std::fmt;

use quorate_protocol::{Effect, Machine, NodeId, Outbox};

/// Moment of a crash.
///
/// By contract, all records of a step become durable before its messages are sent. The interesting
/// crashes are the ones in between.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
#[non_exhaustive]
pub enum CrashPoint {
    /// Immediately, between two steps.
    #[default]
    BetweenSteps,
    /// During the node's next step that writes: after that many of its records, but before the last
    /// one, are durable. The other records are lost, and no message is sent.
    BeforePersist {
        /// Number of records that become durable.
        kept: u32,
    },
    /// During the node's next step that writes: all its records are durable, but no message is
    /// sent.
    AfterPersist,
    /// During the node's next step that sends more messages to others than this: that many of them
    /// are sent.
    AfterSends {
        /// Number of messages that are sent.
        sent: u32,
    },
}

impl CrashPoint {
    /// Whether the crash happens in a step with this many records and messages to other nodes. It
    /// applies only to steps with the records or messages that it refers to.
    pub(crate) fn applies(self, records: usize, sends: usize) -> bool {
        match self {
            CrashPoint::BetweenSteps => false,
            CrashPoint::BeforePersist { .. } | CrashPoint::AfterPersist => records > 0,
            CrashPoint::AfterSends { sent } => sends > sent as usize,
        }
    }

    /// Whether the crash happens in a step of this node with these effects.
    pub(crate) fn applies_in<M: Machine>(self, node: NodeId, out: &Outbox<M>) -> bool {
        self.applies(out.records().count(), sends_of(node, out))
    }

    /// Returns every moment at which a step of this node with these effects may crash, in order of
    /// time.
    #[cfg(any(feature = "check", test))]
    pub(crate) fn all_in<M: Machine>(node: NodeId, out: &Outbox<M>) -> impl Iterator<Item = Self> + use<M> {
        CrashPoint::all(out.records().count() as u32, sends_of(node, out) as u32)
    }

    #[cfg(any(feature = "check", test))]
    fn all(records: u32, sends: u32) -> impl Iterator<Item = Self> {
        let before = (0..records).map(|kept| CrashPoint::BeforePersist { kept });
        let after = (records > 0).then_some(CrashPoint::AfterPersist);
        before.chain(after).chain((0..sends).map(|sent| CrashPoint::AfterSends { sent }))
    }
}

/// Returns the number of messages to other nodes.
fn sends_of<M: Machine>(node: NodeId, out: &Outbox<M>) -> usize {
    out.effects().iter().filter(|effect| matches!(effect, Effect::Send { to, .. } if *to != node)).count()
}

impl fmt::Display for CrashPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CrashPoint::BetweenSteps => Ok(()),
            CrashPoint::BeforePersist { kept: 0 } => write!(f, " before-persist"),
            CrashPoint::BeforePersist { kept } => write!(f, " before-persist kept={kept}"),
            CrashPoint::AfterPersist => write!(f, " after-persist"),
            CrashPoint::AfterSends { sent } => write!(f, " after-sends={sent}"),
        }
    }
}

/// Effects of a step that take place: all of them, or those that precede a crash.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Survival {
    /// Number of records that become durable, from the first.
    pub(crate) records: usize,
    /// Number of messages to other nodes that are sent, from the first.
    pub(crate) sends: usize,
    /// Whether all records become durable, so that the step is done and its facts are true.
    pub(crate) done: bool,
    /// Whether there is no crash.
    pub(crate) whole: bool,
}

impl Survival {
    /// A step without a crash.
    pub(crate) const WHOLE: Self = Survival { records: usize::MAX, sends: usize::MAX, done: true, whole: true };

    /// Returns the surviving part of a step with that many records.
    pub(crate) fn of(crash: Option<CrashPoint>, records: usize) -> Self {
        let durable = Survival { records, sends: 0, done: true, whole: false };
        match crash {
            None | Some(CrashPoint::BetweenSteps) => Self::WHOLE,
            Some(CrashPoint::BeforePersist { kept }) => {
                let records = (kept as usize).min(records.saturating_sub(1));
                Survival { records, done: false, ..durable }
            }
            Some(CrashPoint::AfterPersist) => durable,
            Some(CrashPoint::AfterSends { sent }) => Survival { sends: sent as usize, ..durable },
        }
    }

    /// Adapts it to the steps of a batch, each of which is announced by [`begin`](Self::begin).
    #[cfg(any(feature = "live", test))]
    pub(crate) fn of_batch(self) -> Self {
        Survival { done: true, ..self }
    }

    /// Begins the next step of a batch, with this many records: it is done if these and all before
    /// them become durable.
    #[cfg(any(feature = "live", test))]
    pub(crate) fn begin(&mut self, records: usize) {
        self.done &= records <= self.records;
    }

    /// Whether the next record becomes durable.
    pub(crate) fn keeps_record(&mut self) -> bool {
        take_one(&mut self.records)
    }

    /// Returns the number of lost records of a step with this many.
    pub(crate) fn lost(&self, records: usize) -> u32 {
        records.saturating_sub(self.records) as u32
    }

    /// Whether the next effect of the step takes place. Call it for every effect, in order.
    #[inline]
    pub(crate) fn lets<M: Machine>(&mut self, node: NodeId, effect: &Effect<M>) -> bool {
        if self.whole {
            return true;
        }
        match effect {
            Effect::Persist(_) => self.keeps_record(),
            Effect::Send { to, .. } if *to != node => take_one(&mut self.sends),
            Effect::Emit(_) => self.done,
            // Replies to clients, timers and messages to oneself are lost when the node is about to
            // crash.
            Effect::Send { .. } | Effect::Arm { .. } | Effect::Disarm(_) | Effect::Reply { .. } => false,
        }
    }
}

/// Decrements a count. Returns false if nothing is left.
fn take_one(left: &mut usize) -> bool {
    let one = *left > 0;
    *left = left.saturating_sub(1);
    one
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_moments() {
        let left = |moment, records| {
            let Survival { records, sends, done, whole } = Survival::of(Some(moment), records);
            (records, sends, done, whole)
        };
        let before = |kept| CrashPoint::BeforePersist { kept };
        assert_eq!(left(before(0), 2), (0, 0, false, false));
        assert_eq!(left(before(1), 2), (1, 0, false, false));
        assert_eq!(left(before(1), 1), (0, 0, false, false), "the last record is never kept");
        assert_eq!(left(before(9), 3), (2, 0, false, false));
        assert_eq!(left(CrashPoint::AfterPersist, 2), (2, 0, true, false));
        assert_eq!(left(CrashPoint::AfterSends { sent: 3 }, 2), (2, 3, true, false));
        assert_eq!(Survival::of(Some(before(5)), 3).lost(3), 1);
        assert_eq!(Survival::of(None, 3).lost(3), 0);
    }

    #[test]
    fn every_moment_of_a_step_strikes_in_it_and_no_other_does() {
        let all: Vec<CrashPoint> = CrashPoint::all(2, 3).collect();
        assert!(all.iter().all(|moment| moment.applies(2, 3)));
        let sends = (0..3).map(|sent| CrashPoint::AfterSends { sent });
        assert!(CrashPoint::all(0, 3).eq(sends), "where nothing is written there is no moment of writing");
        assert_eq!((all.len(), CrashPoint::all(0, 0).count()), (6, 0));
        assert!(!CrashPoint::AfterSends { sent: 3 }.applies(2, 3));
    }

    #[test]
    fn a_step_of_a_batch_is_done_if_all_records_up_to_its_own_are_durable() {
        let mut survival = Survival::of(Some(CrashPoint::BeforePersist { kept: 2 }), 4).of_batch();
        let mut done = |records| {
            survival.begin(records);
            (0..records).for_each(|_| _ = survival.keeps_record());
            survival.done
        };
        assert_eq!([done(1), done(0), done(2), done(0), done(1)], [true, true, false, false, false]);
    }

    #[test]
    fn a_crash_waits_for_a_step_in_which_it_makes_a_difference() {
        assert!(!CrashPoint::BetweenSteps.applies(1, 1));
        assert!(!CrashPoint::AfterPersist.applies(0, 5) && CrashPoint::AfterPersist.applies(1, 0));
        let sends = CrashPoint::AfterSends { sent: 2 };
        assert!(!sends.applies(9, 2) && sends.applies(0, 3));
    }
}
