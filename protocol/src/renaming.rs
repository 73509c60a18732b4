//! Symmetry reduction: permutations of node ids.
//!
//! Where nodes are interchangeable, a state with two of them exchanged is equivalent to the state
//! itself, and a checker need explore only one of the two. To recognise equivalent states it
//! exchanges ids in every part of a state: that is [`Renamed`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::{Never, NodeId};

/// A permutation of the nodes of a cluster.
///
/// ```
/// use quorate_protocol::{NodeId, Renamed, Renaming};
///
/// let [a, b, c] = [0, 1, 2].map(NodeId);
/// let exchange = Renaming::new(vec![b, a, c]).expect("each node once");
/// assert_eq!((exchange.of(a), exchange.of(c)), (b, c));
/// assert_eq!(Some(vec![a, c]).renamed(&exchange), Some(vec![b, c]));
/// assert!(Renaming::new(vec![a, a]).is_none());
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Renaming {
    to: Vec<NodeId>,
}

impl Renaming {
    /// The permutation that gives node `i` the id at position `i`; `None` unless each of these
    /// nodes occurs once.
    pub fn new(to: Vec<NodeId>) -> Option<Self> {
        let each_once: BTreeSet<usize> = to.iter().map(|node| node.index()).collect();
        each_once.into_iter().eq(0..to.len()).then_some(Renaming { to })
    }

    /// The new id of a node. A node that the cluster does not have keeps its id.
    pub fn of(&self, node: NodeId) -> NodeId {
        self.to.get(node.index()).copied().unwrap_or(node)
    }

    /// Whether every node keeps its id.
    pub fn changes_nothing(&self) -> bool {
        self.to.iter().zip(0..).all(|(to, node)| to.0 == node)
    }
}

/// A type that may contain node ids. A container that is ordered by ids must be ordered again
/// afterwards.
pub trait Renamed {
    /// The same value with every node id permuted.
    #[must_use]
    fn renamed(&self, by: &Renaming) -> Self;
}

/// Declares that types contain no node ids, so that a permutation leaves their values unchanged.
///
/// ```
/// #[derive(Clone, PartialEq, Debug)]
/// struct Term(u64);
/// quorate_protocol::nameless!(Term);
/// ```
#[macro_export]
macro_rules! nameless {
    ($($type:ty),+ $(,)?) => {
        $(
            impl $crate::Renamed for $type {
                fn renamed(&self, _: &$crate::Renaming) -> Self {
                    ::core::clone::Clone::clone(self)
                }
            }
        )+
    };
}

nameless!(bool, u8, u16, u32, u64, usize, i64, String, Never, crate::ClientId, crate::Ticket);

impl Renamed for NodeId {
    fn renamed(&self, by: &Renaming) -> Self {
        by.of(*self)
    }
}

impl<T: Renamed> Renamed for Option<T> {
    fn renamed(&self, by: &Renaming) -> Self {
        self.as_ref().map(|some| some.renamed(by))
    }
}

/// Keeps the order of elements: a list sorted by ids must be sorted again.
impl<T: Renamed> Renamed for Vec<T> {
    fn renamed(&self, by: &Renaming) -> Self {
        self.iter().map(|each| each.renamed(by)).collect()
    }
}

impl<T: Renamed> Renamed for Box<T> {
    fn renamed(&self, by: &Renaming) -> Self {
        Box::new(T::renamed(self, by))
    }
}

impl<T: Renamed> Renamed for Arc<T> {
    fn renamed(&self, by: &Renaming) -> Self {
        Arc::new(T::renamed(self, by))
    }
}

impl<T: Renamed + Ord> Renamed for BTreeSet<T> {
    fn renamed(&self, by: &Renaming) -> Self {
        self.iter().map(|each| each.renamed(by)).collect()
    }
}

impl<K: Renamed + Ord, V: Renamed> Renamed for BTreeMap<K, V> {
    fn renamed(&self, by: &Renaming) -> Self {
        self.iter().map(|(key, value)| (key.renamed(by), value.renamed(by))).collect()
    }
}

macro_rules! tuple {
    ($($name:ident)*) => {
        impl<$($name: Renamed),*> Renamed for ($($name,)*) {
            #[allow(non_snake_case, unused_variables)]
            fn renamed(&self, by: &Renaming) -> Self {
                let ($($name,)*) = self;
                ($($name.renamed(by),)*)
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

impl Renamed for () {
    fn renamed(&self, _: &Renaming) -> Self {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_in_order_is_in_order_afterwards() {
        let [a, b, c] = [0, 1, 2].map(NodeId);
        let around = Renaming::new(vec![b, c, a]).unwrap();
        let votes = BTreeMap::from([(a, Some(c)), (c, None)]);
        assert_eq!(votes.renamed(&around), BTreeMap::from([(a, None), (b, Some(a))]));
        assert_eq!(BTreeSet::from([b, c]).renamed(&around), BTreeSet::from([a, c]));
        assert_eq!((a, 7_u64, NodeId(9)).renamed(&around), (b, 7, NodeId(9)), "a stranger keeps its name");
    }

    #[test]
    fn a_permutation_names_each_node_once() {
        assert!(Renaming::new(vec![NodeId(1), NodeId(2)]).is_none());
        assert!(Renaming::new(vec![NodeId(0), NodeId(1)]).unwrap().changes_nothing());
        assert!(!Renaming::new(vec![NodeId(1), NodeId(0)]).unwrap().changes_nothing());
    }
}
