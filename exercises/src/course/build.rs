//! Whole machines, from their messages.

use super::Exercise;

/// In order.
pub(super) const EXERCISES: &[Exercise] = &[];
