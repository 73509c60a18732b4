//! Roles of nodes, as the configurations check them.

use std::collections::BTreeSet;

use quorate_protocol::NodeId;

/// The first node that is listed again.
pub(crate) fn named_twice<'a>(nodes: impl IntoIterator<Item = &'a NodeId>) -> Option<NodeId> {
    let mut seen = BTreeSet::new();
    nodes.into_iter().copied().find(|node| !seen.insert(*node))
}
