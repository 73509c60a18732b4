//! The cluster that a run or a search is about.

use std::collections::BTreeMap;

use quorate_protocol::{Constants, Machine, Names, NodeId};

/// A cluster before it boots: its nodes, what they go by, and what is on their disks.
#[derive(Clone, Debug)]
pub struct Deployment<M: Machine> {
    /// The protocol's name, for traces, e.g. `paxos`.
    pub protocol: String,
    /// One line about the run, for traces; may be empty.
    pub title: String,
    /// What nodes and clients are called: this is also how many there are.
    pub names: Names,
    /// What the nodes go by.
    pub constants: Constants<M>,
    /// What is on the disks of those nodes that do not begin with a blank one.
    pub disks: BTreeMap<NodeId, M::Disk>,
}

impl<M: Machine> Deployment<M> {
    /// These nodes and clients, by the book, untitled, with blank disks.
    pub fn new(protocol: &str, names: Names, config: M::Config) -> Self {
        let (protocol, constants) = (protocol.to_owned(), Constants::new(config));
        Deployment { protocol, title: String::new(), names, constants, disks: BTreeMap::new() }
    }

    /// The same under another rulebook, which has no name.
    pub fn under(self, rules: M::Rulebook) -> Self {
        self.under_named("", rules)
    }

    /// The same under another rulebook, and what it is called.
    pub fn under_named(mut self, name: &'static str, rules: M::Rulebook) -> Self {
        self.constants.rule_all(name, rules);
        self
    }
}
