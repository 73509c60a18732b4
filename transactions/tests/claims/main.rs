//! Claims about two-phase commit and the local message table, a test for each.

mod common;
mod outbox;
mod searches;
mod termination;
mod voting;
