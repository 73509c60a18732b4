//! Live runs of transactions.

use std::collections::BTreeMap;
use std::iter::once;

use quorate_lab::script::ScenarioRequest;
use quorate_protocol::{Names, NodeId};
use quorate_transactions::Row;
use quorate_transactions::outbox::{self, MessageTable};
use quorate_transactions::two_phase::{Change, Command, Settings, TwoPhase};

use super::{LiveCluster, LiveTarget, Turn, numbered};
use crate::TargetError;
use crate::protocols::{OutboxTarget, TwoPhaseTarget};

const T: NodeId = NodeId(0);

/// Two clients move amounts from one participant to the next.
impl LiveTarget for TwoPhaseTarget {
    type Machine = TwoPhase;

    fn cluster(nodes: u32) -> Result<LiveCluster<TwoPhase>, TargetError> {
        let config = Settings::new(T, (1..=nodes).map(NodeId)).build()?;
        Ok((Names::new(once("T".to_owned()).chain(numbered(nodes)), ["c1", "c2"]), config))
    }

    /// Every second transaction takes back what the one before it moved.
    fn request(Turn { nodes, client, count, .. }: Turn) -> ScenarioRequest<TwoPhase> {
        let pair = count.div_ceil(2);
        let place = |offset: u64| NodeId(1 + ((pair + offset) % u64::from(nodes.max(1))) as u32);
        let by = if count.is_multiple_of(2) { -1 } else { 1 };
        let row = Row::from(format!("account-{}", client + 1).as_str());
        // With a single participant there is one change: the second replaces the first.
        let changes = [(place(0), by), (place(1), -by)].map(|(node, by)| (node, Change { row: row.clone(), by }));
        ScenarioRequest { to: Some(T), command: Command::Transact { changes: BTreeMap::from(changes) } }
    }
}

/// A shop, a broker and a stock, whatever the number of nodes; two clients order apples and pears.
impl LiveTarget for OutboxTarget {
    type Machine = MessageTable;

    fn cluster(_: u32) -> Result<LiveCluster<MessageTable>, TargetError> {
        let config = outbox::Settings::new(NodeId(0), NodeId(1), NodeId(2)).build()?;
        Ok((Names::new(["shop", "broker", "stock"], ["c1", "c2"]), config))
    }

    fn request(Turn { client, count, .. }: Turn) -> ScenarioRequest<MessageTable> {
        let item = Row::from(if client == 0 { "apples" } else { "pears" });
        ScenarioRequest { to: Some(NodeId(0)), command: outbox::Command::Place { item, units: 1 + count % 3 } }
    }
}
