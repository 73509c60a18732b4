//! Messages, timers, commands and durable state of pushed leases.

use std::collections::BTreeMap;

use quorate_protocol::{ClientId, Duration, NodeId, RequestId, Time};
use serde::{Deserialize, Serialize};

use crate::id::{Attempt, Token};
use crate::name::Value;

/// Messages between nodes. None goes to the issuer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Message {
    /// The issuer pushes a lease. The same one may be sent any number of times.
    Push {
        /// The grant, which is the version.
        token: Token,
        /// The end, a time of day.
        expires: Time,
        /// The term of the newest extension. A holder by the book does not use it.
        term: Duration,
    },
    /// A holder writes to the resource.
    Write {
        /// The grant.
        token: Token,
        /// The value.
        value: Value,
        /// The client's request.
        attempt: Attempt,
    },
    /// The resource has written.
    Written {
        /// The client's request.
        attempt: Attempt,
        /// The grant under which it was written.
        token: Token,
    },
    /// The resource has refused the write.
    WriteRefused {
        /// The client's request.
        attempt: Attempt,
        /// The highest token it has accepted.
        highest: Option<Token>,
    },
}

/// Timers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// The issuer pushes, or names the next holder.
    Push,
    /// A holder stops.
    Lapse,
    /// A primary acts by itself.
    Act,
}

/// Commands of clients.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Command {
    /// Name another node primary, when the last lease is over. For the issuer.
    Appoint {
        /// The node.
        holder: NodeId,
    },
    /// Act as primary. For a holder.
    Act,
    /// Write to the resource. For a holder.
    Write {
        /// The value.
        value: Value,
    },
}

/// Replies to clients.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Reply {
    /// The appointment is recorded. The node is named when the last lease is over.
    Appointed {
        /// The node.
        holder: NodeId,
    },
    /// That node is not one of the holders.
    Unknown {
        /// The node.
        holder: NodeId,
    },
    /// The primary has acted.
    Acted {
        /// The grant.
        token: Token,
    },
    /// The resource has written the value.
    Written {
        /// The grant.
        token: Token,
    },
    /// The resource has refused the write.
    WriteRefused {
        /// The highest token it has accepted.
        highest: Option<Token>,
    },
    /// The node holds no lease under which it may do that.
    NotHeld,
    /// There is no resource to write to.
    NoResource,
    /// The node has another role.
    NotMyRole,
}

/// Durable writes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Record {
    /// The issuer is bound by a lease.
    Issued {
        /// The holder.
        holder: NodeId,
        /// The grant.
        token: Token,
        /// The end, a time of day.
        expires: Time,
    },
    /// The next holder is appointed.
    Appointed {
        /// The node.
        holder: NodeId,
    },
    /// The resource has written.
    Written {
        /// The writer's grant.
        token: Token,
        /// The value.
        value: Value,
        /// The request, so that a repetition is not executed again.
        ticket: RequestId,
    },
}

/// A lease, as its issuer is bound by it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Issued {
    /// The holder.
    pub holder: NodeId,
    /// The grant.
    pub token: Token,
    /// The end.
    pub end: Time,
}

/// A node's state that survives a crash.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Disk {
    /// The newest lease of the issuer.
    pub issued: Option<Issued>,
    /// The node appointed last.
    pub next: Option<NodeId>,
    /// The newest write to the resource.
    pub written: Option<(Token, Value)>,
    /// The newest executed request of each client, with its grant.
    pub done: BTreeMap<ClientId, (u64, Token)>,
}

impl quorate_protocol::Disk for Disk {
    type Record = Record;

    fn apply(&mut self, record: &Record) {
        match record {
            Record::Issued { holder, token, expires } => {
                self.issued = Some(Issued { holder: *holder, token: *token, end: *expires });
            }
            Record::Appointed { holder } => self.next = Some(*holder),
            Record::Written { token, value, ticket } => {
                self.written = Some((*token, value.clone()));
                self.done.insert(ticket.client, (ticket.number, *token));
            }
        }
    }
}
