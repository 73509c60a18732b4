//! The primary lease as the outside sees it: what clients are answered, and what has become true.

use quorate_protocol::{NodeId, Time};
use serde::{Deserialize, Serialize};

use crate::id::{LeaseId, Token};
use crate::text::Value;

/// What clients are answered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Reply {
    /// The node has served.
    Served,
    /// The primary has acted.
    Acted {
        /// Under which grant.
        token: Token,
    },
    /// The resource has written it.
    Written {
        /// Under which grant.
        token: Token,
    },
    /// The resource has refused it.
    WriteRefused {
        /// The highest token it has accepted.
        highest: Option<Token>,
    },
    /// The lease is given back; the node acts no more.
    Released {
        /// Which grant.
        token: Token,
    },
    /// The node does not hold that lease.
    NotHeld {
        /// Which.
        lease: LeaseId,
    },
    /// There is no resource to write to.
    NoResource,
    /// The node is no holder: ask one.
    NotAHolder,
}

/// What has become true.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Fact {
    /// The granter has granted, or renewed.
    LeaseGranted {
        /// What.
        lease: LeaseId,
        /// To whom.
        holder: NodeId,
        /// The grant.
        token: Token,
        /// Until when it binds the granter, on the granter's clock.
        expires: Time,
    },
    /// This node holds a lease, or holds it for longer.
    LeaseHeld {
        /// Which.
        lease: LeaseId,
        /// The grant.
        token: Token,
        /// Until when, on this node's clock.
        until: Time,
    },
    /// This node holds a lease no more.
    LeaseLost {
        /// Which.
        lease: LeaseId,
        /// The grant.
        token: Token,
        /// Why.
        reason: Loss,
    },
    /// This node has found that it is primary and acted, in one step.
    Acted {
        /// Under what.
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
    /// This resource has refused to write.
    WriteRefused {
        /// The writer's grant.
        token: Token,
        /// The highest grant it has accepted.
        highest: Option<Token>,
    },
}

/// Why a lease is held no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// Its term is over.
    Expired,
    /// It was given back.
    Released,
    /// It was called back.
    Recalled,
}
