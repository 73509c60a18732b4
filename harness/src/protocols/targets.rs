//! Targets: a unit struct for each protocol of this crate.
//!
//! Their traits are implemented beside their peers: scenarios in [`protocols`](crate::protocols),
//! random runs in [`experiments`](crate::experiments), searches in [`checks`](crate::checks), runs
//! on threads in [`live`](crate::live).

use std::marker::PhantomData;

use quorate_bugs::lease::two_step::TwoStepLease;
use quorate_bugs::paxos::retold::RetoldPaxos;
use quorate_bugs::raft::careless::CarelessRaft;
use quorate_bugs::{HasBugs, NamedRulebook, ProtocolId};
use quorate_lab::check::{Symmetric, SyncMachine};
use quorate_lab::script::Registry;
use quorate_lease::Lease;
use quorate_paxos::Paxos;
use quorate_protocol::Variant;
use quorate_raft::{KeyValue, Raft, StateMachine};

use super::lease::Acts;
use super::list::{SearchVisitor, Target, TargetRulebook, Visitor};
use crate::checks::{CarelessRaftGuidedSearch, CarelessRaftSearch, RaftGuidedSearch, RaftSearch};

macro_rules! targets {
    ($($(#[$attribute:meta])* $target:ident = $protocol:ident;)+) => {
        $(
            $(#[$attribute])*
            #[derive(Clone, Copy, PartialEq, Eq, Debug)]
            pub struct $target;

            impl $target {
                /// Name in scenarios and on the command line.
                pub const NAME: &'static str = ProtocolId::$protocol.name();
            }
        )+
    };
}

targets! {
    /// Multi-Paxos: a replicated log.
    MultiPaxosTarget = MultiPaxos;
    /// Leases from a majority of acceptors.
    LeaseMajorityTarget = MajorityLease;
    /// The replicated fenced store.
    LeaseStoreTarget = FencedStore;
    /// Leases on cached data.
    LeaseCacheTarget = CacheLease;
    /// Leases that are pushed one way.
    LeasePushedTarget = PushedLease;
    /// A table of leases on Raft, whose leader reads locally.
    LeaseRaftTarget = RaftLease;
    /// Two-phase commit.
    TwoPhaseTarget = TwoPhase;
    /// Three-phase commit.
    ThreePhaseTarget = ThreePhase;
    /// Paxos Commit.
    PaxosCommitTarget = PaxosCommit;
    /// The local message table.
    OutboxTarget = Outbox;
    /// Sagas.
    SagaTarget = Saga;
    /// A replicated register, consistent or available.
    RegisterTarget = Register;
    /// A primary with a backup and a monitor.
    PrimaryBackupTarget = PrimaryBackup;
    /// The Byzantine generals, by oral messages.
    GeneralsTarget = Generals;
    /// Reliable broadcast.
    BroadcastTarget = Broadcast;
    /// PBFT: replicas of which some lie.
    PbftTarget = Pbft;
    /// A reliable channel over an unreliable link.
    ChannelTarget = Channel;
    /// A load balancer with health checks.
    BalancerTarget = Balancer;
    /// TrueTime and commit wait.
    TrueTimeTarget = TrueTime;
    /// NTP: hosts that follow time servers.
    NtpTarget = Ntp;
    /// Snowflake ids.
    SnowflakeTarget = Snowflake;
}

/// Basic Paxos: the reference, or a variant.
#[derive(Debug)]
pub struct PaxosOf<M>(PhantomData<fn() -> M>);

/// Raft with a key-value store; in searches, with a counter. The reference, or a variant.
#[derive(Debug)]
pub struct RaftOf<M>(PhantomData<fn() -> M>);

/// Leases of a single granter, with a fenced resource: the reference, or a variant.
#[derive(Debug)]
pub struct LeaseOf<M>(PhantomData<fn() -> M>);

/// Basic Paxos.
pub type PaxosTarget = PaxosOf<Paxos>;
/// Variant of Basic Paxos that can have the bugs of common retellings.
pub type RetoldPaxosTarget = PaxosOf<RetoldPaxos>;
/// Raft with a key-value store; in searches, with a counter.
pub type RaftTarget = RaftOf<Raft<KeyValue>>;
/// Variant of Raft that can write after its answers, or read refusals as acknowledgements.
pub type CarelessRaftTarget = RaftOf<CarelessRaft<KeyValue>>;
/// Leases of a single granter, with a fenced resource.
pub type LeaseTarget = LeaseOf<Lease>;
/// Leases of a single granter, with a resource that may check in one step and write in another.
pub type TwoStepLeaseTarget = LeaseOf<TwoStepLease>;

impl<M> PaxosOf<M> {
    /// Name in scenarios and on the command line.
    pub const NAME: &'static str = ProtocolId::Paxos.name();
}

impl<M> RaftOf<M> {
    /// Name in scenarios and on the command line.
    pub const NAME: &'static str = ProtocolId::Raft.name();
}

impl<M> LeaseOf<M> {
    /// Name in scenarios and on the command line.
    pub const NAME: &'static str = ProtocolId::Lease.name();
}

/// Basic Paxos, or a variant with rulebooks in the zoo.
pub trait PaxosMachine: Variant<Reference = Paxos, Rulebook: HasBugs> + Symmetric + SyncMachine {}

impl<M: Variant<Reference = Paxos, Rulebook: HasBugs> + Symmetric + SyncMachine> PaxosMachine for M {}

/// Raft with that state machine, or a variant with rulebooks in the zoo.
pub trait RaftMachine<S: StateMachine>:
    Variant<Reference = Raft<S>, Rulebook: HasBugs> + Symmetric + SyncMachine
{
}

impl<S: StateMachine, M: Variant<Reference = Raft<S>, Rulebook: HasBugs> + Symmetric + SyncMachine> RaftMachine<S>
    for M
{
}

/// Leases of a single granter, or a variant with rulebooks in the zoo.
pub trait LeaseMachine: Variant<Reference = Lease, Rulebook: HasBugs> + Acts + SyncMachine {}

impl<M: Variant<Reference = Lease, Rulebook: HasBugs> + Acts + SyncMachine> LeaseMachine for M {}

/// Implements `Target` for targets that are their own and only search.
macro_rules! searched {
    ($($target:ident $(with $variant:ident)?;)+) => {
        $(impl Target for $target {
            fn search<V: SearchVisitor<TargetRulebook<Self>>>(_: NamedRulebook<TargetRulebook<Self>>, visitor: V) -> Option<V::Output> {
                Some(visitor.visit::<Self>())
            }

            $(varied! { $variant })?
        })+
    };
}

/// Declares the variant of a target.
macro_rules! varied {
    ($variant:ident) => {
        fn visit_variant<V: Visitor>(id: &str, visitor: V) -> Result<V::Output, V> {
            if $variant::book(id).is_some() && Self::book(id).is_none() {
                Ok(visitor.visit::<$variant>())
            } else {
                Err(visitor)
            }
        }

        fn add_variants(registry: Registry) -> Registry {
            registry.with_variant::<$variant>()
        }
    };
}

searched! {
    PaxosTarget with RetoldPaxosTarget;
    RetoldPaxosTarget;
    MultiPaxosTarget;
    LeaseTarget with TwoStepLeaseTarget;
    TwoStepLeaseTarget;
    LeaseMajorityTarget;
    LeaseStoreTarget;
    LeaseCacheTarget;
    LeasePushedTarget;
    LeaseRaftTarget;
    TwoPhaseTarget;
    ThreePhaseTarget;
    PaxosCommitTarget;
    OutboxTarget;
    SagaTarget;
    RegisterTarget;
    PrimaryBackupTarget;
    GeneralsTarget;
    BroadcastTarget;
    PbftTarget;
    ChannelTarget;
    BalancerTarget;
    TrueTimeTarget;
    NtpTarget;
    SnowflakeTarget;
}

impl Target for RaftTarget {
    /// Bugs that need several terms, a snapshot, a read or a membership change are searched along
    /// waypoints.
    fn search<V: SearchVisitor<TargetRulebook<Self>>>(
        book: NamedRulebook<TargetRulebook<Self>>,
        visitor: V,
    ) -> Option<V::Output> {
        Some(if RaftGuidedSearch::shows(book) {
            visitor.visit::<RaftGuidedSearch>()
        } else {
            visitor.visit::<RaftSearch>()
        })
    }

    varied! { CarelessRaftTarget }
}

impl Target for CarelessRaftTarget {
    fn search<V: SearchVisitor<TargetRulebook<Self>>>(
        book: NamedRulebook<TargetRulebook<Self>>,
        visitor: V,
    ) -> Option<V::Output> {
        let is_staged = CarelessRaftGuidedSearch::shows(book);
        Some(if is_staged {
            visitor.visit::<CarelessRaftGuidedSearch>()
        } else {
            visitor.visit::<CarelessRaftSearch>()
        })
    }
}
