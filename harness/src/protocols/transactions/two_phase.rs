//! Two-phase commit in scenarios: `cluster two-phase coordinator=T participants=order,stock`,
//! `transact T order.order-1+1 stock.apples-3`, `expect amount stock apples 7`.

use std::collections::BTreeMap;

use quorate_bugs::transactions::two_phase::NamedRulebook;
use quorate_lab::script::{
    Args, Assertion, ClusterSpec, Protocol, ProtocolAssertion, ScenarioRequest, ScriptProblem, Usage,
};
use quorate_lab::sim::World;
use quorate_lab::trace::{Lane, TypedEvent};
use quorate_protocol::{Names, NodeId};
use quorate_transactions::two_phase::{Change, Command, Rulebook, Safety, Settings, TwoPhase};
use quorate_transactions::{Row, Txn};

use crate::protocols::TwoPhaseTarget;
use crate::protocols::lease::cluster::{Members, choice};

impl Protocol for TwoPhaseTarget {
    type Machine = TwoPhase;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;
    const CLUSTER: Usage = Usage {
        form: "cluster two-phase coordinator=T participants=order,stock [opening=10] [vote-timeout=100ms] \
               [retry=50ms] [ask-others=off|on] [rules=presumes-commit]",
        says: "Two-phase commit: all participants of a transaction commit it, or none does (Gray 1978; BHG 1987, ch. 7)",
    };
    const REQUESTS: &'static [Usage] = &[Usage {
        form: "transact NODE NODE.ROW+2 NODE.ROW-2 … [client=c1]",
        says: "a client asks a node to change these rows, all of them or none",
    }];
    const ASSERTIONS: &'static [Usage] = &[
        Usage { form: "amount NODE ROW AMOUNT", says: "that is the committed amount of the row" },
        Usage { form: "locked NODE ROW TXN|none", says: "that transaction has locked the row, or none has" },
        Usage { form: "in-doubt NODE TXN,TXN|none", says: "the node voted yes to these, and knows no outcome of them" },
    ];

    fn rulebooks() -> Vec<(&'static str, Rulebook)> {
        NamedRulebook::BUGGY.iter().map(|book| (book.id(), book.rules)).collect()
    }

    fn cluster_spec(args: &mut Args<'_>) -> Result<ClusterSpec<Self>, ScriptProblem> {
        let mut members = Members::default();
        let coordinator = members.one(args, "coordinator", "who decides")?;
        let participants = members.needed(args, "participants", "who takes part")?;
        let mut settings = Settings::new(coordinator, participants);
        if let Some(opening) = args.parsed("opening")? {
            settings.opening = opening;
        }
        if let Some(span) = args.span("vote-timeout")? {
            settings.vote_timeout = span;
        }
        if let Some(span) = args.span("retry")? {
            settings.retry = span;
        }
        settings.ask_others = choice(args, "ask-others", [("off", false), ("on", true)])?;
        let config = settings.build().map_err(|error| members.refused(&error))?;
        Ok(ClusterSpec { nodes: members.nodes, config, invariants: Safety::default() })
    }

    fn request(_: &str, args: &mut Args<'_>, names: &Names) -> Result<ScenarioRequest<TwoPhase>, ScriptProblem> {
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

    fn assertion(name: &str, args: &mut Args<'_>, names: &Names) -> Result<ProtocolAssertion<Self>, ScriptProblem> {
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

fn number(text: &str) -> Result<i64, ScriptProblem> {
    text.parse().map_err(|_| ScriptProblem::bad(format_args!("'{text}' is no amount: a whole number such as 7")))
}

fn txn(text: &str) -> Result<Txn, ScriptProblem> {
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

impl Assertion<TwoPhase, Safety> for Amount {
    fn says(&self) -> String {
        format!("{} at {} to be {}", self.row, self.node, self.amount)
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<TwoPhase>) {}

    fn holds(&self, world: &World<TwoPhase, Safety>) -> Result<(), String> {
        let Some(machine) = world.machine(self.node) else { return Err("the node is down".to_owned()) };
        match machine.amount(&self.row, world.config().opening) {
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

impl Assertion<TwoPhase, Safety> for Locked {
    fn says(&self) -> String {
        let holder = self.holder.map_or_else(|| "no transaction".to_owned(), |txn| txn.to_string());
        format!("{holder} to hold {} at {}", self.row, self.node)
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<TwoPhase>) {}

    fn holds(&self, world: &World<TwoPhase, Safety>) -> Result<(), String> {
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

impl Assertion<TwoPhase, Safety> for InDoubt {
    fn says(&self) -> String {
        format!("{} to be in doubt on {}", self.node, listed(&self.txns))
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<TwoPhase>) {}

    fn holds(&self, world: &World<TwoPhase, Safety>) -> Result<(), String> {
        let Some(machine) = world.machine(self.node) else { return Err("the node is down".to_owned()) };
        let txns: Vec<Txn> = machine.in_doubt().collect();
        if txns == self.txns { Ok(()) } else { Err(format!("it is in doubt on {}", listed(&txns))) }
    }
}
