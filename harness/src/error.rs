//! Errors of targets: a cluster, a run or a search that cannot be set up.

use std::error::Error;
use std::fmt;
use std::num::TryFromIntError;

use quorate_byzantine::{broadcast, generals, pbft};
use quorate_lab::check::CheckError;
use quorate_lease::replicated::ReplicatedError;
use quorate_lease::{ConfigError as LeaseError, TermError};
use quorate_locks::ConfigError as LocksError;
use quorate_locks::coordination::CoordinationError;
use quorate_paxos::{ConfigError as PaxosError, multi};
use quorate_raft::ConfigError as RaftError;
use quorate_replication::{primary_backup, register};
use quorate_time::{BadDrift, balancer, channel, ntp, snowflake, true_time};
use quorate_transactions::{outbox, paxos_commit, saga, three_phase, two_phase};

use crate::checks::Unreached;
use crate::experiments::OutOfReach;

macro_rules! target_error {
    ($($(#[$about:meta])* $variant:ident($error:ty),)+) => {
        /// Reason why a protocol's cluster, run or search cannot be set up.
        #[non_exhaustive]
        #[derive(Debug)]
        pub enum TargetError {
            $($(#[$about])* $variant($error),)+
            /// An error of a protocol that this crate does not know.
            Other(Box<dyn Error + Send + Sync>),
        }

        $(
            impl From<$error> for TargetError {
                fn from(error: $error) -> Self {
                    TargetError::$variant(error)
                }
            }
        )+

        impl fmt::Display for TargetError {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(TargetError::$variant(error) => error.fmt(f),)+
                    TargetError::Other(error) => error.fmt(f),
                }
            }
        }

        impl Error for TargetError {
            fn source(&self) -> Option<&(dyn Error + 'static)> {
                match self {
                    $(TargetError::$variant(error) => error.source(),)+
                    TargetError::Other(error) => error.source(),
                }
            }
        }
    };
}

target_error! {
    /// The configuration of Paxos is invalid.
    Paxos(PaxosError),
    /// The configuration of Multi-Paxos is invalid.
    MultiPaxos(multi::ConfigError),
    /// The configuration of Raft is invalid.
    Raft(RaftError),
    /// The configuration of leases is invalid.
    Lease(LeaseError),
    /// The terms of leases do not fit together.
    Terms(TermError),
    /// The configuration of leases on Raft is invalid.
    ReplicatedLease(ReplicatedError),
    /// The configuration of locks is invalid.
    Locks(LocksError),
    /// The configuration of a coordination service is invalid.
    Coordination(CoordinationError),
    /// The configuration of two-phase commit is invalid.
    TwoPhase(two_phase::ConfigError),
    /// The configuration of three-phase commit is invalid.
    ThreePhase(three_phase::ConfigError),
    /// The configuration of Paxos Commit is invalid.
    PaxosCommit(paxos_commit::ConfigError),
    /// The configuration of the local message table is invalid.
    Outbox(outbox::ConfigError),
    /// The configuration of sagas is invalid.
    Saga(saga::ConfigError),
    /// The configuration of a replicated register is invalid.
    Register(register::ConfigError),
    /// The configuration of a primary with a backup is invalid.
    PrimaryBackup(primary_backup::ConfigError),
    /// The configuration of the Byzantine generals is invalid.
    Generals(generals::ConfigError),
    /// The configuration of reliable broadcast is invalid.
    Broadcast(broadcast::ConfigError),
    /// The configuration of PBFT is invalid.
    Pbft(pbft::ConfigError),
    /// The configuration of a reliable channel is invalid.
    Channel(channel::ConfigError),
    /// The configuration of a balancer is invalid.
    Balancer(balancer::ConfigError),
    /// The configuration of TrueTime is invalid.
    TrueTime(true_time::ConfigError),
    /// The clocks of TrueTime drift too much.
    ClockDrift(BadDrift),
    /// The configuration of NTP is invalid.
    Ntp(ntp::ConfigError),
    /// The configuration of Snowflake is invalid.
    Snowflake(snowflake::ConfigError),
    /// The search cannot start or continue.
    Check(CheckError),
    /// A number is too large for this computer.
    TooLarge(TryFromIntError),
    /// A guided search did not reach a waypoint.
    Unreached(Unreached),
    /// No run could reach its goal under these settings.
    OutOfReach(OutOfReach),
}

impl TargetError {
    /// An error of another kind.
    pub fn other(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        TargetError::Other(error.into())
    }
}

impl From<String> for TargetError {
    fn from(sentence: String) -> Self {
        TargetError::other(sentence)
    }
}

impl From<&str> for TargetError {
    fn from(sentence: &str) -> Self {
        TargetError::other(sentence)
    }
}
