//! Permutation of node ids in the state of the store's invariants (symmetry reduction).

use quorate_protocol::{Permutation, Permute};

use super::{MarksHold, NoLostWrite};

impl Permute for NoLostWrite {
    fn permuted(&self, by: &Permutation) -> Self {
        NoLostWrite { opened: self.opened.permuted(by), ..self.clone() }
    }
}

impl Permute for MarksHold {
    fn permuted(&self, by: &Permutation) -> Self {
        MarksHold { highest: self.highest.permuted(by) }
    }
}
