//! Protocols that bear liars in scenarios.

mod broadcast;
mod generals;
pub(super) mod liars;
mod pbft;
