//! Locks on a coordination service: ZooKeeper, etcd and Chubby.
//!
//! The service is a small tree of nodes, replicated by Raft. A client keeps a **session** by
//! heartbeats; **ephemeral** nodes end with the session of their creator; a **watch** notifies its
//! client once, and does not say of what. From these a lock is made by a recipe:
//!
//! | recipe | lock | wait | order |
//! |---|---|---|---|
//! | [`plain`](Recipe::Plain) | create `/lock` | watch `/lock`, and try again with all others: the herd effect | none |
//! | [`sequential`](Recipe::Sequential) | create `/lock/write-0000000007` (or `read-`) | watch the node just ahead | of the numbers |
//! | [`create-revision`](Recipe::CreateRevision) | create `/lock/SESSION`, as etcd's clients do | watch the key just ahead | of the revisions |
//! | [`file-lock`](Recipe::FileLock) | acquire the lock of the file `/lock`, as Chubby's clients do | be notified that it is free, and try again | of the generations |
//!
//! The recipe itself stands apart from the node: [`Contender`] is a step function from an
//! [answer](TreeAnswer) to the next [request](TreeRequest). It knows no messages, and a client of a
//! real service can drive it.
//!
//! # What holds, and while what is true
//!
//! [Who counts](Belief) decides. A client that counts its session by its own clock (Chubby; leases
//! in general) keeps [`AtMostOneHolder`](crate::invariants::AtMostOneHolder) while clocks keep their
//! rate within the bound of its [terms](quorate_lease::Terms). ZooKeeper's client believes **until
//! it is told**: it does not count, so a pause or a partition breaks `AtMostOneHolder` whatever the
//! clocks do, and the fencing token ([`Rulebook::token`]: `zxid`, revision, generation) at a
//! [resource](crate::Guard::Fence) is what keeps its writes in order. Exclusion on the service, that
//! no two nodes are first in the tree, needs neither.
//!
//! # What is simpler than in the real services
//!
//! Every request goes through the log, reads and heartbeats as well, so an answer is as new as can
//! be, and a leader that was deposed prolongs no session. ZooKeeper answers reads at the server
//! that a client is connected to. Nodes contain no data, and watches are part of the replicated
//! state. Clients have one request under way at a time, and repeat it under the same number, so
//! that the answer to a lost `create` is not lost.

mod client;
mod config;
mod file_lock;
mod message;
mod node;
mod recipe;
mod request;
mod rulebook;
mod rules;
mod server;
mod session;
mod tree;
mod writer;

pub use config::{Belief, Config, CoordinationError, Recipe, Settings};
pub use file_lock::FileLock;
pub use message::{Command, Disk, Fact, Message, Record, Reply, Timer};
pub use node::{Coordination, View};
pub use recipe::{Contender, Holding, Next, OnWake, Place, unlock};
pub use request::{Change, Child, CreateMode, Expiry, Sequence, SessionId, TreeAnswer, TreeRequest, WatchEvent, Zxid};
pub use rulebook::{BY_THE_BOOK, Rulebook};
pub use rules::CoordinationRule;
pub use tree::{Tree, TreeQuery, TreeReply, Znode};

pub use crate::sequencer::{LockMode, Sequencer};
