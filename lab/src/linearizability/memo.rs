//! Memoization of the search: interned states, and the set of visited configurations.

use std::hash::{BuildHasher, Hash};

use hashbrown::{DefaultHashBuilder, HashTable};

/// Interned states: a configuration holds a state's number, and comparing two compares the numbers.
pub(super) struct States<S> {
    states: Vec<S>,
    index: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl<S: Eq + Hash> States<S> {
    /// A table with the initial state as number 0.
    pub fn starting_with(initial: S) -> Self {
        let mut states = States { states: Vec::new(), index: HashTable::new(), hasher: DefaultHashBuilder::default() };
        states.number(initial);
        states
    }

    pub fn get(&self, number: u32) -> &S {
        &self.states[number as usize]
    }

    /// The state's number; a new one if the state is new.
    pub fn number(&mut self, state: S) -> u32 {
        let States { states, index, hasher } = self;
        let hash = hasher.hash_one(&state);
        if let Some(number) = index.find(hash, |number| states[*number as usize] == state) {
            return *number;
        }
        let number = states.len() as u32;
        states.push(state);
        index.insert_unique(hash, number, |number| hasher.hash_one(&states[*number as usize]));
        number
    }
}

/// The visited configurations: (set of placed calls, state), as in Lowe 2017, §3.2.
///
/// The set is stored exactly but compactly. A call is only placed when every call that was answered
/// before it began is placed too. So the set is determined by the first answer that is still
/// unexplained and by which of the calls that began before it are *not* placed: at most as many
/// bits as there are calls under way at once, however long the history is.
pub(super) struct Seen {
    /// Number of words per key: one for answer and state, the rest for the calls.
    words: usize,
    keys: Vec<u64>,
    index: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Seen {
    /// Creates an empty set for histories with at most `slots` calls under way at once.
    pub fn new(slots: usize) -> Self {
        let words = 1 + slots.div_ceil(u64::BITS as usize);
        Seen { words, keys: Vec::new(), index: HashTable::new(), hasher: DefaultHashBuilder::default() }
    }

    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// The words of an empty set of slots.
    pub fn no_slots(&self) -> Vec<u64> {
        vec![0; self.words - 1]
    }

    /// Inserts a configuration. Returns whether it is new.
    pub fn insert(&mut self, front: u32, state: u32, unplaced: &[u64]) -> bool {
        let Seen { words, keys, index, hasher } = self;
        let words = *words;
        let at = |number: u32| number as usize * words..(number as usize + 1) * words;
        let number = index.len() as u32;
        keys.push(u64::from(front) << 32 | u64::from(state));
        keys.extend_from_slice(unplaced);
        let key = &keys[at(number)];
        let hash = hasher.hash_one(key);
        if index.find(hash, |other| keys[at(*other)] == *key).is_some() {
            keys.truncate(number as usize * words);
            return false;
        }
        index.insert_unique(hash, number, |number| hasher.hash_one(&keys[at(*number)]));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_is_new_once() {
        for slots in [0, 1, 64, 65, 200] {
            let mut seen = Seen::new(slots);
            let mut set = seen.no_slots();
            assert_eq!(set.len(), slots.div_ceil(64));
            for round in [true, false] {
                for front in 0..40 {
                    for state in 0..10 {
                        assert_eq!(seen.insert(front, state, &set), round);
                    }
                }
            }
            if let Some(last) = set.last_mut() {
                *last = 1;
                assert!(seen.insert(0, 0, &set) && !seen.insert(0, 0, &set));
            }
            assert_eq!(seen.len(), 400 + usize::from(slots > 0));
        }
    }

    #[test]
    fn equal_states_share_a_number() {
        let mut states = States::starting_with("a".to_owned());
        assert_eq!(["a", "b", "a", "b", "c"].map(|state| states.number(state.to_owned())), [0, 1, 0, 1, 2]);
        assert_eq!(states.get(1), "b");
    }
}
