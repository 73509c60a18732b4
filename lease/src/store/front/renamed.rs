//! Permutation of node ids in a front (symmetry reduction).

use quorate_protocol::{Renamed, Renaming};

use super::{Front, Session, Stage};

impl Renamed for Front {
    fn renamed(&self, by: &Renaming) -> Self {
        let mut renamed = self.clone();
        renamed.used = self.used.renamed(by);
        renamed.session = self.session.renamed(by);
        renamed
    }
}

impl Renamed for Session {
    fn renamed(&self, by: &Renaming) -> Self {
        let (fence, stage, heard) = (self.fence.renamed(by), self.stage.renamed(by), self.heard.renamed(by));
        Session { fence, stage, heard, ..self.clone() }
    }
}

impl Renamed for Stage {
    fn renamed(&self, by: &Renaming) -> Self {
        match self {
            Stage::Marking { newest } => Stage::Marking { newest: newest.renamed(by) },
            Stage::Putting { version } => Stage::Putting { version: version.renamed(by) },
            Stage::Idle => Stage::Idle,
        }
    }
}
