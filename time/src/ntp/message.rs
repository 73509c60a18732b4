//! Messages, timers, commands, replies and facts.

use quorate_protocol::{ClientId, NodeId, RequestId, Time};
use serde::{Deserialize, Serialize};

use super::offset::Offset;

/// A message between a host and a source.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Message {
    /// Host to source.
    Request {
        /// The moment of the request on the host's clock, without its correction (t1).
        sent: Time,
    },
    /// Source to host.
    Response {
        /// The moment of the request, as asked (t1).
        sent: Time,
        /// Its arrival on the source's clock (t2).
        receive_timestamp: Time,
        /// The moment of the response on the source's clock (t3).
        transmit_timestamp: Time,
        /// Stratum of the source.
        stratum: u8,
        /// Error of the source's clock.
        dispersion: Offset,
    },
}

/// The timers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Timer {
    /// Time to poll the sources.
    Poll,
    /// A client's wait may be over.
    Wait {
        /// The request.
        ticket: RequestId,
    },
}

/// A client's command to its host.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Command {
    /// Read the time: a point in time.
    Time,
    /// Begin to measure a duration.
    Start,
    /// The duration since then.
    Elapsed,
    /// Wait for that span.
    Wait {
        /// The span, not negative.
        span: Offset,
    },
}

/// An answer to a client.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Reply {
    /// The time of the disciplined clock.
    Time {
        /// The time.
        timestamp: Time,
        /// Bound of its error, in both directions; `None` before the first synchronisation, and
        /// after another has set the clock.
        error: Option<Offset>,
        /// Whether the host counts itself synchronised.
        synchronised: bool,
        /// Stratum of the host: 16 before the first synchronisation.
        stratum: u8,
    },
    /// The host has begun to measure.
    Started,
    /// The duration since then.
    Elapsed {
        /// The duration; negative only if it is measured on a clock that was set.
        span: Offset,
    },
    /// The host does not measure a duration for this client.
    NotStarted,
    /// The wait is over.
    Waited,
    /// This node is a time server: a host is elsewhere.
    NotAHost {
        /// The first node that is no source.
        host: NodeId,
    },
}

/// An observable event.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Fact {
    /// A host tells the time.
    Read {
        /// The time.
        timestamp: Time,
        /// Bound of its error; `None` before the first synchronisation, and after another has set
        /// the clock.
        error: Option<Offset>,
        /// Whether the host counts itself synchronised.
        synchronised: bool,
    },
    /// A host slews its clock by an offset.
    Slewed {
        /// The offset.
        by: Offset,
    },
    /// A host has stepped its clock.
    Stepped {
        /// The offset.
        by: Offset,
        /// Whether it is the first correction after a start.
        at_boot: bool,
    },
    /// A host has stopped, because the offset is too large.
    Panicked {
        /// The offset.
        offset: Offset,
    },
    /// An administrator, or a resumption, has set the clock of a host.
    ClockSet {
        /// By this offset.
        by: Offset,
    },
    /// A source disagrees with the majority.
    Falseticker {
        /// The source.
        source: NodeId,
    },
    /// The error of a host exceeds the limit of its alarm.
    Alarm {
        /// The error; `None` if the host is not synchronised at all.
        error: Option<Offset>,
    },
    /// A host begins to measure a duration.
    Started {
        /// For this client.
        client: ClientId,
    },
    /// A host has measured a duration.
    Measured {
        /// For this client.
        client: ClientId,
        /// The duration.
        span: Offset,
    },
    /// A host begins a wait.
    WaitBegun {
        /// The request.
        ticket: RequestId,
        /// The span.
        span: Offset,
    },
    /// A timer of a wait has fired, and the wait goes on.
    WaitsOn {
        /// The request.
        ticket: RequestId,
        /// The rest of it.
        left: Offset,
    },
    /// A wait is over.
    Waited {
        /// The request.
        ticket: RequestId,
    },
}
