//! Invariants that notice.

use super::Exercise;

/// In order.
pub(super) const EXERCISES: &[Exercise] = &[];
