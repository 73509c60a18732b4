//! The states that were seen, by their fingerprints.
//!
//! An open-addressing table in which the fingerprints stand *in order* (Amble and Knuth, *Ordered hash tables*, 1974): a
//! fingerprint's home is proportional to it, and whoever searches stops at the first that is larger. So a table may be
//! five sixths full and a miss still costs as little as a hit. It grows by half, one shard at a time, so that little
//! more than eight bytes a state are ever in use.

/// The number of shards is a power of two.
const SHARD_BITS: u32 = 6;
/// Nobody has a fingerprint of zero: it marks a free slot.
const FREE: u64 = 0;
/// Room behind the last home, for what is pushed beyond it.
const OVERHANG: usize = 8;
/// How many slots are looked at together.
const WINDOW: usize = 8;

/// A set of fingerprints, in shards that different threads may fill.
#[derive(Clone, Debug)]
pub(super) struct Table {
    shards: Vec<Shard>,
}

impl Table {
    /// How many shards there are.
    pub(super) const SHARDS: usize = 1 << SHARD_BITS;

    pub(super) fn new() -> Self {
        Table { shards: (0..Self::SHARDS).map(|_| Shard::new()).collect() }
    }

    /// The shard that a fingerprint belongs to.
    #[inline]
    pub(super) const fn shard_of(fingerprint: u64) -> usize {
        (fingerprint >> (64 - SHARD_BITS)) as usize
    }

    /// Whether the fingerprint is in the set.
    #[inline]
    pub(super) fn contains(&self, fingerprint: u64) -> bool {
        self.shards[Self::shard_of(fingerprint)].contains(proper(fingerprint))
    }

    /// Puts a fingerprint into the set. Returns whether it is new.
    #[inline]
    pub(super) fn insert(&mut self, fingerprint: u64) -> bool {
        self.shards[Self::shard_of(fingerprint)].insert(fingerprint)
    }

    /// Has the places of these fingerprints at hand: reads them all before anything depends on what they hold, so that the
    /// processor need not wait for each in turn.
    #[inline]
    pub(super) fn fetch(&self, fingerprints: impl Iterator<Item = u64>) {
        let first = |fingerprint| self.shards[Self::shard_of(fingerprint)].first(proper(fingerprint));
        std::hint::black_box(fingerprints.fold(0, |all, fingerprint| all ^ first(fingerprint)));
    }

    /// The shards, each responsible for its own fingerprints alone.
    pub(super) fn shards_mut(&mut self) -> &mut [Shard] {
        &mut self.shards
    }

    pub(super) fn bytes(&self) -> usize {
        self.shards.iter().map(|shard| shard.slots.len() * size_of::<u64>()).sum()
    }
}

/// A part of the table.
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

    /// Puts a fingerprint into the set. Returns whether it is new.
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

    /// What stands where the search for a fingerprint begins.
    #[inline]
    pub(super) fn first(&self, fingerprint: u64) -> u64 {
        self.slots[self.home(fingerprint)]
    }

    /// Whether the fingerprint is there. Eight slots are compared at once, without a branch between them: where it stands among
    /// them is as good as random, and guessing wrongly would cost more than looking at all.
    #[inline]
    fn contains(&self, fingerprint: u64) -> bool {
        let mut slots = &self.slots[self.home(fingerprint)..];
        while let Some((window, rest)) = slots.split_first_chunk::<WINDOW>() {
            if window.iter().fold(false, |found, &slot| found | (slot == fingerprint)) {
                return true;
            }
            // Behind a gap all are larger, so the last slot of the window tells whether to go on.
            let last = window[WINDOW - 1];
            if last == FREE || last > fingerprint {
                return false;
            }
            slots = rest;
        }
        slots.contains(&fingerprint)
    }

    /// Where the fingerprint would have to stand; `None` if it is there.
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

    /// Moves what stands from `place` on up to the next free slot, or to a new one at the end.
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

    /// All fingerprints of a shard begin with the same bits; the others say how far along its home is.
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

/// Zero is taken for one: that makes them one state with a probability of 2⁻⁶³, which the odds of omission cover.
#[inline]
const fn proper(fingerprint: u64) -> u64 {
    if fingerprint == FREE { 1 } else { fingerprint }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::env::Dice;

    #[test]
    fn it_is_a_set_whatever_the_fingerprints_look_like() {
        let mut dice = Dice::new(1, 0);
        for spread in [1, 1 << 20, 1 << 40, u64::MAX] {
            let (mut table, mut model) = (Table::new(), BTreeSet::new());
            for _ in 0..20_000 {
                // Zero and one share a place.
                let fingerprint = dice.below(spread).max(1);
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
        let (mut table, mut dice) = (Table::new(), Dice::new(2, 0));
        for count in 1..=200_000_usize {
            table.insert(dice.bits());
            assert!(count < 50_000 || table.bytes() <= 15 * count, "{} bytes for {count}", table.bytes());
        }
    }
}
