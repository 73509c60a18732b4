//! State of a node, for display.

use quorate_protocol::{NodeId, Time};
use serde::Serialize;

use super::host::Cx;
use super::node::Ntp;
use super::offset::Offset;

/// State of a node. At a source all of it is empty.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct NodeView {
    /// At a host: its disciplined time, now.
    pub timestamp: Option<Time>,
    /// At a host: the bound of its error.
    pub error: Option<Offset>,
    /// At a host: the rest of its slew.
    pub slew: Option<Offset>,
    /// At a host: the interval of its polls.
    pub poll: Option<Offset>,
    /// At a host: the reach register of each source.
    pub reach: Vec<(NodeId, u8)>,
    /// At a host: whether it has stopped.
    pub stopped: bool,
}

pub(super) fn node_view(node: &Ntp, cx: &Cx<'_>) -> NodeView {
    match node.host() {
        None => NodeView::default(),
        Some(host) => NodeView {
            timestamp: Some(host.time(cx)),
            error: host.error(cx).map(Offset::from),
            slew: Some(host.correction.left(cx.now.monotonic)),
            poll: Some(Offset::from(host.poll_every)),
            reach: host.peers.iter().map(|(source, peer)| (*source, peer.reach)).collect(),
            stopped: host.is_stopped,
        },
    }
}
