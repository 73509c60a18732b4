//! Distributed locks as people build them, and the schedules that break them.
//!
//! A lock in one process is a word of memory. Between machines it is a row, a key, or a majority of
//! keys on a server that cannot see its clients: a client that is dead looks like one that is slow.
//! So a lock either stays with a dead owner for ever, or it **expires**, and may then have a new
//! owner while the old one still believes in it. This crate has the recipes, the servers that they
//! use, and the resource behind the lock, which in the end decides what a late write does.
//!
//! # Who is who
//!
//! | role | what it is | file |
//! |---|---|---|
//! | server | keys with a value and a time to live, on one node (Redis), or rows under a unique index; keeps them on disk or not | `server.rs` |
//! | client | takes the lock by a [`Recipe`], extends it, acts while it is valid, writes to the resource, unlocks | `client.rs`, `extension.rs`, `writer.rs`, `replicated.rs` |
//! | resource | a value, with a [`Guard`] or without one | `resource.rs` |
//!
//! All are nodes of one machine, [`Lock`], so that every recipe meets every guard. The recipe
//! itself stands apart from the node: [`Acquisition`] is a step function from a server's [`Answer`]
//! to the next [`Request`]. It knows no messages, and a client of real servers can drive it.
//!
//! | recipe | lock | unlock | the lock ends by itself | fencing token |
//! |---|---|---|---|---|
//! | [`unique-index`](Recipe::UniqueIndex) | `INSERT` | `DELETE` | never | count of rows |
//! | [`setnx`](Recipe::SetNx) | `SETNX` | `DEL` | never | count of keys |
//! | [`setnx-expire`](Recipe::SetNxExpire) | `SETNX`, then `EXPIRE` | `DEL` | unless the client dies between the two | count of keys |
//! | [`set-nx-px`](Recipe::SetNxPx) | `SET NX PX`, a value of its own | compare and delete | yes | count of keys |
//! | [`redlock`](Recipe::Redlock) | the same, on a majority of servers | the same, on all | yes | none: its values are in no order |
//!
//! The count is one that the server makes with the key (`INCR` in the same script). Redis has none
//! by itself.
//!
//! Locks on a service that is itself replicated (ZooKeeper, etcd, Chubby) are in [`coordination`].
//!
//! # What holds, and while what is true
//!
//! | invariant | meaning |
//! |---|---|
//! | [`AtMostOneHolder`](invariants::AtMostOneHolder) | at most one client acts under the lock at any real instant |
//! | [`OwnLockOnly`](invariants::OwnLockOnly) | a key is deleted, or lives longer, on request, only for the client that set it |
//! | [`TokensNeverDecrease`](invariants::TokensNeverDecrease) | a resource accepts no write of an earlier holder than before |
//! | [`OneWriteAtATime`](invariants::OneWriteAtATime) | a resource that writes slowly writes for one holder at a time |
//! | [`NoLostWrite`](invariants::NoLostWrite) | a holder that has read the resource knows of every write that an earlier one completes |
//!
//! * `set-nx-px` and `redlock` keep `AtMostOneHolder` and `OwnLockOnly` while **clocks keep their
//!   rate** within the [allowance](Settings::allowance), the clock by which servers expire keys **is
//!   not set** ([`ExpiryClock`]), and servers **forget nothing** ([`Persistence`]), or stay away
//!   [for a time to live](Settings::restart_delay) when they have. A pause or a slow network breaks
//!   neither: a client counts from before it asked (Redlock, step 3), and looks at its clock before
//!   it acts.
//! * `setnx-expire` deletes by name alone, so it keeps `OwnLockOnly` only while nobody is late.
//! * `unique-index` and `setnx` keep both while no message is repeated, at the price that the lock
//!   of a dead client stays.
//! * **No recipe** keeps a write from being late. `TokensNeverDecrease` is a promise of the
//!   resource: [`Guard::Fence`] gives it. [`Guard::CurrLock`] excludes, and does not order: the
//!   late one may win. [`Guard::AskService`] is as old as the answer of the service.
//!   [`Guard::FileName`] keeps what readers get in order, where the resource can compare nothing;
//!   the late writer is not told.
//! * `NoLostWrite` needs more than a fence, on one node or several: [`Guard::MarkFirst`] brings the
//!   token with the first reading, [`Guard::ReplicaFence`] with the write alone.
//! * An [extension](Settings::extend_every) keeps a lock for longer work while a majority answers;
//!   it compares the value, or it would extend another's lock.
//!
//! # Example
//!
//! An attempt by Redlock on three servers, driven by hand: two of three suffice, and the validity
//! counts from before the first request.
//!
//! ```
//! use quorate_locks::{Acquisition, Answer, AttemptId, BY_THE_BOOK, Progress, Recipe, Request, Settings};
//! use quorate_protocol::{Duration, NodeId, Time};
//!
//! let [p, q, r, a] = [0, 1, 2, 3].map(NodeId);
//! let ttl = Duration::from_secs(10);
//! let config = Settings::new(Recipe::Redlock, [p, q, r], [a], Some(ttl)).build()?;
//!
//! let id = AttemptId { owner: a, number: 1 };
//! let mut attempt = Acquisition::begin(id, Time::from_millis(0));
//! assert!(matches!(attempt.request(&BY_THE_BOOK, &config), Request::SetIfAbsent { ttl: Some(_), .. }));
//!
//! let set = Answer::Set { token: Default::default() };
//! let mut answered = |instance, millis| {
//!     attempt.answered(&BY_THE_BOOK, &config, instance, (id, &set), Time::from_millis(millis))
//! };
//! assert_eq!(answered(0, 3), Progress::Waits);
//! assert_eq!(answered(0, 4), Progress::Ignored, "an instance counts once");
//! // 10 s, less 1 % and 2 ms for clocks.
//! let until = Some(Time::from_millis(9898));
//! assert_eq!(answered(2, 40), Progress::Holds { until, token: None });
//! # Ok::<(), quorate_locks::ConfigError>(())
//! ```

mod acquisition;
mod client;
mod config;
pub mod coordination;
mod disk;
mod error;
mod extension;
mod id;
pub mod invariants;
mod message;
mod node;
mod replicated;
mod resource;
mod rulebook;
mod rules;
mod sequencer;
mod server;
mod service;
mod writer;

pub use acquisition::{Acquisition, Progress, unlock};
pub use config::{Config, ExpiryClock, Guard, Persistence, Recipe, Settings};
pub use disk::Disk;
pub use error::ConfigError;
pub use id::{AttemptId, LockValue};
pub use message::{Command, Entry, Fact, Loss, Message, Record, Reply, Timer, Write};
pub use node::{Lock, View};
pub use rulebook::{BY_THE_BOOK, Rulebook};
pub use rules::LockRule;
pub use sequencer::{LockMode, Sequencer};
pub use service::{Answer, Request};
