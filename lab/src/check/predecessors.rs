//! Predecessors of states, from which counterexamples are rebuilt.
//!
//! States are numbered in the order of their discovery. Six bytes per state record the state from
//! which it was first reached, and the index among that state's successors. The states themselves
//! are dropped, and recomputed by replaying the path.

/// The number of a state, in the order of discovery.
pub(super) type Number = u32;

/// Origin of a state: its parent, and its index among the parent's successors.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Origin {
    pub(super) parent: Number,
    pub(super) ordinal: u16,
}

/// The origins of states with consecutive numbers.
#[derive(Clone, Debug)]
pub(super) struct Origins {
    parents: Box<[Number]>,
    ordinals: Box<[u16]>,
}

impl Origins {
    pub(super) fn new(origins: impl ExactSizeIterator<Item = Origin>) -> Self {
        let (mut parents, mut ordinals) = (Vec::with_capacity(origins.len()), Vec::with_capacity(origins.len()));
        for origin in origins {
            parents.push(origin.parent);
            ordinals.push(origin.ordinal);
        }
        Origins { parents: parents.into(), ordinals: ordinals.into() }
    }
}

/// Origins of all states but the initial ones.
#[derive(Clone, Debug, Default)]
pub(super) struct Predecessors {
    /// Number of initial states; these have no origin.
    initial: u32,
    /// One entry per batch of discovered states, so that growth copies nothing.
    batches: Vec<(Number, Origins)>,
    count: u64,
}

impl Predecessors {
    pub(super) fn new(initial: u32) -> Self {
        Predecessors { initial, batches: Vec::new(), count: u64::from(initial) }
    }

    /// Returns the number of states.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Adds states in the order of their discovery. The caller ensures that their numbers do not
    /// overflow.
    pub(super) fn push(&mut self, origins: Origins) {
        if !origins.parents.is_empty() {
            let first = self.count as Number;
            self.count += origins.parents.len() as u64;
            self.batches.push((first, origins));
        }
    }

    /// Returns the path to a state: the number of its initial state, and the index of the successor
    /// to take in each state.
    pub(super) fn path(&self, mut number: Number) -> (Number, Vec<u16>) {
        let mut ordinals = Vec::new();
        while number >= self.initial {
            let (first, origins) = &self.batches[self.batches.partition_point(|(first, _)| *first <= number) - 1];
            let index = (number - first) as usize;
            ordinals.push(origins.ordinals[index]);
            number = origins.parents[index];
        }
        ordinals.reverse();
        (number, ordinals)
    }

    pub(super) fn bytes(&self) -> usize {
        (self.count - u64::from(self.initial)) as usize * (size_of::<Number>() + size_of::<u16>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_back_to_where_the_run_began() {
        let mut predecessors = Predecessors::new(2);
        let origin = |parent, ordinal| Origin { parent, ordinal };
        predecessors.push(Origins::new([origin(1, 7), origin(0, 0)].into_iter()));
        predecessors.push(Origins::new([].into_iter()));
        predecessors.push(Origins::new([origin(2, 3)].into_iter()));
        assert_eq!(predecessors.count(), 5);
        assert_eq!(predecessors.path(4), (1, vec![7, 3]));
        assert_eq!(predecessors.path(3), (0, vec![0]));
        assert_eq!(predecessors.path(1), (1, vec![]));
    }
}
