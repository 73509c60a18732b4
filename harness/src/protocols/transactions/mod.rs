//! Transactions in scenarios.

mod outbox;
mod paxos_commit;
mod rows;
mod two_phase;
