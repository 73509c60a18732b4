//! Messages, timers, commands and durable writes of granter, holders and resource.

use std::collections::BTreeMap;

use quorate_protocol::{ClientId, NodeId, RequestId, Time};
use serde::{Deserialize, Serialize};

use super::recent::Recent;
use super::seal::SealedGrant;
use crate::id::{Attempt, LeaseId, Sequencer, Token};
use crate::name::Value;

/// Messages between nodes. `sent` is always a reading of the holder's clock, which the granter only
/// echoes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Message {
    /// A holder is alive, and requests the leases that it may have.
    Heartbeat {
        /// Time of the request.
        sent: Time,
    },
    /// The granter grants or renews a lease.
    Granted {
        /// The lease.
        lease: LeaseId,
        /// The grant.
        token: Token,
        /// The heartbeat that it answers.
        sent: Time,
    },
    /// The granter does not make the requesting node primary now.
    Denied {
        /// The heartbeat that it answers.
        sent: Time,
        /// The current holder of the primary lease.
        holder: Option<NodeId>,
    },
    /// The primary releases its lease before it ends.
    Release {
        /// The grant released.
        token: Token,
        /// Time when it stopped acting, or later.
        sent: Time,
        /// The successor that it suggests.
        successor: Option<NodeId>,
    },
    /// The granter acknowledges the release.
    Released {
        /// The grant released.
        token: Token,
    },
    /// A holder writes to the resource.
    Write {
        /// The sequencer that permits the write.
        sequencer: Sequencer,
        /// The value to write.
        value: Value,
        /// The attempt that waits for the reply.
        attempt: Attempt,
    },
    /// The resource has executed the write, now or earlier.
    Written {
        /// The attempt.
        attempt: Attempt,
        /// The grant under which it was executed.
        token: Token,
    },
    /// The resource has refused the write.
    WriteRefused {
        /// The attempt.
        attempt: Attempt,
        /// The highest token it has accepted.
        highest: Option<Token>,
    },
    /// The resource asks the granter whether a sequencer is still valid.
    Check {
        /// The sequencer.
        sequencer: Sequencer,
        /// The node to answer in the end.
        writer: NodeId,
        /// The value to write.
        value: Value,
        /// The attempt.
        attempt: Attempt,
    },
    /// The granter says whether a sequencer is still valid.
    Checked {
        /// Whether the grant still binds the granter.
        valid: bool,
        /// The sequencer.
        sequencer: Sequencer,
        /// The node to answer in the end.
        writer: NodeId,
        /// The value to write.
        value: Value,
        /// The attempt.
        attempt: Attempt,
    },
    /// The granter grants or renews a lease, and seals the grant for a resource that demands it.
    GrantedUnderSeal {
        /// The grant.
        grant: SealedGrant,
        /// The heartbeat that it answers.
        sent: Time,
    },
    /// A holder writes to a resource that demands the granter's seal.
    WriteUnderSeal {
        /// The sequencer that permits the write.
        sequencer: Sequencer,
        /// The value to write.
        value: Value,
        /// The attempt that waits for the reply.
        attempt: Attempt,
        /// The grant that the granter has sealed.
        grant: SealedGrant,
    },
}

/// Timers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// Granter: time to check whether a lease has ended and another node may have it.
    Review,
    /// Holder: next heartbeat.
    Heartbeat,
    /// Holder: end of a lease.
    Lapse(LeaseId),
    /// Holder: end of a piece of work.
    Work(Attempt),
    /// Primary that acts periodically: time of its next act.
    Act,
}

/// Commands that clients send to a holder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Command {
    /// Check the node lease and serve, in one step.
    Serve,
    /// Check the primary lease and act, in one step.
    Act,
    /// Check the primary lease, work for a while, and then act.
    WorkAndAct,
    /// Check the primary lease, work for a while, then write to the resource, which does its own
    /// check.
    Write {
        /// The value to write.
        value: Value,
    },
    /// Write to the resource under the node lease instead of the primary lease: other nodes have
    /// one too, so the resource refuses.
    WriteShared {
        /// The value to write.
        value: Value,
    },
    /// Release the primary lease.
    Release {
        /// The suggested successor.
        successor: Option<NodeId>,
    },
}

/// One durable write.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Record {
    /// The granter has made a new grant.
    Granted {
        /// Number of grants, this one included, from which tokens are made.
        grants: u64,
        /// The lease.
        lease: LeaseId,
        /// The holder.
        holder: NodeId,
        /// The grant.
        token: Token,
    },
    /// The primary lease was released.
    Released {
        /// The grant.
        token: Token,
    },
    /// The resource has written.
    Written {
        /// The highest token it has accepted.
        token: Token,
        /// The value.
        value: Value,
        /// The request, so that a duplicate is not executed again.
        ticket: RequestId,
    },
}

/// State that survives a crash.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Disk {
    /// Number of grants that the granter has made.
    pub grants: u64,
    /// Holder and token of the last grant of the primary lease, unless it was released.
    pub primary: Option<(NodeId, Token)>,
    /// The highest token that the resource has accepted, with the value written last.
    pub written: Option<(Token, Value)>,
    /// The newest executed requests of each client at the resource.
    pub done: BTreeMap<ClientId, Recent>,
}

impl quorate_protocol::Disk for Disk {
    type Record = Record;

    fn apply(&mut self, record: &Record) {
        match record {
            Record::Granted { grants, lease, holder, token } => {
                self.grants = *grants;
                if *lease == LeaseId::Primary {
                    self.primary = Some((*holder, *token));
                }
            }
            Record::Released { token } => {
                self.primary = self.primary.filter(|(_, granted)| granted != token);
            }
            Record::Written { token, value, ticket } => {
                self.written = Some((*token, value.clone()));
                self.done.entry(ticket.client).or_default().note(ticket.number, *token);
            }
        }
    }
}
