//! Leases: leadership for a time.

use super::Exercise;

/// In order.
pub(super) const EXERCISES: &[Exercise] = &[];
