//! Objects that are only read and written.

use std::fmt::{Debug, Display};
use std::hash::Hash;

use crate::linearizability::Model;
use crate::linearizability::models::{KeyValue, Keyed, KvOp, KvReturn, Register, RegisterOp, RegisterReturn};

/// An operation on a register of `V`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Access<V> {
    /// A write of this value.
    Write(V),
    /// A read that returned this value; `None` if it returned none.
    Read(Option<V>),
}

/// A [`Model`] of registers: a state is a value, and an operation reads or writes it.
///
/// Implemented for the registers of [`models`](crate::linearizability::models); a model of another
/// crate takes one function.
pub trait ReadWrite: Model {
    /// Classifies an operation. `None` if, with this result, it is neither a read nor a write, as a
    /// compare-and-swap is not.
    fn access(&self, op: &Self::Op, returned: Option<&Self::Return>) -> Option<Access<Self::State>>;
}

impl<V: Clone + Eq + Hash + Debug + Display> ReadWrite for Register<V> {
    fn access(&self, op: &RegisterOp<V>, returned: Option<&RegisterReturn<V>>) -> Option<Access<V>> {
        match (op, returned) {
            (RegisterOp::Write(value), None | Some(RegisterReturn::Done)) => Some(Access::Write(value.clone())),
            (RegisterOp::Read, None) => Some(Access::Read(None)),
            (RegisterOp::Read, Some(RegisterReturn::Value(value))) => Some(Access::Read(Some(value.clone()))),
            _ => None,
        }
    }
}

impl<K: Clone + Ord + Debug + Display, M: ReadWrite<Key = ()>> ReadWrite for Keyed<K, M> {
    fn access(&self, op: &Self::Op, returned: Option<&M::Return>) -> Option<Access<M::State>> {
        self.each().access(&op.op, returned)
    }
}

impl ReadWrite for KeyValue {
    fn access(&self, op: &KvOp, returned: Option<&KvReturn>) -> Option<Access<String>> {
        match (op, returned) {
            (KvOp::Put { value, .. }, None | Some(KvReturn::Done)) => Some(Access::Write(value.clone())),
            (KvOp::Get { .. }, None) => Some(Access::Read(None)),
            (KvOp::Get { .. }, Some(KvReturn::Value(value))) => Some(Access::Read(Some(value.clone()))),
            _ => None,
        }
    }
}
