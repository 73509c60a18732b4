//! Agreement among nodes of which some lie.

pub mod pbft;
mod retell;
mod sealed;

pub use sealed::{Claims, Sealed};
