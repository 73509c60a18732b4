//! Raft: a log, and those who lead it.

use super::Exercise;

/// In order.
pub(super) const EXERCISES: &[Exercise] = &[];
