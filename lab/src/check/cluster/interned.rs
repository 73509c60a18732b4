//! Interning of the parts that states consist of. Few distinct parts occur in many combinations, so
//! each is stored once and shared.

use std::cmp::Ordering;
use std::hash::Hash;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use super::state::{Envelope, Node};
use crate::check::fingerprint;

/// A value with its fingerprints, computed once for all states that share it. Otherwise it behaves
/// like its content.
#[derive(Debug)]
pub(super) struct Interned<T> {
    value: T,
    pub(super) fingerprint: u64,
    /// Fingerprints under the permutations of the cluster's symmetry, if there is one.
    pub(super) renamed: Box<[u64]>,
}

impl<T: PartialEq> PartialEq for Interned<T> {
    fn eq(&self, other: &Self) -> bool {
        self.fingerprint == other.fingerprint && self.value == other.value
    }
}

/// Ordered by content.
impl<T: PartialOrd> PartialOrd for Interned<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.value.partial_cmp(&other.value)
    }
}

impl<T> Deref for Interned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// A shared node.
pub(super) type Host<M> = Interned<Node<M>>;

/// A shared message.
pub(super) type Flight<M> = Interned<Envelope<M>>;

/// Number of slots of each shard. A value whose slots are occupied in all shards is not
/// interned.
const SHARD_SIZES: [usize; 5] = [1 << 8, 1 << 10, 1 << 12, 1 << 14, 1 << 16];

/// The interner: keeps values as far as there is room. Any number of threads may read and add them:
/// each slot is written once, and read without a lock.
pub(super) struct Interner<T>([OnceLock<Shard<T>>; SHARD_SIZES.len()]);

type Shard<T> = Box<[OnceLock<Arc<Interned<T>>>]>;

impl<T: Eq + Hash> Interner<T> {
    pub(super) fn new() -> Self {
        Interner([const { OnceLock::new() }; SHARD_SIZES.len()])
    }

    /// Returns the interned value that is equal to this one, or a new one.
    pub(super) fn intern(&self, value: T, renamed: impl FnOnce(&T) -> Box<[u64]>) -> Arc<Interned<T>> {
        let fingerprint = fingerprint(&value);
        let is_it = |interned: &Interned<T>| interned.fingerprint == fingerprint && interned.value == value;
        let mut free = None;
        for (shard, size) in self.0.iter().zip(SHARD_SIZES) {
            let shard = shard.get_or_init(|| (0..size).map(|_| OnceLock::new()).collect());
            let place = &shard[(fingerprint % size as u64) as usize];
            match place.get() {
                Some(interned) if is_it(interned) => return Arc::clone(interned),
                Some(_) => {}
                None => {
                    free = Some(place);
                    break;
                }
            }
        }
        let renamed = renamed(&value);
        let interned = Arc::new(Interned { value, fingerprint, renamed });
        // If another thread was faster, only the state keeps this value.
        free.map_or(Ok(()), |place| place.set(Arc::clone(&interned))).ok();
        interned
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_parts_are_one() {
        let interner = Interner::new();
        let renamed = |word: &String| Box::from([word.len() as u64]);
        let words: Vec<_> = (0..2_000).map(|number| interner.intern(number.to_string(), renamed)).collect();
        for (number, word) in words.iter().enumerate() {
            assert_eq!((word.as_str(), &*word.renamed), (&*number.to_string(), &[word.len() as u64][..]));
            assert_eq!(word.fingerprint, fingerprint(&number.to_string()));
            assert!(Arc::ptr_eq(word, &interner.intern(number.to_string(), |_| unreachable!("it is known"))));
        }
    }

    /// All values have the same hash, so that they collide.
    #[derive(PartialEq, Eq, Debug)]
    struct SameHash(usize);

    impl Hash for SameHash {
        fn hash<H: std::hash::Hasher>(&self, _: &mut H) {}
    }

    #[test]
    fn what_finds_no_place_is_none_the_worse_and_like_fingerprints_do_not_confuse() {
        let interner = Interner::new();
        let interned = |number| interner.intern(SameHash(number), |_| Box::default());
        let kept: Vec<_> = (0..SHARD_SIZES.len()).map(interned).collect();
        let strays = [interned(90), interned(90)];
        assert!(kept.iter().enumerate().all(|(number, kept)| kept.0 == number && Arc::ptr_eq(kept, &interned(number))));
        assert!(strays.iter().all(|stray| stray.0 == 90) && !Arc::ptr_eq(&strays[0], &strays[1]));
    }
}
