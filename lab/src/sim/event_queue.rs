//! Event queue of the simulator: future events in the order of their time.

use quorate_protocol::Time;

/// A priority queue of events, ordered by time; events at the same time are in the order in which
/// they were scheduled.
///
/// Only 16-byte keys move in the heap; the items, such as messages of any size, stay in place in a
/// slab. With four children per node, the keys of siblings share a cache line. Slots of past events
/// are reused, so the queue is as large as the largest number of events that were ever pending at
/// once.
#[derive(Clone, Debug)]
pub(super) struct EventQueue<T> {
    /// A four-ary min-heap of keys. From the high bits down: time, order of scheduling, slot.
    heap: Vec<u128>,
    items: Vec<Option<T>>,
    free: Vec<u32>,
    planned: u64,
}

/// Bits of a key that hold the slot; 40 remain for the order of scheduling.
const SLOT_BITS: u32 = 24;
const CHILDREN: usize = 4;

impl<T> EventQueue<T> {
    pub(super) const fn new() -> Self {
        EventQueue { heap: Vec::new(), items: Vec::new(), free: Vec::new(), planned: 0 }
    }

    /// Returns the number of pending events.
    pub(super) fn len(&self) -> usize {
        self.heap.len()
    }

    /// Returns the time of the next event.
    pub(super) fn next_at(&self) -> Option<Time> {
        self.heap.first().map(|key| instant(*key))
    }

    /// Schedules an item, after those already scheduled for the same time.
    ///
    /// # Panics
    /// With over 16.7 million pending events, or after 10¹² events: such a run can be neither
    /// watched nor replayed.
    #[inline]
    pub(super) fn schedule(&mut self, at: Time, item: T) {
        let slot = match self.free.pop() {
            Some(slot) => {
                self.items[slot as usize] = Some(item);
                slot
            }
            None => {
                let slot = self.items.len() as u32;
                assert!(
                    slot < 1 << SLOT_BITS,
                    "more than {} events are due at the same time; a node may be sending without bound",
                    slot
                );
                self.items.push(Some(item));
                slot
            }
        };
        self.planned += 1;
        assert!(self.planned < 1 << (64 - SLOT_BITS), "more than 10^12 events were scheduled in one run");
        let order = (self.planned << SLOT_BITS) | u64::from(slot);
        self.push((u128::from(at.as_nanos()) << 64) | u128::from(order));
    }

    /// Removes the next event.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<(Time, T)> {
        let key = self.pop_key()?;
        let slot = slot(key);
        let item = self.items[slot].take()?;
        self.free.push(slot as u32);
        Some((instant(key), item))
    }

    /// Iterates over the pending events with their times, in no order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Time, &T)> {
        self.heap.iter().filter_map(|key| Some((instant(*key), self.items[slot(*key)].as_ref()?)))
    }

    /// Iterates over the pending events, to be changed in place, in no order.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.items.iter_mut().flatten()
    }

    /// Removes a pending event that `which` selects. The order of the others stays. Costs as much
    /// as there are pending events.
    pub(super) fn remove(&mut self, which: impl Fn(&T) -> bool) -> Option<(Time, T)> {
        let key = self.heap.iter().copied().find(|key| self.items[slot(*key)].as_ref().is_some_and(&which))?;
        let item = self.items[slot(key)].take()?;
        self.free.push(slot(key) as u32);
        for other in std::mem::take(&mut self.heap).into_iter().filter(|other| *other != key) {
            self.push(other);
        }
        Some((instant(key), item))
    }

    #[inline]
    fn push(&mut self, key: u128) {
        let mut hole = self.heap.len();
        self.heap.push(key);
        while hole > 0 {
            let parent = (hole - 1) / CHILDREN;
            if self.heap[parent] <= key {
                break;
            }
            self.heap[hole] = self.heap[parent];
            hole = parent;
        }
        self.heap[hole] = key;
    }

    #[inline]
    fn pop_key(&mut self) -> Option<u128> {
        let last = self.heap.pop()?;
        let Some(&first) = self.heap.first() else { return Some(last) };
        // Move the hole down to a leaf along the smallest children, then sift the last key up from
        // there: it was a leaf and nearly always belongs near the leaves, so comparing it on the
        // way down would be wasted.
        let heap = &mut self.heap[..];
        let mut hole = 0;
        loop {
            let child = hole * CHILDREN + 1;
            if let Some(&[a, b, c, d]) = heap.get(child..child + CHILDREN) {
                let (left, left_key) = if b < a { (child + 1, b) } else { (child, a) };
                let (right, right_key) = if d < c { (child + 3, d) } else { (child + 2, c) };
                let (least, key) = if right_key < left_key { (right, right_key) } else { (left, left_key) };
                heap[hole] = key;
                hole = least;
            } else {
                let rest = heap.get(child..).unwrap_or(&[]);
                let Some((offset, &key)) = rest.iter().enumerate().min_by_key(|(_, key)| **key) else { break };
                heap[hole] = key;
                hole = child + offset;
            }
        }
        while hole > 0 {
            let parent = (hole - 1) / CHILDREN;
            if heap[parent] <= last {
                break;
            }
            heap[hole] = heap[parent];
            hole = parent;
        }
        heap[hole] = last;
        Some(first)
    }
}

fn instant(key: u128) -> Time {
    Time::from_nanos((key >> 64) as u64)
}

/// The place of an event's item in the slab.
fn slot(key: u128) -> usize {
    ((key as u32) & ((1 << SLOT_BITS) - 1)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::Rng;

    #[test]
    fn an_event_is_removed_and_the_others_keep_their_order() {
        let mut rng = Rng::new(3, 1);
        let mut queue = EventQueue::new();
        let mut expected = Vec::new();
        for number in 0..300_u64 {
            let at = Time::from_nanos(rng.below(20));
            queue.schedule(at, number);
            expected.push((at, number));
        }
        for number in [0, 299, 150] {
            let removed = queue.remove(|each| *each == number).unwrap();
            assert_eq!(removed, expected[number as usize]);
        }
        assert_eq!(queue.remove(|each| *each == 150), None);
        assert_eq!(queue.iter().count(), 297);
        queue.schedule(Time::from_nanos(20), 300);
        expected.retain(|(_, number)| ![0, 299, 150].contains(number));
        expected.push((Time::from_nanos(20), 300));
        expected.sort();
        let popped: Vec<_> = std::iter::from_fn(|| queue.pop()).collect();
        assert_eq!(popped, expected);
    }

    #[test]
    fn the_earliest_comes_first_and_equals_keep_their_order() {
        let mut rng = Rng::new(1, 1);
        let mut queue = EventQueue::new();
        let mut expected = Vec::new();
        for number in 0..5_000_u64 {
            let at = Time::from_nanos(rng.below(300));
            queue.schedule(at, number);
            expected.push((at, number));
        }
        expected.sort();
        assert_eq!(queue.next_at(), Some(expected[0].0));
        let popped: Vec<_> = std::iter::from_fn(|| queue.pop()).collect();
        assert_eq!(popped, expected);
    }

    #[test]
    fn room_is_given_back() {
        let mut rng = Rng::new(2, 1);
        let mut queue = EventQueue::new();
        let mut now = Time::ZERO;
        for round in 0..100_000_u64 {
            queue.schedule(Time::from_nanos(now.as_nanos() + rng.below(1_000)), round);
            if queue.len() > 10 {
                let (at, _) = queue.pop().unwrap();
                assert!(at >= now, "time went backwards");
                now = at;
            }
        }
        assert_eq!(queue.items.len(), 11);
    }
}
