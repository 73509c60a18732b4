//! Live runs: nodes and client requests of each protocol on threads, in real time.

mod balancer;
mod byzantine;
mod channel;
mod coordination;
mod lease;
mod locks;
mod paxos;
mod pbft;
mod primary_backup;
mod raft;
mod replication;
mod time;
mod transactions;

use quorate_lab::script::ScenarioRequest;
use quorate_protocol::{Machine, Names};

use crate::TargetError;

/// Protocol that can run live.
pub trait LiveTarget {
    /// State machine of the protocol.
    type Machine: Machine;

    /// Builds a cluster of that size: the names of its nodes and of its clients, each of which
    /// sends one request after another, and the configuration.
    ///
    /// # Errors
    /// If there can be no such cluster.
    fn cluster(nodes: u32) -> Result<LiveCluster<Self::Machine>, TargetError>;

    /// Returns the next request of a client.
    fn request(turn: Turn) -> ScenarioRequest<Self::Machine>;
}

/// Names of nodes and clients, and the configuration.
pub type LiveCluster<M> = (Names, <M as Machine>::Config);

/// Position in the request sequence of a live run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Turn {
    /// Requested size of the cluster.
    pub nodes: u32,
    /// Run number of a cluster whose disks outlive the run, counted from 1.
    pub run: u64,
    /// Client, counted from 0.
    pub client: u32,
    /// Request number of this client in this run, counted from 1.
    pub count: u64,
}

/// Node names n1, n2, n3 …
fn numbered(nodes: u32) -> impl Iterator<Item = String> {
    (1..=nodes).map(|number| format!("n{number}"))
}
