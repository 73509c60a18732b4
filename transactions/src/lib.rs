//! Distributed transactions: several nodes change their data together, or not at all.
//!
//! Agreement on a log (Paxos, Raft) replicates *one* machine. A transaction over *different*
//! machines, such as an order and a stock, needs atomic commitment: each participant may refuse,
//! and all must reach the same outcome. This crate contains the protocols for it as pure state
//! machines for any driver of [`quorate_protocol`]. Every decision is one method of a rulebook, and
//! every effect cites the rule that it follows from.
//!
//! | machine | what it does | who must be up to go on |
//! |---|---|---|
//! | [`two_phase::TwoPhase`] | two-phase commit with row locks, presumed abort, recovery and cooperative termination | the coordinator, and every participant |
//! | [`three_phase::ThreePhase`] | three-phase commit: no participant stays in doubt while one is up, if messages arrive in time | one participant |
//! | [`paxos_commit::PaxosCommit`] | Paxos Commit: each vote is agreed on by acceptors, and any leader can finish | a leader, and a majority of the acceptors |
//! | [`outbox::MessageTable`] | the local message table: an order and its message in one write, forwarded until it is handled, once | nobody: the others catch up |
//! | [`saga::Saga`] | a saga: a sequence of local transactions, undone one by one if it cannot go on | nobody: a step is repeated or undone when its service is back |
//!
//! Safety depends on no clock, except in three-phase commit: there a node that does not answer in
//! time is taken for dead. Elsewhere time decides only when a coordinator gives up on a vote, and
//! when a participant in doubt asks.
//!
//! # Example
//!
//! An order and a stock, by hand; drivers with faults, clocks and traces are in `quorate-lab`:
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use quorate_protocol::{ClientId, Constants, Effect, Input, Machine, NodeId, Outbox, RequestId};
//! use quorate_transactions::Row;
//! use quorate_transactions::two_phase::{Change, Command, Disk, Settings, TwoPhase};
//!
//! let [t, order, stock] = [0, 1, 2].map(NodeId);
//! let constants = Constants::new(Settings::new(t, [order, stock]).build()?);
//! let cx = |node| constants.of(node, ());
//! let mut out = Outbox::new();
//! let mut nodes: Vec<TwoPhase> =
//!     [t, order, stock].iter().map(|node| TwoPhase::boot(&cx(*node), &Disk::default(), &mut out)).collect();
//!
//! let change = |row, by| Change { row: Row::from(row), by };
//! let command = Command::Transact {
//!     changes: BTreeMap::from([(order, change("order-1", 1)), (stock, change("apples", -3))]),
//! };
//! let ticket = RequestId { client: ClientId(0), number: 1 };
//! let mut inputs = vec![(t, Input::Request { ticket, command })];
//! while let Some((node, input)) = inputs.pop() {
//!     out.clear();
//!     nodes[node.index()].step(&cx(node), input, &mut out);
//!     inputs.extend(out.drain().filter_map(|effect| match effect {
//!         Effect::Send { to, message } => Some((to, Input::Deliver { from: node, message })),
//!         _ => None,
//!     }));
//! }
//! assert_eq!(nodes[1].amount(&Row::from("order-1"), 10), Some(11));
//! assert_eq!(nodes[2].amount(&Row::from("apples"), 10), Some(7));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod atomic;
mod command;
mod id;
pub mod outbox;
pub mod paxos_commit;
mod request;
mod roles;
pub mod saga;
pub mod three_phase;
pub mod two_phase;

pub use atomic::{AtomicCommit, CommitEvent};
pub use id::{BadTxn, Row, Txn};
