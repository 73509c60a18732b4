//! Majority leases (*PaxosLease*, 2012): no single point of failure, and nothing on disk but a
//! counter.
//!
//! A group of **acceptors** replaces the single granter, and a lease is granted when a majority of
//! them has accepted it. This is Paxos, simplified by time: an acceptor forgets what it accepted
//! when the term is over, so no value is chosen permanently, and a crashed acceptor needs no stable
//! storage. It only has to be silent until everything it may have forgotten is over.
//!
//! | message | from | to | purpose |
//! |---|---|---|---|
//! | [`Prepare`](Message::Prepare) | proposer | acceptors | requests a promise for a new [`Ballot`] |
//! | [`Promise`](Message::Promise) | acceptor | proposer | promises, or reports the owner of an accepted lease that still runs |
//! | [`Propose`](Message::Propose) | proposer | acceptors | no other owner in a majority: asks them to accept this one |
//! | [`Accepted`](Message::Accepted) | acceptor | proposer | accepted, for the acceptor's term from now |
//! | [`Refused`](Message::Refused) | acceptor | proposer | a higher ballot was promised |
//! | [`Release`](Message::Release) | proposer | acceptors | frees the lease accepted under this ballot |
//!
//! In one point the acceptors here are stricter than the paper: while a lease that they have
//! accepted still runs, they refuse the proposals of other nodes, whatever their ballots. The paper
//! relies on promises for that; but promises are forgotten in a restart, and a long-delayed
//! proposal could then replace a lease that still runs. With this rule, the intersection of two
//! majorities is the whole safety argument: an acceptor in both lets the first lease end, be
//! released or be forgotten, which takes as long, before it accepts the second.
//!
//! For the same reason they do not promise to a node whose proposal they could not accept: they
//! only report the owner of the running lease, so that hopeless attempts do not interfere with a
//! renewal.
//!
//! The token of a grant is derived from its ballot. Ballots of later leases are higher as long as a
//! majority of the acceptors remembers; when a majority has forgotten, they need not be. These
//! tokens therefore distinguish grants; a user that fences with them should have them ordered by a
//! store that does not forget, such as the [replicated one](crate::store).

mod acceptor;
mod node;
mod proposer;
pub(crate) mod rules;

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use quorate_protocol::{Duration, NodeId};
use serde::{Deserialize, Serialize};

pub use node::{AcceptorView, MajorityLease, ProposerView, View};
pub use rules::MajorityRule;

use crate::error::{ConfigError, distinct};
use crate::id::Token;
use crate::terms::{Terms, check_span};

/// A ballot number: a round, made unique by the proposer's life and id. Shown as `2.1.A`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Ballot {
    /// The round, from 1.
    pub round: u64,
    /// Number of starts of the proposer when it made the ballot.
    pub life: u64,
    /// The proposer.
    pub node: NodeId,
}

impl Ballot {
    /// Limit on rounds adopted from others, so that no message can exhaust the numbers.
    pub(crate) const ROUND_LIMIT: u64 = 1 << 40;

    /// Token of a grant under this ballot: by round, then life, then the proposer's position among
    /// all configured proposers.
    ///
    /// Two proposers may win the lease in the same round, one after the other, so they must not
    /// share a token.
    pub fn token(self, config: &Config) -> Token {
        let place = config.proposers.iter().filter(|&&proposer| proposer < self.node).count() as u64;
        let rounds = self.round << 16 | self.life & 0xffff;
        Token(rounds.saturating_mul(config.proposers.len() as u64).saturating_add(place))
    }
}

impl fmt::Display for Ballot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.round, self.life, self.node)
    }
}

crate::parse::dotted!(Ballot { round, life, node }, "2.1.A");

/// Messages between nodes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Message {
    /// Requests a promise.
    Prepare {
        /// The ballot.
        ballot: Ballot,
    },
    /// Promises to accept nothing below the ballot, unless it names another owner: then it promises
    /// nothing.
    Promise {
        /// The ballot.
        ballot: Ballot,
        /// Owner of the lease that this acceptor has accepted, if it still runs.
        owner: Option<NodeId>,
    },
    /// Asks to accept the sender as the holder.
    Propose {
        /// The ballot.
        ballot: Ballot,
    },
    /// The acceptor has accepted.
    Accepted {
        /// The ballot.
        ballot: Ballot,
    },
    /// Refuses to promise or accept.
    Refused {
        /// The ballot refused.
        ballot: Ballot,
        /// The ballot promised.
        promised: Ballot,
    },
    /// Releases the lease.
    Release {
        /// The ballot under which it was won.
        ballot: Ballot,
    },
}

/// Timers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// Proposer: time to try for the lease, or to renew it.
    Begin,
    /// Proposer: end of its lease.
    Lapse,
    /// Holder that acts periodically: time of its next act.
    Act,
    /// Acceptor: end of the lease that it has accepted.
    Forget,
}

/// Commands that clients send to a proposer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Command {
    /// Check the lease and act, in one step.
    Act,
    /// Release the lease.
    Release,
}

/// The only durable write: a node has started.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Record {
    /// A start, by its number.
    Started {
        /// Number of starts, this one included.
        life: u64,
    },
}

/// State that survives a crash: the number of starts.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Disk {
    /// Number of starts.
    pub lives: u64,
}

impl quorate_protocol::Disk for Disk {
    type Record = Record;

    fn apply(&mut self, Record::Started { life }: &Record) {
        self.lives = *life;
    }
}

/// Settings. [`build`](Self::build) validates them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// Nodes that accept.
    pub acceptors: Vec<NodeId>,
    /// Nodes that try for the lease. A node may be both.
    pub proposers: Vec<NodeId>,
    /// Durations of the leases: acceptors count as granters.
    pub terms: Terms,
    /// Interval at which a holder acts by itself; `None` leaves it to clients.
    pub act_every: Option<Duration>,
}

/// Checked configuration of a cluster with majority leases, the same for all nodes. Made by
/// [`Settings::build`]; cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config(Arc<Settings>);

impl Deref for Config {
    type Target = Settings;

    fn deref(&self) -> &Settings {
        &self.0
    }
}

impl Settings {
    /// Configuration in which the first `count` nodes are both acceptors and proposers.
    pub fn symmetric(count: u32, terms: Terms) -> Self {
        let nodes: Vec<NodeId> = (0..count).map(NodeId).collect();
        Settings { acceptors: nodes.clone(), proposers: nodes, terms, act_every: None }
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// The first [`ConfigError`] that applies.
    pub fn build(self) -> Result<Config, ConfigError> {
        for (what, nodes) in [("acceptors", &self.acceptors), ("proposers", &self.proposers)] {
            distinct(what, nodes)?;
        }
        if let Some(interval) = self.act_every {
            check_span("the interval between acts", interval)?;
        }
        Ok(Config(Arc::new(self)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terms::Drift;

    #[test]
    fn grants_of_one_round_have_tokens_of_their_own_in_the_order_of_ballots() {
        let terms = Terms::longest(Duration::from_millis(300), Drift::NONE).unwrap();
        let proposers = [7, 2, 300].map(NodeId).to_vec();
        let config = Settings { proposers, ..Settings::symmetric(3, terms) }.build().unwrap();
        let ballots = [(1, 1, 2), (1, 1, 7), (1, 1, 300), (1, 2, 2), (2, 1, 7), (Ballot::ROUND_LIMIT, 1, 2)];
        let tokens = ballots.map(|(round, life, node)| Ballot { round, life, node: NodeId(node) }.token(&config));
        assert!(tokens.is_sorted_by(|earlier, later| earlier < later), "{tokens:?}");
    }
}
