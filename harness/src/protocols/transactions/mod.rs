//! Transactions in scenarios.

mod outbox;
mod paxos_commit;
mod rows;
mod saga;
mod three_phase;
mod two_phase;
