//! Where each state came from: what a counterexample is rebuilt from.
//!
//! States are numbered in the order of their discovery. For each, six bytes say from which state it was first reached, and
//! by which of that state's successors. The states themselves are forgotten, and found again by doing it again.

/// The number of a state, in the order of discovery.
pub(super) type Number = u32;

/// How a state was reached: from which state, and as its how manieth successor.
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

/// The origins of all states but the first ones.
#[derive(Clone, Debug, Default)]
pub(super) struct Ancestry {
    /// How many states have no origin: a run may begin in them.
    initial: u32,
    /// In the batches in which they were found, so that nothing is copied when there are more.
    batches: Vec<(Number, Origins)>,
    count: u64,
}

impl Ancestry {
    pub(super) fn new(initial: u32) -> Self {
        Ancestry { initial, batches: Vec::new(), count: u64::from(initial) }
    }

    /// How many states there are.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Adds states in the order of their discovery. The caller sees to it that their numbers suffice.
    pub(super) fn push(&mut self, origins: Origins) {
        if !origins.parents.is_empty() {
            let first = self.count as Number;
            self.count += origins.parents.len() as u64;
            self.batches.push((first, origins));
        }
    }

    /// The way to a state: the number of the first one, and which successor to take in each.
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
        let mut ancestry = Ancestry::new(2);
        let origin = |parent, ordinal| Origin { parent, ordinal };
        ancestry.push(Origins::new([origin(1, 7), origin(0, 0)].into_iter()));
        ancestry.push(Origins::new([].into_iter()));
        ancestry.push(Origins::new([origin(2, 3)].into_iter()));
        assert_eq!(ancestry.count(), 5);
        assert_eq!(ancestry.path(4), (1, vec![7, 3]));
        assert_eq!(ancestry.path(3), (0, vec![0]));
        assert_eq!(ancestry.path(1), (1, vec![]));
    }
}
