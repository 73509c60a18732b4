//! Crashes in the middle of a step: when they strike, and how much of the step survives.
//!
//! The only table of it. The simulator, the checker, the threads and every trace go by it, so that a trace shows a record as
//! persisted, or a message as sent, exactly if it was.
//!
//! | moment | strikes a step with | durable | sent to others | facts | answers, timers, own messages |
//! |---|---|---|---|---|---|
//! | [`BetweenSteps`](CrashMoment::BetweenSteps) | – | all | all | all | all |
//! | [`BeforePersist`](CrashMoment::BeforePersist) | records | the first `kept`, never the last | none | none | none |
//! | [`AfterPersist`](CrashMoment::AfterPersist) | records | all | none | all | none |
//! | [`AfterSends`](CrashMoment::AfterSends) | more messages to others than `sent` | all | the first `sent` | all | none |

use std::fmt;

use quorate_protocol::{Effect, Machine, NodeId, Outbox};

/// When a crash strikes.
///
/// The contract makes every step's records durable before its messages leave. The interesting crashes are the ones in between.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub enum CrashMoment {
    /// At once, between two steps.
    #[default]
    BetweenSteps,
    /// During the node's next step that writes: after that many of its records, but before the last, are durable. The other
    /// records are lost, and nothing leaves.
    BeforePersist {
        /// Records that still reach the disk.
        kept: u32,
    },
    /// During the node's next step that writes: all its records are durable, but no message leaves.
    AfterPersist,
    /// During the node's next step with more messages to others than this: that many of them leave.
    AfterSends {
        /// Messages that still leave.
        sent: u32,
    },
}

impl CrashMoment {
    /// Whether the crash strikes in a step with so many records and so many messages to other nodes: only where it makes the
    /// difference that it stands for.
    pub(crate) fn strikes(self, records: usize, sends: usize) -> bool {
        match self {
            CrashMoment::BetweenSteps => false,
            CrashMoment::BeforePersist { .. } | CrashMoment::AfterPersist => records > 0,
            CrashMoment::AfterSends { sent } => sends > sent as usize,
        }
    }

    /// Whether the crash strikes in a node's step that comes to this.
    pub(crate) fn strikes_in<M: Machine>(self, node: NodeId, out: &Outbox<M>) -> bool {
        self.strikes(out.records().count(), sends_of(node, out))
    }

    /// Every moment at which a crash strikes in a node's step that comes to this, the earliest
    /// first.
    #[cfg(any(feature = "check", test))]
    pub(crate) fn all_in<M: Machine>(node: NodeId, out: &Outbox<M>) -> impl Iterator<Item = Self> + use<M> {
        CrashMoment::all(out.records().count() as u32, sends_of(node, out) as u32)
    }

    #[cfg(any(feature = "check", test))]
    fn all(records: u32, sends: u32) -> impl Iterator<Item = Self> {
        let before = (0..records).map(|kept| CrashMoment::BeforePersist { kept });
        let after = (records > 0).then_some(CrashMoment::AfterPersist);
        before.chain(after).chain((0..sends).map(|sent| CrashMoment::AfterSends { sent }))
    }
}

/// How many messages of a node's step are for other nodes.
fn sends_of<M: Machine>(node: NodeId, out: &Outbox<M>) -> usize {
    out.effects().iter().filter(|effect| matches!(effect, Effect::Send { to, .. } if *to != node)).count()
}

impl fmt::Display for CrashMoment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CrashMoment::BetweenSteps => Ok(()),
            CrashMoment::BeforePersist { kept: 0 } => write!(f, " before-persist"),
            CrashMoment::BeforePersist { kept } => write!(f, " before-persist kept={kept}"),
            CrashMoment::AfterPersist => write!(f, " after-persist"),
            CrashMoment::AfterSends { sent } => write!(f, " after-sends={sent}"),
        }
    }
}

/// How much of a step happens: all of it, or what a crash leaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Survival {
    /// How many of its records become durable, the first ones.
    pub(crate) records: usize,
    /// How many of its messages to other nodes leave, the first ones.
    pub(crate) sends: usize,
    /// Whether all its records become durable, so that the node has done the step and its facts are true.
    pub(crate) done: bool,
    /// Whether no crash strikes.
    pub(crate) whole: bool,
}

impl Survival {
    /// A step that no crash cuts short.
    pub(crate) const WHOLE: Self = Survival { records: usize::MAX, sends: usize::MAX, done: true, whole: true };

