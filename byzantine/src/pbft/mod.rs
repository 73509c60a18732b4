//! PBFT: one history of requests at 3f+1 replicas of which f lie (Castro and Liskov 1999).
//!
//! Replicas that only crash need a majority. Replicas that lie need more: f of the answers that a
//! node waits for may be missing, and f of those that it gets may be lies. With 3f+1 replicas and
//! quorums of 2f+1, any two quorums have f+1 replicas in common, at least one of them honest; and a
//! quorum can be had although f replicas are silent.
//!
//! | message | from | to | purpose |
//! |---|---|---|---|
//! | [`Request`](Message::Request) | proxy | primary, then all | execute this |
//! | [`PrePrepare`](Message::PrePrepare) | primary | backups | this request has this number |
//! | [`Prepare`](Message::Prepare) | backup | replicas | I have accepted that: with 2f such no other request has the number *in this view* |
//! | [`Commit`](Message::Commit) | replica | replicas | I have 2f prepares: with 2f+1 such the number is safe *in every view* |
//! | [`Report`](Message::Report) | replica | proxy | the result: f+1 equal ones are true |
//! | [`Checkpoint`](Message::Checkpoint) | replica | replicas | my state after this number: with 2f+1 equal ones the log below it can go |
//! | [`ViewChange`](Message::ViewChange) | replica | replicas | another primary, please, and this is all that I have prepared |
//! | [`NewView`](Message::NewView) | new primary | replicas | 2f+1 view changes, and the proposals that follow from them |
//! | [`State`](Message::State), [`Status`](Message::Status) | replica | replicas | retransmission |
//!
//! # Why three phases
//!
//! A lying primary can tell two backups different things. The *prepare* phase makes the backups
//! compare: 2f+1 of them cannot have accepted one request, and 2f+1 another, in the same view. That
//! does not yet survive the primary. A new primary learns from 2f+1 view changes, and a request
//! that one replica has prepared may be missing in them. The *commit* phase makes sure that 2f+1
//! replicas have the certificate, so that one honest replica of each 2f+1 shows it.
//!
//! # Why proofs
//!
//! A view change and a new view are claims, and their authors may lie. So a view change holds the
//! 2f prepares, each with the seal of its author, and a new view holds the 2f+1 view changes: each
//! backup computes for itself what must be proposed, and refuses anything else.
//!
//! # Liars
//!
//! A node whose configuration has a [`Lie`] takes the honest step, and tells others something else
//! ([`Config::lying`]). It has its own key alone (see [`Sealed`](crate::Sealed)). The driver gives
//! each node its own configuration, so honest nodes do not know who lies; invariants do, and speak
//! of honest nodes only. Proxies are honest.
//!
//! # Design
//!
//! * The service is an account to which clients add. The result of each request is the total, so
//!   that order, repetition and invention all show.
//! * Digests are symbolic: of a request, the request itself, and of a state, the state itself.
//! * The client of the paper is a node, the *proxy*, that collects f+1 equal reports for clients
//!   outside the cluster.
//! * In the paper a replica that crashes is one of the f faulty ones. Here it has on disk all that
//!   it has said, and is as good as a slow one after a restart.
//! * A status message (from Castro's thesis) replaces lost messages.
//!
//! # Invariants
//!
//! | invariant | meaning |
//! |---|---|
//! | [`OneRequestPerNumber`] | no two honest replicas commit different requests under one number |
//! | [`CommittedSurvives`] | what is committed is not replaced in a later view |
//! | [`SameState`] | honest replicas that have executed as much have the same state |
//! | [`AskedAndOnce`] | only what a client has asked for is executed, and once |
//! | [`TrueAnswers`] | a client is told the result that honest replicas have |

mod certificate;
mod config;
mod disk;
mod execute;
mod invariants;
mod liar;
mod message;
mod node;
mod proxy;
mod replica;
mod request;
mod rulebook;
mod rules;
mod status;
mod symmetry;
mod view;
mod view_change;

pub use config::{Config, ConfigError, Settings};
pub use disk::{Disk, Record};
pub use invariants::{AskedAndOnce, CommittedSurvives, OneRequestPerNumber, Safety, SameState, TrueAnswers};
pub use liar::Lie;
pub use message::{
    Certificate, Checkpoint, Fact, Message, NewView, Phase, PrePrepare, Proposal, Report, Timer, ViewChange, Vote,
};
pub use node::Pbft;
pub use request::{Account, Command, Digest, Executed, Reply, Request};
pub use rulebook::{BY_THE_BOOK, Rulebook};
pub use rules::PbftRule;
pub use view::{Progress, View};
