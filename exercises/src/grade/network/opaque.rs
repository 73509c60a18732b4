//! Wrapper for a learner's value inside a machine.

use std::fmt;
use std::hash::{Hash, Hasher};

/// A learner's value, of which nothing is known except that it can be cloned.
///
/// Machines must be comparable, hashable and printable, for the checker. The checker is not used
/// for the machines here, so all values compare as equal; learners may use any data structures.
#[derive(Clone, Copy, Default)]
pub(in crate::grade) struct Opaque<T>(pub(in crate::grade) T);

impl<T> PartialEq for Opaque<T> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl<T> Eq for Opaque<T> {}

impl<T> Hash for Opaque<T> {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl<T> fmt::Debug for Opaque<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(the learner's)")
    }
}
