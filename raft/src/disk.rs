//! Persistent state of a node: term, vote, log, snapshot (Raft Figure 2, §7).
//!
//! A [`Disk`] applies [`Record`]s, and detects records that do not fit together. A damaged disk
//! stays readable up to the damage; but a node that boots from it takes no part, because a node
//! that has forgotten a vote or an entry it acknowledged could undo what was agreed
//! (dissertation §3.8).

use std::fmt;

use quorate_protocol::NodeId;
use serde::{Deserialize, Serialize};

use crate::log::{Batch, Log};
use crate::position::{LogIndex, Position, Term};
use crate::snapshot::Snapshot;
use crate::state_machine::StateMachine;

/// A durable write.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub enum Record<S: StateMachine> {
    /// A new current term, without a vote yet.
    Term {
        /// The term.
        term: Term,
    },
    /// The vote in the current term.
    Vote {
        /// The candidate voted for.
        candidate: NodeId,
    },
    /// Entries appended to the log.
    Append {
        /// The index before the first of them: the end of the log so far.
        previous: LogIndex,
        /// The entries.
        entries: Batch<S>,
    },
    /// Truncation of the log's tail.
    Truncate {
        /// The first entry removed.
        from: LogIndex,
    },
    /// A snapshot that replaces an older one and the head of the log: one write, so that no crash
    /// can separate the two.
    Snapshot {
        /// The snapshot.
        snapshot: Box<Snapshot<S>>,
        /// The last entry removed from the head of the log.
        base: Position,
    },
}

/// The state on disk: the result of all records.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Disk<S: StateMachine> {
    /// The current term.
    pub term: Term,
    /// The vote in the current term.
    pub vote: Option<NodeId>,
    /// The newest snapshot.
    pub snapshot: Option<Snapshot<S>>,
    /// The log.
    pub log: Log<S>,
    /// The error of the first record that did not fit. That record and all later ones are not
    /// applied.
    damage: Option<DiskError>,
}

impl<S: StateMachine> Default for Disk<S> {
    fn default() -> Self {
        Disk { term: Term(0), vote: None, snapshot: None, log: Log::default(), damage: None }
    }
}

impl<S: StateMachine> Disk<S> {
    /// A disk with these contents, for a test or a scenario that begins in the middle of a run.
    pub fn new(term: Term, vote: Option<NodeId>, log: Log<S>) -> Self {
        Disk { term, vote, log, ..Disk::default() }
    }

    /// Checks that a correct node can have written the contents. Reads the whole log.
    ///
    /// # Errors
    /// The first inconsistency; an error of an earlier [write](quorate_protocol::Disk::apply) takes
    /// precedence.
    pub fn check(&self) -> Result<(), DiskError> {
        if let Some(damage) = &self.damage {
            return Err(damage.clone());
        }
        let replaced = self.snapshot.as_ref().map_or_else(Position::default, |snapshot| snapshot.last);
        let base = self.log.base();
        if base.index > replaced.index {
            return Err(DiskError::MissingSnapshot { base: base.index, snapshot: replaced.index });
        }
        let mut before = base;
        for entry in self.log.entries() {
            let here = Position { index: before.index.next(), term: entry.term };
            if here.term < before.term {
                return Err(DiskError::TermDecreases { before, here });
            }
            before = here;
        }
        let newest = if before.term < replaced.term { replaced } else { before };
        if newest.term > self.term {
            return Err(DiskError::TermFromTheFuture { here: newest, current: self.term });
        }
        Ok(())
    }

    fn append(&mut self, previous: LogIndex, entries: &Batch<S>) -> Result<(), DiskError> {
        let end = self.log.last_index();
        if previous != end {
            return Err(DiskError::Gap { end, previous });
        }
        self.log.extend(entries.all());
        Ok(())
    }

    fn try_apply(&mut self, record: &Record<S>) -> Result<(), DiskError> {
        match record {
            Record::Term { term } if *term < self.term => {
                return Err(DiskError::CurrentTermDecreases { before: self.term, after: *term });
            }
            Record::Term { term } => {
                self.term = *term;
                self.vote = None;
            }
            Record::Vote { candidate } => self.vote = Some(*candidate),
            Record::Append { previous, entries } => self.append(*previous, entries)?,
            Record::Truncate { from } => self.log.truncate(*from),
            Record::Snapshot { snapshot, base } => {
                self.snapshot = Some(Snapshot::clone(snapshot));
                self.log.compact(*base);
            }
        }
        Ok(())
    }
}

impl<S: StateMachine> quorate_protocol::Disk for Disk<S> {
    type Record = Record<S>;

    fn apply(&mut self, record: &Record<S>) {
        if self.damage.is_none() {
            self.damage = self.try_apply(record).err();
        }
    }

    /// Term, vote, snapshot, and the rest of the log (Raft §7). `None` for a damaged disk, which is
    /// kept as it is for inspection.
    fn compacted(&self) -> Option<Vec<Record<S>>> {
        if self.damage.is_some() {
            return None;
        }
        let base = self.log.base();
        let term = (self.term > Term(0)).then_some(Record::Term { term: self.term });
        let vote = self.vote.map(|candidate| Record::Vote { candidate });
        let snapshot = self.snapshot.clone().map(|snapshot| Record::Snapshot { snapshot: Box::new(snapshot), base });
        let entries = self.log.entries().share();
        let append = (!entries.is_empty()).then_some(Record::Append { previous: base.index, entries });
        Some([term, vote, snapshot, append].into_iter().flatten().collect())
    }
}

