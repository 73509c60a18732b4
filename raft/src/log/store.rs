//! Storage of log entries: append-only blocks, shared between logs (Raft §5.3).
//!
//! An entry that a leader appends is needed by its own log, its disk, each follower, their disks,
//! and recorded traces. They all hold the *block* that contains it, and know which part of the
//! block is theirs; nothing is copied. Two logs that share a block may diverge: the first to append
//! takes the next slot, and the other moves to a block of its own. Blocks are aligned to the index,
//! so diverged logs can share again from the next block on.

use super::block::{Block, FULL, Slot};
use super::entries::{Entries, by_content};
use crate::entry::Entry;
use crate::state_machine::StateMachine;

/// Number of slots in the smallest block: a checker keeps millions of logs with one or two entries.
const SMALL: usize = 4;

/// Entries in shared blocks, with room for more.
#[derive(Clone)]
pub(crate) struct Store<S: StateMachine> {
    /// The blocks that hold the entries; all but the last are full.
    blocks: Vec<Block<S>>,
    /// Number of slots before the first entry in the first block.
    skip: usize,
    len: usize,
}

impl<S: StateMachine> Store<S> {
    /// An empty store for the entries that follow the first `count` of a log.
    pub(crate) fn after(count: u64) -> Self {
        Store { blocks: Vec::new(), skip: (count % FULL as u64) as usize, len: 0 }
    }

    /// A store of `len` entries in these blocks, after the first `skip` slots.
    pub(crate) fn of(blocks: Vec<Block<S>>, skip: usize, len: usize) -> Self {
        Store { blocks, skip, len }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// A borrowed view of all entries.
    pub(crate) fn all(&self) -> Entries<'_, S> {
        Entries::new(&self.blocks, self.skip, self.len)
    }

    /// The entry at an offset from the first.
    pub(crate) fn get(&self, at: usize) -> Option<&Entry<S>> {
        if at < self.len { Block::entry(&self.blocks, self.skip + at) } else { None }
    }

    /// Appends an entry, in the next slot if it is free.
    pub(crate) fn push(&mut self, entry: Entry<S>) {
        let slot = (self.skip + self.len) % FULL;
        if self.is_out_of_blocks() {
            self.blocks.push(Block::empty(self.slots_for(slot)));
        }
        if let Some(last) = self.blocks.last()
            && let Err(entry) = last.put(slot, entry)
        {
            self.part_ways(slot, entry);
        }
        self.len += 1;
        self.assert_covered();
    }

    /// Appends entries in order. Shares their blocks where they lie in the right slots, and copies
    /// them elsewhere.
    pub(crate) fn extend(&mut self, mut entries: Entries<'_, S>) {
        while let Some((block, slots)) = entries.first_part() {
            let is_in_place = slots.start == (self.skip + self.len) % FULL;
            let is_new = self.is_out_of_blocks();
            let count = slots.len();
            if is_in_place && (is_new || self.blocks.last().is_some_and(|last| last.is(block))) {
                self.blocks.extend(is_new.then(|| block.clone()));
                self.len += count;
            } else {
                entries.slice(0..count).iter().for_each(|entry| self.push(entry.clone()));
            }
            entries = entries.slice(count..entries.len());
        }
        self.assert_covered();
    }

    /// Keeps the first `len` entries.
    pub(crate) fn truncate(&mut self, len: usize) {
        if len < self.len {
            self.len = len;
            self.blocks.truncate(self.all().blocks().len());
        }
    }

    /// Drops the first `count` entries, which must exist.
    pub(crate) fn discard(&mut self, count: usize) {
        debug_assert!(count <= self.len, "{count} entries are not here");
        let start = self.skip + count;
        self.len -= count;
        self.blocks.drain(..(start / FULL).min(self.blocks.len()));
        self.skip = start % FULL;
        self.blocks.truncate(self.all().blocks().len());
    }

    /// Asserts that there are exactly the blocks that the entries need, so a non-empty store has a
    /// last block.
    fn assert_covered(&self) {
        debug_assert_eq!(
            self.blocks.len(),
            self.all().blocks().len(),
            "{} entries after {} slots",
            self.len,
            self.skip
        );
    }

    fn is_out_of_blocks(&self) -> bool {
        self.blocks.is_empty() || (self.skip + self.len).is_multiple_of(FULL)
    }

    /// Size of a block that must contain this slot. The first block of a log grows with it, later
    /// ones are full at once.
    fn slots_for(&self, slot: usize) -> usize {
        if self.len < FULL { (slot + 1).next_power_of_two().clamp(SMALL, FULL) } else { FULL }
    }

    /// Replaces the last block by a larger copy if it is full, or by a copy of its own if another
    /// log has taken the slot.
    fn part_ways(&mut self, slot: usize, entry: Entry<S>) {
        let slots = self.slots_for(slot);
        let first = if self.blocks.len() == 1 { self.skip } else { 0 };
        if let Some(last) = self.blocks.last_mut() {
            let kept = last.slots()[first..slot].iter().filter_map(Slot::get).cloned();
            *last = Block::with(first, kept.chain([entry]), slots);
        }
    }
}

by_content!(Store);

impl<S: StateMachine> FromIterator<Entry<S>> for Store<S> {
    fn from_iter<I: IntoIterator<Item = Entry<S>>>(entries: I) -> Self {
        let mut store = Store::after(0);
        entries.into_iter().for_each(|entry| store.push(entry));
        store
    }
}

#[cfg(test)]
mod tests {
    use std::hash::{DefaultHasher, Hash, Hasher};
    use std::ptr;

