//! Blocks of entries, written once, from the front to the back, and never changed.

use std::iter::repeat_with;
use std::sync::{Arc, OnceLock};

use crate::entry::Entry;
use crate::state_machine::StateMachine;

/// The slots of a full block: so few that a new one is quickly made, so many that a large log has few.
pub(crate) const FULL: usize = 256;

/// A place for an entry, written once.
pub(crate) type Slot<S> = OnceLock<Entry<S>>;

/// Up to [`FULL`] slots, shared.
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

    /// A block of so many slots, with these entries in those from `first` on.
    pub(crate) fn with(first: usize, entries: impl Iterator<Item = Entry<S>>, slots: usize) -> Self {
        let empty = || repeat_with(Slot::new);
        Block(empty().take(first).chain(entries.map(Slot::from)).chain(empty()).take(slots).collect())
    }

    /// The entry that so many slots of these blocks precede. There must be one: the holder of
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

    /// Writes a slot. Gives the entry back if there is no such slot, or another entry in it.
    pub(crate) fn put(&self, slot: usize, entry: Entry<S>) -> Result<(), Entry<S>> {
        let Some(place) = self.0.get(slot) else { return Err(entry) };
        place.set(entry).or_else(|entry| if place.get() == Some(&entry) { Ok(()) } else { Err(entry) })
    }
}
