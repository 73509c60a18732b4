//! Permutation of node ids in the fenced store (symmetry reduction of checkers).
//!
//! Replicas are interchangeable: only their number matters. Fronts are *not*: among fronts with the
//! same token, their ids order the writes.

use quorate_protocol::{Permutation, Permute, no_node_ids};

use super::replica::Replica;
use super::{Command, Disk, Fence, FencedStore, Message, Timer, Version};
use crate::id::Token;

no_node_ids!(Command, Timer, Token);

impl Permute for FencedStore {
    fn permuted(&self, by: &Permutation) -> Self {
        FencedStore { replica: self.replica.permuted(by), front: self.front.permuted(by) }
    }
}

impl Permute for Replica {
    fn permuted(&self, by: &Permutation) -> Self {
        let mut renamed = self.clone();
        renamed.mark = self.mark.permuted(by);
        renamed.newest = self.newest.permuted(by);
        renamed
    }
}

impl Permute for Fence {
    fn permuted(&self, by: &Permutation) -> Self {
        Fence { front: self.front.permuted(by), ..*self }
    }
}

impl Permute for Version {
    fn permuted(&self, by: &Permutation) -> Self {
        Version { fence: self.fence.permuted(by), ..self.clone() }
    }
}

impl Permute for Disk {
    fn permuted(&self, by: &Permutation) -> Self {
        Disk { mark: self.mark.permuted(by), newest: self.newest.permuted(by), used: self.used.permuted(by) }
    }
}

impl Permute for Message {
    fn permuted(&self, by: &Permutation) -> Self {
        match self {
            Message::Mark { fence } => Message::Mark { fence: fence.permuted(by) },
            Message::Marked { fence, newest } => {
                Message::Marked { fence: fence.permuted(by), newest: newest.permuted(by) }
            }
            Message::Put { version } => Message::Put { version: version.permuted(by) },
            Message::Stored { fence, count } => Message::Stored { fence: fence.permuted(by), count: *count },
            Message::Refused { fence, mark } => Message::Refused { fence: fence.permuted(by), mark: mark.permuted(by) },
        }
    }
}
