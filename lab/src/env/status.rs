//! Whether a node runs.

/// The state of a node's process.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Status {
    /// It runs.
    Up,
    /// It is stopped, and does not know it.
    Paused,
    /// It has crashed.
    Down,
}
