//! Leases on Raft: a table of leases that survives the loss of any minority, and a leader that reads without asking.
//!
//! Two kinds of lease meet here, and neither replaces the other.
//!
//! **The table** ([`LeaseTable`]) is a Raft state machine: acquire, renew, release, watch. Nothing in it knows the time, so that all replicas agree.
//! It is the leader who counts, from when it applied a grant, and who lets a lease expire by a command in the log, which names the
//! renewal it is about and does nothing if there was another since. A new leader counts every lease from when it began to lead, so that all are
//! extended by a full term before any expires (Chubby §2.9). Holders count from when they asked, as everywhere.
//!
//! **The leader's own lease** lets it answer reads alone (Ongaro §6.4.1). It is made of *trust*: a follower that
//! hears its leader promises to vote for nobody else for a while, and does not stand for election itself; with a majority of such promises no
//! other leader can come up. The promise is not on disk, so a node that restarts withholds its vote for as long as it may have promised. A
//! leadership transfer overrides the promises, so a leader that hands over lays its lease down first, for the rest of its term. And a leader
//! reads alone only when it has applied an entry of its own term: before that, what its predecessor has committed may be in limbo.
//!
//! | message | from | to | what it is for |
//! |---|---|---|---|
//! | [`Raft`](Message::Raft) | server | server | Raft's own |
//! | [`AskTrust`](Message::AskTrust), [`Trusted`](Message::Trusted) | leader, follower | server | the leader's own lease |
//! | [`Ask`](Message::Ask), [`Answer`](Message::Answer) | holder, server | server, holder | what the table is asked, and what it says |
//! | [`Changed`](Message::Changed) | leader | holder | a watched lease has changed hands |

mod holder;
mod node;
pub(crate) mod rules;
mod server;
mod table;
mod trust;

use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use quorate_protocol::{Duration, NodeId, Time};
use quorate_raft as raft;
use serde::{Deserialize, Serialize};

pub use node::{NoStaleRead, RaftLease, View};
pub use rules::ReplicatedRule;
pub use table::{LeaseTable, Row, TableCommand, TableQuery, TableReply};

use crate::error::{ConfigError, distinct};
use crate::id::Token;
use crate::primary::Loss;
use crate::terms::{Terms, check_span};
use crate::text::Name;

/// What nodes say to each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Message {
    /// Raft's own.
    Raft(raft::Message<LeaseTable>),
    /// The leader asks to be trusted: vote for nobody else for a while.
    AskTrust {
        /// The leader's term.
        term: raft::Term,
        /// When it asked, on its own clock.
        sent: Time,
    },
    /// The server votes for nobody else for a while.
    Trusted {
        /// The leader's term.
        term: raft::Term,
        /// The question that this answers.
        sent: Time,
    },
    /// A holder asks the table.
    Ask {
        /// The holder's count, by which the answer finds its question, and the table recognises a repetition.
        number: u64,
        /// For what.
        command: TableCommand,
    },
    /// A server answers.
    Answer {
        /// Which question.
        number: u64,
        /// What.
        reply: raft::Reply<LeaseTable>,
    },
    /// A watched lease has changed hands.
    Changed {
        /// Which.
        lease: Name,
        /// Who holds it now.
        holder: Option<NodeId>,
    },
}

/// The timers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// Raft's own.
    Raft(raft::Timer),
    /// Of a leader: to ask for trust again.
    AskTrust,
    /// Of a leader: the end of some lease's term.
    Review,
    /// Of a holder: to ask for a lease, or to renew it.
    Renew(Name),
    /// Of a holder: the end of a lease.
    Lapse(Name),
    /// Of a holder that acts by itself: the next time.
    Act,
}

/// What clients ask, of a holder or of a server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Command {
    /// Of a holder: get this lease, and keep it.
    Acquire {
        /// Which.
        lease: Name,
    },
    /// Of a holder: give it back.
    Release {
        /// Which.
        lease: Name,
    },
    /// Of a holder: check the lease and act, in one step.
    Act {
        /// Which.
        lease: Name,
    },
    /// Of a holder: tell when the lease changes hands.
    Watch {
        /// Which.
        lease: Name,
    },
    /// Of a server: who holds this lease?
    Query {
        /// Which.
        lease: Name,
    },
    /// Of a server: hand the leadership to another.
    TransferLeadership {
        /// To whom.
        to: NodeId,
    },
}

