//! Messages, timers, commands, replies and facts.

use quorate_protocol::{Duration, NodeId};
use serde::{Deserialize, Serialize};

quorate_protocol::short_string! {
    /// Payload of a segment: any string. Cloning it does not copy the string.
    pub Payload
}

/// Name of a connection: the lives of both sides, the counts of their starts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Connection {
    /// The sender's life.
    pub sender: u64,
    /// The receiver's life.
    pub receiver: u64,
}

/// A numbered piece of what is sent.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Segment {
    /// The connection.
    pub connection: Connection,
    /// The sequence number, from 1 in each connection, modulo the count of numbers.
    pub seq: u64,
    /// The content.
    pub payload: Payload,
    /// Checksum of the content and its number.
    pub checksum: u32,
}

impl Segment {
    /// The bytes that the checksum covers.
    pub fn bytes(seq: u64, payload: &Payload) -> Vec<u8> {
        let mut bytes = seq.to_be_bytes().to_vec();
        bytes.extend(payload.as_str().bytes());
        bytes
    }
}

/// A message between the two sides.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Message {
    /// Sender to receiver: open a connection.
    Open {
        /// The sender's life.
        life: u64,
    },
    /// Receiver to sender: it is open.
    Opened {
        /// The connection.
        connection: Connection,
    },
    /// Sender to receiver: a segment.
    Data(Segment),
    /// Sender to receiver: all is acknowledged; how far is the application?
    Probe {
        /// The connection.
        connection: Connection,
    },
    /// Receiver to sender: all up to `received` is held here, and all up to `processed` is
    /// processed by the application.
    Ack {
        /// The connection.
        connection: Connection,
        /// The last segment that is held without a gap; 0 for none. Modulo the count of numbers.
        received: u64,
        /// The last segment that the application has processed; 0 for none. Modulo the count of
        /// numbers.
        processed: u64,
    },
    /// Receiver to sender: there is no such connection.
    Reset {
        /// The connection.
        connection: Connection,
    },
}

/// The timers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Timer {
    /// At a sender: the retransmission timeout has passed.
    Resend,
    /// At a receiver: the application takes the next segment.
    Work,
}

/// A client's command.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Command {
    /// Send this to the other side.
    Send {
        /// The content.
        payload: Payload,
    },
}

/// An answer to a client.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Reply {
    /// The receiver's network layer holds it.
    Acknowledged,
    /// The receiver's application has processed it.
    Processed,
    /// The connection is lost: it may have been processed, or not.
    InDoubt,
    /// A later request of this client is answered, so this one is not sent.
    Overtaken,
    /// This node receives: the sender is elsewhere.
    NotASender {
        /// The sender.
        sender: NodeId,
    },
}

/// An observable event.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Fact {
    /// The sender sends a segment for the first time.
    Sent {
        /// The connection.
        connection: Connection,
        /// The sequence number.
        seq: u64,
        /// The content.
        payload: Payload,
    },
    /// The sender sends a segment again.
    Resent {
        /// The connection.
        connection: Connection,
        /// The sequence number.
        seq: u64,
    },
    /// The sender has measured a round trip.
    Measured {
        /// The sequence number of the segment.
        seq: u64,
        /// The number of times that it was sent.
        transmissions: u32,
        /// The round trip.
        #[serde(with = "super::span")]
        round_trip: Duration,
        /// The timeout from now on.
        #[serde(with = "super::span")]
        timeout: Duration,
    },
    /// The receiver holds a segment.
    Stored {
        /// The connection.
        connection: Connection,
        /// The sequence number.
        seq: u64,
    },
    /// The receiver acknowledges all up to a segment.
    Acked {
        /// The connection.
        connection: Connection,
        /// The sequence number.
        received: u64,
    },
    /// The sender has heard that a segment is held: acknowledged by the network.
    Acknowledged {
        /// The connection.
        connection: Connection,
        /// The sequence number.
        seq: u64,
    },
    /// The application has processed a segment.
    Delivered {
        /// The connection.
        connection: Connection,
        /// The sequence number.
        seq: u64,
        /// The content.
        payload: Payload,
    },
    /// The sender has told a client how far its segment is.
    Told {
        /// The connection.
        connection: Connection,
        /// The sequence number.
        seq: u64,
        /// The answer.
        reply: Reply,
    },
}
