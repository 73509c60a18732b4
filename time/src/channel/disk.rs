//! Stable storage of both sides.

use serde::{Deserialize, Serialize};

use super::message::Payload;

/// One durable write.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Record {
    /// A node has started.
    Started {
        /// The count of its starts.
        life: u64,
    },
    /// The receiver's application has processed a segment.
    Processed {
        /// The content.
        payload: Payload,
    },
}

/// State that survives a crash: not the segments that are on their way, nor those that wait for the
/// application.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Disk {
    /// The count of this node's starts.
    pub life: u64,
    /// At a receiver: all that the application has processed, in order.
    pub processed: Vec<Payload>,
}

impl quorate_protocol::Disk for Disk {
    type Record = Record;

    fn apply(&mut self, record: &Record) {
        match record {
            Record::Started { life } => self.life = *life,
            Record::Processed { payload } => self.processed.push(payload.clone()),
        }
    }
}
