//! Status of a node.

/// Status of a node's process.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Status {
    /// Running.
    Up,
    /// Paused or suspended: it does nothing, and does not notice.
    Paused,
    /// Crashed.
    Down,
}
