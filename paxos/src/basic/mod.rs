//! Basic Paxos: consensus on one value (*Paxos Made Simple* §2). The [crate documentation](crate)
//! explains the algorithm.
//!
//! # Messages
//!
//! | message | from | to | phase | purpose |
//! |---|---|---|---|---|
//! | [`Prepare`](Message::Prepare) | proposer | acceptors | 1a | requests a promise: a number, no value |
//! | [`Promise`](Message::Promise) | acceptor | proposer | 1b | promises, and reports the last accepted proposal |
//! | [`Accept`](Message::Accept) | proposer | acceptors | 2a | requests votes |
//! | [`Accepted`](Message::Accepted) | acceptor | learners | 2b | votes |
//! | [`Refused`](Message::Refused) | acceptor | proposer | – | names the higher ballot that was promised |
//! | [`Chosen`](Message::Chosen) | learner | learners, proposers | – | announces the chosen value |
//! | [`AskAccepted`](Message::AskAccepted), [`AskChosen`](Message::AskChosen) | learner | acceptors, learners | – | recovers lost votes and announcements |
//!
//! A node plays the roles that its [`Config`] assigns to it, and also sends messages to itself.
//! Promises, votes and the proposer's ballot are on [disk](Disk) before any message that depends on
//! them leaves.
//!
//! # Guarantees and limits
//!
//! * Safety does not depend on timing. Progress requires that one proposer is eventually left
//!   undisturbed (§2.4). Two proposers that do not [back off](crate::Backoff) can preempt each
//!   other for ever, as with [`Retry::without_backoff`](crate::Retry::without_backoff).
//! * A ballot that does not succeed in time is abandoned for a higher one, which also recovers from
//!   lost messages.
//! * Quorums are majorities by default. With [other sizes](crate::Builder::phase_1_quorum) it is
//!   Flexible Paxos.
//! * A learner trusts other learners: failures are crashes, not Byzantine.
//! * If votes of the choosing ballot were superseded by votes of later ballots that never got a
//!   quorum, asking the acceptors is not enough to learn the value. The remedy is the paper's: a
//!   proposer issues a proposal, and learns the value from it (§2.3).
//! * A proposer forgets its clients when it crashes. They ask again; the answer can only be the
//!   chosen value.

mod acceptor;
mod disk;
mod invariants;
mod learner;
mod message;
mod node;
mod proposer;
mod symmetry;
mod view;

pub use self::disk::{Disk, Record};
pub use self::message::{Command, Fact, Message, Reply, Timer};
pub use self::node::Paxos;
pub use self::view::{AcceptorView, LearnerView, ProposerView, Stage, View, VoteView};
pub use crate::config::{Builder, Config, ConfigError};
pub use crate::invariants::invariants;
