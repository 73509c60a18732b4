//! Stable storage of a server and of the monitor.

use std::collections::BTreeMap;

use quorate_protocol::{ClientId, RequestId};
use serde::{Deserialize, Serialize};

use super::message::View;
use crate::{Key, Value};

/// A value, with the request that wrote it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Held {
    /// The value.
    pub value: Value,
    /// The request.
    pub writer: RequestId,
}

/// The replicated state.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub struct State {
    /// The number of writes so far.
    pub number: u64,
    /// The values.
    pub values: BTreeMap<Key, Held>,
    /// The newest write of each client, so a repeated request is not carried out again.
    pub done: BTreeMap<ClientId, u64>,
}

impl State {
    /// Carries out a write.
    pub(crate) fn apply(&mut self, number: u64, ticket: RequestId, key: Key, value: Value) {
        self.number = number;
        self.values.insert(key, Held { value, writer: ticket });
        self.done.insert(ticket.client, ticket.number);
    }

    /// Whether the write of a request, or a later one of its client, is part of the state.
    pub fn has(&self, ticket: RequestId) -> bool {
        self.done.get(&ticket.client).is_some_and(|newest| *newest >= ticket.number)
    }
}

/// One durable write.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Record {
    /// A server has heard of a view.
    Adopted {
        /// The view.
        view: View,
    },
    /// A server has carried out a write.
    Applied {
        /// The number of the write.
        number: u64,
        /// The client's request.
        ticket: RequestId,
        /// The key.
        key: Key,
        /// The value.
        value: Value,
    },
    /// A backup has received the state.
    Received {
        /// The state.
        state: State,
    },
    /// The monitor has named a view.
    Named {
        /// The view.
        view: View,
    },
}

/// State that survives a crash.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Disk {
    /// At a server: the newest view that it knows.
    pub view: Option<View>,
    /// At a backup: whether it has received the state in this view.
    pub synced: bool,
    /// At a server: the state.
    pub state: State,
    /// At the monitor: the newest view.
    pub named: Option<View>,
}

impl quorate_protocol::Disk for Disk {
    type Record = Record;

    fn apply(&mut self, record: &Record) {
        match record {
            Record::Adopted { view } => {
                self.view = Some(*view);
                self.synced = false;
            }
            Record::Applied { number, ticket, key, value } => {
                self.state.apply(*number, *ticket, key.clone(), value.clone());
            }
            Record::Received { state } => {
                self.state = state.clone();
                self.synced = true;
            }
            Record::Named { view } => self.named = Some(*view),
        }
    }
}
