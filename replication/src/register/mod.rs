//! A replicated register: named values with a copy on each replica, which answers either
//! consistently or always.
//!
//! While a network is parted, a replica that is asked has two choices (CAP; Gilbert and Lynch
//! 2002). It can answer only if a **majority** of the replicas takes part, so that the next request
//! meets at least one of them: then the side without a majority refuses. Or it can answer from its
//! **own copy**: then both sides go on, and disagree until gossip has reached all.
//!
//! | mode | a write | a read | while parted | afterwards |
//! |---|---|---|---|---|
//! | [`Consistent`](Mode::Consistent) | asks a majority for its newest stamp, puts a higher one on a majority | asks a majority, puts the newest version on a majority | only the side with a majority answers | nothing to do |
//! | [`Available`](Mode::Available) | is taken by the replica that is asked | shows what that replica has | every replica answers | copies converge |
//!
//! # Consistent: majority reads and writes
//!
//! Attiya, Bar-Noy and Dolev's register, with several writers (Lynch and Shvartsman). It is
//! linearizable although nobody agrees on a log: a version's [`Stamp`](crate::Stamp) is a count and
//! the writer's id. A read that finds its version on less than a majority writes it back first,
//! lest a later read miss it. An operation that meets no majority within
//! [`timeout`](Settings::timeout) is refused; a write may still take effect.
//!
//! # Available: four orders
//!
//! | [`Order`] | stamp | two writes that know nothing of each other | a write after a read |
//! |---|---|---|---|
//! | [`Wall`](Order::Wall) | the replica's wall clock | the higher clock stays | can lose, by a slow clock |
//! | [`Lamport`](Order::Lamport) | a count above all that the node has seen | one stays, all replicas the same | stays |
//! | [`Hybrid`](Order::Hybrid) | the wall clock, or a count above what was seen | as by the wall clock, if clocks are right | stays |
//! | [`Vector`](Order::Vector) | a dot, and what the writer had read | both stay, as siblings | replaces what was read |
//!
//! Replicas push each new version to the others, compare all copies with one other replica at
//! intervals (anti-entropy), and compare a key when it is read (read repair).
//!
//! # Applications and sessions
//!
//! A client can ask a replica directly. Or it asks an **application**, a node that remembers what
//! its session has read and written: a write says what its writer had read, and a read carries the
//! stamps that its [`Session`] demands. A replica that lacks them waits, and refuses after the
//! timeout. A session does one thing at a time: a new request ends the one under way. It lasts
//! until its application crashes.
//!
//! # Invariants
//!
//! | invariant | meaning |
//! |---|---|
//! | [`StampsAreUnique`] | no two writes to a key have the same stamp |
//! | [`CompletedOnMajority`] | consistent: what an operation completed with is on a majority |
//! | [`NoOlderRead`] | consistent: nothing older than what was completed before |
//! | [`NeverBackwards`] | a replica's copy is replaced only by something newer |
//! | [`Siblings`] | no version stays beside one whose writer had read it, and none is replaced by one whose writer had not |
//! | [`CauseBeforeEffect`] | a write comes after what its writer had read; not by wall clocks |
//! | [`SessionGuarantee`] | a session's reads show what it has seen |
//!
//! Linearizability is judged from the answers, by the checker of `quorate-lab`; convergence is a
//! goal of random runs.

mod app;
mod available;
mod config;
mod disk;
mod invariants;
mod majority;
mod message;
mod node;
mod replica;
mod rulebook;
mod rules;
mod symmetry;
mod version;
mod view;

pub use config::{Available, Config, ConfigError, Mode, Order, Session, Settings};
pub use disk::{Disk, Record};
pub use invariants::{
    CauseBeforeEffect, CompletedOnMajority, NeverBackwards, NoOlderRead, Safety, SessionGuarantee, Siblings,
    StampsAreUnique,
};
pub use message::{Command, Fact, Message, Reply, Timer};
pub use node::Register;
pub use rulebook::{BY_THE_BOOK, Rulebook};
pub use rules::RegisterRule;
pub use version::{Seen, Version};
pub use view::{Copy, View};