/// The reason that a correct node cannot have written a disk.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub enum DiskError {
    /// Entries were not appended at the end of the log: a record before them is missing or torn.
    Gap {
        /// The end of the log.
        end: LogIndex,
        /// The index that the entries should follow.
        previous: LogIndex,
    },
    /// The current term decreased.
    CurrentTermDecreases {
        /// The term before the write.
        before: Term,
        /// The term written.
        after: Term,
    },
    /// An entry has an earlier term than the one before it.
    TermDecreases {
        /// The entry before.
        before: Position,
        /// The entry.
        here: Position,
    },
    /// An entry or the snapshot has a later term than the current one.
    TermFromTheFuture {
        /// The entry, or the last entry that the snapshot replaces.
        here: Position,
        /// The current term.
        current: Term,
    },
    /// The head of the log was discarded, but the snapshot does not cover it.
    MissingSnapshot {
        /// The last entry discarded.
        base: LogIndex,
        /// The last entry that a snapshot replaces.
        snapshot: LogIndex,
    },
}

impl fmt::Display for DiskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DiskError::Gap { end, previous } => {
                write!(
                    f,
                    "the log ends at index {end} and the next entries belong after {previous}: a record is missing"
                )?;
            }
            DiskError::CurrentTermDecreases { before, after } => {
                write!(f, "the current term went from {before} back to {after}")?;
            }
            DiskError::TermDecreases { before, here } => {
                write!(f, "entry {here} follows {before}, and terms never decrease along a log")?;
            }
            DiskError::TermFromTheFuture { here, current } => {
                write!(f, "entry {here} is of a later term than the current one, {current}")?;
            }
            DiskError::MissingSnapshot { base, snapshot } => {
                write!(f, "the log begins after index {base} and the snapshot reaches only to {snapshot}")?;
            }
        }
        f.write_str("; the disk is damaged: replace the node under a new id")
    }
}

impl std::error::Error for DiskError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counter::Counter;
    use crate::entry::{Entry, Payload};
    use crate::membership::Membership;
    use quorate_protocol::Disk as _;

    fn append(previous: u64, terms: &[u64]) -> Record<Counter> {
        let entries: Vec<_> = terms.iter().map(|&term| Entry { term: Term(term), payload: Payload::Noop }).collect();
        Record::Append { previous: LogIndex(previous), entries: Batch::new(&entries) }
    }

    fn written(records: &[Record<Counter>]) -> Disk<Counter> {
        let mut disk = Disk::default();
        records.iter().for_each(|record| disk.apply(record));
        disk
    }

    #[test]
    fn records_add_up() {
        let disk = written(&[
            Record::Term { term: Term(1) },
            append(0, &[1, 1, 1]),
            Record::Term { term: Term(3) },
            Record::Vote { candidate: NodeId(2) },
            Record::Truncate { from: LogIndex(2) },
            append(1, &[3]),
        ]);
        assert_eq!((disk.term, disk.vote, disk.log.last()), (Term(3), Some(NodeId(2)), Position::new(2, 3)));
        assert_eq!(disk.check(), Ok(()));
    }

    #[test]
    fn a_disk_is_rebuilt_from_its_records() {
        let snapshot =
            Snapshot { last: Position::new(3, 1), membership: Membership::new([NodeId(0)], []), pieces: Vec::new() };
        let records = [
            Record::Term { term: Term(1) },
            append(0, &[1, 1, 1, 1]),
            Record::Snapshot { snapshot: Box::new(snapshot), base: Position::new(2, 1) },
            Record::Term { term: Term(3) },
            Record::Vote { candidate: NodeId(2) },
            append(4, &[3]),
        ];
        for length in 0..=records.len() {
            let disk = written(&records[..length]);
            assert_eq!(written(&disk.compacted().unwrap()), disk, "after {length} records");
        }
        assert_eq!(written(&records).compacted().unwrap().len(), 4);
        assert_eq!(written(&[append(5, &[1])]).compacted(), None);
    }

    #[test]
    fn a_missing_record_is_a_gap_and_nothing_before_it_is_lost() {
        let disk = written(&[Record::Term { term: Term(1) }, append(0, &[1]), append(2, &[1]), append(1, &[1])]);
        let gap = DiskError::Gap { end: LogIndex(1), previous: LogIndex(2) };
        assert_eq!(disk.check(), Err(gap.clone()));
        assert_eq!(disk.log.last(), Position::new(1, 1));
        assert_eq!(
            gap.to_string(),
            "the log ends at index 1 and the next entries belong after 2: a record is missing; \
             the disk is damaged: replace the node under a new id"
        );
    }

    #[test]
    fn terms_that_cannot_be_are_found() {
        let falling = written(&[Record::Term { term: Term(5) }, append(0, &[2, 1])]);
        let error = DiskError::TermDecreases { before: Position::new(1, 2), here: Position::new(2, 1) };
        assert_eq!(falling.check(), Err(error));
        let future = written(&[append(0, &[1])]);
        assert_eq!(future.check(), Err(DiskError::TermFromTheFuture { here: Position::new(1, 1), current: Term(0) }));
        let back = written(&[Record::Term { term: Term(2) }, Record::Term { term: Term(1) }]);
        assert_eq!(back.check(), Err(DiskError::CurrentTermDecreases { before: Term(2), after: Term(1) }));
    }

    #[test]
    fn a_compacted_log_needs_its_snapshot() {
        let mut log = written(&[append(0, &[1, 1])]).log;
        log.compact(Position::new(1, 1));
        let disk = Disk::new(Term(1), None, log);
        assert_eq!(disk.check(), Err(DiskError::MissingSnapshot { base: LogIndex(1), snapshot: LogIndex(0) }));
    }
}
