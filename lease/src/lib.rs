//! Leases: the right to act for a limited time. Time, majorities and fencing ensure a single
//! primary.
//!
//! A failure detector cannot tell a dead node from an unreachable one. A system that names a new
//! primary because the old one is silent may end up with two. A **lease** (Gray and Cheriton,
//! *Leases*, 1989) solves this: the primary holds its role for a term and stops by itself when the
//! term ends, reachable or not. To revoke a lease, it is enough to wait.
//!
//! The crate contains pure state machines for any driver of [`quorate_protocol`]. Every decision is
//! one method of the [`Rulebook`], and every effect cites the rule it follows from. Each machine
//! has its own enum of the rules that it can cite, such as [`SingleRule`]; groups of rules shared
//! by several machines, such as [`HolderRule`], are embedded in it. Their
//! [`Clock`](quorate_protocol::Machine::Clock) is [`LocalTime`](quorate_protocol::LocalTime):
//! safety here *does* depend on clocks, but only on the rate of monotonic clocks, within a
//! [bound](Drift). The wall clock may jump.
//!
//! # Contents
//!
//! | machine | granter | tolerates the loss of | purpose |
//! |---|---|---|---|
//! | [`single::Lease`] | one granter Q, which watches A, B and C | any holder | the basic protocol; a fenced [resource](Fact::WriteAccepted) |
//! | [`majority::MajorityLease`] | a majority of acceptors, without disks | any minority | PaxosLease |
//! | [`replicated::RaftLease`] | a table of leases, replicated by Raft | any minority | many leases, watches; local reads at the leader |
//! | [`store::FencedStore`] | any source of tokens | any minority | a replicated fence |
//! | [`cache::Cache`] | a server | any cache | cached data that is never stale |
//! | [`pushed::Pushed`] | one issuer, which hears nothing | any holder | a fixed time, or a version, as the end |
//!
//! # Why it is safe
//!
//! * The holder counts its term from when it *asked*, the granter from when it *granted*, which was
//!   later. Clock rates may be wrong by up to `ρ`, so the holder's term is
//!   [shorter](safe_holder_term) by the factor `(1−ρ)/(1+ρ)`, exact to the nanosecond.
//! * A granter that restarts either waits [as long as any holder may still act](quarantine), or
//!   reads its grants from disk and is bound by them again.
//! * A [`Token`] increases with every grant. A lease stops its holder, but not a write that is
//!   already in flight, so the resource compares tokens: the fence, not the lease, makes late
//!   writes harmless.
//! * A [`Detector`] only suggests which node is worth granting to.
//!
//! # Invariants
//!
//! The [`invariants`] are checked in true time, which no node knows.
//!
//! | invariant | meaning |
//! |---|---|
//! | [`AtMostOnePrimary`](invariants::AtMostOnePrimary) | at most one node acts as primary at any real instant |
//! | [`TokensNeverDecrease`](invariants::TokensNeverDecrease) | a resource accepts no write of an earlier grant than it has seen |
//! | [`EachWriteOnce`](invariants::EachWriteOnce) | a resource executes a write once, however often it arrives |
//! | [`store::NoLostWrite`] | the next holder finds every completed write, and no older write completes after it has opened |
//! | [`store::EachWriteOnce`] | an executed write is not executed again, however often it is requested |
//! | [`cache::NoStaleRead`] | a cached read is as new as every completed write |
//! | [`replicated::NoStaleRead`] | a local read at the leader is as new as every earlier reply |
//!
//! # Guarantees and limits
//!
//! * A clock that exceeds its drift bound breaks the lease. A pause does not: the clock keeps
//!   running, and the holder finds its term over. A suspended machine does, where its monotonic
//!   clock stands still: `quorate run lid-two-primaries` shows two primaries.
//! * A node's monotonic clock is assumed to keep running while the node is down, as a machine's
//!   clock does while a process restarts.
//! * A restart is assumed to take longer than the resolution of the node's clock. A node recognizes
//!   a grant of its earlier life by a request before its start, so two lives must not share a
//!   reading: `quorate check lease-cache --crashes 1 --restarts 1 --requests 4` shows a stale read
//!   where they do.
//! * Terms bound availability: when a primary dies, there is no primary until its term is over.
//! * A grant costs one disk write, a renewal none. Wiping the granter's disk breaks the order of
//!   tokens.
//!
//! # Example
//!
//! A asks at 0, Q grants at 1 ms, and the reply arrives at 90 ms. A may act until 100 ms after it
//! *asked*:
//!
//! ```
//! use quorate_lease::{Disk, Drift, Lease, Message, Settings, Terms};
//! use quorate_protocol::{Constants, Duration, Effect, Input, LocalTime, Machine, NodeId, Outbox, Time};
//!
//! let [q, a] = [0, 1].map(NodeId);
//! let ms = Duration::from_millis;
//! let terms = Terms::new(ms(300), ms(100), ms(30), Drift::from_ppm(500_000)?)?;
//! let constants = Constants::new(Settings::new(q, [a], terms).build()?);
//!
//! let at = |node, millis| {
//!     constants.of(node, LocalTime { monotonic: Time::from_millis(millis), wall: Time::ZERO })
//! };
//! let mut out = Outbox::new();
//! let mut granter: Lease = Lease::boot(&at(q, 0), &Disk::default(), &mut out);
//! out.clear();
//! let mut holder: Lease = Lease::boot(&at(a, 0), &Disk::default(), &mut out);
//!
//! let asked = out.effects().iter().find_map(|effect| match effect {
//!     Effect::Send { message, .. } => Some(message.clone()),
//!     _ => None,
//! });
//! out.clear();
//! granter.step(&at(q, 1), Input::Deliver { from: a, message: asked.unwrap() }, &mut out);
//! let grants: Vec<Message> = out.drain().filter_map(|effect| match effect {
//!     Effect::Send { message, .. } => Some(message),
//!     _ => None,
//! }).collect();
//! assert_eq!(grants.len(), 2, "the node lease and the primary lease");
//!
//! for message in grants {
//!     holder.step(&at(a, 90), Input::Deliver { from: q, message }, &mut out);
//! }
//! assert!(holder.acts(&at(a, 99)).is_some());
//! assert!(holder.acts(&at(a, 100)).is_none());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod cache;
mod error;
mod exclusion;
mod id;
pub mod majority;
mod name;
mod parse;
mod primary;
pub mod pushed;
mod releases;
pub mod replicated;
mod rulebook;
mod rules;
pub mod single;
pub mod store;
mod terms;

/// Invariants of exclusive leases, checked in true time.
pub mod invariants {
    pub use crate::exclusion::{AtMostOnePrimary, LeaseEvent, Observable, TokensNeverDecrease};
    pub use crate::single::{EachWriteOnce, Safety, invariants};
}

pub use error::ConfigError;
pub use id::{Attempt, LeaseId, Mode, Sequencer, Token};
pub use name::{Name, Value};
pub use parse::ParseError;
pub use primary::{Fact, Loss, Reply};
pub use rulebook::{BY_THE_BOOK, LeaseState, RequestLookup, Rulebook};
pub use rules::{CountRule, HolderRule, InputRule, RecordRule, RenewalRule, StaleGrantRule};
pub use single::{
    Command, Config, Detector, DetectorConfig, Disk, FenceCheck, GrantBody, Lease, Message, Recent, Record, Recovery,
    SealedGrant, Settings, SingleRule, Timer, View,
};
pub use terms::{Drift, LONGEST, TermError, Terms, quarantine, safe_holder_term};
