//! Client contracts of transactions. Two-phase commit and Paxos Commit: amounts that never fall
//! below zero, changed by transactions one at a time. The local message table: orders, numbered one
//! by one.

use std::collections::BTreeMap;

use quorate_lab::linearizability::Model;
use quorate_protocol::NodeId;
use quorate_transactions::outbox::{self, MessageTable, OutboxMessageId};
use quorate_transactions::two_phase::{Change, Command, Reply};
use quorate_transactions::{AtomicCommit, Row};

use crate::experiments::contract::Contract;

/// Amount of every row at first.
pub(crate) const OPENING: i64 = 10;

/// Contract of two-phase commit, and of Paxos Commit.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct TwoPhaseAnswers;

impl<M: AtomicCommit> Contract<M> for TwoPhaseAnswers {
    type Object = Accounts;

    fn object() -> Accounts {
        Accounts
    }

    fn operation(command: &Command) -> Option<BTreeMap<NodeId, Change>> {
        let Command::Transact { changes } = command;
        Some(changes.clone())
    }

    fn returned(_: &Command, reply: &Reply) -> Option<bool> {
        match reply {
            Reply::Committed { .. } => Some(true),
            Reply::Aborted { .. } => Some(false),
            Reply::Invalid | Reply::Overtaken | Reply::NotTheCoordinator { .. } => None,
        }
    }

    /// A request has one outcome.
    fn may_differ(_: &BTreeMap<NodeId, Change>, _: &bool, _: &bool) -> bool {
        false
    }
}

/// Model: the amounts of all rows of all participants.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Accounts;

impl Model for Accounts {
    const NAME: &'static str = "accounts";
    type Op = BTreeMap<NodeId, Change>;
    /// Whether the transaction was committed.
    type Return = bool;
    type State = BTreeMap<(NodeId, Row), i64>;
    type Key = ();

    fn key(&self, _: &Self::Op) {}

    fn initial(&self, (): &()) -> Self::State {
        BTreeMap::new()
    }

    fn apply(&self, amounts: &Self::State, changes: &Self::Op, committed: Option<&bool>) -> Option<Self::State> {
        let mut next = amounts.clone();
        if committed == Some(&false) {
            return Some(next);
        }
        for (node, Change { row, by }) in changes {
            let amount = next.entry((*node, row.clone())).or_insert(OPENING);
            *amount = amount.checked_add(*by).filter(|amount| *amount >= 0)?;
        }
        Some(next)
    }

    fn only_reads(&self, _: &Self::Op, committed: Option<&bool>) -> bool {
        committed == Some(&false)
    }

    fn words(&self, changes: &Self::Op, committed: Option<&bool>) -> String {
        let changes: Vec<String> = changes.iter().map(|(node, change)| format!("{node}.{change}")).collect();
        let told = committed.map(|committed| if *committed { " → committed" } else { " → aborted" });
        format!("{}{}", changes.join(" "), told.unwrap_or_default())
    }

    fn show(&self, amounts: &Self::State) -> String {
        let amounts: Vec<String> =
            amounts.iter().map(|((node, row), amount)| format!("{node}.{row} {amount}")).collect();
        amounts.join(", ")
    }
}

/// Contract of the local message table: the shop's orders have one number each, in order.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct OutboxAnswers;

impl Contract<MessageTable> for OutboxAnswers {
    type Object = Orders;

    fn object() -> Orders {
        Orders
    }

    fn operation(_: &outbox::Command) -> Option<()> {
        Some(())
    }

    fn returned(_: &outbox::Command, reply: &outbox::Reply) -> Option<OutboxMessageId> {
        match reply {
            outbox::Reply::Placed { id } => Some(*id),
            outbox::Reply::Overtaken | outbox::Reply::NotTheSender => None,
        }
    }
}

/// Model: the number of the last order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Orders;

impl Model for Orders {
    const NAME: &'static str = "orders";
    type Op = ();
    type Return = OutboxMessageId;
    type State = OutboxMessageId;
    type Key = ();

    fn key(&self, (): &()) {}

    fn initial(&self, (): &()) -> OutboxMessageId {
        0
    }

    fn apply(&self, last: &OutboxMessageId, (): &(), placed: Option<&OutboxMessageId>) -> Option<OutboxMessageId> {
        let next = last + 1;
        placed.is_none_or(|placed| *placed == next).then_some(next)
    }

    fn words(&self, (): &(), placed: Option<&OutboxMessageId>) -> String {
        placed.map_or_else(|| "place".to_owned(), |id| format!("place → order {id}"))
    }

    fn show(&self, last: &OutboxMessageId) -> String {
        format!("{last} orders")
    }
}
