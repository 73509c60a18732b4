//! The parts that states consist of. There are few, in ever new combinations: so each is kept once, and shared.

use std::cmp::Ordering;
use std::hash::Hash;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use super::state::{Envelope, Node};
use crate::check::fingerprint;

/// A part with its fingerprints, which are made once for all the states that share it. Otherwise it is what it holds.
#[derive(Debug)]
pub(super) struct Part<T> {
    it: T,
    pub(super) fingerprint: u64,
    /// Its fingerprints under the renamings of the cluster's symmetry, if it has one.
    pub(super) renamed: Box<[u64]>,
}

impl<T: PartialEq> PartialEq for Part<T> {
    fn eq(&self, other: &Self) -> bool {
        self.fingerprint == other.fingerprint && self.it == other.it
    }
}

/// As what they hold is ordered.
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

/// A node that states share.
pub(super) type Host<M> = Part<Node<M>>;

/// A message that states share.
pub(super) type Flight<M> = Part<Envelope<M>>;

/// How many places each shelf of a pool has. What finds its places taken on all of them is not kept.
const SHELVES: [usize; 5] = [1 << 8, 1 << 10, 1 << 12, 1 << 14, 1 << 16];

/// The parts that were met, as far as there is room. Any number of threads may look for some and add others: each place is
/// written once, and read without a lock.
pub(super) struct Pool<T>([OnceLock<Shelf<T>>; SHELVES.len()]);

type Shelf<T> = Box<[OnceLock<Arc<Part<T>>>]>;

impl<T: Eq + Hash> Pool<T> {
    pub(super) fn new() -> Self {
        Pool([const { OnceLock::new() }; SHELVES.len()])
    }

    /// The part that is equal to this one, or this one.
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
        // If somebody else was quicker, this one is kept by nobody but the state.
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

    /// All values look alike to the pool's hash.
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
