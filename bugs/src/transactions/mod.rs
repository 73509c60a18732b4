//! Bugs of transactions: of two-phase commit, of Paxos Commit, and of the local message table.

pub mod outbox;
pub mod paxos_commit;
pub mod two_phase;
