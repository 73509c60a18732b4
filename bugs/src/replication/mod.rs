//! Bugs of replicated data: of a register, consistent or available.

pub mod register;
