//! Client contract of cache leases: registers that count their changes.

use quorate_lab::linearizability::Model;
use quorate_lease::cache::{Cache, Command, Datum, Reply};
use quorate_lease::{Name, Value};

use crate::experiments::contract::Contract;

/// Contract: reads at the server or any cache are reads of one datum.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct CacheAnswers;

impl Contract<Cache> for CacheAnswers {
    type Object = Versions;

    fn object() -> Versions {
        Versions
    }

    fn operation(command: &Command) -> Option<CacheOp> {
        Some(match command {
            Command::Read { key } => CacheOp { key: key.clone(), write: None },
            Command::Write { key, value } => CacheOp { key: key.clone(), write: Some(value.clone()) },
        })
    }

    fn returned(command: &Command, reply: &Reply) -> Option<Datum> {
        match (command, reply) {
            (_, Reply::Read { datum }) => Some(datum.clone()),
            (Command::Write { value, .. }, Reply::Written { version }) => {
                Some(Datum { version: *version, value: Some(value.clone()) })
            }
            _ => None,
        }
    }
}

/// Model: registers that count their changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Versions;

/// Read or write. Both return the content of the register after the operation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CacheOp {
    /// Register.
    key: Name,
    /// Value written; `None` for a read.
    write: Option<Value>,
}

impl Model for Versions {
    const NAME: &'static str = "versions";
    type Op = CacheOp;
    type Return = Datum;
    type State = Datum;
    type Key = Name;

    fn key(&self, op: &CacheOp) -> Name {
        op.key.clone()
    }

    fn initial(&self, _: &Name) -> Datum {
        Datum::default()
    }

    fn apply(&self, holds: &Datum, op: &CacheOp, returned: Option<&Datum>) -> Option<Datum> {
        let next = match &op.write {
            None => holds.clone(),
            Some(value) => Datum { version: holds.version + 1, value: Some(value.clone()) },
        };
        returned.is_none_or(|returned| *returned == next).then_some(next)
    }

    fn only_reads(&self, op: &CacheOp, _: Option<&Datum>) -> bool {
        op.write.is_none()
    }

    fn words(&self, op: &CacheOp, returned: Option<&Datum>) -> String {
        let words = match &op.write {
            None => format!("read {}", op.key),
            Some(value) => format!("write {}={value}", op.key),
        };
        match returned {
            Some(returned) => format!("{words} → {}", self.show(returned)),
            None => words,
        }
    }

    fn show(&self, holds: &Datum) -> String {
        let value = holds.value.as_ref().map_or_else(|| "nothing".to_owned(), Value::to_string);
        format!("{value} in version {}", holds.version)
    }
}
