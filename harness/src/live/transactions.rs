//! Live runs of transactions.

use std::collections::BTreeMap;
use std::iter::once;

use quorate_lab::script::ScenarioRequest;
use quorate_protocol::{Names, NodeId};
use quorate_transactions::Row;
use quorate_transactions::outbox::{self, MessageTable};
use quorate_transactions::paxos_commit::{self, PaxosCommit};
use quorate_transactions::saga::{self, Saga};
use quorate_transactions::three_phase::{self, ThreePhase};
use quorate_transactions::two_phase::{Change, Command, Settings, TwoPhase};

use super::{LiveCluster, LiveTarget, Turn, numbered};
use crate::TargetError;
use crate::protocols::{OutboxTarget, PaxosCommitTarget, SagaTarget, ThreePhaseTarget, TwoPhaseTarget};

const T: NodeId = NodeId(0);
/// Id of the first participant of Paxos Commit, after two leaders and three acceptors.
const FIRST_PARTICIPANT: u32 = 5;

/// Two clients move amounts from one participant to the next.
impl LiveTarget for TwoPhaseTarget {
    type Machine = TwoPhase;

    fn cluster(nodes: u32) -> Result<LiveCluster<TwoPhase>, TargetError> {
        let config = Settings::new(T, (1..=nodes).map(NodeId)).build()?;
        Ok((Names::new(once("T".to_owned()).chain(numbered(nodes)), ["c1", "c2"]), config))
    }

    fn request(turn: Turn) -> ScenarioRequest<TwoPhase> {
        ScenarioRequest { to: Some(T), command: transfer(turn, 1) }
    }
}

/// The clients of two-phase commit.
impl LiveTarget for ThreePhaseTarget {
    type Machine = ThreePhase;

    fn cluster(nodes: u32) -> Result<LiveCluster<ThreePhase>, TargetError> {
        let config = three_phase::Settings::new(T, (1..=nodes).map(NodeId)).build()?;
        Ok((Names::new(once("T".to_owned()).chain(numbered(nodes)), ["c1", "c2"]), config))
    }

    fn request(turn: Turn) -> ScenarioRequest<ThreePhase> {
        ScenarioRequest { to: Some(T), command: transfer(turn, 1) }
    }
}

/// The clients of two-phase commit.
impl LiveTarget for SagaTarget {
    type Machine = Saga;

    fn cluster(nodes: u32) -> Result<LiveCluster<Saga>, TargetError> {
        let config = saga::Settings::new(T, (1..=nodes).map(NodeId)).build()?;
        Ok((Names::new(once("O".to_owned()).chain(numbered(nodes)), ["c1", "c2"]), config))
    }

    fn request(turn: Turn) -> ScenarioRequest<Saga> {
        ScenarioRequest { to: Some(T), command: transfer(turn, 1) }
    }
}

/// Two leaders, three acceptors, and that number of participants.
impl LiveTarget for PaxosCommitTarget {
    type Machine = PaxosCommit;

    fn cluster(nodes: u32) -> Result<LiveCluster<PaxosCommit>, TargetError> {
        let participants = (0..nodes).map(|node| NodeId(FIRST_PARTICIPANT + node));
        let config = paxos_commit::Settings::new([0, 1].map(NodeId), participants, [2, 3, 4].map(NodeId)).build()?;
        let others = ["T", "U", "X", "Y", "Z"].map(str::to_owned);
        Ok((Names::new(others.into_iter().chain(numbered(nodes)), ["c1", "c2"]), config))
    }

    fn request(turn: Turn) -> ScenarioRequest<PaxosCommit> {
        ScenarioRequest { to: Some(T), command: transfer(turn, FIRST_PARTICIPANT) }
    }
}

/// A move between two participants, which have the ids from `first`. Every second one takes back
/// what the one before it moved.
fn transfer(Turn { nodes, client, count, .. }: Turn, first: u32) -> Command {
    let pair = count.div_ceil(2);
    let place = |offset: u64| NodeId(first + ((pair + offset) % u64::from(nodes.max(1))) as u32);
    let by = if count.is_multiple_of(2) { -1 } else { 1 };
    let row = Row::from(format!("account-{}", client + 1).as_str());
    // With a single participant there is one change: the second replaces the first.
    let changes = [(place(0), by), (place(1), -by)].map(|(node, by)| (node, Change { row: row.clone(), by }));
    Command::Transact { changes: BTreeMap::from(changes) }
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
