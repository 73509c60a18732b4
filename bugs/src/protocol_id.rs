//! The names of the machines that have bugs in the zoo.

use std::fmt;

use crate::{Bug, all};

/// The machines that have bugs in the zoo.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ProtocolId {
    /// Basic Paxos.
    Paxos,
    /// Multi-Paxos.
    MultiPaxos,
    /// Raft.
    Raft,
    /// A lease of a single granter, with a fenced resource.
    Lease,
    /// A lease of a majority.
    MajorityLease,
    /// A replicated fenced store.
    FencedStore,
    /// Leases on cached data.
    CacheLease,
    /// Leases that are pushed one way.
    PushedLease,
    /// Leases on Raft.
    RaftLease,
    /// A lock on one server: unique index, SETNX, SET NX PX.
    Lock,
    /// A lock on a majority of independent servers.
    Redlock,
    /// A lock on ZooKeeper.
    ZooKeeper,
    /// A lock on etcd.
    Etcd,
    /// A lock on Chubby.
    Chubby,
    /// Two-phase commit.
    TwoPhase,
    /// Three-phase commit.
    ThreePhase,
    /// Paxos Commit.
    PaxosCommit,
    /// The local message table.
    Outbox,
    /// A saga.
    Saga,
    /// A replicated register, consistent or available.
    Register,
    /// A primary with a backup and a monitor.
    PrimaryBackup,
    /// The Byzantine generals, by oral messages.
    Generals,
    /// Reliable broadcast.
    Broadcast,
    /// PBFT: replicas of which some lie.
    Pbft,
    /// A reliable channel over an unreliable link.
    Channel,
    /// A load balancer with health checks.
    Balancer,
    /// TrueTime and commit wait.
    TrueTime,
    /// NTP: hosts that follow time servers.
    Ntp,
    /// Snowflake ids.
    Snowflake,
}

impl ProtocolId {
    /// All of them, each after those that it builds on.
    pub const ALL: &'static [Self] = &[
        ProtocolId::Paxos,
        ProtocolId::MultiPaxos,
        ProtocolId::Raft,
        ProtocolId::Lease,
        ProtocolId::MajorityLease,
        ProtocolId::FencedStore,
        ProtocolId::CacheLease,
        ProtocolId::PushedLease,
        ProtocolId::RaftLease,
        ProtocolId::Lock,
        ProtocolId::Redlock,
        ProtocolId::ZooKeeper,
        ProtocolId::Etcd,
        ProtocolId::Chubby,
        ProtocolId::TwoPhase,
        ProtocolId::ThreePhase,
        ProtocolId::PaxosCommit,
        ProtocolId::Outbox,
        ProtocolId::Saga,
        ProtocolId::Register,
        ProtocolId::PrimaryBackup,
        ProtocolId::Generals,
        ProtocolId::Broadcast,
        ProtocolId::Pbft,
        ProtocolId::Channel,
        ProtocolId::Balancer,
        ProtocolId::TrueTime,
        ProtocolId::Ntp,
        ProtocolId::Snowflake,
    ];

    /// The bugs of this protocol, in the order of the zoo.
    ///
    /// ```
    /// use quorate_bugs::{ProtocolId, all};
    ///
    /// let everywhere = ProtocolId::ALL.iter().flat_map(|protocol| protocol.bugs());
    /// assert_eq!(everywhere.count(), all().count());
    /// ```
    pub fn bugs(self) -> impl Iterator<Item = &'static Bug> {
        all().filter(move |bug| bug.protocol == self)
    }

    /// Name on the command line and in scenarios.
    pub const fn name(self) -> &'static str {
        match self {
            ProtocolId::Paxos => "paxos",
            ProtocolId::MultiPaxos => "multi-paxos",
            ProtocolId::Raft => "raft",
            ProtocolId::Lease => "lease",
            ProtocolId::MajorityLease => "lease-majority",
            ProtocolId::FencedStore => "lease-store",
            ProtocolId::CacheLease => "lease-cache",
            ProtocolId::PushedLease => "lease-pushed",
            ProtocolId::RaftLease => "lease-raft",
            ProtocolId::Lock => "lock",
            ProtocolId::Redlock => "redlock",
            ProtocolId::ZooKeeper => "zookeeper",
            ProtocolId::Etcd => "etcd",
            ProtocolId::Chubby => "chubby",
            ProtocolId::TwoPhase => "two-phase",
            ProtocolId::ThreePhase => "three-phase",
            ProtocolId::PaxosCommit => "paxos-commit",
            ProtocolId::Outbox => "outbox",
            ProtocolId::Saga => "saga",
            ProtocolId::Register => "register",
            ProtocolId::PrimaryBackup => "primary-backup",
            ProtocolId::Generals => "generals",
            ProtocolId::Broadcast => "broadcast",
            ProtocolId::Pbft => "pbft",
            ProtocolId::Channel => "channel",
            ProtocolId::Balancer => "balancer",
            ProtocolId::TrueTime => "true-time",
            ProtocolId::Ntp => "ntp",
            ProtocolId::Snowflake => "snowflake",
        }
    }
}

impl fmt::Display for ProtocolId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
