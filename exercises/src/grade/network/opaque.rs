//! What a learner wrote, inside a machine.

use std::fmt;
use std::hash::{Hash, Hasher};

/// Something of a learner's, about which nothing is known but that it can be copied.
///
/// Machines have to be comparable, hashable and printable, for checkers. No checker sees the machines here; so that learners may use
/// whatever data structures they like, their part tells no two machines apart.
#[derive(Clone, Copy, Default)]
pub(super) struct Opaque<T>(pub(super) T);

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
