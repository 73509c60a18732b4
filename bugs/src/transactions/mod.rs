//! Bugs of transactions: of two-phase and three-phase commit, of Paxos Commit, of the local message
//! table, and of sagas.

pub mod outbox;
pub mod paxos_commit;
pub mod saga;
pub mod three_phase;
pub mod two_phase;
