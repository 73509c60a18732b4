//! Bugs of transactions: of two-phase commit, and of the local message table.

pub mod outbox;
pub mod two_phase;
