//! Permutation of node ids in a front (symmetry reduction).

use quorate_protocol::{Permutation, Permute};

use super::{Coordinator, Session, Stage};

impl Permute for Coordinator {
    fn permuted(&self, by: &Permutation) -> Self {
        let mut renamed = self.clone();
        renamed.used = self.used.permuted(by);
        renamed.session = self.session.permuted(by);
        renamed
    }
}

impl Permute for Session {
    fn permuted(&self, by: &Permutation) -> Self {
        let (fence, stage, heard) = (self.fence.permuted(by), self.stage.permuted(by), self.heard.permuted(by));
        Session { fence, stage, heard, ..self.clone() }
    }
}

impl Permute for Stage {
    fn permuted(&self, by: &Permutation) -> Self {
        match self {
            Stage::Marking { newest } => Stage::Marking { newest: newest.permuted(by) },
            Stage::Putting { version } => Stage::Putting { version: version.permuted(by) },
            Stage::Idle => Stage::Idle,
        }
    }
}
