//! The service: an account that clients add to; requests, their digests, and the state.

use std::collections::BTreeMap;
use std::fmt;

use quorate_protocol::{ClientId, NodeId, RequestId};
use serde::{Deserialize, Serialize};

use crate::sealed::{Claims, Sealed};

/// A client's command.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Command {
    /// Add to the account.
    Add {
        /// The amount; negative to take away.
        amount: i64,
    },
}

/// An answer to a client.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Reply {
    /// The request was executed.
    Total {
        /// The amount of the account afterwards.
        total: i64,
    },
    /// The client has asked for something newer, so this is not executed.
    Overtaken,
    /// This node is a replica: clients ask through their proxy.
    AskProxy {
        /// The proxy.
        proxy: NodeId,
    },
}

/// A request, as the client's proxy seals it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Request {
    /// The client and its count of requests, PBFT's timestamp.
    pub ticket: RequestId,
    /// The amount to add.
    pub amount: i64,
    /// The proxy that it claims to come from.
    pub proxy: NodeId,
}

impl Claims for Request {
    fn claimed(&self) -> NodeId {
        self.proxy
    }
}

/// Digest of a proposal, symbolic: two digests are equal only if the requests are. The null request
/// has the digest of `None`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(pub Option<Request>);

impl Digest {
    /// The digest of a request, or of the null request.
    pub fn of(request: Option<&Sealed<Request>>) -> Self {
        Digest(request.map(|request| *request.body()))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(Request { ticket, amount, .. }) => write!(f, "{ticket} ({amount:+})"),
            None => f.write_str("the null request"),
        }
    }
}

/// The newest executed request of a client, with its result.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Executed {
    /// The request's number.
    pub number: u64,
    /// The amount of the account after it.
    pub total: i64,
}

/// State of the service. It is part of checkpoints, so it holds the last answers, too: a replica
/// that takes a state from others must not execute a request again.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub struct Account {
    /// The amount.
    pub total: i64,
    /// The newest executed request of each client.
    pub last: BTreeMap<ClientId, Executed>,
}

impl Account {
    /// The number of the client's newest executed request.
    pub fn last_of(&self, client: ClientId) -> Option<u64> {
        self.last.get(&client).map(|executed| executed.number)
    }

    /// Executes a request.
    pub fn execute(&mut self, request: &Request) {
        self.total = self.total.saturating_add(request.amount);
        let RequestId { client, number } = request.ticket;
        self.last.insert(client, Executed { number, total: self.total });
    }
}
