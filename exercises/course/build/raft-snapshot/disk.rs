//! What is on disk: the term, the vote, a snapshot and the log that follows it, and what writes make of them.

use quorate_exercises::build::Disk;
use quorate_exercises::prelude::*;
use quorate_exercises::raft::{LogIndex, Position, Term};
use serde::{Deserialize, Serialize};

use super::{LogEntry, State};

/// What survives a crash.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Stable {
    pub term: Term,
    pub vote: Option<NodeId>,
    /// The state up to some entry, in the place of the log up to there.
    pub snapshot: Option<State>,
    /// What follows that entry.
    pub log: Vec<LogEntry>,
}

/// A write.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Record {
    /// The current term, and the vote in it.
    Term { term: Term, vote: Option<NodeId> },
    /// These entries follow that index, and nothing follows them.
    Entries { after: LogIndex, entries: Vec<LogEntry> },
    /// A snapshot; the log keeps what follows it.
    Snapshot { snapshot: Box<State> },
}

impl Disk for Stable {
    type Record = Record;

    fn write(&mut self, record: &Record) {
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
    /// The last entry that is no longer in the log.
    pub fn base(&self) -> Position {
        self.snapshot.as_ref().map_or_else(Position::default, |snapshot| snapshot.last)
    }

    pub fn last(&self) -> Position {
        let index = self.base().index.plus(self.log.len() as u64);
        Position { index, term: self.log.last().map_or(self.base().term, |entry| entry.term) }
    }

    /// Where an entry of the log lies in its vector.
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
