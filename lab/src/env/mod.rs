//! The world around a node, as all drivers have it.

pub(crate) mod crash;
