//! The replicated log (Raft §5.3).
//!
//! Entries are numbered from 1. A compacted log begins after its [`base`](Log::base), the last
//! entry that a snapshot replaced (§7). Appending and truncating cost time proportional to the
//! entries they touch; the bounds of a term are found by binary search, because terms never
//! decrease along a log. Nodes share equal entries in memory: a [`Batch`] in a message is a part of
//! the leader's own log, and the receiving log takes it over without copying.

mod batch;
mod block;
mod entries;
mod store;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use self::batch::Batch;
pub use self::entries::Entries;
use self::store::Store;
use crate::entry::Entry;
use crate::position::{LogIndex, Position, Term};
use crate::state_machine::StateMachine;

/// The log of a node.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Log<S: StateMachine> {
    base: Position,
    entries: Store<S>,
}

impl<S: StateMachine> Default for Log<S> {
    fn default() -> Self {
        Log { base: Position::default(), entries: Store::after(0) }
    }
}

impl<S: StateMachine> Log<S> {
    /// The last entry that a snapshot replaced; `0@0` in an uncompacted log.
    pub fn base(&self) -> Position {
        self.base
    }

    /// The last entry, or the base.
    pub fn last(&self) -> Position {
        let index = self.last_index();
        Position { index, term: self.term_of(index) }
    }

    /// The index of the last entry, or of the base.
    pub fn last_index(&self) -> LogIndex {
        self.base.index.plus(self.entries.len() as u64)
    }

    /// The entry at an index; `None` if it is compacted or not written yet.
    pub fn entry(&self, index: LogIndex) -> Option<&Entry<S>> {
        self.entries.get(self.offset(index)?)
    }

    /// The term of the entry at an index, including the base.
    pub fn term_at(&self, index: LogIndex) -> Option<Term> {
        if index == self.base.index {
            return Some(self.base.term);
        }
        self.entry(index).map(|entry| entry.term)
    }

    /// The term of the entry at an index that must be in the log or the base.
    pub(crate) fn term_of(&self, index: LogIndex) -> Term {
        let term = self.term_at(index);
        debug_assert!(term.is_some(), "entry {index} is neither in the log nor its base");
        term.unwrap_or_default()
    }

    /// The entries in the log, in order.
    pub fn entries(&self) -> Entries<'_, S> {
        self.entries.all()
    }

    /// The entries from `first` up to and including `last`, as far as the log has them.
    pub fn range(&self, first: LogIndex, last: LogIndex) -> Entries<'_, S> {
        let count = |entries: u64| usize::try_from(entries).unwrap_or(usize::MAX);
        self.entries.all().slice(count(first.previous().since(self.base.index))..count(last.since(self.base.index)))
    }

    /// The entries from `first` up to and including `last`, as far as the log has them, with their
    /// indexes.
    pub(crate) fn numbered(&self, first: LogIndex, last: LogIndex) -> impl Iterator<Item = (LogIndex, &Entry<S>)> {
        let first = first.max(self.base.index.next());
        let indexed = move |(offset, entry)| (first.plus(offset as u64), entry);
        self.range(first, last).iter().enumerate().map(indexed)
    }

    /// The first entry in the log of the same term as the entry at `index`; the base's successor if
    /// that term reaches back further.
    pub fn first_of_term_at(&self, index: LogIndex) -> LogIndex {
        let Some(term) = self.term_at(index) else { return index };
        let earlier = self.entries.all().partition_point(|entry| entry.term < term);
        self.base.index.plus(earlier as u64 + 1)
    }

    /// The last entry of a term; `None` if the log has no entry of it.
    pub fn last_of_term(&self, term: Term) -> Option<LogIndex> {
        let upto = self.entries.all().partition_point(|entry| entry.term <= term);
        let last = self.base.index.plus(upto as u64);
        (self.term_at(last) == Some(term)).then_some(last)
    }

    /// Appends one entry.
    pub fn push(&mut self, entry: Entry<S>) {
        self.entries.push(entry);
    }

    /// Appends entries in order, and shares them with their owner where possible.
    pub fn extend(&mut self, entries: Entries<'_, S>) {
        self.entries.extend(entries);
    }

    /// Removes the entry at `from` and all after it. Compacted entries are not affected.
    pub fn truncate(&mut self, from: LogIndex) {
        let keep = from.previous().since(self.base.index);
        self.entries.truncate(usize::try_from(keep).unwrap_or(usize::MAX));
    }

    /// Discards all entries up to and including `base`, which becomes the new base. If the log does
    /// not contain that entry, it conflicts with the snapshot and is discarded entirely (Raft §7).
    pub fn compact(&mut self, base: Position) {
        if base.index < self.base.index {
            return;
        }
        if self.term_at(base.index) == Some(base.term) {
            self.entries.discard(base.index.since(self.base.index) as usize);
        } else {
            self.entries = Store::after(base.index.0);
        }
        self.base = base;
    }

    /// Whether two logs have the same entries, as far as both still have them: a snapshot replaces
    /// the first ones, and nodes take snapshots at different times (Raft §7).
    pub fn agrees_with(&self, other: &Self) -> bool {
        let base = self.base.max(other.base);
        // Logs with an entry of the same index and term are the same up to it (Raft §5.3).
        let agree_at_base = [self, other].iter().all(|log| log.term_at(base.index) == Some(base.term));
        let (first, last) = (base.index.next(), self.last());
        last == other.last() && agree_at_base && self.range(first, last.index) == other.range(first, last.index)
    }

    fn offset(&self, index: LogIndex) -> Option<usize> {
        usize::try_from(index.0.checked_sub(self.base.index.0)?.checked_sub(1)?).ok()
    }
}

