//! What no protocol can change: messages and clocks.

use super::Exercise;

/// In order.
pub(super) const EXERCISES: &[Exercise] = &[];
