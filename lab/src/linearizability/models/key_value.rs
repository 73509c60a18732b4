//! A key-value store of strings: get, put, append, compare-and-swap.

use serde::{Deserialize, Serialize};

use crate::linearizability::Model;

/// A store in which every key initially holds the empty string. Each key is an object of its own.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct KeyValue;

/// An operation on a [`KeyValue`] store.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KvOp {
    /// Read the value.
    Get {
        /// The key.
        key: String,
    },
    /// Write the value.
    Put {
        /// The key.
        key: String,
        /// The string.
        value: String,
    },
    /// Append to the value.
    Append {
        /// The key.
        key: String,
        /// The string to append.
        value: String,
    },
    /// Compare-and-swap: if the value is `old`, write `new`.
    Cas {
        /// The key.
        key: String,
        /// The expected value.
        old: String,
        /// The new value.
        new: String,
    },
}

/// A result of a [`KeyValue`] store.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KvReturn {
    /// To a get: the value.
    Value(String),
    /// To a put or an append.
    Done,
    /// To a compare-and-swap: whether the value was the expected one.
    Swapped(bool),
}

impl Model for KeyValue {
    const NAME: &'static str = "key-value";
    type Op = KvOp;
    type Return = KvReturn;
    type State = String;
    type Key = String;

    fn key(&self, op: &KvOp) -> String {
        let (KvOp::Get { key } | KvOp::Put { key, .. } | KvOp::Append { key, .. } | KvOp::Cas { key, .. }) = op;
        key.clone()
    }

    fn initial(&self, _: &String) -> String {
        String::new()
    }

    fn apply(&self, holds: &String, op: &KvOp, returned: Option<&KvReturn>) -> Option<String> {
        match (op, returned) {
            (KvOp::Get { .. }, None) => Some(holds.clone()),
            (KvOp::Get { .. }, Some(KvReturn::Value(value))) if value == holds => Some(holds.clone()),
            (KvOp::Put { value, .. }, None | Some(KvReturn::Done)) => Some(value.clone()),
            (KvOp::Append { value, .. }, None | Some(KvReturn::Done)) => Some(format!("{holds}{value}")),
            (KvOp::Cas { old, new, .. }, None) => Some(if old == holds { new } else { holds }.clone()),
            (KvOp::Cas { old, new, .. }, Some(KvReturn::Swapped(swapped))) if *swapped == (old == holds) => {
                Some(if *swapped { new } else { holds }.clone())
            }
            _ => None,
        }
    }

    fn only_reads(&self, op: &KvOp, returned: Option<&KvReturn>) -> bool {
        matches!((op, returned), (KvOp::Get { .. }, _) | (KvOp::Cas { .. }, Some(KvReturn::Swapped(false))))
    }

    fn words(&self, op: &KvOp, returned: Option<&KvReturn>) -> String {
        let op = match op {
            KvOp::Get { .. } => "get".to_owned(),
            KvOp::Put { value, .. } => format!("put {value:?}"),
            KvOp::Append { value, .. } => format!("append {value:?}"),
            KvOp::Cas { old, new, .. } => format!("cas {old:?} {new:?}"),
        };
        match returned {
            None | Some(KvReturn::Done) => op,
            Some(KvReturn::Value(value)) => format!("{op} → {value:?}"),
            Some(KvReturn::Swapped(swapped)) => format!("{op} → {swapped}"),
        }
    }
}
