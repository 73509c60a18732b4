//! Terms, log indexes, and positions, which combine both (Raft §5.1, §5.3).

use std::fmt;

use serde::{Deserialize, Serialize};

/// A term: Raft's logical clock. Each has at most one leader (Raft §5.1).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Term(pub u64);

impl Term {
    /// The term after this one.
    #[must_use]
    pub const fn next(self) -> Term {
        Term(self.0.saturating_add(1))
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// The index of an entry in the log, from 1; 0 is the position before the first entry (Raft §5.3).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LogIndex(pub u64);

impl LogIndex {
    /// The index after this one.
    #[must_use]
    pub const fn next(self) -> LogIndex {
        LogIndex(self.0.saturating_add(1))
    }

    /// The index before this one; 0 stays 0.
    #[must_use]
    pub const fn previous(self) -> LogIndex {
        LogIndex(self.0.saturating_sub(1))
    }

    /// The index `entries` later.
    #[must_use]
    pub const fn plus(self, entries: u64) -> LogIndex {
        LogIndex(self.0.saturating_add(entries))
    }

    /// Number of entries after `earlier` up to and including this one; 0 if there are none.
    pub const fn since(self, earlier: LogIndex) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for LogIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// An entry's index and term, which together identify it and all entries before it (Log Matching,
/// Raft §5.3). Displayed as `4@2`: index 4, term 2.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug, Serialize, Deserialize)]
pub struct Position {
    /// The index in the log.
    pub index: LogIndex,
    /// The term of the entry; 0 before the first entry.
    pub term: Term,
}

impl Position {
    /// The position of this index and term.
    pub const fn new(index: u64, term: u64) -> Self {
        Position { index: LogIndex(index), term: Term(term) }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.index, self.term)
    }
}
