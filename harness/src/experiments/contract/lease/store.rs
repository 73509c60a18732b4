//! Client contract of the replicated fenced store: a register, where opening is a read.

use quorate_lab::linearizability::Model;
use quorate_lease::Value;
use quorate_lease::store::{Command, FencedStore, Reply};

use crate::experiments::contract::Contract;

/// Contract of the fenced store.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct StoreAnswers;

impl Contract<FencedStore> for StoreAnswers {
    type Object = Cell;

    fn object() -> Cell {
        Cell
    }

    fn operation(command: &Command) -> Option<StoreOp> {
        Some(match command {
            Command::Open { .. } => StoreOp::Open,
            Command::Write { value } => StoreOp::Write(value.clone()),
        })
    }

    fn returned(command: &Command, reply: &Reply) -> Option<Option<Value>> {
        match (command, reply) {
            (_, Reply::Opened { value }) => Some(value.clone()),
            (Command::Write { value }, Reply::Written) => Some(Some(value.clone())),
            _ => None,
        }
    }

    /// A token opens the store once.
    fn may_differ(_: &StoreOp, _: &Option<Value>, _: &Option<Value>) -> bool {
        false
    }

    /// A write can matter to another operation only if its value is the one returned there.
    fn owed_to(op: &StoreOp, held: &Option<Value>) -> bool {
        matches!((op, held), (StoreOp::Write(value), Some(held)) if value == held)
    }
}

/// Model: a register.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cell;

/// Operation on the register. Both return its content after the operation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StoreOp {
    /// Read.
    Open,
    /// Write.
    Write(Value),
}

impl Model for Cell {
    const NAME: &'static str = "store";
    type Op = StoreOp;
    type Return = Option<Value>;
    type State = Option<Value>;
    type Key = ();

    fn key(&self, _: &StoreOp) {}

    fn initial(&self, (): &()) -> Option<Value> {
        None
    }

    fn apply(&self, holds: &Option<Value>, op: &StoreOp, returned: Option<&Option<Value>>) -> Option<Option<Value>> {
        let next = match op {
            StoreOp::Open => holds.clone(),
            StoreOp::Write(value) => Some(value.clone()),
        };
        returned.is_none_or(|returned| *returned == next).then_some(next)
    }

    fn only_reads(&self, op: &StoreOp, _: Option<&Option<Value>>) -> bool {
        *op == StoreOp::Open
    }

    fn words(&self, op: &StoreOp, returned: Option<&Option<Value>>) -> String {
        match (op, returned) {
            (StoreOp::Open, Some(held)) => format!("open → {}", self.show(held)),
            (StoreOp::Open, None) => "open".to_owned(),
            (StoreOp::Write(value), Some(_)) => format!("write {value} → done"),
            (StoreOp::Write(value), None) => format!("write {value}"),
        }
    }

    fn show(&self, holds: &Option<Value>) -> String {
        holds.as_ref().map_or_else(|| "nothing".to_owned(), Value::to_string)
    }
}
