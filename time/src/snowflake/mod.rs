//! Snowflake ids (Twitter 2010): unique and roughly ordered, without a round trip for each.
//!
//! An id has 63 bits: 41 of a **tick**, the milliseconds of a wall clock since an epoch; 10 of a
//! **worker**, which tells generators apart; 12 of a **sequence**, which counts within a tick.
//! Each generator makes up to 4096 ids in a millisecond by itself, so ids need no coordinator that
//! every request must pass, as one counter would.
//!
//! | property | holds | because |
//! |---|---|---|
//! | unique | always | no two generators have the same worker number in the same tick, and one generator never goes back |
//! | roughly ordered | within twice the error of the clocks | the tick comes first |
//! | causal | **no** | an id says when by its maker's clock: an id that was made after another one was *seen* may be smaller |
//!
//! # A worker number, leased in ticks
//!
//! A **registry** leases worker numbers. The lease ends at a tick, not at a time: it is counted in
//! the very bits that must not repeat. The next holder begins above the last tick that the former
//! one may use, so nothing here relies on a clock for being safe; a clock that is wrong costs
//! availability alone.
//!
//! # A clock that goes back
//!
//! A generator refuses to make ids while its clock is behind the last tick that it used; or it
//! waits, if that will be over soon ([`Backwards`]). A restart must not forget that tick: the
//! generator **reserves** ticks on disk before it uses them, and after a restart begins above them.
//!
//! # Invariants
//!
//! | invariant | meaning |
//! |---|---|
//! | [`UniqueIds`] | no id is issued twice |
//! | [`IncreasingAtEachNode`] | each node issues its ids in increasing order, also over a restart |
//! | [`RoughlyOrdered`] | of two ids whose moments are more than twice the clock error apart, the later one is larger |

mod config;
mod disk;
mod generator;
mod id;
mod invariants;
mod message;
mod node;
mod registry;
mod rulebook;
mod rules;

pub use config::{Backwards, Config, ConfigError, Settings};
pub use disk::{Disk, Record};
pub use id::{Id, Layout, Parts, Slot};
pub use invariants::{IncreasingAtEachNode, RoughlyOrdered, Safety, UniqueIds};
pub use message::{Command, Fact, Lease, Message, Reply, Timer};
pub use node::{NodeView, Snowflake};
pub use rulebook::{BY_THE_BOOK, Next, Rulebook};
pub use rules::SnowflakeRule;
