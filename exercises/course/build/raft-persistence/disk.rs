//! Durable state of a Raft node: term, vote and log, and the records that change them.

use quorate_exercises::build::Disk;
use quorate_exercises::prelude::*;
use quorate_exercises::raft::{LogIndex, Position, Term};
use serde::{Deserialize, Serialize};

use super::LogEntry;

/// The state that survives a crash.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Stable {
    pub term: Term,
    pub vote: Option<NodeId>,
    /// The entries, from index 1 on.
    pub log: Vec<LogEntry>,
}

/// A durable write.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Record {
    /// Sets the current term, and the vote in it.
    Term { term: Term, vote: Option<NodeId> },
    /// Replaces everything after that index by these entries.
    Entries { after: LogIndex, entries: Vec<LogEntry> },
}

impl Disk for Stable {
    type Record = Record;

    fn apply(&mut self, record: &Record) {
        match record {
            Record::Term { term, vote } => (self.term, self.vote) = (*term, *vote),
            Record::Entries { after, entries } => {
                self.log.truncate(after.0 as usize);
                self.log.extend(entries.iter().cloned());
            }
        }
    }
}

impl Stable {
    pub fn last(&self) -> Position {
        let term = self.log.last().map_or(Term(0), |entry| entry.term);
        Position { index: LogIndex(self.log.len() as u64), term }
    }

    pub fn entry(&self, index: LogIndex) -> Option<&LogEntry> {
        self.log.get(index.0.checked_sub(1)? as usize)
    }

    /// Term of an entry. Index 0 counts as an entry of term 0, which all logs share.
    pub fn term_at(&self, index: LogIndex) -> Option<Term> {
        if index == LogIndex(0) { Some(Term(0)) } else { self.entry(index).map(|entry| entry.term) }
    }
}
