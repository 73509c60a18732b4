//! Protocols that bear liars in scenarios.

pub(super) mod liars;
mod pbft;
