//! Durable state of a Raft node: term, vote, snapshot and the log that follows it, and the records
//! that change them.

use quorate_exercises::build::Disk;
use quorate_exercises::prelude::*;
use quorate_exercises::raft::{LogIndex, Position, Term};
use serde::{Deserialize, Serialize};

use super::{LogEntry, State};

/// The state that survives a crash.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Stable {
    pub term: Term,
    pub vote: Option<NodeId>,
    /// The state up to an entry, which replaces the log up to that entry.
    pub snapshot: Option<State>,
    /// The entries after the snapshot.
    pub log: Vec<LogEntry>,
}

/// A durable write.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Record {
    /// Sets the current term, and the vote in it.
    Term { term: Term, vote: Option<NodeId> },
    /// Replaces everything after that index by these entries.
    Entries { after: LogIndex, entries: Vec<LogEntry> },
    /// Sets the snapshot; the log keeps only the entries after it.
    Snapshot { snapshot: Box<State> },
}

impl Disk for Stable {
    type Record = Record;

    fn apply(&mut self, record: &Record) {
        match record {
            Record::Term { term, vote } => (self.term, self.vote) = (*term, *vote),
            Record::Entries { after, entries } => {
                self.log.truncate(self.place(after.next()));
                self.log.extend(entries.iter().cloned());
            }
            Record::Snapshot { snapshot } => {
                let follows = self.term_at(snapshot.last.index) == Some(snapshot.last.term);
                self.log =
                    if follows { self.log.split_off(self.place(snapshot.last.index.next())) } else { Vec::new() };
                self.snapshot = Some((**snapshot).clone());
            }
        }
    }
}

impl Stable {
    /// Position of the last entry that is no longer in the log.
    pub fn base(&self) -> Position {
        self.snapshot.as_ref().map_or_else(Position::default, |snapshot| snapshot.last)
    }

    pub fn last(&self) -> Position {
        let index = self.base().index.plus(self.log.len() as u64);
        Position { index, term: self.log.last().map_or(self.base().term, |entry| entry.term) }
    }

    /// Position of an entry in the log's vector.
    pub fn place(&self, index: LogIndex) -> usize {
        index.since(self.base().index.next()) as usize
    }

    pub fn entry(&self, index: LogIndex) -> Option<&LogEntry> {
        if index <= self.base().index { None } else { self.log.get(self.place(index)) }
    }

    pub fn term_at(&self, index: LogIndex) -> Option<Term> {
        if index == self.base().index { Some(self.base().term) } else { self.entry(index).map(|entry| entry.term) }
    }
}
