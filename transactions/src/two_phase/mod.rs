//! Two-phase commit with presumed abort: all participants of a transaction commit it, or none does.
//!
//! A transaction changes rows at several participants, such as an order and a stock. In phase 1 the
//! **coordinator** asks each participant to *prepare* its change: to lock the row, to write the
//! change to disk, and to vote yes; or to vote no. In phase 2 it *decides*, commit only if all
//! voted yes, writes a commit to disk, and announces the outcome.
//!
//! | message | from | to | purpose |
//! |---|---|---|---|
//! | [`Prepare`](Message::Prepare) | coordinator | participants | phase 1: prepare this change, and vote |
//! | [`Yes`](Message::Yes), [`No`](Message::No) | participant | coordinator | the vote |
//! | [`Commit`](Message::Commit), [`Abort`](Message::Abort) | coordinator | participants | phase 2: the outcome |
//! | [`Done`](Message::Done) | participant | coordinator | the commit is on disk here, and may be forgotten there |
//! | [`WhatBecame`](Message::WhatBecame) | participant | coordinator, participants | a participant in doubt asks |
//!
//! # What it costs
//!
//! A participant that has voted yes is **in doubt** until it is told the outcome. It may neither
//! commit nor abort by itself, and its row stays locked: other transactions
//! [wait](Fact::Blocked). If the coordinator dies between the votes and its announcement, all of
//! them wait until it is back. Asking the other participants
//! ([`ask_others`](Settings::ask_others), cooperative termination) helps if one of them knows the
//! outcome or has not voted; if all have voted yes and none has heard, nobody can help. No protocol
//! for atomic commitment is free of such a blocked state when messages can be lost (BHG §7.3).
//!
//! # Presumed abort
//!
//! Of an abort nothing is kept for the participants. A coordinator that is asked about a
//! transaction of which it has no record says that it was aborted. So a commit must be on disk
//! before it is announced, and must stay there until every participant has acknowledged it.
//!
//! # Design
//!
//! * [`Txn`](crate::Txn): the coordinator's life and a number. The life is on disk before its first
//!   transaction, so an identifier is never used twice, and a late vote cannot count for another
//!   transaction.
//! * A client's request becomes a transaction. The number of the newest decided request of each
//!   client is written with the decision, also with an abort, so a repeated request is answered,
//!   not begun again: a client that was told of an abort may rely on it.
//! * A participant has rows with amounts that never fall below zero, and locks a row from its vote
//!   to the outcome (strict two-phase locking). A deadlock between participants ends with the vote
//!   timeout.
//! * A participant writes a commit in one record, together with the amount that it installs.
//! * A participant keeps the outcomes of all its transactions. A real one would forget an outcome
//!   once no message of that transaction can arrive any more.
//!
//! # Invariants
//!
//! | invariant | meaning |
//! |---|---|
//! | [`SameOutcome`] | all nodes agree on the outcome of a transaction, and none reverses it |
//! | [`CommitNeedsEveryYes`] | nobody commits before every participant has voted yes |
//! | [`YesStays`] | a participant that voted yes can commit, also after a restart |
//! | [`AmountsAddUp`] | a row holds its opening amount and the committed changes, each once |
//! | [`EachRequestOnce`] | a request commits at most one transaction, and its answer is true |

mod config;
mod coordinator;
mod disk;
mod invariants;
mod message;
mod node;
mod participant;
mod rulebook;
mod rules;
mod symmetry;
mod view;

pub use crate::command::{Change, Command, Outcome, Reply};
pub use crate::request::Decided;
pub use config::{Config, ConfigError, Settings};
pub use disk::{Commit, Disk, Prepared, Record};
pub use invariants::{AmountsAddUp, CommitNeedsEveryYes, EachRequestOnce, Safety, SameOutcome, YesStays};
pub use message::{Fact, Message, Timer};
pub use node::TwoPhase;
pub use rulebook::{BY_THE_BOOK, Rulebook};
pub use rules::TwoPhaseRule;
pub use view::{Phase, RowView, View};
