//! State of a node, for display.

use quorate_protocol::{RequestId, Time};
use serde::Serialize;

use super::node::TrueTime;
use super::server::Cx;
use crate::Interval;

/// State of a node. At a master all of it is empty.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct NodeView {
    /// At a server: its reading of the time, now.
    pub now: Option<Interval>,
    /// At a server: the moment of its last poll, on its monotonic clock.
    pub polled: Option<Time>,
    /// At a server: whether its clock has left its bound.
    pub left: bool,
    /// At a server: transactions that wait for their stamps to pass, with the stamps.
    pub waiting: Vec<(RequestId, Time)>,
}

pub(super) fn node_view(node: &TrueTime, cx: &Cx<'_>) -> NodeView {
    match node.server() {
        None => NodeView::default(),
        Some(server) => NodeView {
            now: server.reading(cx),
            polled: Some(server.asked_at),
            left: server.left,
            waiting: server.waiting.iter().map(|(ticket, stamp)| (*ticket, *stamp)).collect(),
        },
    }
}
