//! A register: one value, with read, write and compare-and-swap.

use std::fmt::{Debug, Display};
use std::hash::Hash;

use serde::{Deserialize, Serialize};

use crate::linearizability::Model;

/// A register with compare-and-swap. `V` is the type of its value.
///
/// ```
/// use quorate_lab::linearizability::{ClientId, History, Limits, Time, Verdict, check};
/// use quorate_lab::linearizability::models::{Register, RegisterOp, RegisterReturn};
///
/// let mut history = History::new();
/// let write = history.invoke(ClientId(0), RegisterOp::Write(3), Time::from_millis(0))?;
/// history.ok(write, RegisterReturn::Done, Time::from_millis(5))?;
/// let read = history.invoke(ClientId(1), RegisterOp::Read, Time::from_millis(6))?;
/// history.ok(read, RegisterReturn::Value(0), Time::from_millis(7))?;
///
/// let register = Register::new(0);
/// let report = check(&register, &history, Limits::default());
/// let Verdict::NotLinearizable(refutation) = &report.verdict else { panic!("a stale read") };
/// assert_eq!((&refutation.order, &refutation.unplaced), (&vec![write], &vec![read]));
/// # Ok::<(), quorate_lab::linearizability::Misuse>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Register<V> {
    initial: V,
}

/// An operation on a [`Register`].
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegisterOp<V> {
    /// Read the value.
    Read,
    /// Write the value.
    Write(V),
    /// Compare-and-swap: if the value is the first, write the second.
    Cas(V, V),
}

/// A result of a [`Register`].
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegisterReturn<V> {
    /// To a read: the value.
    Value(V),
    /// To a write.
    Done,
    /// To a compare-and-swap: whether the value was the expected one.
    Swapped(bool),
}

impl<V> Register<V> {
    /// A register that initially holds `initial`.
    pub fn new(initial: V) -> Self {
        Register { initial }
    }
}

impl<V: Clone + Eq + Hash + Debug + Display> Model for Register<V> {
    const NAME: &'static str = "register";
    type Op = RegisterOp<V>;
    type Return = RegisterReturn<V>;
    type State = V;
    type Key = ();

    fn key(&self, _: &RegisterOp<V>) {}

    fn initial(&self, _: &()) -> V {
        self.initial.clone()
    }

    fn apply(&self, holds: &V, op: &RegisterOp<V>, returned: Option<&RegisterReturn<V>>) -> Option<V> {
        match (op, returned) {
            (RegisterOp::Read, None) => Some(holds.clone()),
            (RegisterOp::Read, Some(RegisterReturn::Value(value))) if value == holds => Some(holds.clone()),
            (RegisterOp::Write(value), None | Some(RegisterReturn::Done)) => Some(value.clone()),
            (RegisterOp::Cas(old, new), None) => Some(if old == holds { new } else { holds }.clone()),
            (RegisterOp::Cas(old, new), Some(RegisterReturn::Swapped(swapped))) if *swapped == (old == holds) => {
                Some(if *swapped { new } else { holds }.clone())
            }
            _ => None,
        }
    }

    fn only_reads(&self, op: &RegisterOp<V>, returned: Option<&RegisterReturn<V>>) -> bool {
        matches!((op, returned), (RegisterOp::Read, _) | (RegisterOp::Cas(..), Some(RegisterReturn::Swapped(false))))
    }

    fn words(&self, op: &RegisterOp<V>, returned: Option<&RegisterReturn<V>>) -> String {
        let op = match op {
            RegisterOp::Read => "read".to_owned(),
            RegisterOp::Write(value) => format!("write {value}"),
            RegisterOp::Cas(old, new) => format!("cas {old} {new}"),
        };
        match returned {
            None | Some(RegisterReturn::Done) => op,
            Some(RegisterReturn::Value(value)) => format!("{op} → {value}"),
            Some(RegisterReturn::Swapped(swapped)) => format!("{op} → {swapped}"),
        }
    }

    fn show(&self, holds: &V) -> String {
        holds.to_string()
    }
}
