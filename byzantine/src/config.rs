//! Configuration of a node that may be a liar.

use std::ops::Deref;
use std::sync::Arc;

/// Checked configuration of a node; cheap to clone. All nodes have the same settings, which it
/// dereferences to; a liar's configuration also has its lie.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConfigWithLie<S, L> {
    settings: Arc<S>,
    lie: Option<L>,
}

impl<S, L: Copy> ConfigWithLie<S, L> {
    /// The configuration of an honest node, with settings that were checked.
    pub(crate) fn honest(settings: S) -> Self {
        ConfigWithLie { settings: Arc::new(settings), lie: None }
    }

    /// The configuration of a node that lies.
    #[must_use]
    pub fn lying(&self, lie: L) -> Self {
        ConfigWithLie { settings: Arc::clone(&self.settings), lie: Some(lie) }
    }

    /// The node's lie; `None` at an honest node.
    pub fn lie(&self) -> Option<L> {
        self.lie
    }
}

impl<S, L> Deref for ConfigWithLie<S, L> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.settings
    }
}
