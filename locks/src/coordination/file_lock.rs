//! The lock of a file: held by one session, or by several in shared mode (Chubby §2.4).

use std::collections::BTreeMap;

use quorate_lease::Name;
use serde::{Deserialize, Serialize};

use super::request::{SessionId, Zxid};
use crate::sequencer::{LockMode, Sequencer};

/// The lock of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FileLock {
    /// Number of times that it has gone from free to held.
    generation: u64,
    /// The mode in which it is held.
    mode: LockMode,
    /// The sessions that hold it, and the change by which each has acquired it.
    holders: BTreeMap<SessionId, Zxid>,
}

impl FileLock {
    /// Whether it was never held.
    pub fn is_unused(&self) -> bool {
        *self == FileLock::default()
    }

    /// The sessions that hold it, and the change by which each has acquired it.
    pub fn holders(&self) -> impl Iterator<Item = (SessionId, Zxid)> {
        self.holders.iter().map(|(session, acquired)| (*session, *acquired))
    }

    /// Acquires it for a session at a change of the tree. A session that holds it in that mode
    /// keeps what it has. `None`: it is held in a mode that excludes this one.
    pub(super) fn acquire(&mut self, session: SessionId, mode: LockMode, at: Zxid) -> Option<Zxid> {
        if let Some(acquired) = self.holders.get(&session) {
            return Some(*acquired).filter(|_| self.mode == mode);
        }
        if self.holders.is_empty() {
            self.generation = self.generation.saturating_add(1);
            self.mode = mode;
        } else if !self.mode.admits(mode) {
            return None;
        }
        self.holders.insert(session, at);
        Some(at)
    }

    /// Releases it for a session. Returns whether it has become free by that.
    pub(super) fn release(&mut self, session: SessionId) -> bool {
        self.holders.remove(&session).is_some() && self.holders.is_empty()
    }

    /// The change by which a session has acquired it.
    pub(super) fn held_since(&self, session: SessionId) -> Option<Zxid> {
        self.holders.get(&session).copied()
    }

    /// The sequencer of its holders. `name` is the path of the file.
    pub(super) fn sequencer(&self, name: Name) -> Sequencer {
        Sequencer { name, mode: self.mode, generation: self.generation }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: SessionId = SessionId(1);
    const B: SessionId = SessionId(2);

    #[test]
    fn readers_share_a_generation_and_a_writer_begins_one() {
        let mut lock = FileLock::default();
        assert_eq!(lock.acquire(A, LockMode::Shared, Zxid(3)), Some(Zxid(3)));
        assert_eq!(lock.acquire(B, LockMode::Shared, Zxid(4)), Some(Zxid(4)));
        assert_eq!(lock.sequencer(Name::from("/lock")).to_string(), "/lock shared 1");
        assert_eq!(lock.acquire(B, LockMode::Exclusive, Zxid(5)), None, "it reads");
        assert!(!lock.release(A) && !lock.release(A), "B still reads");
        assert!(lock.release(B));
        assert_eq!(lock.acquire(A, LockMode::Exclusive, Zxid(6)), Some(Zxid(6)));
        assert_eq!(lock.sequencer(Name::from("/lock")).to_string(), "/lock exclusive 2");
        for mode in [LockMode::Exclusive, LockMode::Shared] {
            assert_eq!(lock.acquire(B, mode, Zxid(7)), None, "A writes");
        }
        assert_eq!(lock.acquire(A, LockMode::Exclusive, Zxid(8)), Some(Zxid(6)), "a repeated request");
    }
}
