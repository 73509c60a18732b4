//! Three-phase commit: atomic commitment that does not block while messages arrive in time.
//!
//! Two-phase commit blocks because a participant in doubt cannot tell whether another has
//! committed. Skeen puts a phase between the votes and the commit. The **coordinator** first tells
//! every participant that all have voted yes; each enters the *pre-commit* state and says so; only
//! then does anybody commit. So when somebody commits, nobody is uncertain any more, and when
//! somebody that is up is uncertain, nobody has committed.
//!
//! | message | from | to | purpose |
//! |---|---|---|---|
//! | [`Prepare`](Message::Prepare) | coordinator | participants | phase 1: prepare this change, and vote |
//! | [`Yes`](Message::Yes), [`No`](Message::No) | participant | coordinator | the vote |
//! | [`PreCommit`](Message::PreCommit) | coordinator or backup | participants | phase 2: all have voted yes |
//! | [`Ack`](Message::Ack) | participant | coordinator or backup | it has entered the pre-commit state |
//! | [`Commit`](Message::Commit), [`Abort`](Message::Abort) | coordinator or backup | participants | phase 3: the outcome |
//! | [`StateRequest`](Message::StateRequest), [`State`](Message::State) | backup, participants | | the state of those that are up |
//! | [`WhatBecame`](Message::WhatBecame), [`NorDoI`](Message::NorDoI) | restarted node, coordinator | | recovery |
//!
//! # Termination
//!
//! A participant that hears nothing becomes the **backup coordinator**: the first one that is up,
//! since the second waits twice as long. It asks the others for their states:
//!
//! | among those that are up | the backup | rule |
//! |---|---|---|
//! | one has aborted, or has not voted | aborts | BHG §7.5, TR1 |
//! | one has committed | commits | TR2 |
//! | all are uncertain | aborts | TR3 |
//! | one is in the pre-commit state | moves the others there, and then commits | TR4 |
//!
//! A participant that has restarted takes no part in this: the others may have gone on without it.
//! It asks until one knows the outcome. If every node, the coordinator among them, has failed and
//! is back, and none has decided, it aborts (total failure).
//!
//! # What it assumes
//!
//! A node that does not answer in time is down. Then three-phase commit needs nobody in particular:
//! those that are up decide. In a network that can be slow or divided that is not so. Each side of
//! a partition takes the other for dead, one of them with a participant in the pre-commit state and
//! one without: one commits and the other aborts (Skeen and Stonebraker 1983). One late message
//! does the same. [Paxos Commit](crate::paxos_commit) needs a majority instead of the timeouts.
//!
//! # Design
//!
//! * Rows, amounts, requests and answers are those of [two-phase commit](crate::two_phase), but a
//!   participant does not wait for a locked row: it votes no.
//! * The coordinator writes down what it begins. After a restart it asks, because the participants
//!   have decided without it.
//! * The pre-commit state is not on disk: after a restart it would not count.
//!
//! # Invariants
//!
//! Those of two-phase commit, [`SameOutcome`](crate::two_phase::SameOutcome) to
//! [`EachRequestOnce`](crate::two_phase::EachRequestOnce).

mod assumption;
mod config;
mod coordinator;
mod disk;
mod message;
mod node;
mod participant;
mod rulebook;
mod rules;
mod symmetry;
mod termination;
mod view;

pub use assumption::silence_means_a_crash;
pub use config::{Config, ConfigError, Settings};
pub use disk::{Disk, Record};
pub use message::{Fact, Message, Progress, Timer};
pub use node::ThreePhase;
pub use rulebook::{BY_THE_BOOK, Rulebook};
pub use rules::ThreePhaseRule;
pub use view::{Phase, View};
