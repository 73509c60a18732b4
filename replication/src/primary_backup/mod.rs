//! A primary with a backup, and a monitor that names who is which (Alsberg and Day 1976; Budhiraja,
//! Marzullo, Schneider and Toueg 1993; the view server of the DSLabs course).
//!
//! The monitor names numbered **views**: a primary, and a backup or none. All servers ping it. The
//! primary answers reads and writes; a backup that joins gets the whole state, then each write.
//! The monitor names the next view only when the primary has heard of this one, and promotes only
//! the backup of this view, and only when its primary has said that the backup has the state.
//!
//! | [`Mode`] | a write is acknowledged | a read is answered | a fail-over |
//! |---|---|---|---|
//! | [`Synchronous`](Mode::Synchronous) | when the backup of the view has stored it | when that backup, still in the view, has all that the read shows | keeps every acknowledged write |
//! | [`Asynchronous`](Mode::Asynchronous) | at once | at once | loses what the backup had not heard of |
//!
//! The monitor is a single node here; a real one would be replicated by consensus.
//!
//! # Invariants
//!
//! | invariant | meaning |
//! |---|---|
//! | [`OnePrimaryPerView`] | no two servers take office in one view |
//! | [`Succession`] | the primary of a view was the primary or the backup of the view before |
//! | [`NoLostWrite`] | synchronous: what was acknowledged, or shown to a reader, is in the state of every primary of this view and of later ones |
//!
//! Linearizability is judged from the answers, by the checker of `quorate-lab`.

mod config;
mod disk;
mod display;
mod invariants;
mod message;
mod monitor;
mod node;
mod reads;
mod rulebook;
mod rules;
mod server;

pub use config::{Config, ConfigError, Mode, Settings};
pub use disk::{Disk, Held, Record, State};
pub use display::NodeView;
pub use invariants::{NoLostWrite, OnePrimaryPerView, Safety, Succession};
pub use message::{Command, Fact, Message, Reply, Timer, View};
pub use node::PrimaryBackup;
pub use rulebook::{BY_THE_BOOK, Rulebook};
pub use rules::PrimaryBackupRule;