    /// The part of a step with that many records that a crash at that moment leaves.
    pub(crate) fn of(crash: Option<CrashMoment>, records: usize) -> Self {
        let durable = Survival { records, sends: 0, done: true, whole: false };
        match crash {
            None | Some(CrashMoment::BetweenSteps) => Self::WHOLE,
            Some(CrashMoment::BeforePersist { kept }) => {
                let records = (kept as usize).min(records.saturating_sub(1));
                Survival { records, done: false, ..durable }
            }
            Some(CrashMoment::AfterPersist) => durable,
            Some(CrashMoment::AfterSends { sent }) => Survival { sends: sent as usize, ..durable },
        }
    }

    /// The same for the steps of a batch, which are [begun](Self::begin) one after the other.
    #[cfg(any(feature = "live", test))]
    pub(crate) fn of_batch(self) -> Self {
        Survival { done: true, ..self }
    }

    /// The next step of a batch begins, with so many records: it is done if these and all before
    /// them become durable.
    #[cfg(any(feature = "live", test))]
    pub(crate) fn begin(&mut self, records: usize) {
        self.done &= records <= self.records;
    }

    /// Whether the next record becomes durable.
    pub(crate) fn keeps_record(&mut self) -> bool {
        take_one(&mut self.records)
    }

    /// How many of a step's records are lost, if it has so many.
    pub(crate) fn lost(&self, records: usize) -> u32 {
        records.saturating_sub(self.records) as u32
    }

    /// Whether the next effect of the step still happens. Asked of every effect, in order.
    #[inline]
    pub(crate) fn lets<M: Machine>(&mut self, node: NodeId, effect: &Effect<M>) -> bool {
        if self.whole {
            return true;
        }
        match effect {
            Effect::Persist(_) => self.keeps_record(),
            Effect::Send { to, .. } if *to != node => take_one(&mut self.sends),
            Effect::Learn(_) => self.done,
            // Answers to clients, timers and messages to oneself come to nothing once the node is about to die.
            Effect::Send { .. } | Effect::Arm { .. } | Effect::Disarm(_) | Effect::Reply { .. } => false,
        }
    }
}

/// Takes one of so many that are left. Returns whether there was one.
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
        let before = |kept| CrashMoment::BeforePersist { kept };
        assert_eq!(left(before(0), 2), (0, 0, false, false));
        assert_eq!(left(before(1), 2), (1, 0, false, false));
        assert_eq!(left(before(1), 1), (0, 0, false, false), "the last record is never kept");
        assert_eq!(left(before(9), 3), (2, 0, false, false));
        assert_eq!(left(CrashMoment::AfterPersist, 2), (2, 0, true, false));
        assert_eq!(left(CrashMoment::AfterSends { sent: 3 }, 2), (2, 3, true, false));
        assert_eq!(Survival::of(Some(before(5)), 3).lost(3), 1);
        assert_eq!(Survival::of(None, 3).lost(3), 0);
    }

    #[test]
    fn every_moment_of_a_step_strikes_in_it_and_no_other_does() {
        let all: Vec<CrashMoment> = CrashMoment::all(2, 3).collect();
        assert!(all.iter().all(|moment| moment.strikes(2, 3)));
        let sends = (0..3).map(|sent| CrashMoment::AfterSends { sent });
        assert!(CrashMoment::all(0, 3).eq(sends), "where nothing is written there is no moment of writing");
        assert_eq!((all.len(), CrashMoment::all(0, 0).count()), (6, 0));
        assert!(!CrashMoment::AfterSends { sent: 3 }.strikes(2, 3));
    }

    #[test]
    fn a_step_of_a_batch_is_done_if_all_records_up_to_its_own_are_durable() {
        let mut survival = Survival::of(Some(CrashMoment::BeforePersist { kept: 2 }), 4).of_batch();
        let mut done = |records| {
            survival.begin(records);
            (0..records).for_each(|_| _ = survival.keeps_record());
            survival.done
        };
        assert_eq!([done(1), done(0), done(2), done(0), done(1)], [true, true, false, false, false]);
    }

    #[test]
    fn a_crash_waits_for_a_step_in_which_it_makes_a_difference() {
        assert!(!CrashMoment::BetweenSteps.strikes(1, 1));
        assert!(!CrashMoment::AfterPersist.strikes(0, 5) && CrashMoment::AfterPersist.strikes(1, 0));
        let sends = CrashMoment::AfterSends { sent: 2 };
        assert!(!sends.strikes(9, 2) && sends.strikes(0, 3));
    }
}
