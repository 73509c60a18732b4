//! Consistency levels, and the judgement of a history.

use std::fmt;

use unicode_width::UnicodeWidthStr;

use crate::linearizability::{CallId, StopReason};

/// A consistency level.
///
/// ```text
/// Linearizable ⇒ Sequential ⇒ CausalMemory ⇒ Causal
///                             CausalMemory ⇒ the four session guarantees
/// ```
///
/// The session guarantees imply nothing about each other. Convergence is beside all of them, except
/// that what is linearizable converges.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Level {
    /// Linearizability (Herlihy & Wing 1990): one order of all operations that respects real time.
    Linearizable,
    /// Sequential consistency (Lamport 1979): one order of all operations that respects the order
    /// of each session.
    Sequential,
    /// Causal memory (Ahamad et al. 1995; `CM` of Bouajjani et al. 2017): for each session, one
    /// order of its operations and all writes that respects causality.
    CausalMemory,
    /// Causal consistency (`CC` of Bouajjani et al. 2017): each read is explained by an order of
    /// the writes in its causal past. Two reads of a session need not agree on concurrent writes.
    Causal,
    /// Read your writes (Terry et al. 1994): a read returns nothing older than an earlier write of
    /// its session.
    ReadYourWrites,
    /// Monotonic reads (Terry et al. 1994): a read returns nothing older than an earlier read of
    /// its session.
    MonotonicReads,
    /// Monotonic writes (Terry et al. 1994): a session that saw a write also sees the earlier
    /// writes of its writer, in their order.
    MonotonicWrites,
    /// Writes follow reads (Terry et al. 1994): a session that saw a write also sees the writes
    /// that its writer had read before.
    WritesFollowReads,
    /// Convergence (Terry et al. 1995): when all writes have ended, the last reads of all sessions
    /// agree.
    Convergent,
}

impl Level {
    /// All levels: from the strongest down to causal consistency, then those beside.
    pub const ALL: [Level; 9] = [
        Level::Linearizable,
        Level::Sequential,
        Level::CausalMemory,
        Level::Causal,
        Level::ReadYourWrites,
        Level::MonotonicReads,
        Level::MonotonicWrites,
        Level::WritesFollowReads,
        Level::Convergent,
    ];

    /// The four session guarantees.
    pub const SESSION: [Level; 4] =
        [Level::ReadYourWrites, Level::MonotonicReads, Level::MonotonicWrites, Level::WritesFollowReads];

    /// The name in text.
    pub const fn name(self) -> &'static str {
        match self {
            Level::Linearizable => "linearizable",
            Level::Sequential => "sequential",
            Level::CausalMemory => "causal memory",
            Level::Causal => "causal",
            Level::ReadYourWrites => "read your writes",
            Level::MonotonicReads => "monotonic reads",
            Level::MonotonicWrites => "monotonic writes",
            Level::WritesFollowReads => "writes follow reads",
            Level::Convergent => "convergent",
        }
    }
}

/// The form of a violation. Five are the bad patterns of Bouajjani et al. (2017, table 2) and keep
/// their names; the sixth, `ThinAirRead`, is
/// [`BadHistory::NeverWritten`](super::BadHistory::NeverWritten).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Pattern {
    /// The causal order has a cycle: a read returns a value that depends on it.
    CyclicCO,
    /// A write precedes, in the causal order, a read of the initial value.
    WriteCOInitRead,
    /// A write lies, in the causal order, between a read and the write that it saw.
    WriteCORead,
    /// A write precedes a read of the initial value, in every order for one session.
    WriteHBInitRead,
    /// Two operations each precede the other, in every order for one session.
    CyclicHB,
    /// Two operations each precede the other, in every order of all operations.
    NoOrder,
    /// A search found no order of all operations, or none that extends the given operations.
    Exhausted,
    /// A read returns something older than its session had written or seen.
    Older,
    /// The last reads of two sessions differ.
    Diverged,
}

/// Two operations that break a level, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Witness {
    /// One operation; mostly a write.
    pub first: CallId,
    /// The other; mostly the read whose answer is not explained.
    pub second: CallId,
    /// The form of the violation.
    pub pattern: Pattern,
    /// The explanation, in a sentence that names the values.
    pub why: String,
}

/// The reason why a level is undecided.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Undecided {
    /// More operations than [`SEQUENTIAL_MAX`](super::SEQUENTIAL_MAX).
    TooLong {
        /// Number of operations.
        operations: usize,
        /// The largest number.
        max: usize,
    },
    /// The search for a sequential order met more than
    /// [`STATES_MAX`](super::STATES_MAX) states.
    TooManyStates {
        /// The largest number.
        max: usize,
    },
    /// The linearizability checker reached a limit.
    Stopped(StopReason),
    /// No two sessions read a register after the last write to it had ended.
    NoLastReads,
}

impl fmt::Display for Undecided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Undecided::TooLong { operations, max } => {
                write!(f, "too long: {operations} operations, and the search takes at most {max}")
            }
            Undecided::TooManyStates { max } => write!(f, "the search met more than {max} states"),
            Undecided::Stopped(reason) => write!(f, "the search reached {reason}"),
            Undecided::NoLastReads => f.write_str("no two sessions read a register after the last write to it ended"),
        }
    }
}

/// Whether a history has a level.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It has.
    Holds,
    /// It has not.
    Broken(Witness),
    /// Nothing is proven.
    Undecided(Undecided),
}

impl From<Option<Witness>> for Outcome {
    fn from(witness: Option<Witness>) -> Self {
        witness.map_or(Outcome::Holds, Outcome::Broken)
    }
}

/// The outcome for each level.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Judgement {
    pub(super) outcomes: [Outcome; Level::ALL.len()],
}

impl Judgement {
    /// The outcome for a level.
    pub const fn outcome(&self, level: Level) -> &Outcome {
        &self.outcomes[level as usize]
    }

    /// Whether a level holds.
    pub const fn holds(&self, level: Level) -> bool {
        matches!(self.outcome(level), Outcome::Holds)
    }

    /// The witness that breaks a level.
    pub const fn witness(&self, level: Level) -> Option<&Witness> {
        match self.outcome(level) {
            Outcome::Broken(witness) => Some(witness),
            Outcome::Holds | Outcome::Undecided(_) => None,
        }
    }

    /// The strongest level that holds, from [`Level::Linearizable`] to [`Level::Causal`].
    pub fn strongest(&self) -> Option<Level> {
        Level::ALL.into_iter().take_while(|level| *level <= Level::Causal).find(|level| self.holds(*level))
    }

    /// The outcomes, in the order of [`Level::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Level, &Outcome)> {
        Level::ALL.into_iter().zip(&self.outcomes)
    }
}

/// Column of the outcome, and the width of the table.
const INDENT: usize = 21;
const WIDTH: usize = 80;

impl fmt::Display for Judgement {
    /// A table of the levels, within 80 columns where words allow it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (level, outcome) in self.iter() {
            let text = match outcome {
                Outcome::Holds => "holds".to_owned(),
                Outcome::Broken(witness) => format!("broken: {}", witness.why),
                Outcome::Undecided(reason) => format!("undecided: {reason}"),
            };
            let mut column = INDENT;
            write!(f, "{:INDENT$}", level.name())?;
            for (index, word) in text.split(' ').enumerate() {
                if index > 0 && column + 1 + word.width() > WIDTH {
                    write!(f, "\n{:INDENT$}", "")?;
                    column = INDENT;
                } else if index > 0 {
                    f.write_str(" ")?;
                    column += 1;
                }
                f.write_str(word)?;
                column += word.width();
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
