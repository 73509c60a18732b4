//! Grading of complete machines: the learner's code in the simulator, graded only by its externally
//! visible behaviour.
//!
//! The machine's memory and disk formats are its own. Only its messages, facts and replies are
//! specified, and they are the reference's. So the reference can be graded in the same way, and so
//! can each of its bugs.
//!
//! Every case is a run, or many, of the kind used in well-known courses: first a fault-free run,
//! then single named faults, then random faults. Every run is checked by an oracle, and a limit on
//! the number of messages prevents solutions that flood the network.

mod built;
mod lease;
mod lock;
mod paxos;
mod raft;
mod register;
mod transactions;

pub use built::{Built, Case, Examines, Suite, Trial};
pub use lease::{BuiltLease, LeaseMachine, LeaseSuite, lease};
pub use lock::{BuiltRedlock, LockMachine, RedlockSuite, redlock};
pub use paxos::{BuiltPaxos, PaxosMachine, PaxosSuite, paxos};
pub use raft::{BuiltRaft, RaftMachine, RaftSuite, careless_raft, raft};
pub use register::{ApRegisterMachine, ApRegisterSuite, BuiltApRegister, ap_register};
pub use transactions::{BuiltTwoPhase, TwoPhaseMachine, TwoPhaseSuite, two_phase};
