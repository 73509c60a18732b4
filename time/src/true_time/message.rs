//! Messages, timers, commands, replies and facts.

use quorate_protocol::{NodeId, RequestId, Time};
use serde::{Deserialize, Serialize};

use crate::Interval;

/// A message between a server and a master.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Message {
    /// Server to master: which time is it?
    Ask {
        /// The moment of the poll, on the server's monotonic clock: it tells polls apart, also
        /// those of before a restart.
        sent: Time,
    },
    /// Master to server: the time at the moment of the answer.
    Tell {
        /// The moment of the poll, as asked.
        sent: Time,
        /// The master's reading.
        reading: Interval,
    },
}

/// The timers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Timer {
    /// Time to poll the masters.
    Poll,
    /// The stamp of a transaction may have passed.
    Wait {
        /// The transaction.
        ticket: RequestId,
    },
}

/// A client's command.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Command {
    /// Read the time (`TT.now`).
    Now,
    /// Commit a transaction.
    Commit,
}

/// An answer to a client.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Reply {
    /// The time is within this interval.
    Now {
        /// The interval.
        interval: Interval,
    },
    /// The transaction is committed.
    Committed {
        /// Its stamp.
        timestamp: Time,
    },
    /// This server does not know the time well enough.
    Unsynchronised,
    /// This node is a time master: a server is elsewhere.
    NotAServer {
        /// The first node that is no master.
        server: NodeId,
    },
}

/// An observable event.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Fact {
    /// A server relies on this reading of the time.
    Read {
        /// The reading.
        interval: Interval,
    },
    /// A server has a new reading from the masters.
    Synchronised {
        /// The reading.
        interval: Interval,
    },
    /// The clock of a server has left its bound.
    Left {
        /// The reading that the server's own clock predicts.
        predicted: Interval,
        /// The reading that the masters agree on.
        measured: Interval,
    },
    /// A transaction begins to commit.
    Begun {
        /// The transaction.
        ticket: RequestId,
    },
    /// A transaction has its stamp.
    Stamped {
        /// The transaction.
        ticket: RequestId,
        /// Its stamp.
        timestamp: Time,
    },
    /// A transaction is committed, and may be seen.
    Committed {
        /// The transaction.
        ticket: RequestId,
        /// Its stamp.
        timestamp: Time,
    },
}
