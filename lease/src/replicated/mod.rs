//! Replicated leases on Raft: a lease table that tolerates the loss of any minority, and leader
//! leases for local reads.
//!
//! The module combines two kinds of lease, and neither replaces the other.
//!
//! **The table** ([`LeaseTable`]) is a Raft state machine with the commands acquire, renew, release
//! and watch. It contains no time, so that all replicas agree. The leader counts each term, from
//! when it applied the grant, and expires a lease by a command in the log. That command names the
//! renewal it is about and does nothing if there was another since. A new leader counts every lease
//! from when it began to lead, so that all are extended by a full term before any expires (Chubby
//! §2.9). Holders count from when they asked, as everywhere.
//!
//! **The leader's own lease** allows it to answer reads locally (Ongaro §6.4.1). It consists of
//! *trust*: a follower that hears its leader promises, for a while, to vote for no other node and
//! not to become a candidate; with a majority of such promises no other leader can be elected. The
//! promise is not on disk, so a node that restarts withholds its vote for as long as it may have
//! promised. A leadership transfer overrides the promises, so a leader that transfers leadership
//! first gives up its lease for the rest of its term. A leader reads locally only when it has
//! applied an entry of its own term: before that, it may not know everything that its predecessor
//! committed.
//!
//! | message | from | to | purpose |
//! |---|---|---|---|
//! | [`Raft`](Message::Raft) | server | server | a message of Raft |
//! | [`AskTrust`](Message::AskTrust), [`Trusted`](Message::Trusted) | leader, follower | server | the leader's own lease |
//! | [`Ask`](Message::Ask), [`Answer`](Message::Answer) | holder, server | server, holder | a command to the table, and its reply |
//! | [`Changed`](Message::Changed) | leader | holder | a watched lease has changed hands |

mod holder;
mod leader_lease;
mod node;
pub(crate) mod rules;
mod server;
mod table;

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
use crate::name::Name;
use crate::primary::Loss;
use crate::terms::{Terms, check_span};

/// Messages between nodes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Message {
    /// A message of Raft.
    Raft(raft::Message<LeaseTable>),
    /// The leader asks for trust: a promise to vote for no other node for a while.
    AskTrust {
        /// The leader's term.
        term: raft::Term,
        /// Time of the request, on the leader's clock.
        sent: Time,
    },
    /// The server promises to vote for no other node for a while.
    Trusted {
        /// The leader's term.
        term: raft::Term,
        /// The request that this answers.
        sent: Time,
    },
    /// A holder sends a command to the table.
    Ask {
        /// The holder's request number, which matches the reply to the request and lets the table
        /// recognise a duplicate.
        number: u64,
        /// The command.
        command: TableCommand,
    },
    /// A server replies.
    Answer {
        /// Number of the request.
        number: u64,
        /// The reply.
        reply: raft::Reply<LeaseTable>,
    },
    /// A watched lease has changed hands.
    Changed {
        /// The lease.
        lease: Name,
        /// Its current holder.
        holder: Option<NodeId>,
    },
}

/// Timers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// A timer of Raft.
    Raft(raft::Timer),
    /// Leader: time to ask for trust again.
    AskTrust,
    /// Leader: end of a lease's term.
    Review,
    /// Holder: time to request a lease, or to renew it.
    Renew(Name),
    /// Holder: end of a lease.
    Lapse(Name),
    /// Holder that acts periodically: time of its next act.
    Act,
}

/// Commands that clients send to a holder or to a server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Command {
    /// Holder: acquire this lease, and keep it.
    Acquire {
        /// The lease.
        lease: Name,
    },
    /// Holder: release it.
    Release {
        /// The lease.
        lease: Name,
    },
    /// Holder: check the lease and act, in one step.
    Act {
        /// The lease.
        lease: Name,
    },
    /// Holder: report when the lease changes hands.
    Watch {
        /// The lease.
        lease: Name,
    },
    /// Server: return the holder of this lease.
    Query {
        /// The lease.
        lease: Name,
    },
    /// Server: transfer the leadership to another.
    TransferLeadership {
        /// The new leader.
        to: NodeId,
    },
}

/// Replies to clients.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Reply {
    /// The holder will try.
    Trying,
    /// The holder has acted.
    Acted {
        /// The grant.
        token: Token,
    },
    /// The lease is released.
    Released {
        /// The grant.
        token: Token,
    },
    /// The node does not hold the lease.
    NotHeld,
    /// The holder of the lease.
    Row {
        /// The row as of the newest committed change.
        row: Option<Row>,
    },
    /// The command is for the other role, server or holder.
    NotMyRole,
    /// A reply of Raft: a redirect, a refusal, the end of a transfer.
    Raft(raft::Reply<LeaseTable>),
}

/// Facts that have become true.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Fact {
    /// A fact of Raft.
    Raft(raft::Fact<LeaseTable>),
    /// This server was elected leader by Raft, and counts the terms of the leases in the table from
    /// now on.
    LeaderElected {
        /// The leader's term.
        term: raft::Term,
    },
    /// The leader has applied a grant or a renewal.
    LeaseGranted {
        /// The lease.
        lease: Name,
        /// The holder.
        holder: NodeId,
        /// The grant.
        token: Token,
        /// End of the grant, on this leader's clock.
        expires: Time,
    },
    /// This holder holds a lease, newly or for longer.
    LeaseHeld {
        /// The lease.
        lease: Name,
        /// The grant.
        token: Token,
        /// End of its term, on this node's clock.
        until: Time,
    },
    /// This holder no longer holds the lease.
    LeaseLost {
        /// The lease.
        lease: Name,
        /// The grant.
        token: Token,
        /// The reason.
        reason: Loss,
    },
    /// This holder has checked its lease and acted, in one step.
    Acted {
        /// The lease.
        lease: Name,
        /// The grant.
        token: Token,
    },
    /// This holder has been notified that a lease changed hands.
    Noticed {
        /// The lease.
        lease: Name,
        /// Its holder according to the notification.
        holder: Option<NodeId>,
    },
    /// The leader has answered a holder, which now knows that this many changes of the table took
    /// effect.
    TableAnswered {
        /// Number of changes so far.
        changes: u64,
    },
    /// This leader has answered a read locally, under its own lease.
    LocalRead {
        /// Number of changes of the table that the read reflects.
        changes: u64,
    },
}

/// Durable write: one of Raft's. Holders persist nothing.
pub type Record = raft::Record<LeaseTable>;

/// State that survives a crash: Raft's.
pub type Disk = raft::Disk<LeaseTable>;

/// Settings. [`build`](Self::build) validates them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// Settings of the servers. Pre-vote and check-quorum are always on.
    pub servers: raft::Settings,
    /// The nodes that hold leases.
    pub holders: Vec<NodeId>,
    /// Durations of the leases in the table: the leader counts as the granter.
    pub terms: Terms,
    /// Durations of the leader's own lease: followers count as the granters.
    pub trust: Terms,
    /// Interval at which a holder acts by itself under each of its leases; `None` leaves it to
    /// clients.
    pub act_every: Option<Duration>,
}

/// Checked configuration of a cluster with a replicated lease table, the same for all nodes. Made
/// by [`Settings::build`]; cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config(Arc<Checked>);

/// Validated settings.
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

impl Config {
    /// Configuration of the servers' Raft machine.
    pub fn raft(&self) -> &raft::Config {
        &self.0.raft
    }
}

/// An invalid configuration.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ReplicatedError {
    /// The settings of the servers are invalid.
    Raft(raft::ConfigError),
    /// The holders or the terms are invalid.
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
