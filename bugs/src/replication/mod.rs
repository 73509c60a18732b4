//! Bugs of replicated data: of a register, consistent or available.

pub mod primary_backup;
pub mod register;
