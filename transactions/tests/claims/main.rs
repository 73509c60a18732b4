//! Claims about two-phase and three-phase commit, Paxos Commit, the local message table and sagas,
//! a test for each.

mod common;
mod outbox;
mod paxos_commit;
mod paxos_commit_searches;
mod saga;
mod searches;
mod termination;
mod three_phase;
mod three_phase_searches;
mod voting;
