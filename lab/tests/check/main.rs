//! What the checker promises, one test a promise.

mod counts;
mod findings;
mod lease;
mod models;
mod paxos;
mod poll;
mod raft;
mod reductions;
mod schedules;
