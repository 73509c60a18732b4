//! Permutation of node ids in a coordinator's state (symmetry reduction of the model checker).

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
        let (fence, stage, answered) = (self.fence.permuted(by), self.stage.permuted(by), self.answered.permuted(by));
        Session { fence, stage, answered, ..self.clone() }
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
