//! Setup of a simulated run.

use std::collections::BTreeMap;

use quorate_protocol::{Constants, Duration, Invariant, Machine, Names, NodeId, Time};

use super::world::World;
use crate::env::{Conditions, Deployment, RetryPolicy, cluster_setters};

/// Setup of a simulated run. Finish with [`start`](Self::start).
#[derive(Clone, Debug)]
pub struct Setup<M: Machine> {
    /// The protocol's name, for traces, e.g. `paxos`.
    pub protocol: String,
    /// One line about the run, for traces; may be empty.
    pub title: String,
    /// Names of the nodes and clients; these also define their number.
    pub names: Names,
    /// Configuration and rulebook of the nodes.
    pub constants: Constants<M>,
    /// Initial disks; a node without an entry starts with a blank one.
    pub disks: BTreeMap<NodeId, M::Disk>,
    /// Seed of all random numbers.
    pub seed: u64,
    /// Initial conditions of the network.
    pub conditions: Conditions,
    /// Reading of all wall clocks at the start of the run.
    pub wall_clock: Time,
    /// Retry policy of the clients.
    pub retry_policy: RetryPolicy,
    /// Whether a trace is recorded.
    pub traced: bool,
    /// Whether nothing happens by itself: messages are held until they are
    /// [delivered](World::deliver), and timers wait until they are [fired](World::fire_next). An
    /// armed timer is due after the shortest time of its range.
    pub manual: bool,
}

impl<M: Machine> Setup<M> {
    /// A run of these nodes and clients with the correct rules, on a network where every message
    /// takes a millisecond, with seed 0, untraced.
    pub fn new(protocol: &str, names: Names, config: M::Config) -> Self {
        Setup {
            protocol: protocol.to_owned(),
            title: String::new(),
            names,
            constants: Constants::new(config),
            disks: BTreeMap::new(),
            seed: 0,
            conditions: Conditions::steady(Duration::from_millis(1)),
            wall_clock: Time::ZERO,
            retry_policy: RetryPolicy::default(),
            traced: false,
            manual: false,
        }
    }

    cluster_setters!(title);

    /// Sets the initial disk of a node.
    pub fn disk(mut self, node: NodeId, disk: M::Disk) -> Self {
        self.disks.insert(node, disk);
        self
    }

    /// Sets the seed.
    pub fn seed(self, seed: u64) -> Self {
        Setup { seed, ..self }
    }

    /// Sets the conditions of the network.
    pub fn conditions(self, conditions: Conditions) -> Self {
        Setup { conditions, ..self }
    }

    /// Sets the reading of all wall clocks at the start of the run.
    pub fn wall_clock(self, wall_clock: Time) -> Self {
        Setup { wall_clock, ..self }
    }

    /// Sets the retry policy of the clients.
    pub fn retry_policy(self, retry_policy: RetryPolicy) -> Self {
        Setup { retry_policy, ..self }
    }

    /// Records a trace.
    pub fn traced(self) -> Self {
        Setup { traced: true, ..self }
    }

    /// Turns on manual control: nothing happens by itself.
    pub fn manual(self) -> Self {
        Setup { manual: true, ..self }
    }

    /// Boots every node at time zero.
    pub fn start(self) -> World<M> {
        self.start_under(())
    }

    /// Boots every node at time zero, with invariants that are checked after every step.
    pub fn start_under<I: Invariant<M>>(self, invariants: I) -> World<M, I> {
        World::new(self, invariants)
    }
}

/// Takes the cluster alone: seed, network and retry policy are dropped.
impl<M: Machine> From<Setup<M>> for Deployment<M> {
    fn from(Setup { protocol, title, names, constants, disks, .. }: Setup<M>) -> Self {
        Deployment { protocol, title, names, constants, disks }
    }
}
