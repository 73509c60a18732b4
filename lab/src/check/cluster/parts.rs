//! Interning of the parts that states consist of. Few distinct parts occur in many combinations, so
//! each is stored once and shared.

use std::cmp::Ordering;
use std::hash::Hash;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use super::state::{Envelope, Node};
use crate::check::fingerprint;

/// A part with its fingerprints, computed once for all states that share it. Otherwise it behaves
/// like its content.
#[derive(Debug)]
pub(super) struct Part<T> {
    it: T,
    pub(super) fingerprint: u64,
    /// Fingerprints under the permutations of the cluster's symmetry, if there is one.
    pub(super) renamed: Box<[u64]>,
}

impl<T: PartialEq> PartialEq for Part<T> {
    fn eq(&self, other: &Self) -> bool {
        self.fingerprint == other.fingerprint && self.it == other.it
    }
}

/// Ordered by content.
impl<T: PartialOrd> PartialOrd for Part<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.it.partial_cmp(&other.it)
    }
}

impl<T> Deref for Part<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.it
    }
}

/// A shared node.
pub(super) type Host<M> = Part<Node<M>>;

/// A shared message.
pub(super) type Flight<M> = Part<Envelope<M>>;

/// Number of slots of each shard of a pool. A part whose slots are occupied in all shards is not
/// interned.
const SHELVES: [usize; 5] = [1 << 8, 1 << 10, 1 << 12, 1 << 14, 1 << 16];

/// The interner: keeps parts as far as there is room. Any number of threads may read and add parts:
/// each slot is written once, and read without a lock.
pub(super) struct Pool<T>([OnceLock<Shelf<T>>; SHELVES.len()]);

type Shelf<T> = Box<[OnceLock<Arc<Part<T>>>]>;

impl<T: Eq + Hash> Pool<T> {
    pub(super) fn new() -> Self {
        Pool([const { OnceLock::new() }; SHELVES.len()])
    }

    /// Returns the interned part that is equal to this one, or a new part.
    pub(super) fn part(&self, it: T, renamed: impl FnOnce(&T) -> Box<[u64]>) -> Arc<Part<T>> {
        let fingerprint = fingerprint(&it);
        let is_it = |part: &Part<T>| part.fingerprint == fingerprint && part.it == it;
        let mut free = None;
        for (shelf, size) in self.0.iter().zip(SHELVES) {
            let shelf = shelf.get_or_init(|| (0..size).map(|_| OnceLock::new()).collect());
            let place = &shelf[(fingerprint % size as u64) as usize];
            match place.get() {
                Some(part) if is_it(part) => return Arc::clone(part),
                Some(_) => {}
                None => {
                    free = Some(place);
                    break;
                }
            }
        }
        let renamed = renamed(&it);
        let part = Arc::new(Part { it, fingerprint, renamed });
        // If another thread was faster, only the state keeps this part.
        free.map_or(Ok(()), |place| place.set(Arc::clone(&part))).ok();
        part
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_parts_are_one() {
        let pool = Pool::new();
        let renamed = |word: &String| Box::from([word.len() as u64]);
        let words: Vec<_> = (0..2_000).map(|number| pool.part(number.to_string(), renamed)).collect();
        for (number, word) in words.iter().enumerate() {
            assert_eq!((word.as_str(), &*word.renamed), (&*number.to_string(), &[word.len() as u64][..]));
            assert_eq!(word.fingerprint, fingerprint(&number.to_string()));
            assert!(Arc::ptr_eq(word, &pool.part(number.to_string(), |_| unreachable!("it is known"))));
        }
    }

    /// All values have the same hash, so that they collide in the pool.
    #[derive(PartialEq, Eq, Debug)]
    struct Alike(usize);

    impl Hash for Alike {
        fn hash<H: std::hash::Hasher>(&self, _: &mut H) {}
    }

    #[test]
    fn what_finds_no_place_is_none_the_worse_and_like_fingerprints_do_not_confuse() {
        let pool = Pool::new();
        let part = |number| pool.part(Alike(number), |_| Box::default());
        let kept: Vec<_> = (0..SHELVES.len()).map(part).collect();
        let strays = [part(90), part(90)];
        assert!(kept.iter().enumerate().all(|(number, kept)| kept.0 == number && Arc::ptr_eq(kept, &part(number))));
        assert!(strays.iter().all(|stray| stray.0 == 90) && !Arc::ptr_eq(&strays[0], &strays[1]));
    }
}
