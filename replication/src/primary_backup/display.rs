//! State of a node, for display.

use std::collections::BTreeMap;

use quorate_protocol::{NodeId, RequestId};
use serde::Serialize;

use super::message::View;
use super::node::{MonitorRole, PrimaryBackup, ServerRole};
use crate::{Key, Value};

/// State of a node. A part that belongs to the other role is empty.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct NodeView {
    /// The view that it knows, or has named.
    pub view: Option<View>,
    /// At a server: its values.
    pub values: BTreeMap<Key, Value>,
    /// At a server: the number of its last write.
    pub number: u64,
    /// At a primary: the number of writes that its backup has stored.
    pub confirmed: Option<u64>,
    /// At a primary: the requests that wait for the backup.
    pub waiting: Vec<RequestId>,
    /// At the monitor: intervals of silence of each server.
    pub silent: BTreeMap<NodeId, u32>,
}

pub(super) fn node_view(node: &PrimaryBackup) -> NodeView {
    match node {
        PrimaryBackup::Server(ServerRole(server)) => NodeView {
            view: server.view,
            values: server.state.values.iter().map(|(key, held)| (key.clone(), held.value.clone())).collect(),
            number: server.state.number,
            confirmed: server.confirmed,
            waiting: server.writes.keys().chain(server.reads.keys()).copied().collect(),
            silent: BTreeMap::new(),
        },
        PrimaryBackup::Monitor(MonitorRole(monitor)) => {
            NodeView { view: Some(monitor.view), silent: monitor.silent.clone(), ..NodeView::default() }
        }
    }
}
