//! Whole machines: what the learner wrote, in the simulator, judged by nothing but what it says to the world.
//!
//! A built machine keeps what it likes in memory and on its disk. Only its messages, facts and answers are given, and they are the
//! reference's. So the reference can sit the same exam, and so can each of its bugs.
//!
//! Every case is a run, or many, of the kind that well-known courses test with: first that all goes well where nothing
//! goes wrong, then one trouble after the other by name, then storms. In all of them a judge watches, and a bound
//! on the messages of a run keeps answers from shouting until they are heard.

mod built;
mod lease;
mod paxos;
mod raft;

pub use built::{Built, Case, Examines, Suite, Trial};
pub use lease::{BuiltLease, LeaseMachine, LeaseSuite, lease};
pub use paxos::{BuiltPaxos, PaxosMachine, PaxosSuite, paxos};
pub use raft::{BuiltRaft, RaftMachine, RaftSuite, careless_raft, raft};
