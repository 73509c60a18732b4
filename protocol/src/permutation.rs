//! Symmetry reduction: permutations of node ids.
//!
//! Where nodes are interchangeable, a state with two of them exchanged is equivalent to the state
//! itself, and a checker need explore only one of the two. To recognise equivalent states it
//! exchanges ids in every part of a state: that is [`Permute`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::{Never, NodeId};

/// A permutation of the nodes of a cluster.
///
/// ```
/// use quorate_protocol::{NodeId, Permute, Permutation};
///
/// let [a, b, c] = [0, 1, 2].map(NodeId);
/// let exchange = Permutation::new(vec![b, a, c]).expect("each node once");
/// assert_eq!((exchange.of(a), exchange.of(c)), (b, c));
/// assert_eq!(Some(vec![a, c]).permuted(&exchange), Some(vec![b, c]));
/// assert!(Permutation::new(vec![a, a]).is_none());
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Permutation {
    to: Vec<NodeId>,
}

impl Permutation {
    /// The permutation that gives node `i` the id at position `i`; `None` unless each of these
    /// nodes occurs once.
    pub fn new(to: Vec<NodeId>) -> Option<Self> {
        let each_once: BTreeSet<usize> = to.iter().map(|node| node.index()).collect();
        each_once.into_iter().eq(0..to.len()).then_some(Permutation { to })
    }

    /// The new id of a node. A node that the cluster does not have keeps its id.
    pub fn of(&self, node: NodeId) -> NodeId {
        self.to.get(node.index()).copied().unwrap_or(node)
    }

    /// Whether every node keeps its id.
    pub fn is_identity(&self) -> bool {
        self.to.iter().zip(0..).all(|(to, node)| to.0 == node)
    }
}

/// A type that may contain node ids. A container that is ordered by ids must be ordered again
/// afterwards.
pub trait Permute {
    /// The same value with every node id permuted.
    #[must_use]
    fn permuted(&self, by: &Permutation) -> Self;
}

/// Declares that types contain no node ids, so that a permutation leaves their values unchanged.
///
/// ```
/// #[derive(Clone, PartialEq, Debug)]
/// struct Term(u64);
/// quorate_protocol::no_node_ids!(Term);
/// ```
#[macro_export]
macro_rules! no_node_ids {
    ($($type:ty),+ $(,)?) => {
        $(
            impl $crate::Permute for $type {
                fn permuted(&self, _: &$crate::Permutation) -> Self {
                    ::core::clone::Clone::clone(self)
                }
            }
        )+
    };
}

no_node_ids!(bool, u8, u16, u32, u64, usize, i64, String, Never, crate::ClientId, crate::RequestId);

impl Permute for NodeId {
    fn permuted(&self, by: &Permutation) -> Self {
        by.of(*self)
    }
}

impl<T: Permute> Permute for Option<T> {
    fn permuted(&self, by: &Permutation) -> Self {
        self.as_ref().map(|some| some.permuted(by))
    }
}

/// Keeps the order of elements: a list sorted by ids must be sorted again.
impl<T: Permute> Permute for Vec<T> {
    fn permuted(&self, by: &Permutation) -> Self {
        self.iter().map(|each| each.permuted(by)).collect()
    }
}

impl<T: Permute> Permute for Box<T> {
    fn permuted(&self, by: &Permutation) -> Self {
        Box::new(T::permuted(self, by))
    }
}

impl<T: Permute> Permute for Arc<T> {
    fn permuted(&self, by: &Permutation) -> Self {
        Arc::new(T::permuted(self, by))
    }
}

impl<T: Permute + Ord> Permute for BTreeSet<T> {
    fn permuted(&self, by: &Permutation) -> Self {
        self.iter().map(|each| each.permuted(by)).collect()
    }
}

impl<K: Permute + Ord, V: Permute> Permute for BTreeMap<K, V> {
    fn permuted(&self, by: &Permutation) -> Self {
        self.iter().map(|(key, value)| (key.permuted(by), value.permuted(by))).collect()
    }
}

macro_rules! tuple {
    ($($name:ident)*) => {
        impl<$($name: Permute),*> Permute for ($($name,)*) {
            #[allow(non_snake_case, unused_variables)]
            fn permuted(&self, by: &Permutation) -> Self {
                let ($($name,)*) = self;
                ($($name.permuted(by),)*)
            }
        }
    };
}

tuple!(A);
tuple!(A B);
tuple!(A B C);
tuple!(A B C D);
tuple!(A B C D E);
tuple!(A B C D E F);
tuple!(A B C D E F G);
tuple!(A B C D E F G H);

impl Permute for () {
    fn permuted(&self, _: &Permutation) -> Self {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_in_order_is_in_order_afterwards() {
        let [a, b, c] = [0, 1, 2].map(NodeId);
        let around = Permutation::new(vec![b, c, a]).unwrap();
        let votes = BTreeMap::from([(a, Some(c)), (c, None)]);
        assert_eq!(votes.permuted(&around), BTreeMap::from([(a, None), (b, Some(a))]));
        assert_eq!(BTreeSet::from([b, c]).permuted(&around), BTreeSet::from([a, c]));
        assert_eq!((a, 7_u64, NodeId(9)).permuted(&around), (b, 7, NodeId(9)), "a stranger keeps its name");
    }

    #[test]
    fn a_permutation_names_each_node_once() {
        assert!(Permutation::new(vec![NodeId(1), NodeId(2)]).is_none());
        assert!(Permutation::new(vec![NodeId(0), NodeId(1)]).unwrap().is_identity());
        assert!(!Permutation::new(vec![NodeId(1), NodeId(0)]).unwrap().is_identity());
    }
}
