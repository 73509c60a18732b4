//! Bugs of protocols that bear liars. Each is harmless as long as nobody lies.

pub mod broadcast;
pub mod generals;
pub mod pbft;
