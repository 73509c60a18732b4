//! Visited set: a hash table of state fingerprints.
//!
//! The table uses open addressing and keeps the fingerprints *in order* (Amble and Knuth, *Ordered
//! hash tables*, 1974): the home slot of a fingerprint is proportional to it, and a look-up stops
//! at the first larger one. So a table may be five sixths full while a miss still costs as little
//! as a hit. It grows by half, one shard at a time, so that little more than eight bytes a state
//! are ever in use.

/// The number of shards is a power of two.
const SHARD_BITS: u32 = 6;
/// Marks a free slot: no fingerprint is zero.
const FREE: u64 = 0;
/// Extra slots behind the last home slot, for displaced fingerprints.
const OVERHANG: usize = 8;
/// Number of slots that are compared together.
const WINDOW: usize = 8;

/// A set of fingerprints, in shards that different threads may fill.
#[derive(Clone, Debug)]
pub(super) struct Table {
    shards: Vec<Shard>,
}

impl Table {
    /// Number of shards.
    pub(super) const SHARDS: usize = 1 << SHARD_BITS;

    pub(super) fn new() -> Self {
        Table { shards: (0..Self::SHARDS).map(|_| Shard::new()).collect() }
    }

    /// Returns the shard that a fingerprint belongs to.
    #[inline]
    pub(super) const fn shard_of(fingerprint: u64) -> usize {
        (fingerprint >> (64 - SHARD_BITS)) as usize
    }

    /// Whether the fingerprint is in the set.
    #[inline]
    pub(super) fn contains(&self, fingerprint: u64) -> bool {
        self.shards[Self::shard_of(fingerprint)].contains(proper(fingerprint))
    }

    /// Inserts a fingerprint. Returns whether it is new.
    #[inline]
    pub(super) fn insert(&mut self, fingerprint: u64) -> bool {
        self.shards[Self::shard_of(fingerprint)].insert(fingerprint)
    }

    /// Prefetches the home slots of these fingerprints: reads them all before anything depends on
    /// their content, so that cache misses overlap.
    #[inline]
    pub(super) fn prefetch(&self, fingerprints: impl Iterator<Item = u64>) {
        let first = |fingerprint| self.shards[Self::shard_of(fingerprint)].first(proper(fingerprint));
        std::hint::black_box(fingerprints.fold(0, |all, fingerprint| all ^ first(fingerprint)));
    }

    /// Returns the shards, each responsible for its own fingerprints alone.
    pub(super) fn shards_mut(&mut self) -> &mut [Shard] {
        &mut self.shards
    }

    pub(super) fn bytes(&self) -> usize {
        self.shards.iter().map(|shard| shard.slots.len() * size_of::<u64>()).sum()
    }
}

/// A shard of the table.
#[derive(Clone, Debug)]
pub(super) struct Shard {
    /// In ascending order, with gaps.
    slots: Vec<u64>,
    homes: usize,
    used: usize,
}

impl Shard {
    fn new() -> Self {
        Shard { slots: vec![FREE; 8 + OVERHANG], homes: 8, used: 0 }
    }

    /// Inserts a fingerprint. Returns whether it is new.
    #[inline]
    pub(super) fn insert(&mut self, fingerprint: u64) -> bool {
        let fingerprint = proper(fingerprint);
        let Some(place) = self.place(fingerprint) else { return false };
        if 6 * self.used >= 5 * self.homes {
            self.grow();
            return self.insert(fingerprint);
        }
        self.put(place, fingerprint);
        self.used += 1;
        true
    }

    /// Returns the content of the home slot of a fingerprint.
    #[inline]
    pub(super) fn first(&self, fingerprint: u64) -> u64 {
        self.slots[self.home(fingerprint)]
    }

