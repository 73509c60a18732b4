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

use quorate_protocol::{Effect, Machine, NodeId};

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
        let left = match effect {
            Effect::Persist(_) => &mut self.records,
            Effect::Send { to, .. } if *to != node => &mut self.sends,
            Effect::Learn(_) => return self.done,
            // Answers to clients, timers and messages to oneself come to nothing once the node is about to die.
            Effect::Send { .. } | Effect::Arm { .. } | Effect::Disarm(_) | Effect::Reply { .. } => return false,
        };
        let happens = *left > 0;
        *left = left.saturating_sub(1);
        happens
    }
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
    fn a_crash_waits_for_a_step_in_which_it_makes_a_difference() {
        assert!(!CrashMoment::BetweenSteps.strikes(1, 1));
        assert!(!CrashMoment::AfterPersist.strikes(0, 5) && CrashMoment::AfterPersist.strikes(1, 0));
        let sends = CrashMoment::AfterSends { sent: 2 };
        assert!(!sends.strikes(9, 2) && sends.strikes(0, 3));
    }
}