    use proptest::prelude::*;

    use super::*;
    use crate::counter::Counter;
    use crate::entry::Payload;
    use crate::position::Term;

    fn entry(term: u64) -> Entry<Counter> {
        Entry { term: Term(term), payload: Payload::Noop }
    }

    fn store(terms: impl IntoIterator<Item = u64>) -> Store<Counter> {
        terms.into_iter().map(entry).collect()
    }

    fn hash(of: impl Hash) -> u64 {
        let mut hasher = DefaultHasher::new();
        of.hash(&mut hasher);
        hasher.finish()
    }

    /// Which entries are shared between the two, not merely equal.
    fn shared(a: &Store<Counter>, b: &Store<Counter>) -> Vec<bool> {
        a.all().iter().zip(b.all()).map(|(a, b)| ptr::eq(a, b)).collect()
    }

    #[test]
    fn what_is_appended_from_another_store_is_not_copied() {
        let leader = store(0..1_000);
        let mut follower = Store::after(0);
        for (start, end) in [(0, 1), (1, 300), (300, 1_000)] {
            follower.extend(leader.all().slice(start..end));
        }
        assert_eq!(follower, leader);
        assert!(shared(&follower, &leader).iter().all(|same| *same));
    }

    #[test]
    fn stores_that_part_share_again_from_the_next_block_on() {
        let mut leader = store(0..300);
        let mut other = leader.clone();
        leader.push(entry(7));
        other.push(entry(8));
        assert_eq!((leader.all().get(300), other.all().get(300)), (Some(&entry(7)), Some(&entry(8))));
        assert_eq!(
            shared(&leader, &other).iter().filter(|same| **same).count(),
            FULL,
            "the first block, which is full"
        );

        (301..1_000).for_each(|term| leader.push(entry(term)));
        other.truncate(300);
        other.extend(leader.all().slice(300..1_000));
        assert_eq!(other, leader);
        assert_eq!(shared(&leader, &other).iter().filter(|same| **same).count(), 1_000 - FULL);
    }

    #[test]
    fn two_who_append_the_same_share_it() {
        let mut one = store(0..10);
        let mut two = one.clone();
        one.push(entry(10));
        two.push(entry(10));
        assert!(shared(&one, &two).iter().all(|same| *same));
    }

    #[test]
    fn a_store_may_begin_anywhere() {
        let mut late = Store::after(u64::MAX);
        late.extend(store(0..600).all());
        assert_eq!(late, store(0..600));
        late.discard(600);
        assert_eq!((late.len(), late.blocks.len()), (0, 0));
    }

    /// An operation on one of three stores, possibly with another.
    #[derive(Clone, Debug)]
    enum Operation {
        Push { to: usize, term: u64, times: usize },
        Extend { to: usize, from: usize, start: usize, end: usize },
        Truncate { at: usize, len: usize },
        Discard { at: usize, count: usize },
        Clone { to: usize, from: usize },
    }

    fn operation() -> impl Strategy<Value = Operation> {
        let (which, place) = (0..3_usize, 0..700_usize);
        prop_oneof![
            (which.clone(), 0..2_u64, 1..200_usize).prop_map(|(to, term, times)| Operation::Push { to, term, times }),
            (which.clone(), which.clone(), place.clone(), place.clone())
                .prop_map(|(to, from, start, end)| Operation::Extend { to, from, start, end }),
            (which.clone(), place.clone()).prop_map(|(at, len)| Operation::Truncate { at, len }),
            (which.clone(), place).prop_map(|(at, count)| Operation::Discard { at, count }),
            (which.clone(), which).prop_map(|(to, from)| Operation::Clone { to, from }),
        ]
    }

    fn perform(operation: &Operation, stores: &mut [Store<Counter>; 3], lists: &mut [Vec<Entry<Counter>>; 3]) {
        match *operation {
            Operation::Push { to, term, times } => (0..times).for_each(|_| {
                stores[to].push(entry(term));
                lists[to].push(entry(term));
            }),
            Operation::Extend { to, from, start, end } => {
                let batch = stores[from].all().slice(start..end).share();
                stores[to].extend(batch.all());
                let end = end.min(lists[from].len());
                let copied = lists[from][start.min(end)..end].to_vec();
                lists[to].extend(copied);
            }
            Operation::Truncate { at, len } => {
                stores[at].truncate(len);
                lists[at].truncate(len);
            }
            Operation::Discard { at, count } => {
                let count = count.min(lists[at].len());
                stores[at].discard(count);
                lists[at].drain(..count);
            }
            Operation::Clone { to, from } => {
                stores[to] = stores[from].clone();
                lists[to] = lists[from].clone();
            }
        }
    }

    proptest! {
        #[test]
        fn stores_that_share_behave_as_lists_that_do_not(operations in prop::collection::vec(operation(), 1..40)) {
            let mut stores = [0, 0, 1_000].map(Store::after);
            let mut lists = [const { Vec::new() }; 3];
            for operation in &operations {
                perform(operation, &mut stores, &mut lists);
                for (store, list) in stores.iter().zip(&lists) {
                    prop_assert!(store.all().iter().eq(list), "after {:?}", operation);
                    prop_assert_eq!(store.all().iter().len(), list.len());
                    prop_assert_eq!(hash(store), hash(list));
                }
            }
            for (a, b) in [(0, 1), (1, 2), (2, 0)] {
                prop_assert_eq!(stores[a] == stores[b], lists[a] == lists[b]);
                prop_assert_eq!(stores[a].cmp(&stores[b]), lists[a].cmp(&lists[b]));
            }
        }
    }
}
