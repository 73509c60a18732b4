//! Leases: the right to act, for a limited time. One primary at a time, by time, by majority and by fence.
//!
//! A failure detector cannot tell a dead node from one that it does not hear. Whoever names a new primary because the old one has
//! gone silent may end up with two. A **lease** (Gray and Cheriton, *Leases*, 1989) is the way out: the primary holds its role for a term and
//! stops by itself when the term ends, heard or not. To take a lease away, one only has to wait.
//!
//! These are pure state machines for any driver of [`quorate_protocol`]. Every decision is one method of
//! the [`Rulebook`], and every effect cites the rule it follows from. Each machine has an enum of its
//! own with the rules that it can cite, such as [`SingleRule`]; groups of rules that machines share,
//! such as [`HolderRule`], are embedded in it. Their [`Clock`](quorate_protocol::Machine::Clock) is
//! [`LocalTime`](quorate_protocol::LocalTime): safety here *does* depend on clocks, and says how much: on
//! the rate of monotonic clocks, within a [bound](Drift), and on nothing else. The wall clock may jump
//! as it likes.
//!
//! # What there is
//!
//! | machine | who grants | survives the loss of | for |
//! |---|---|---|---|
//! | [`single::Lease`] | one granter Q, which watches A, B and C | any holder | the basic story; a fenced [resource](Fact::WriteAccepted) |
//! | [`majority::MajorityLease`] | a majority of acceptors, without disks | any minority | PaxosLease |
//! | [`replicated::RaftLease`] | a table of leases, replicated by Raft | any minority | many leases, watches; a leader that reads alone |
//! | [`store::FencedStore`] | whoever hands out tokens | any minority | a fence that is replicated itself |
//! | [`cache::Cache`] | a server | any cache | cached data that never is stale |
//!
//! # Why it is safe
//!
//! * The holder counts its term from when it *asked*, the granter from when it *granted*, which was later. Clocks may be
//!   wrong within `ρ`, so the holder's term is [shorter](safe_holder_term) by `(1−ρ)/(1+ρ)`: exactly, to the nanosecond.
//! * A granter that restarts waits [as long as anybody may still act](quarantine), or knows its grants from its disk and is bound anew.
//! * A [`Token`] rises with every grant. A lease stops its holder, but nothing stops a write that is under way, so the
//!   resource compares tokens: it is the fence that makes late writes harmless, not the lease.
//! * A [`Detector`] only hints who is worth granting to.
//!
//! # What never happens
//!
//! The [`invariants`] are judged on the true time, which no node knows.
//!
//! | invariant | |
//! |---|---|
//! | [`AtMostOnePrimary`](invariants::AtMostOnePrimary) | at most one node acts as primary at any real instant |
//! | [`TokensNeverDecrease`](invariants::TokensNeverDecrease) | a resource accepts nothing of an earlier grant than it has seen |
//! | [`EachWriteOnce`](invariants::EachWriteOnce) | a resource carries a write out once, however often it arrives |
//! | [`store::NoLostWrite`] | the next holder finds what was completed, and nothing older is completed after it |
//! | [`store::EachWriteOnce`] | a write that was carried out is not carried out again, however often it is asked for |
//! | [`cache::NoStaleRead`] | a cached read is as new as every completed write |
//! | [`replicated::NoStaleRead`] | a leader that reads alone has seen all that anybody was told |
//!
//! # What to expect, and what not
//!
//! * A clock that breaks its bound breaks the lease. A pause does not: the clock goes on, and the holder finds its term over.
//! * A node's monotonic clock is taken to go on while the node is down, as that of its machine does when a process restarts.
//! * Availability is bounded by terms: when a primary dies, nobody is primary until its term is over.
//! * A grant costs one disk write, a renewal none. Wiping the granter's disk breaks the order of tokens.
//!
//! # Example
//!
//! A asks at 0, Q grants at 1 ms, and the answer takes until 90 ms. A may act until 100 ms after it *asked*:
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
mod primary;
mod releases;
pub mod replicated;
mod rulebook;
mod rules;
pub mod single;
pub mod store;
mod terms;
mod text;
mod written;

/// What must never happen to the leases of one holder at a time, judged on the true time.
pub mod invariants {
    pub use crate::exclusion::{AtMostOnePrimary, Deed, TokensNeverDecrease, Witnessed};
    pub use crate::single::{EachWriteOnce, Safety, invariants};
}

pub use error::ConfigError;
pub use id::{Attempt, LeaseId, Mode, Sequencer, Token};
pub use primary::{Fact, Loss, Reply};
pub use rulebook::{BY_THE_BOOK, Known, Rulebook, Standing};
pub use rules::{CountRule, HolderRule, InputRule, RecordRule, RenewalRule, StaleGrantRule};
pub use single::{
    Command, Config, Detector, Disk, FenceCheck, Lease, Message, Recent, Record, Recovery, Settings, SingleRule, Timer,
    View, Watch,
};
pub use terms::{Drift, LONGEST, TermError, Terms, quarantine, safe_holder_term};
pub use text::{Name, Value};
pub use written::NotWritten;
