//! Leases from a majority: no single point of failure, and nothing on disk but a counter (*PaxosLease*, 2012).
//!
//! Instead of one granter there are **acceptors**, and a lease is what a majority of them has accepted. It is Paxos, made simpler by
//! time: an acceptor forgets what it accepted when the term is over, so no value is ever chosen for good, and an acceptor
//! that crashed need not remember. It only has to be silent until all it may have forgotten is over.
//!
//! | message | from | to | what it is for |
//! |---|---|---|---|
//! | [`Prepare`](Message::Prepare) | proposer | acceptors | asks for a promise under a new [`Ballot`] |
//! | [`Promise`](Message::Promise) | acceptor | proposer | promises, or reports whose accepted lease runs |
//! | [`Propose`](Message::Propose) | proposer | acceptors | a majority has nobody else's: asks them to accept this one |
//! | [`Accepted`](Message::Accepted) | acceptor | proposer | accepted, for the acceptor's term from now |
//! | [`Refused`](Message::Refused) | acceptor | proposer | a higher ballot was promised |
//! | [`Release`](Message::Release) | proposer | acceptors | frees what was accepted under this very ballot |
//!
//! In one point the acceptors here are stricter than the paper: while they have accepted somebody's lease that runs, they refuse
//! everybody else's proposal, whatever its ballot. The paper leaves that to the promises; but promises are forgotten in a restart, and
//! a proposal that was long under way could then replace a lease that runs. With it, two majorities that share an acceptor are
//! the whole safety argument: that acceptor lets the first lease end, be released or be forgotten, which takes as long, before it accepts the second.
//!
//! For the same reason they promise nothing to whom they could not accept anyway: they only report whose lease runs, so that those who
//! try in vain do not get in the way of a renewal.
//!
//! The token of a grant is made of its ballot. Ballots of later leases are higher as long as a majority of the acceptors
//! remembers; when it has forgotten, they need not be. So these tokens tell grants apart, and whoever fences with them
//! should have them ordered by a store that does not forget, such as the [replicated one](crate::store).

mod acceptor;
mod node;
mod proposer;
pub(crate) mod rules;

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use quorate_protocol::{Duration, NodeId};
use serde::{Deserialize, Serialize};

pub use node::{AcceptorView, MajorityLease, ProposerView, View};
pub use rules::MajorityRule;

use crate::error::{ConfigError, distinct};
use crate::id::Token;
use crate::terms::{Terms, check_span};

/// A proposal number: a round, with what makes it unique. Shown as `2.1.A`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Ballot {
    /// The round, from 1.
    pub round: u64,
    /// How often the proposer had started when it made the ballot.
    pub life: u64,
    /// The proposer.
    pub node: NodeId,
}

impl Ballot {
    /// Rounds of others above this are not followed, so that no message can exhaust the numbers.
    pub(crate) const ROUND_LIMIT: u64 = 1 << 40;

    /// The token of a grant under this ballot: rounds first, then lives, then the proposer's place among all that are configured.
    ///
    /// Two proposers may win the lease in the same round, one after the other. So they must not share its token.
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

crate::written::written_with_dots!(Ballot { round, life, node }, "2.1.A");

/// What nodes say to each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Message {
    /// Asks for a promise.
    Prepare {
        /// Under which ballot.
        ballot: Ballot,
    },
    /// Promises to accept nothing below the ballot, unless it names another owner: then it promises nothing.
    Promise {
        /// The ballot.
        ballot: Ballot,
        /// Who holds the lease, as far as this acceptor has accepted it and it runs.
        owner: Option<NodeId>,
    },
    /// Asks to accept the sender as the holder.
    Propose {
        /// Under which ballot.
        ballot: Ballot,
    },
    /// Has accepted.
    Accepted {
        /// Under which ballot.
        ballot: Ballot,
    },
    /// Will not promise or accept.
    Refused {
        /// What was asked for.
        ballot: Ballot,
        /// What was promised.
        promised: Ballot,
    },
    /// Gives the lease back.
    Release {
        /// The ballot under which it was won.
        ballot: Ballot,
    },
}

/// The timers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// Of a proposer: to try for the lease, or to renew it.
    Begin,
    /// Of a proposer: the end of its lease.
    Lapse,
    /// Of a holder that acts by itself: the next time.
    Act,
    /// Of an acceptor: the end of what it has accepted.
    Forget,
}

/// What clients ask of a proposer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Command {
    /// Check the lease and act, in one step.
    Act,
    /// Give the lease back.
    Release,
}

/// The one durable write: a node has started.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Record {
    /// For the so manieth time.
    Started {
        /// Counted from 1.
        life: u64,
    },
}

/// What survives a crash: how often the node has started.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Disk {
    /// Counted from 1.
    pub lives: u64,
}

impl quorate_protocol::Disk for Disk {
    type Record = Record;

    fn write(&mut self, Record::Started { life }: &Record) {
        self.lives = *life;
    }
}

/// The knobs. Check them with [`build`](Self::build).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// The nodes that accept.
    pub acceptors: Vec<NodeId>,
    /// The nodes that want the lease. A node may be both.
    pub proposers: Vec<NodeId>,
    /// How long leases last: acceptors count as granters.
    pub terms: Terms,
    /// How often a holder acts by itself; `None` leaves it to clients.
    pub act_every: Option<Duration>,
}

/// A cluster with majority leases, the same for all nodes. Made by [`Settings::build`]; cloning it is cheap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config(Arc<Settings>);

impl Deref for Config {
    type Target = Settings;

    fn deref(&self) -> &Settings {
        &self.0
    }
}

/// All machines of a run share one configuration, so it tells no two of them apart: hashing it would only cost time.
impl Hash for Config {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl Settings {
    /// The first `count` nodes are acceptors and proposers.
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
