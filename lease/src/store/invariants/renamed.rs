//! Permutation of node ids in the state of the store's invariants (symmetry reduction).

use quorate_protocol::{Renamed, Renaming};

use super::{MarksHold, NoLostWrite};

impl Renamed for NoLostWrite {
    fn renamed(&self, by: &Renaming) -> Self {
        NoLostWrite { opened: self.opened.renamed(by), ..self.clone() }
    }
}

impl Renamed for MarksHold {
    fn renamed(&self, by: &Renaming) -> Self {
        MarksHold { highest: self.highest.renamed(by) }
    }
}
