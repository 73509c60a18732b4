//! Consistency levels of the histories of a replicated register.

use std::fmt;

use quorate_lab::consistency::{Level, Outcome, judge};
use quorate_protocol::{ClientEvent, Invariant, InvariantViolation, StepView, Unexplained};
use quorate_replication::register::Register;

use super::history::{Asked, LIMITS, history};
use super::{RegisterAnswers, replication::Registers};

/// Counts of the [consistency levels](quorate_lab::consistency) that the histories of a register
/// keep and break. It breaks nothing itself.
///
/// A session is a client. A request that was not answered may take effect later, so its client
/// continues as another session.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct RegisterLevels {
    /// Number of histories that were judged.
    judged: u64,
    /// Number of histories that are not of registers, because a read shows siblings, or too long.
    unjudged: u64,
    /// Of each level: the number of histories that keep it, and that break it.
    counts: [(u64, u64); Level::ALL.len()],
}

impl RegisterLevels {
    /// Number of histories that were judged.
    pub const fn judged(&self) -> u64 {
        self.judged
    }

    /// Number of histories that are not of registers: a read shows siblings, or there are more than
    /// [`OPERATIONS_MAX`](quorate_lab::consistency::OPERATIONS_MAX) requests.
    pub const fn unjudged(&self) -> u64 {
        self.unjudged
    }

    /// Number of histories that keep a level.
    pub const fn kept(&self, level: Level) -> u64 {
        self.counts[level as usize].0
    }

    /// Number of histories that break a level.
    pub const fn broken(&self, level: Level) -> u64 {
        self.counts[level as usize].1
    }

    /// The strongest level, from linearizable to causal, that all judged histories keep.
    pub fn strongest(&self) -> Option<Level> {
        let levels = Level::ALL.into_iter().take_while(|level| *level <= Level::Causal);
        levels.into_iter().find(|level| self.judged > 0 && self.kept(*level) == self.judged)
    }

    /// Adds the counts of other runs.
    pub fn add(&mut self, other: &Self) {
        self.judged += other.judged;
        self.unjudged += other.unjudged;
        for ((kept, broken), (more_kept, more_broken)) in self.counts.iter_mut().zip(other.counts) {
            *kept += more_kept;
            *broken += more_broken;
        }
    }
}

impl fmt::Display for RegisterLevels {
    /// A line for each level: its name, and the number of histories that keep and break it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for level in Level::ALL {
            writeln!(f, "{:21}{:5} kept, {:5} broken", level.name(), self.kept(level), self.broken(level))?;
        }
        Ok(())
    }
}

impl Invariant<Register> for RegisterLevels {
    fn check(&mut self, _: &StepView<'_, Register>) -> Result<(), InvariantViolation> {
        Ok(())
    }

    fn conclude(&mut self, events: &[ClientEvent<Register>]) -> Result<(), Unexplained> {
        let asked = Asked::<Register, RegisterAnswers>::all(events)?;
        let Ok(judgement) = judge(&Registers, &history(events, &asked), LIMITS) else {
            self.unjudged += 1;
            return Ok(());
        };
        self.judged += 1;
        for (level, outcome) in judgement.iter() {
            let (kept, broken) = &mut self.counts[level as usize];
            match outcome {
                Outcome::Holds => *kept += 1,
                Outcome::Broken(_) => *broken += 1,
                Outcome::Undecided(_) => {}
            }
        }
        Ok(())
    }
}
