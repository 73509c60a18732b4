//! Borrowed runs of log entries, without copying.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::slice;
use std::sync::OnceLock;

use serde::{Serialize, Serializer};

use super::block::{Block, FULL, Slot};
use crate::entry::Entry;
use crate::state_machine::StateMachine;

/// A borrowed run of entries of a log or a batch, in order.
pub struct Entries<'a, S: StateMachine> {
    /// The blocks that hold the entries; all but the last are full.
    pub(super) blocks: &'a [Block<S>],
    /// Number of slots before the first entry in the first block.
    pub(super) skip: usize,
    pub(super) len: usize,
}

impl<'a, S: StateMachine> Entries<'a, S> {
    pub(crate) fn new(blocks: &'a [Block<S>], skip: usize, len: usize) -> Self {
        let blocks = if len == 0 { &[] } else { &blocks[..(skip + len).div_ceil(FULL)] };
        Entries { blocks, skip, len }
    }

    /// Number of entries.
    pub const fn len(self) -> usize {
        self.len
    }

    /// Whether the run is empty.
    pub const fn is_empty(self) -> bool {
        self.len == 0
    }

    /// The entries in order.
    pub fn iter(self) -> Iter<'a, S> {
        let (first, blocks) = match self.blocks {
            [first, blocks @ ..] => (&first.slots()[self.skip..], blocks),
            [] => (&[][..], self.blocks),
        };
        Iter { slots: first.iter(), blocks: blocks.iter(), left: self.len }
    }

    /// The entry at an offset from the first.
    pub fn get(self, at: usize) -> Option<&'a Entry<S>> {
        if at < self.len { Block::entry(self.blocks, self.skip + at) } else { None }
    }

    /// The entries at the offsets in `range`, as far as the run has them.
    #[must_use]
    pub fn slice(self, range: Range<usize>) -> Self {
        let end = range.end.min(self.len);
        let start = range.start.min(end);
        let slot = self.skip + start;
        let blocks = self.blocks.get(slot / FULL..).unwrap_or_default();
        Entries::new(blocks, slot % FULL, end - start)
    }

    /// Number of entries before the first one for which `is_before` is false; the entries must be
    /// partitioned accordingly.
    pub fn partition_point(self, mut is_before: impl FnMut(&Entry<S>) -> bool) -> usize {
        let (mut low, mut high) = (0, self.len);
        while low < high {
            let middle = low.midpoint(high);
            if self.get(middle).is_some_and(&mut is_before) { low = middle + 1 } else { high = middle }
        }
        low
    }

    pub(crate) fn blocks(self) -> &'a [Block<S>] {
        self.blocks
    }

    /// The first block, and the slots in it that hold entries of this run.
    pub(crate) fn first_part(self) -> Option<(&'a Block<S>, Range<usize>)> {
        let block = self.blocks.first()?;
        Some((block, self.skip..(self.skip + self.len).min(FULL)))
    }

    /// Whether both runs are the same slots, so that no comparison is needed.
    fn is(self, other: Self) -> bool {
        (self.skip, self.len) == (other.skip, other.len) && self.blocks.iter().zip(other.blocks).all(|(a, b)| a.is(b))
    }
}

impl<S: StateMachine> Clone for Entries<'_, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S: StateMachine> Copy for Entries<'_, S> {}

impl<S: StateMachine> PartialEq for Entries<'_, S> {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && (self.is(*other) || self.iter().eq(other.iter()))
    }
}

impl<S: StateMachine> Eq for Entries<'_, S> {}

impl<S: StateMachine> PartialOrd for Entries<'_, S> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<S: StateMachine> Ord for Entries<'_, S> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.iter().cmp(other.iter())
    }
}

impl<S: StateMachine> Hash for Entries<'_, S> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_usize(self.len);
        self.iter().for_each(|entry| entry.hash(state));
    }
}

impl<S: StateMachine> fmt::Debug for Entries<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<S: StateMachine> Serialize for Entries<'_, S> {
    fn serialize<T: Serializer>(&self, serializer: T) -> Result<T::Ok, T::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'a, S: StateMachine> IntoIterator for Entries<'a, S> {
    type Item = &'a Entry<S>;
    type IntoIter = Iter<'a, S>;

    fn into_iter(self) -> Iter<'a, S> {
        self.iter()
    }
}

/// Iterator over the entries of a run.
#[derive(Debug)]
pub struct Iter<'a, S: StateMachine> {
    slots: slice::Iter<'a, Slot<S>>,
    blocks: slice::Iter<'a, Block<S>>,
    left: usize,
}

impl<'a, S: StateMachine> Iterator for Iter<'a, S> {
    type Item = &'a Entry<S>;

    fn next(&mut self) -> Option<&'a Entry<S>> {
        self.left = self.left.checked_sub(1)?;
        if self.slots.as_slice().is_empty() {
            self.slots = self.blocks.next()?.slots().iter();
        }
        let entry = self.slots.next().and_then(OnceLock::get);
        debug_assert!(entry.is_some(), "a run has all the entries that it counts");
        entry
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<S: StateMachine> ExactSizeIterator for Iter<'_, S> {}

/// Implements comparison, hashing and serialization by content, independent of where the entries
/// are stored.
macro_rules! by_content {
    ($holder:ident) => {
        impl<S: StateMachine> PartialEq for $holder<S> {
            fn eq(&self, other: &Self) -> bool {
                self.all() == other.all()
            }
        }

        impl<S: StateMachine> Eq for $holder<S> {}

        impl<S: StateMachine> PartialOrd for $holder<S> {
            fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }

        impl<S: StateMachine> Ord for $holder<S> {
            fn cmp(&self, other: &Self) -> std::cmp::Ordering {
                self.all().cmp(&other.all())
            }
        }

        impl<S: StateMachine> std::hash::Hash for $holder<S> {
            fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
                self.all().hash(state);
            }
        }

        impl<S: StateMachine> std::fmt::Debug for $holder<S> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.all().fmt(f)
            }
        }

        impl<S: StateMachine> serde::Serialize for $holder<S> {
            fn serialize<T: serde::Serializer>(&self, serializer: T) -> Result<T::Ok, T::Error> {
                self.all().serialize(serializer)
            }
        }

        impl<'de, S: StateMachine> serde::Deserialize<'de> for $holder<S> {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Vec::deserialize(deserializer).map(|entries: Vec<Entry<S>>| entries.into_iter().collect())
            }
        }
    };
}
pub(crate) use by_content;
