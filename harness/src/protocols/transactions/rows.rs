//! Rows, and transactions that change them, in scenarios: `transact T order.orders+1
//! stock.apples-3`, `expect amount stock apples 7`.

use std::collections::BTreeMap;

use quorate_lab::script::{Args, Assertion, ScenarioRequest, ScriptProblem, Usage};
use quorate_lab::sim::World;
use quorate_lab::trace::{Lane, TypedEvent};
use quorate_protocol::{Invariant, Machine, Names, NodeId};
use quorate_transactions::two_phase::{Change, Command};
use quorate_transactions::{AtomicCommit, Row, Txn};

/// Requests of clients.
pub(super) const REQUESTS: &[Usage] = &[Usage {
    form: "transact NODE NODE.ROW+2 NODE.ROW-2 … [client=c1]",
    says: "a client asks a node to change these rows, all of them or none",
}];

/// Assertions about rows.
pub(super) const ASSERTIONS: &[Usage] = &[
    Usage { form: "amount NODE ROW AMOUNT", says: "that is the committed amount of the row" },
    Usage { form: "locked NODE ROW TXN|none", says: "that transaction has locked the row, or none has" },
    Usage { form: "in-doubt NODE TXN,TXN|none", says: "the node voted yes to these, and knows no outcome of them" },
];

/// Reads a transaction.
pub(super) fn request<M: Machine<Command = Command>>(
    args: &mut Args<'_>,
    names: &Names,
) -> Result<ScenarioRequest<M>, ScriptProblem> {
    let to = Some(args.node(names)?);
    let mut changes = BTreeMap::new();
    let mut word = args.text("a change")?;
    loop {
        let (node, change) = read(word, names)?;
        if changes.insert(node, change).is_some() {
            return Err(ScriptProblem::bad(format_args!(
                "'{word}': a transaction changes one row of each participant"
            )));
        }
        let Some(next) = args.take() else { break };
        word = next;
    }
    Ok(ScenarioRequest { to, command: Command::Transact { changes } })
}

/// Reads an assertion.
pub(super) fn assertion<M: AtomicCommit, I: Invariant<M>>(
    name: &str,
    args: &mut Args<'_>,
    names: &Names,
) -> Result<Box<dyn Assertion<M, I>>, ScriptProblem> {
    let node = args.node(names)?;
    Ok(match name {
        "amount" => {
            let row = Row::from(args.text("a row")?);
            Box::new(Amount { node, row, amount: number(args.need("an amount")?)? })
        }
        "locked" => {
            let row = Row::from(args.text("a row")?);
            let holder = unless_none(args.need("a transaction")?).map(txn).transpose()?;
            Box::new(Locked { node, row, holder })
        }
        _ => {
            let listed = unless_none(args.need("transactions")?);
            let txns = listed.map(|text| text.split(',').map(txn).collect::<Result<_, _>>()).transpose()?;
            Box::new(InDoubt { node, txns: txns.unwrap_or_default() })
        }
    })
}

/// Reads a change such as `stock.apples-3`.
fn read(word: &str, names: &Names) -> Result<(NodeId, Change), ScriptProblem> {
    let bad = || {
        ScriptProblem::bad(format_args!(
            "'{word}' is no change: write participant, row and amount as in stock.apples-3"
        ))
    };
    let (node, change) = word.split_once('.').ok_or_else(bad)?;
    let (row, by) = change.split_at(change.rfind(['+', '-']).ok_or_else(bad)?);
    let node =
        names.node(node).ok_or_else(|| ScriptProblem::bad(format_args!("'{word}': there is no node '{node}'")))?;
    if row.is_empty() {
        return Err(bad());
    }
    Ok((node, Change { row: Row::from(row), by: by.parse().map_err(|_| bad())? }))
}

pub(super) fn number(text: &str) -> Result<i64, ScriptProblem> {
    text.parse().map_err(|_| ScriptProblem::bad(format_args!("'{text}' is no amount: a whole number such as 7")))
}

pub(super) fn txn(text: &str) -> Result<Txn, ScriptProblem> {
    text.parse().map_err(ScriptProblem::bad)
}

fn unless_none(text: &str) -> Option<&str> {
    (text != "none").then_some(text)
}

fn listed(txns: &[Txn]) -> String {
    match txns {
        [] => "no transaction".to_owned(),
        some => some.iter().map(Txn::to_string).collect::<Vec<_>>().join(" and "),
    }
}

/// Assertion on a committed amount.
struct Amount {
    node: NodeId,
    row: Row,
    amount: i64,
}

impl<M: AtomicCommit, I: Invariant<M>> Assertion<M, I> for Amount {
    fn says(&self) -> String {
        format!("{} at {} to be {}", self.row, self.node, self.amount)
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<M>) {}

    fn holds(&self, world: &World<M, I>) -> Result<(), String> {
        let Some(machine) = world.machine(self.node) else { return Err("the node is down".to_owned()) };
        match machine.amount(&self.row, M::opening(world.config())) {
            Some(amount) if amount == self.amount => Ok(()),
            Some(amount) => Err(format!("it is {amount}")),
            None => Err("the node has no rows".to_owned()),
        }
    }
}

/// Assertion on the lock of a row.
struct Locked {
    node: NodeId,
    row: Row,
    holder: Option<Txn>,
}

impl<M: AtomicCommit, I: Invariant<M>> Assertion<M, I> for Locked {
    fn says(&self) -> String {
        let holder = self.holder.map_or_else(|| "no transaction".to_owned(), |txn| txn.to_string());
        format!("{holder} to hold {} at {}", self.row, self.node)
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<M>) {}

    fn holds(&self, world: &World<M, I>) -> Result<(), String> {
        let Some(machine) = world.machine(self.node) else { return Err("the node is down".to_owned()) };
        match machine.holder(&self.row) {
            holder if holder == self.holder => Ok(()),
            Some(holder) => Err(format!("{holder} holds it")),
            None => Err("it is not locked".to_owned()),
        }
    }
}

/// Assertion on the transactions in doubt.
struct InDoubt {
    node: NodeId,
    txns: Vec<Txn>,
}

impl<M: AtomicCommit, I: Invariant<M>> Assertion<M, I> for InDoubt {
    fn says(&self) -> String {
        format!("{} to be in doubt on {}", self.node, listed(&self.txns))
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<M>) {}

    fn holds(&self, world: &World<M, I>) -> Result<(), String> {
        let Some(machine) = world.machine(self.node) else { return Err("the node is down".to_owned()) };
        let txns: Vec<Txn> = machine.in_doubt().collect();
        if txns == self.txns { Ok(()) } else { Err(format!("it is in doubt on {}", listed(&txns))) }
    }
}
