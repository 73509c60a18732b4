//! Transactions in scenarios.

mod outbox;
mod two_phase;
