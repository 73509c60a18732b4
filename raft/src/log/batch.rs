//! Batches of log entries, shared without copying.

use std::slice;
use std::sync::Arc;

use super::block::Block;
use super::entries::{Entries, Iter, by_content};
use super::store::Store;
use crate::entry::Entry;
use crate::state_machine::StateMachine;

/// A run of entries, shared rather than copied between logs, disks, messages and recorded traces.
#[derive(Clone)]
pub struct Batch<S: StateMachine>(Extent<S>);

/// The blocks that hold a batch. Most batches lie within one block, and a message should be small.
#[derive(Clone)]
enum Extent<S: StateMachine> {
    Within { block: Block<S>, skip: u32, len: u32 },
    Across(Arc<Store<S>>),
}

impl<S: StateMachine> Batch<S> {
    /// Copies these entries into a batch.
    pub fn new<'a>(entries: impl IntoIterator<Item = &'a Entry<S>>) -> Self {
        entries.into_iter().cloned().collect()
    }

    /// A batch of one entry.
    pub fn of(entry: Entry<S>) -> Self {
        Batch::from_iter([entry])
    }

    /// A borrowed view of the entries.
    pub fn all(&self) -> Entries<'_, S> {
        match &self.0 {
            Extent::Within { block, skip, len } => Entries::new(slice::from_ref(block), *skip as usize, *len as usize),
            Extent::Across(store) => store.all(),
        }
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.all().len()
    }

    /// Whether the batch is empty: a heartbeat.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The entries in order.
    pub fn iter(&self) -> Iter<'_, S> {
        self.all().iter()
    }
}

impl<S: StateMachine> Entries<'_, S> {
    /// A batch that shares these entries.
    pub fn share(self) -> Batch<S> {
        match self.blocks {
            [] => Batch::default(),
            [block] => Batch(Extent::Within { block: block.clone(), skip: self.skip as u32, len: self.len as u32 }),
            blocks => Batch(Extent::Across(Arc::new(Store::of(blocks.to_vec(), self.skip, self.len)))),
        }
    }
}

impl<S: StateMachine> FromIterator<Entry<S>> for Batch<S> {
    fn from_iter<I: IntoIterator<Item = Entry<S>>>(entries: I) -> Self {
        Store::from_iter(entries).all().share()
    }
}

impl<S: StateMachine> Default for Batch<S> {
    fn default() -> Self {
        Batch(Extent::Within { block: Block::default(), skip: 0, len: 0 })
    }
}

impl<'a, S: StateMachine> IntoIterator for &'a Batch<S> {
    type Item = &'a Entry<S>;
    type IntoIter = Iter<'a, S>;

    fn into_iter(self) -> Iter<'a, S> {
        self.iter()
    }
}

by_content!(Batch);

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::*;
    use crate::counter::Counter;
    use crate::entry::Payload;
    use crate::position::Term;

    fn batch(terms: impl IntoIterator<Item = u64>) -> Batch<Counter> {
        terms.into_iter().map(|term| Entry { term: Term(term), payload: Payload::Noop }).collect()
    }

    #[test]
    fn a_batch_is_written_as_a_plain_list() {
        let batch = batch([1, 2]);
        let json = serde_json::to_string(&batch).unwrap();
        assert_eq!(json, r#"[{"term":1,"command":"no-op"},{"term":2,"command":"no-op"}]"#);
        assert_eq!(serde_json::from_str::<Batch<Counter>>(&json).unwrap(), batch);
    }

    #[test]
    fn a_slice_has_what_there_is_of_it() {
        let batch = batch(0..1_000);
        for (range, terms) in
            [(0..0, 0..0), (0..5, 0..5), (250..260, 250..260), (512..513, 512..513), (990..usize::MAX, 990..1_000)]
        {
            let slice = batch.all().slice(range);
            assert!(slice.iter().map(|entry| entry.term.0).eq(terms.clone()));
            assert_eq!(slice.share().all(), slice);
            assert_eq!(slice.get(0).map(|entry| entry.term.0), terms.clone().next());
            assert_eq!(slice.get(slice.len()), None);
        }
        let backwards = Range { start: 2_000, end: 1 };
        assert!(batch.all().slice(1_000..1_001).is_empty() && batch.all().slice(backwards).is_empty());
        assert_eq!(batch.all().get(usize::MAX), None);
    }

    #[test]
    fn the_first_of_the_later_ones_is_found() {
        let batch = batch(0..1_000);
        for bound in [0, 1, 255, 256, 257, 999, 1_000] {
            assert_eq!(batch.all().partition_point(|entry| entry.term.0 < bound), bound as usize);
        }
    }

    #[test]
    fn a_message_carries_three_words_however_many_entries_it_has() {
        assert_eq!(size_of::<Batch<Counter>>(), 3 * size_of::<usize>());
        assert!(Batch::<Counter>::default().is_empty());
    }
}
