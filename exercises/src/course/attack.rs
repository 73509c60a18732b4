//! Schedules that break what is broken.

use super::Exercise;

/// In order.
pub(super) const EXERCISES: &[Exercise] = &[];
