//! The protocols of this crate, a unit struct for each.
//!
//! What each can do is implemented where its like is: its words in scenarios in
//! [`protocols`](crate::protocols), random runs in [`experiments`](crate::experiments), searches in
//! [`checks`](crate::checks), runs on threads in [`live`](crate::live).

use quorate_bugs::{Book, Protocol};

use super::list::{RulebookOf, SearchVisitor, Target};
use crate::checks::{Reigns, Terms};

macro_rules! targets {
    ($($(#[$attribute:meta])* $target:ident = $protocol:ident;)+) => {
        $(
            $(#[$attribute])*
            #[derive(Clone, Copy, PartialEq, Eq, Debug)]
            pub struct $target;

            impl $target {
                /// Its name in scenarios and on the command line.
                pub const NAME: &'static str = Protocol::$protocol.name();
            }
        )+
    };
}

targets! {
    /// Basic Paxos.
    PaxosTarget = Paxos;
    /// Multi-Paxos: a replicated log.
    MultiPaxosTarget = MultiPaxos;
    /// Raft with a key-value store; in searches, with a counter.
    RaftTarget = Raft;
    /// Leases of a single granter, with a fenced resource.
    LeaseTarget = Lease;
    /// Leases of a majority of acceptors.
    LeaseMajorityTarget = MajorityLease;
    /// The replicated fenced store.
    LeaseStoreTarget = FencedStore;
    /// Leases on cached data.
    LeaseCacheTarget = CacheLease;
    /// A table of leases on Raft, whose leader reads alone.
    LeaseRaftTarget = RaftLease;
}

/// Targets with one search: their own.
macro_rules! searched {
    ($($target:ident)+) => {
        $(impl Target for $target {
            fn search<V: SearchVisitor<RulebookOf<Self>>>(_: Book<RulebookOf<Self>>, visitor: V) -> Option<V::Output> {
                Some(visitor.visit::<Self>())
            }
        })+
    };
}

searched! {
    PaxosTarget MultiPaxosTarget LeaseTarget LeaseMajorityTarget LeaseStoreTarget LeaseCacheTarget LeaseRaftTarget
}

impl Target for RaftTarget {
    /// Bugs that take several reigns, a snapshot, a read or a change of members are searched in
    /// stages.
    fn search<V: SearchVisitor<RulebookOf<Self>>>(book: Book<RulebookOf<Self>>, visitor: V) -> Option<V::Output> {
        Some(if Reigns::shows(book) { visitor.visit::<Reigns>() } else { visitor.visit::<Terms>() })
    }
}