    /// Whether the fingerprint is present. Eight slots are compared at once, without branches
    /// between them: its position among them is unpredictable, and a mispredicted branch would cost
    /// more than comparing all.
    #[inline]
    fn contains(&self, fingerprint: u64) -> bool {
        let mut slots = &self.slots[self.home(fingerprint)..];
        while let Some((window, rest)) = slots.split_first_chunk::<WINDOW>() {
            if window.iter().fold(false, |found, &slot| found | (slot == fingerprint)) {
                return true;
            }
            // Everything behind a gap is larger, so the last slot of the window decides whether to
            // continue.
            let last = window[WINDOW - 1];
            if last == FREE || last > fingerprint {
                return false;
            }
            slots = rest;
        }
        slots.contains(&fingerprint)
    }

    /// Returns the position where the fingerprint is to be inserted; `None` if it is present.
    #[inline]
    fn place(&self, fingerprint: u64) -> Option<usize> {
        let home = self.home(fingerprint);
        for (distance, &slot) in self.slots[home..].iter().enumerate() {
            if slot == fingerprint {
                return None;
            }
            if slot == FREE || slot > fingerprint {
                return Some(home + distance);
            }
        }
        Some(self.slots.len())
    }

    /// Inserts at `place`, and shifts the following fingerprints up to the next free slot, or to a
    /// new one at the end.
    #[inline]
    fn put(&mut self, place: usize, fingerprint: u64) {
        let free = match self.slots[place..].iter().position(|&slot| slot == FREE) {
            Some(distance) => place + distance,
            None => {
                self.slots.push(FREE);
                self.slots.len() - 1
            }
        };
        self.slots.copy_within(place..free, place + 1);
        self.slots[place] = fingerprint;
    }

    /// Returns the home slot. All fingerprints of a shard share their leading bits; the remaining
    /// bits determine the home slot.
    #[inline]
    const fn home(&self, fingerprint: u64) -> usize {
        (((fingerprint << SHARD_BITS) as u128 * self.homes as u128) >> 64) as usize
    }

    fn grow(&mut self) {
        self.homes += self.homes / 2;
        let room = vec![FREE; self.homes + OVERHANG];
        let mut next = 0;
        let old = std::mem::replace(&mut self.slots, room);
        for fingerprint in old.into_iter().filter(|&slot| slot != FREE) {
            let place = self.home(fingerprint).max(next);
            if place >= self.slots.len() {
                self.slots.push(FREE);
            }
            self.slots[place] = fingerprint;
            next = place + 1;
        }
    }
}

/// Maps zero to one. This makes two states collide with a probability of 2⁻⁶³, which the odds of
/// omission cover.
#[inline]
const fn proper(fingerprint: u64) -> u64 {
    if fingerprint == FREE { 1 } else { fingerprint }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::env::Rng;

    #[test]
    fn it_is_a_set_whatever_the_fingerprints_look_like() {
        let mut rng = Rng::new(1, 0);
        for spread in [1, 1 << 20, 1 << 40, u64::MAX] {
            let (mut table, mut model) = (Table::new(), BTreeSet::new());
            for _ in 0..20_000 {
                // Zero and one are the same fingerprint to the table.
                let fingerprint = rng.below(spread).max(1);
                assert_eq!(table.contains(fingerprint), model.contains(&fingerprint));
                assert_eq!(table.insert(fingerprint), model.insert(fingerprint));
            }
            let kept: Vec<u64> = table.shards.iter().flat_map(|shard| &shard.slots).copied().collect();
            assert!(kept.into_iter().filter(|&slot| slot != FREE).eq(model), "in order, and nothing lost");
        }
    }

    #[test]
    fn neighbours_at_the_very_end_find_room() {
        let mut table = Table::new();
        for back in 0..1_000 {
            assert!(table.insert(u64::MAX - back));
        }
        assert!((0..1_000).all(|back| table.contains(u64::MAX - back)));
    }

    #[test]
    fn a_state_costs_little_more_than_its_fingerprint() {
        let (mut table, mut rng) = (Table::new(), Rng::new(2, 0));
        for count in 1..=200_000_usize {
            table.insert(rng.bits());
            assert!(count < 50_000 || table.bytes() <= 15 * count, "{} bytes for {count}", table.bytes());
        }
    }
}