/// What clients are answered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Reply {
    /// The holder will try.
    Trying,
    /// The holder has acted.
    Acted {
        /// Under which grant.
        token: Token,
    },
    /// The lease is given back.
    Released {
        /// Which grant.
        token: Token,
    },
    /// The node does not hold the lease.
    NotHeld,
    /// Who holds the lease.
    Row {
        /// As of the newest committed change.
        row: Option<Row>,
    },
    /// This is for a server, or for a holder, and the node is the other.
    NotMyRole,
    /// Raft's own answer: a redirection, a refusal, the end of a transfer.
    Raft(raft::Reply<LeaseTable>),
}

/// What has become true.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Fact {
    /// Raft's own.
    Raft(raft::Fact<LeaseTable>),
    /// This server leads, by Raft's election, and counts the terms of the leases in the table from now on.
    LeaderElected {
        /// Raft's term.
        term: raft::Term,
    },
    /// The leader has applied a grant or a renewal.
    LeaseGranted {
        /// Which lease.
        lease: Name,
        /// To whom.
        holder: NodeId,
        /// The grant.
        token: Token,
        /// Until when it binds this leader, on its clock.
        expires: Time,
    },
    /// This holder holds a lease, or for longer.
    LeaseHeld {
        /// Which.
        lease: Name,
        /// The grant.
        token: Token,
        /// Until when, on this node's clock.
        until: Time,
    },
    /// This holder holds it no more.
    LeaseLost {
        /// Which.
        lease: Name,
        /// The grant.
        token: Token,
        /// Why.
        reason: Loss,
    },
    /// This holder has checked its lease and acted, in one step.
    Acted {
        /// Under which lease.
        lease: Name,
        /// The grant.
        token: Token,
    },
    /// This holder has been told that a lease changed hands.
    Noticed {
        /// Which.
        lease: Name,
        /// Who holds it, as of the telling.
        holder: Option<NodeId>,
    },
    /// The leader has answered a holder: as many changes of the table are known to have taken effect.
    TableAnswered {
        /// The changes so far.
        changes: u64,
    },
    /// This leader has answered a read by itself, under its own lease.
    LocalRead {
        /// As of so many changes of the table.
        changes: u64,
    },
}

/// One durable write: Raft's own. Holders write nothing down.
pub type Record = raft::Record<LeaseTable>;

/// What survives a crash: Raft's own disk.
pub type Disk = raft::Disk<LeaseTable>;

/// The knobs. Check them with [`build`](Self::build).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// The servers. Pre-votes and the leader's check for a majority are always on.
    pub servers: raft::Settings,
    /// The nodes that hold leases.
    pub holders: Vec<NodeId>,
    /// How long leases in the table last: the leader counts as the granter.
    pub terms: Terms,
    /// How long the leader's own lease lasts: followers count as the granters.
    pub trust: Terms,
    /// How often a holder acts by itself under each of its leases; `None` leaves it to clients.
    pub act_every: Option<Duration>,
}

/// A cluster with a replicated lease table, the same for all nodes. Made by [`Settings::build`]; cloning it is cheap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config(Arc<Checked>);

/// Settings that were checked.
#[derive(Debug, PartialEq, Eq)]
pub struct Checked {
    pub(crate) raft: raft::Config,
    pub(crate) settings: Settings,
}

impl Deref for Config {
    type Target = Settings;

    fn deref(&self) -> &Settings {
        &self.0.settings
    }
}

/// All machines of a run share one configuration, so it tells no two of them apart: hashing it would only cost time.
impl Hash for Config {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl Config {
    pub(crate) fn raft(&self) -> &raft::Config {
        &self.0.raft
    }
}

/// Settings that cannot be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ReplicatedError {
    /// The servers are misconfigured.
    Raft(raft::ConfigError),
    /// The holders or the terms are.
    Lease(ConfigError),
}

impl std::fmt::Display for ReplicatedError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ReplicatedError::Raft(error) => error.fmt(f),
            ReplicatedError::Lease(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ReplicatedError {}

impl Settings {
    /// Checks the settings.
    ///
    /// # Errors
    /// [`ReplicatedError`]: the servers or the holders are misconfigured, or a node is both.
    pub fn build(mut self) -> Result<Config, ReplicatedError> {
        distinct("holders", &self.holders).map_err(ReplicatedError::Lease)?;
        if let Some(&node) = self.holders.iter().find(|node| self.servers.voters.contains(node)) {
            return Err(ReplicatedError::Lease(ConfigError::NamedTwice { node }));
        }
        if let Some(interval) = self.act_every {
            check_span("the interval between acts", interval)
                .map_err(|error| ReplicatedError::Lease(ConfigError::Terms(error)))?;
        }
        (self.servers.pre_vote, self.servers.check_quorum) = (true, true);
        let raft = self.servers.clone().build().map_err(ReplicatedError::Raft)?;
        Ok(Config(Arc::new(Checked { raft, settings: self })))
    }
}