/// The terms of the entries, `1,1,4`, and the last entry that a snapshot replaced.
impl<S: StateMachine> fmt::Display for Log<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.entries().is_empty() {
            f.write_str("empty")?;
        }
        for (place, entry) in self.entries().iter().enumerate() {
            write!(f, "{}{}", if place == 0 { "" } else { "," }, entry.term)?;
        }
        if self.base == Position::default() { Ok(()) } else { write!(f, " after a snapshot up to {}", self.base) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counter::Counter;
    use crate::entry::Payload;

    fn log(terms: &[u64]) -> Log<Counter> {
        let mut log = Log::default();
        terms.iter().for_each(|&term| log.push(Entry { term: Term(term), payload: Payload::Noop }));
        log
    }

    #[test]
    fn indexes_count_from_one_and_survive_compaction() {
        let mut log = log(&[1, 1, 2, 3, 3]);
        assert_eq!((log.last(), log.term_at(LogIndex(0))), (Position::new(5, 3), Some(Term(0))));
        log.compact(Position::new(3, 2));
        assert_eq!((log.base(), log.last()), (Position::new(3, 2), Position::new(5, 3)));
        assert_eq!(log.term_at(LogIndex(3)), Some(Term(2)));
        assert_eq!(log.term_at(LogIndex(2)), None);
        assert_eq!(log.range(LogIndex(1), LogIndex(4)).len(), 1);
        assert_eq!(log.range(LogIndex(6), LogIndex(9)).len(), 0);
    }

    #[test]
    fn the_bounds_of_a_term_are_found() {
        let log = log(&[1, 1, 4, 4, 4, 6]);
        assert_eq!(log.first_of_term_at(LogIndex(5)), LogIndex(3));
        assert_eq!(log.first_of_term_at(LogIndex(1)), LogIndex(1));
        assert_eq!(log.last_of_term(Term(4)), Some(LogIndex(5)));
        assert_eq!(log.last_of_term(Term(5)), None);
        assert_eq!(log.last_of_term(Term(7)), None);
    }

    #[test]
    fn truncation_never_reaches_below_the_base() {
        let mut log = log(&[1, 2, 3]);
        log.compact(Position::new(2, 2));
        log.truncate(LogIndex(1));
        assert_eq!(log.last(), Position::new(2, 2));
    }

    #[test]
    fn a_snapshot_of_another_history_replaces_the_whole_log() {
        let mut other = log(&[1, 1, 1]);
        other.compact(Position::new(2, 2));
        assert_eq!(other.last(), Position::new(2, 2));
        let mut short = log(&[1]);
        short.compact(Position::new(4, 1));
        assert_eq!(short.last(), Position::new(4, 1));
        short.compact(Position::new(2, 1));
        assert_eq!(short.last(), Position::new(4, 1), "an older snapshot changes nothing");
    }

    #[test]
    fn logs_agree_if_they_differ_only_in_what_snapshots_replaced() {
        let compacted = |terms: &[u64], base| {
            let mut log = log(terms);
            log.compact(base);
            log
        };
        let none = Position::default();
        let whole = log(&[1, 1, 2, 2]);
        for base in [none, Position::new(1, 1), Position::new(3, 2), Position::new(4, 2)] {
            let compacted = compacted(&[1, 1, 2, 2], base);
            assert!(whole.agrees_with(&compacted) && compacted.agrees_with(&whole), "{base}");
        }
        // Another entry at the base, after it, or a longer log.
        for (terms, base) in [
            (&[1, 1, 1, 2][..], Position::new(3, 1)),
            (&[1, 1, 2, 3], Position::new(2, 1)),
            (&[1, 1, 2, 2, 2], Position::new(2, 1)),
            (&[1, 1, 2], Position::new(2, 1)),
        ] {
            let other = compacted(terms, base);
            assert!(!whole.agrees_with(&other) && !other.agrees_with(&whole), "{terms:?}");
        }
        assert_eq!(compacted(&[1, 1, 2, 2], Position::new(2, 1)).to_string(), "2,2 after a snapshot up to 2@1");
        assert_eq!(compacted(&[1], Position::new(1, 1)).to_string(), "empty after a snapshot up to 1@1");
        assert_eq!(whole.to_string(), "1,1,2,2");
    }
}
