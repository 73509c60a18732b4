//! What the store's invariants remember, with the nodes called otherwise.

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
