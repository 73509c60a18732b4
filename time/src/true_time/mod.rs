//! TrueTime and commit wait (Corbett et al., *Spanner: Google's Globally-Distributed Database*,
//! 2012, §3 and §4).
//!
//! **Time masters** have a reference of their own (a GPS receiver, an atomic clock), and answer
//! with an interval. **Servers** poll several masters, discard liars by Marzullo's intersection,
//! and from then on let the interval grow with the drift that their own clock may have. So a
//! reading is `[earliest, latest]`, and contains the true time as long as at most
//! [`faulty`](Settings::faulty) masters lie and the server's clock keeps its bound.
//!
//! A transaction takes `latest` as its commit stamp when it starts to commit, and its client hears
//! of the commit only when `earliest` is past the stamp: **commit wait**. If one transaction begins
//! after another was committed, on whichever server, its stamp is larger: **external
//! consistency**. Servers do not talk to each other for that; they wait out the uncertainty.
//!
//! A server whose error exceeds [`max_error`](Settings::max_error), because it cannot reach the
//! masters, refuses to read the time. A server whose clock contradicts the masters by more than its
//! drift allows leaves until it restarts.
//!
//! Simplified: a transaction is one commit on one server. Spanner's groups, locks and two-phase
//! commit are in other crates, and masters do not compare themselves with each other.
//!
//! # Invariants
//!
//! | invariant | meaning |
//! |---|---|
//! | [`IntervalContainsTruth`] | each interval that a server reads contains the true time |
//! | [`ErrorWithinLimit`] | no server relies on a reading whose error exceeds the limit |
//! | [`StampHasPassed`] | when a commit is told, its stamp has passed, by the true time |
//! | [`ExternalConsistency`] | a transaction that begins after another was committed has a larger stamp |

mod config;
mod disk;
mod display;
mod invariants;
mod master;
mod message;
mod node;
mod rulebook;
mod rules;
mod server;

pub use config::{Config, ConfigError, Settings};
pub use disk::{Disk, Record};
pub use display::NodeView;
pub use invariants::{ErrorWithinLimit, ExternalConsistency, IntervalContainsTruth, Safety, StampHasPassed, safety};
pub use message::{Command, Fact, Message, Reply, Timer};
pub use node::TrueTime;
pub use rulebook::{BY_THE_BOOK, Rulebook};
pub use rules::TrueTimeRule;
