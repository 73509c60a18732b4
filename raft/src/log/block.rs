//! Append-only blocks of entries: each slot is written once, in order, and never changes.

use std::iter::repeat_with;
use std::sync::{Arc, OnceLock};

use crate::entry::Entry;
use crate::state_machine::StateMachine;

/// Number of slots in a full block: small enough that a new block is cheap, large enough that a
/// long log has few blocks.
pub(crate) const FULL: usize = 256;

/// A slot for an entry, written once.
pub(crate) type Slot<S> = OnceLock<Entry<S>>;

/// A shared block of up to [`FULL`] slots.
#[derive(Debug)]
pub(crate) struct Block<S: StateMachine>(Arc<[Slot<S>]>);

impl<S: StateMachine> Clone for Block<S> {
    fn clone(&self) -> Self {
        Block(Arc::clone(&self.0))
    }
}

impl<S: StateMachine> Default for Block<S> {
    fn default() -> Self {
        Block(Arc::default())
    }
}

impl<S: StateMachine> Block<S> {
    pub(crate) fn empty(slots: usize) -> Self {
        Block((0..slots).map(|_| Slot::new()).collect())
    }

    /// A block of `slots` slots, with these entries in the slots from `first` on.
    pub(crate) fn with(first: usize, entries: impl Iterator<Item = Entry<S>>, slots: usize) -> Self {
        let empty = || repeat_with(Slot::new);
        Block(empty().take(first).chain(entries.map(Slot::from)).chain(empty()).take(slots).collect())
    }

    /// The entry at a slot number, counted across these blocks. It must exist: the owner of the
    /// blocks knows which slots are written.
    pub(crate) fn entry(blocks: &[Self], slot: usize) -> Option<&Entry<S>> {
        let entry = blocks.get(slot / FULL).and_then(|block| block.0.get(slot % FULL)?.get());
        debug_assert!(entry.is_some(), "slot {slot} is not written");
        entry
    }

    pub(crate) fn slots(&self) -> &[Slot<S>] {
        &self.0
    }

    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Writes a slot. Returns the entry if the slot does not exist or holds another entry.
    pub(crate) fn put(&self, slot: usize, entry: Entry<S>) -> Result<(), Entry<S>> {
        let Some(place) = self.0.get(slot) else { return Err(entry) };
        place.set(entry).or_else(|entry| if place.get() == Some(&entry) { Ok(()) } else { Err(entry) })
    }
}
