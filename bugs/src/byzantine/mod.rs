//! Bugs of protocols that bear liars.

pub mod pbft;
