//! A key-value store of texts: get, put, append, compare and swap.

use serde::{Deserialize, Serialize};

use crate::linearizability::Model;

/// A store in which every key holds the empty text at first. Each key is an object of its own.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct KeyValue;

/// What a client asks of a [`KeyValue`] store.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KvOp {
    /// What does the key hold?
    Get {
        /// The key.
        key: String,
    },
    /// Hold this.
    Put {
        /// The key.
        key: String,
        /// The text.
        value: String,
    },
    /// Hold this too, after what is there.
    Append {
        /// The key.
        key: String,
        /// The text to add.
        value: String,
    },
    /// If it holds `old`, hold `new` instead.
    Cas {
        /// The key.
        key: String,
        /// What it must hold.
        old: String,
        /// What it holds then.
        new: String,
    },
}

/// What a [`KeyValue`] store returns.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KvReturn {
    /// To a get: what the key holds.
    Value(String),
    /// To a put or an append.
    Done,
    /// To a compare-and-swap: whether it held what was expected.
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
