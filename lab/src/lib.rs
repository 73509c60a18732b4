//! Under construction.
#[cfg(feature = "script")]
pub mod script;
pub mod sim;
pub mod trace;
