//! Crash recovery: a restarted node has exactly the state that its trace shows as persisted, in
//! every driver, for every protocol and crash point.
//!
//! [`checker`] reads only the trace document. It is applied to runs of the simulator with harsh
//! faults, replays of the checker, clusters on threads, and all scenarios. Where possible the
//! machines are wrapped to expose the whole disk that they booted from ([`witness`]); elsewhere
//! their own views are used.

mod checker;
mod checks;
mod live;
mod refused;
mod scenarios;
mod sim;
mod witness;

use quorate::protocols::{
    BalancerTarget, ChannelTarget, ChubbyTarget, EtcdTarget, LeaseCacheTarget, LeaseMajorityTarget, LeasePushedTarget,
    LeaseRaftTarget, LeaseStoreTarget, LeaseTarget, LockTarget, MultiPaxosTarget, OutboxTarget, PaxosCommitTarget,
    PaxosTarget, PbftTarget, PrimaryBackupTarget, RaftTarget, RedlockTarget, RegisterTarget, SagaTarget,
    SnowflakeTarget, ThreePhaseTarget, TrueTimeTarget, TwoPhaseTarget, ZooKeeperTarget,
};

use quorate::experiments::{RunParameters, SimTarget};
use quorate::lab::sim::{CrashPoint, Experiment, FaultPlan};
use quorate::protocol::Duration;

use witness::{Witness, witnessed};

/// All crash points of the drivers, with various counts for the ones within a step.
const MOMENTS: [CrashPoint; 8] = [
    CrashPoint::BetweenSteps,
    CrashPoint::BeforePersist { kept: 0 },
    CrashPoint::BeforePersist { kept: 1 },
    CrashPoint::BeforePersist { kept: 7 },
    CrashPoint::AfterPersist,
    CrashPoint::AfterSends { sent: 0 },
    CrashPoint::AfterSends { sent: 1 },
    CrashPoint::AfterSends { sent: 2 },
];

/// A random run of a protocol with machines that expose the disk they booted from.
fn run_of<S: SimTarget>(seed: u64) -> Experiment<Witness<S::Machine>, ()> {
    let run = RunParameters { nodes: 3, seed, fault_plan: FaultPlan::harsh(), span: Duration::from_secs(3) };
    witnessed(S::experiment(&run).expect("such a cluster can be"))
}

/// Defines a test for each protocol with the given function. Generals, broadcast and NTP are not
/// among them: they have no disk. (A general that crashes counts as one that lies.)
macro_rules! of_every_protocol {
    ($check:ident) => {
        of_every_protocol! { $check:
            paxos PaxosTarget; multi_paxos MultiPaxosTarget; raft RaftTarget; lease LeaseTarget; lease_majority LeaseMajorityTarget;
            lease_store LeaseStoreTarget; lease_cache LeaseCacheTarget; lease_pushed LeasePushedTarget; lease_raft LeaseRaftTarget;
            lock LockTarget; redlock RedlockTarget;
            zookeeper ZooKeeperTarget; etcd EtcdTarget; chubby ChubbyTarget; two_phase TwoPhaseTarget;
            paxos_commit PaxosCommitTarget; outbox OutboxTarget; three_phase ThreePhaseTarget; saga SagaTarget;
            register RegisterTarget; primary_backup PrimaryBackupTarget; pbft PbftTarget; channel ChannelTarget;
            balancer BalancerTarget; true_time TrueTimeTarget; snowflake SnowflakeTarget;
        }
    };
    ($check:ident: $($name:ident $runs:ident;)+) => {
        $(#[test]
        fn $name() {
            $check::<crate::$runs>();
        })+
    };
}
use of_every_protocol;
