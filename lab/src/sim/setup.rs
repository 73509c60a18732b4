//! How a run is set up.

use std::collections::BTreeMap;

use quorate_protocol::{Constants, Duration, Invariant, Machine, Names, NodeId};

use super::world::World;
use crate::env::{Conditions, Deployment, Patience};

/// How a simulated run is to be set up. Finish with [`start`](Self::start).
#[derive(Clone, Debug)]
pub struct Setup<M: Machine> {
    /// The protocol's name, for traces, e.g. `paxos`.
    pub protocol: String,
    /// One line about the run, for traces; may be empty.
    pub title: String,
    /// What nodes and clients are called: this is also how many there are.
    pub names: Names,
    /// What the nodes go by.
    pub constants: Constants<M>,
    /// What is on the disks of those nodes that do not begin with a blank one: a run may begin in the middle of a story.
    pub disks: BTreeMap<NodeId, M::Disk>,
    /// Decides all that is left to chance.
    pub seed: u64,
    /// What the network is like at first.
    pub conditions: Conditions,
    /// How the clients behave.
    pub patience: Patience,
    /// Whether a trace is recorded.
    pub traced: bool,
    /// Whether nothing happens by itself: messages wait until somebody [delivers](World::deliver) them, and timers until they are
    /// [hastened](World::hasten). An armed timer is due after the shortest time that it may take.
    pub by_hand: bool,
}

impl<M: Machine> Setup<M> {
    /// A run of these nodes and clients, by the book, on a network where every message takes a millisecond, with seed 0, untraced.
    pub fn new(protocol: &str, names: Names, config: M::Config) -> Self {
        Setup {
            protocol: protocol.to_owned(),
            title: String::new(),
            names,
            constants: Constants::new(config),
            disks: BTreeMap::new(),
            seed: 0,
            conditions: Conditions::steady(Duration::from_millis(1)),
            patience: Patience::default(),
            traced: false,
            by_hand: false,
        }
    }

    /// The same under another rulebook, which has no name.
    pub fn under(self, rules: M::Rulebook) -> Self {
        self.under_named("", rules)
    }

    /// The same with one node under a rulebook of its own: a liar among honest nodes, or another version.
    pub fn rule(mut self, node: NodeId, rules: M::Rulebook) -> Self {
        self.constants.rule(node, rules);
        self
    }

    /// The same with another configuration for one node.
    pub fn configure(mut self, node: NodeId, config: M::Config) -> Self {
        self.constants.configure(node, config);
        self
    }

    /// The same under another rulebook, and what it is called.
    pub fn under_named(mut self, name: &'static str, rules: M::Rulebook) -> Self {
        self.constants.rule_all(name, rules);
        self
    }

    /// The same, titled.
    pub fn title(self, title: impl Into<String>) -> Self {
        Setup { title: title.into(), ..self }
    }

    /// The same with something on a node's disk before it first boots.
    pub fn disk(mut self, node: NodeId, disk: M::Disk) -> Self {
        self.disks.insert(node, disk);
        self
    }

    /// The same with another seed.
    pub fn seed(self, seed: u64) -> Self {
        Setup { seed, ..self }
    }

    /// The same on another network.
    pub fn conditions(self, conditions: Conditions) -> Self {
        Setup { conditions, ..self }
    }

    /// The same with other clients.
    pub fn patience(self, patience: Patience) -> Self {
        Setup { patience, ..self }
    }

    /// The same with a trace.
    pub fn traced(self) -> Self {
        Setup { traced: true, ..self }
    }

    /// The same, in which nothing happens by itself.
    pub fn by_hand(self) -> Self {
        Setup { by_hand: true, ..self }
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

/// The cluster alone: what is left to chance, and the clients' patience, are no part of it.
impl<M: Machine> From<Setup<M>> for Deployment<M> {
    fn from(Setup { protocol, title, names, constants, disks, .. }: Setup<M>) -> Self {
        Deployment { protocol, title, names, constants, disks }
    }
}
