//! A node that restarts has exactly what its trace says it had persisted: in every driver, for every protocol, whenever it crashed.
//!
//! [`checker`] reads nothing but the trace document. It is given runs of the simulator under harsh faults, replays of the checker,
//! clusters on threads, and all scenarios. Where the machines may be wrapped they show the whole disk they booted from
//! ([`witness`]); elsewhere their own view of it must do.

mod checker;
mod checks;
mod live;
mod refused;
mod scenarios;
mod sim;
mod witness;

use quorate::protocols::{
    LeaseCacheTarget, LeaseMajorityTarget, LeaseRaftTarget, LeaseStoreTarget, LeaseTarget, MultiPaxosTarget,
    PaxosTarget, RaftTarget,
};

use quorate::experiments::{Run, Subject};
use quorate::lab::sim::{CrashMoment, Experiment, Storm};
use quorate::protocol::Duration;

use witness::{Witness, witnessed};

/// Every moment of a crash that the drivers know, with counts around those of small steps.
const MOMENTS: [CrashMoment; 8] = [
    CrashMoment::BetweenSteps,
    CrashMoment::BeforePersist { kept: 0 },
    CrashMoment::BeforePersist { kept: 1 },
    CrashMoment::BeforePersist { kept: 7 },
    CrashMoment::AfterPersist,
    CrashMoment::AfterSends { sent: 0 },
    CrashMoment::AfterSends { sent: 1 },
    CrashMoment::AfterSends { sent: 2 },
];

/// A random run of a protocol whose machines show the disk they booted from.
fn run_of<S: Subject>(seed: u64) -> Experiment<Witness<S::Machine>, ()> {
    let run = Run { nodes: 3, seed, storm: Storm::harsh(), span: Duration::from_secs(3) };
    witnessed(S::experiment(&run).expect("such a cluster can be"))
}

/// A test of every protocol by the function of that name.
macro_rules! of_every_protocol {
    ($check:ident) => {
        of_every_protocol! { $check:
            paxos PaxosTarget; multi_paxos MultiPaxosTarget; raft RaftTarget; lease LeaseTarget; lease_majority LeaseMajorityTarget;
            lease_store LeaseStoreTarget; lease_cache LeaseCacheTarget; lease_raft LeaseRaftTarget;
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
