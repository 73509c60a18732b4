//! State of a node, for display.

use std::collections::BTreeMap;

use quorate_protocol::{Context, NodeId, RequestId};
use serde::Serialize;

use super::liar::Lie;
use super::node::Pbft;
use super::proxy::Proxy;
use super::replica::Replica;

/// State of a node. A part that belongs to the other role is empty.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct View {
    /// The node's lie, if it is a liar.
    pub lie: Option<Lie>,
    /// At a replica: its view.
    pub view: Option<u64>,
    /// At a replica: the primary of that view.
    pub primary: Option<NodeId>,
    /// At a replica: whether it waits for the view to begin.
    pub changing: bool,
    /// At a replica: the state of each number above the stable checkpoint.
    pub log: BTreeMap<u64, Progress>,
    /// At a replica: the number that was executed last.
    pub executed: u64,
    /// At a replica: the last stable checkpoint.
    pub stable: u64,
    /// At a replica: the amount of the account.
    pub total: Option<i64>,
    /// At a proxy: the requests without an answer, with the totals that replicas report.
    pub open: BTreeMap<RequestId, BTreeMap<NodeId, i64>>,
}

/// Progress of a number in the present view.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum Progress {
    /// The proposal is accepted.
    Proposed,
    /// The replica has a prepared certificate.
    Prepared,
    /// The request is committed here.
    Committed,
}

impl View {
    pub(super) fn of(replica: Option<&Replica>, proxy: Option<&Proxy>, cx: &Context<Pbft>) -> Self {
        let mut view = View { lie: cx.config.lie(), ..View::default() };
        if let Some(role) = replica {
            let disk = &role.disk;
            let progress = |number: u64| match role.votes.get(&number) {
                Some(votes) if votes.committed => Progress::Committed,
                _ if role.is_prepared(number) => Progress::Prepared,
                _ => Progress::Proposed,
            };
            (view.view, view.primary) = (Some(disk.view), Some(cx.config.primary(disk.view)));
            (view.changing, view.executed, view.stable) = (disk.changing, disk.executed, disk.stable);
            view.log = disk.accepted.keys().map(|number| (*number, progress(*number))).collect();
            view.total = Some(disk.state.total);
        }
        if let Some(role) = proxy {
            let reports = |reports: &BTreeMap<NodeId, (u64, i64)>| {
                reports.iter().map(|(replica, (_, total))| (*replica, *total)).collect()
            };
            view.open = role.open.iter().map(|(ticket, open)| (*ticket, reports(&open.reports))).collect();
        }
        view
    }
}
