//! Reliable broadcast: all honest nodes accept the same value, or none accepts any (Bracha 1987).
//!
//! A sender that lies can send different values to different nodes, or a value to some of them
//! only. Reliable broadcast takes both away from it, in an asynchronous network, without seals,
//! with 3f+1 nodes of which f lie:
//!
//! | message | sent | purpose |
//! |---|---|---|
//! | [`Initial`](Message::Initial) | by the sender | the value |
//! | [`Echo`](Message::Echo) | once a node has the value | the nodes compare: with more than (n+f)/2 echoes, no other value can have as many |
//! | [`Ready`](Message::Ready) | after so many echoes, or f+1 readies | nobody is left behind: 2f+1 readies at one node are f+1 honest ones at each |
//!
//! A node accepts a value that 2f+1 nodes are ready for. Nothing is said about *when*: of a sender
//! that lies perhaps nothing is ever accepted. That is why broadcast needs neither clock nor
//! chance, and consensus does.
//!
//! The paper assumes that messages between honest nodes arrive. Here no message is repeated, so a
//! run that loses messages keeps agreement and validity, and may lose totality.
//!
//! A liar is a node whose configuration has a [`Lie`] ([`Config::lying`]).
//!
//! | invariant | meaning |
//! |---|---|
//! | [`SameValue`] | no two honest nodes accept different values |
//! | [`SendersValue`] | of an honest sender they accept its value |
//! | [`Totality`] | at the end of a run all have accepted, or none |

mod config;
mod invariants;
mod liar;
mod message;
mod node;
mod rulebook;
mod rules;
mod symmetry;

pub use config::{Config, ConfigError, Settings};
pub use invariants::{Safety, SameValue, SendersValue, Totality};
pub use liar::Lie;
pub use message::{Command, Fact, Message, Reply, Value};
pub use node::{Broadcast, View};
pub use rulebook::{BY_THE_BOOK, Rulebook};
pub use rules::BroadcastRule;
