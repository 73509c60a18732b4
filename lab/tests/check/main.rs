//! Guarantees of the checker, one test for each.

mod counts;
mod findings;
mod lease;
mod models;
mod paxos;
mod poll;
mod raft;
mod reductions;
mod schedules;
