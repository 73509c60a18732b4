//! Many independent objects of one kind, each under its own key.

use std::fmt::{Debug, Display};

use serde::{Deserialize, Serialize};

use crate::linearizability::Model;

/// One independent `M` per key. Each is checked by itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Keyed<K, M> {
    each: M,
    keys: std::marker::PhantomData<K>,
}

/// An operation on the object under a key.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct KeyedOp<K, O> {
    /// The key of the object; `None` for the one that has no key.
    #[serde(default = "Option::default", skip_serializing_if = "Option::is_none")]
    pub key: Option<K>,
    /// The operation on that object.
    pub op: O,
}

impl<K, M> Keyed<K, M> {
    /// An `each` under every key.
    pub fn new(each: M) -> Self {
        Keyed { each, keys: std::marker::PhantomData }
    }

    /// The object under each key.
    pub(crate) const fn each(&self) -> &M {
        &self.each
    }
}

impl<K: Clone + Ord + Debug + Display, M: Model<Key = ()>> Model for Keyed<K, M> {
    const NAME: &'static str = M::NAME;
    type Op = KeyedOp<K, M::Op>;
    type Return = M::Return;
    type State = M::State;
    type Key = Option<K>;

    fn key(&self, op: &Self::Op) -> Option<K> {
        op.key.clone()
    }

    fn initial(&self, _: &Option<K>) -> M::State {
        self.each.initial(&())
    }

    fn apply(&self, state: &M::State, op: &Self::Op, returned: Option<&M::Return>) -> Option<M::State> {
        self.each.apply(state, &op.op, returned)
    }

    fn only_reads(&self, op: &Self::Op, returned: Option<&M::Return>) -> bool {
        self.each.only_reads(&op.op, returned)
    }

    fn words(&self, op: &Self::Op, returned: Option<&M::Return>) -> String {
        self.each.words(&op.op, returned)
    }

    fn show(&self, state: &M::State) -> String {
        self.each.show(state)
    }

    fn called(&self, key: &Option<K>) -> Option<String> {
        key.as_ref().map(K::to_string)
    }
}
