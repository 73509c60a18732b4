//! Claims about two-phase commit, Paxos Commit and the local message table, a test for each.

mod common;
mod outbox;
mod paxos_commit;
mod paxos_commit_searches;
mod searches;
mod termination;
mod three_phase_searches;
mod voting;
