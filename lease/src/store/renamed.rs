//! Permutation of node ids in the fenced store (symmetry reduction of checkers).
//!
//! Replicas are interchangeable: only their number matters. Fronts are *not*: among fronts with the
//! same token, their ids order the writes.

use quorate_protocol::{Renamed, Renaming, nameless};

use super::replica::Replica;
use super::{Command, Disk, Fence, FencedStore, Message, Timer, Version};
use crate::id::Token;
use crate::text::Value;

nameless!(Command, Timer, Token, Value);

impl Renamed for FencedStore {
    fn renamed(&self, by: &Renaming) -> Self {
        FencedStore { replica: self.replica.renamed(by), front: self.front.renamed(by) }
    }
}

impl Renamed for Replica {
    fn renamed(&self, by: &Renaming) -> Self {
        let mut renamed = self.clone();
        renamed.mark = self.mark.renamed(by);
        renamed.newest = self.newest.renamed(by);
        renamed
    }
}

impl Renamed for Fence {
    fn renamed(&self, by: &Renaming) -> Self {
        Fence { front: self.front.renamed(by), ..*self }
    }
}

impl Renamed for Version {
    fn renamed(&self, by: &Renaming) -> Self {
        Version { fence: self.fence.renamed(by), ..self.clone() }
    }
}

impl Renamed for Disk {
    fn renamed(&self, by: &Renaming) -> Self {
        Disk { mark: self.mark.renamed(by), newest: self.newest.renamed(by), used: self.used.renamed(by) }
    }
}

impl Renamed for Message {
    fn renamed(&self, by: &Renaming) -> Self {
        match self {
            Message::Mark { fence } => Message::Mark { fence: fence.renamed(by) },
            Message::Marked { fence, newest } => {
                Message::Marked { fence: fence.renamed(by), newest: newest.renamed(by) }
            }
            Message::Put { version } => Message::Put { version: version.renamed(by) },
            Message::Stored { fence, count } => Message::Stored { fence: fence.renamed(by), count: *count },
            Message::Refused { fence, mark } => Message::Refused { fence: fence.renamed(by), mark: mark.renamed(by) },
        }
    }
}
