//! Basic Paxos: one value (*Paxos Made Simple* §2). How it works stands [at the head of the
//! crate](crate).
//!
//! # Who says what
//!
//! | message | from | to | phase | what it is for |
//! |---|---|---|---|---|
//! | [`Prepare`](Message::Prepare) | proposer | acceptors | 1a | asks for a promise: a number, no value |
//! | [`Promise`](Message::Promise) | acceptor | proposer | 1b | promises, and reports the last accepted proposal |
//! | [`Accept`](Message::Accept) | proposer | acceptors | 2a | asks for votes |
//! | [`Accepted`](Message::Accepted) | acceptor | learners | 2b | votes |
//! | [`Refused`](Message::Refused) | acceptor | proposer | – | says which higher ballot was promised: go above it |
//! | [`Chosen`](Message::Chosen) | learner | learners, proposers | – | passes the news on |
//! | [`AskAccepted`](Message::AskAccepted), [`AskChosen`](Message::AskChosen) | learner | acceptors, learners | – | makes good for lost news |
//!
//! A node plays the roles that its [`Config`] gives it, and sends messages also to itself. What must survive a crash is
//! on [disk](Disk) before the message that tells of it leaves: an acceptor's promise and vote, a
//! proposer's ballot.
//!
//! # What to expect, and what not
//!
//! * It is safe whatever the timing, and it *progresses* only while one proposer is left in peace (§2.4). Two that do not
//!   [back off](crate::Backoff) can overtake each other for ever, as with
//!   [`Retry::without_backoff`](crate::Retry::without_backoff).
//! * A ballot that gets nowhere in time is abandoned for a higher one, which makes good for lost messages as well.
//! * Quorums are majorities by default. With [other sizes](crate::Builder::phase_1_quorum) it is
//!   Flexible Paxos.
//! * A learner takes another learner's word, and nobody lies: these are crashes, not malice.
//! * If votes of the choosing ballot were overtaken by votes of later ballots that never got a quorum, asking the acceptors
//!   is not enough to learn the value. The paper's way out is the one here: somebody proposes, and learns it (§2.3).
//! * A proposer's memory of its clients is gone after a crash. They ask again; the answer can only be the chosen value.

mod acceptor;
mod disk;
mod invariants;
mod learner;
mod message;
mod node;
mod proposer;
mod renamed;
mod view;

pub use self::disk::{Disk, Record};
pub use self::message::{Command, Fact, Message, Reply, Timer};
pub use self::node::Paxos;
pub use self::view::{AcceptorView, LearnerView, ProposerView, Stage, View, VoteView};
pub use crate::config::{Builder, Config, ConfigError};
pub use crate::invariants::invariants;
