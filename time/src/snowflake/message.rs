//! Messages, timers, commands, replies and facts.

use quorate_protocol::NodeId;
use serde::{Deserialize, Serialize};

use super::id::Id;

/// The lease of a worker number, in ticks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Lease {
    /// The worker number.
    pub worker: u32,
    /// The last tick that former holders may have used; 0 if there was none.
    pub above: u64,
    /// The last tick that this holder may use.
    pub through: u64,
}

/// A message between a generator and the registry.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Message {
    /// Generator to registry: lease me a worker number, or renew the lease.
    Claim {
        /// The tick of the generator's clock.
        tick: u64,
    },
    /// Registry to generator: the lease.
    Grant {
        /// The lease.
        lease: Lease,
    },
}

/// The timers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Timer {
    /// Time to claim.
    Renew,
    /// The clock may have reached the tick that requests wait for.
    Tick,
}

/// A client's command.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Command {
    /// The next id. A repeated request gets an id of its own.
    Next,
}

/// An answer to a client.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Reply {
    /// The id.
    Issued {
        /// The id.
        id: Id,
    },
    /// The clock is behind the last tick that was used.
    ClockBack {
        /// By so many ticks.
        ticks: u64,
    },
    /// The clock is before the epoch, or beyond the last tick that an id can hold.
    OutOfTicks,
    /// This node is the registry: a generator is elsewhere.
    NotAGenerator {
        /// The first node that generates ids.
        generator: NodeId,
    },
}

/// An observable event.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Fact {
    /// The registry leases a worker number.
    Leased {
        /// The holder.
        to: NodeId,
        /// The lease.
        lease: Lease,
    },
    /// A generator issues an id.
    Issued {
        /// The id.
        id: Id,
    },
}
