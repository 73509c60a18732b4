//! Replies and facts of the primary lease.

use quorate_protocol::{NodeId, Time};
use serde::{Deserialize, Serialize};

use crate::id::{LeaseId, Token};
use crate::name::Value;

/// Replies to clients.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Reply {
    /// The node has served.
    Served,
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
    /// The lease is released; the node no longer acts.
    Released {
        /// The grant.
        token: Token,
    },
    /// The node does not hold that lease.
    NotHeld {
        /// The lease.
        lease: LeaseId,
    },
    /// There is no resource to write to.
    NoResource,
    /// The node is not a holder: ask one.
    NotAHolder,
}

/// Facts that have become true.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Fact {
    /// The granter has granted or renewed a lease.
    LeaseGranted {
        /// The lease.
        lease: LeaseId,
        /// The holder.
        holder: NodeId,
        /// The grant.
        token: Token,
        /// End of the grant, on the granter's clock.
        expires: Time,
    },
    /// This node holds a lease, newly or for longer.
    LeaseHeld {
        /// The lease.
        lease: LeaseId,
        /// The grant.
        token: Token,
        /// End of its term, on this node's clock.
        until: Time,
    },
    /// This node no longer holds a lease.
    LeaseLost {
        /// The lease.
        lease: LeaseId,
        /// The grant.
        token: Token,
        /// The reason.
        reason: Loss,
    },
    /// This node has checked that it is primary and acted, in one step.
    Acted {
        /// The lease.
        lease: LeaseId,
        /// The grant.
        token: Token,
    },
    /// This resource has written a value.
    WriteAccepted {
        /// The writer's grant.
        token: Token,
        /// The value.
        value: Value,
    },
    /// This resource has refused a write.
    WriteRefused {
        /// The writer's grant.
        token: Token,
        /// The highest grant it has accepted.
        highest: Option<Token>,
    },
}

/// Reason for losing a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// Its term is over.
    Expired,
    /// It was released.
    Released,
    /// It was recalled.
    Recalled,
}
