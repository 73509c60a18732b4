//! Paxos Commit: two-phase commit whose votes outlive every single node.
//!
//! Two-phase commit blocks because one node alone knows the votes and the decision. Here each
//! participant's vote is the value of an instance of Paxos, chosen by 2F+1 **acceptors**: any
//! **leader** can read it from a majority of them, and finish what another one has begun. A
//! transaction is committed if all instances have chosen Prepared, and aborted if one has chosen
//! Aborted (Gray and Lamport, *Consensus on Transaction Commit*, 2006).
//!
//! | message | from | to | purpose |
//! |---|---|---|---|
//! | [`Prepare`](Message::Prepare) | first leader | participants | prepare this change, and vote |
//! | [`Vote`](Message::Vote) | participant | acceptors | phase 2a of ballot 0, its own instance |
//! | [`Accepted`](Message::Accepted) | acceptor | leader | phase 2b: these votes are accepted |
//! | [`Commit`](Message::Commit), [`Abort`](Message::Abort) | leader | participants | the outcome |
//! | [`WhatBecame`](Message::WhatBecame) | participant in doubt | leaders, in turn | ask for the outcome |
//! | [`NewBallot`](Message::NewBallot), [`Promise`](Message::Promise) | leader, acceptors | | phase 1 in all instances |
//! | [`Propose`](Message::Propose) | leader | acceptors | phase 2a in all instances |
//! | [`Refused`](Message::Refused) | acceptor | leader | a higher ballot is promised |
//!
//! Without failures only ballot 0 is used. It needs no phase 1, since it belongs to the participant
//! alone and is the lowest. A leader that lacks a vote begins a ballot of its own: where a vote was
//! accepted it must propose that one again, and where none was it is free, and proposes Aborted.
//!
//! With a single acceptor in the place of the leader this is two-phase commit (§5).
//!
//! # Design
//!
//! * One promise covers all instances of a transaction, and messages of a leader cover all of them.
//! * The first leader takes the requests of clients, numbers the transactions, and writes them down
//!   before it asks (§6 has such a registrar). Others only finish what it has begun: a participant
//!   in doubt asks one leader after the other, and tells them who takes part.
//! * Acceptors keep their votes, so a leader forgets a decision without harm: it can read it again.
//! * Rows, amounts, requests and answers are those of [two-phase commit](crate::two_phase), but a
//!   participant does not wait for a locked row: it votes Aborted.
//!
//! # Invariants
//!
//! Those of two-phase commit, [`SameOutcome`](crate::two_phase::SameOutcome) to
//! [`EachRequestOnce`](crate::two_phase::EachRequestOnce), and [`OneVoteChosen`].

mod acceptor;
mod config;
mod disk;
mod invariants;
mod leader;
mod message;
mod node;
mod participant;
mod rulebook;
mod rules;
mod symmetry;
mod view;

pub use config::{Config, ConfigError, Settings};
pub use disk::{Accepts, Begun, Disk, Record};
pub use invariants::{OneVoteChosen, Safety};
pub use message::{Fact, Message, Timer, Vote, Votes};
pub use node::PaxosCommit;
pub use rulebook::{BY_THE_BOOK, Rulebook};
pub use rules::PaxosCommitRule;
pub use view::{RowView, View, Work};
