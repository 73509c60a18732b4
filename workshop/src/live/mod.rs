//! Live runs: what each protocol runs as on threads, in real time, and what its clients ask for.

mod lease;
mod paxos;
mod raft;

use std::error::Error;

use quorate_lab::script::Asking;
use quorate_protocol::{Machine, Names};

/// A protocol that runs live.
pub trait LiveTarget {
    /// The machine.
    type Machine: Machine;

    /// A cluster of that size: the names of its nodes and of the clients, each of which asks for
    /// one thing after the other, and the configuration.
    ///
    /// # Errors
    /// If there can be no such cluster.
    fn cluster(nodes: u32) -> Result<LiveCluster<Self::Machine>, Box<dyn Error>>;

    /// The next request of a client.
    fn request(turn: Turn) -> Asking<Self::Machine>;
}

/// Nodes and clients by name, and the configuration.
pub type LiveCluster<M> = (Names, <M as Machine>::Config);

/// Whose turn it is to ask, and for the how manieth time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Turn {
    /// The size of the cluster, as it was asked for.
    pub nodes: u32,
    /// The run, of a cluster whose disks outlive it, counted from 1.
    pub run: u64,
    /// The client, counted from 0.
    pub client: u32,
    /// The request of this client in this run, counted from 1.
    pub count: u64,
}

/// Nodes called n1, n2, n3 …
fn numbered(nodes: u32) -> impl Iterator<Item = String> {
    (1..=nodes).map(|number| format!("n{number}"))
}
