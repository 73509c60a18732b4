//! State of a node, for display.

use std::collections::BTreeMap;

use quorate_protocol::RequestId;
use serde::Serialize;

use super::majority::Phase;
use super::node::Register;
use crate::{Key, Stamp, Tick, Value};

/// State of a node, a replica or an application. A part that belongs to the other role is empty.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct View {
    /// At a replica: the versions of each key.
    pub copies: BTreeMap<Key, Vec<Copy>>,
    /// At a replica: the last reading of the clock that orders writes.
    pub clock: Tick,
    /// At a replica: its majority operations, with their phase: 1 asks, 2 stores.
    pub operations: BTreeMap<RequestId, u8>,
    /// At a replica: reads that wait for their session; at an application: requests under way.
    pub waiting: Vec<RequestId>,
}

/// A version of a key.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Copy {
    /// Its value.
    pub value: Value,
    /// Its stamp.
    pub stamp: Stamp,
}

pub(super) fn view(node: &Register) -> View {
    let mut view = View::default();
    if let Some(replica) = &node.replica {
        for (key, versions) in &replica.copies {
            let copies = versions.iter().map(|held| Copy { value: held.value.clone(), stamp: held.stamp }).collect();
            view.copies.insert(key.clone(), copies);
        }
        let phase = |phase: &Phase| if matches!(phase, Phase::Asking(_)) { 1 } else { 2 };
        view.operations = replica.operations.iter().map(|(ticket, each)| (*ticket, phase(&each.phase))).collect();
        view.clock = replica.clock;
        view.waiting = replica.waiting.keys().copied().collect();
    }
    if let Some(app) = &node.app {
        view.waiting = app.open.keys().copied().collect();
    }
    view
}
