//! Consistency levels: which of them a small history of reads and writes has, and the two
//! operations that break each of the others.
//!
//! A register that answers during a partition is not linearizable, but it need not be arbitrary.
//! [`judge`] takes a [`History`](crate::linearizability::History) of registers, and says for each
//! [`Level`] whether it holds. Every write must have a value of its own, so that a read says which
//! write it saw; then all levels but sequential consistency are decided in polynomial time.
//!
//! | level | decided by |
//! |---|---|
//! | linearizable | [`check`](crate::linearizability::check) |
//! | sequential | precedences that answers imply, then a search, of at most [`SEQUENTIAL_MAX`] operations and [`STATES_MAX`] states |
//! | causal memory, causal | the bad patterns of Bouajjani et al. 2017 |
//! | session guarantees | a read that returns something older than its session wrote, read or depends on |
//! | convergent | the last reads of the sessions, after all writes |
//!
//! A session is a client. Its calls are in the order of their invocations; but a write that was
//! never answered may take effect at any time, so nothing counts as coming after it.
//!
//! # Limits of the session guarantees
//!
//! The history does not show in which order replicas applied concurrent writes, so the guarantees
//! are judged by causality: a violation is certain, and "holds" means that none can be seen. A
//! session that reads a later write and then an earlier one of the same writer breaks monotonic
//! reads and monotonic writes: it cannot be seen which of the two failed.
//!
//! # Example
//!
//! Two clients write one register each and read the other's, as in Dekker's algorithm. Neither sees
//! the other's write: causal, but not sequential.
//!
//! ```
//! use quorate_lab::consistency::{Level, judge};
//! use quorate_lab::linearizability::models::{Keyed, KeyedOp, Register, RegisterOp, RegisterReturn};
//! use quorate_lab::linearizability::{ClientId, History, Limits, Time};
//!
//! let mut history = History::<Keyed<&str, Register<u8>>>::new();
//! let mut at = 0;
//! let mut call = |client, key, op, returned| {
//!     at += 1;
//!     let id = history.invoke(ClientId(client), KeyedOp { key: Some(key), op }, Time::from_millis(at))?;
//!     history.ok(id, returned, Time::from_millis(at))
//! };
//! call(0, "x", RegisterOp::Write(1), RegisterReturn::Done)?;
//! call(1, "y", RegisterOp::Write(2), RegisterReturn::Done)?;
//! call(0, "y", RegisterOp::Read, RegisterReturn::Value(0))?;
//! call(1, "x", RegisterOp::Read, RegisterReturn::Value(0))?;
//!
//! let judgement = judge(&Keyed::new(Register::new(0)), &history, Limits::default())?;
//! assert_eq!(judgement.strongest(), Some(Level::CausalMemory));
//! let witness = judgement.witness(Level::Sequential).unwrap();
//! assert_eq!(witness.why, "in any order of all operations, client 0's write of 1 to x comes before \
//!     client 1's read of 0 from x, which returns the initial value");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Sources
//!
//! Lamport, *How to Make a Multiprocessor Computer That Correctly Executes Multiprocess Programs*,
//! IEEE Trans. Computers 1979. Terry et al., *Session Guarantees for Weakly Consistent Replicated
//! Data*, PDIS 1994. Ahamad et al., *Causal Memory: Definitions, Implementation, and Programming*,
//! Distributed Computing 1995. Gibbons & Korach, *Testing Shared Memories*, SIAM J. Comput. 1997.
//! Bouajjani, Enea, Guerraoui & Hamza, *On Verifying Causal Consistency*, POPL 2017.

mod access;
mod causal;
mod error;
mod judge;
mod level;
mod operations;
mod order;
mod saturate;
mod sequential;
mod sessions;

pub use access::{Access, ReadWrite};
pub use error::BadHistory;
pub use judge::judge;
pub use level::{Judgement, Level, Outcome, Pattern, Undecided, Witness};

/// The largest number of calls in a history to judge.
pub const OPERATIONS_MAX: usize = 512;

/// The largest number of operations in a search for a sequential order. Longer histories may still
/// be refuted.
pub const SEQUENTIAL_MAX: usize = 64;

/// The largest number of states that such a search remembers.
pub const STATES_MAX: usize = 200_000;
