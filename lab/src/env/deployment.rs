//! Deployment: the cluster of a run or a search.

use std::collections::BTreeMap;

use quorate_protocol::{Constants, Machine, Names, NodeId};

/// The methods by which every setup describes its cluster; the argument is the path of the title.
macro_rules! cluster_setters {
    ($($title:ident).+) => {
        /// Replaces the rulebook by one without a name.
        #[must_use]
        pub fn under(self, rules: M::Rulebook) -> Self {
            self.under_named("", rules)
        }

        /// Replaces the rulebook by a named one.
        #[must_use]
        pub fn under_named(mut self, name: &'static str, rules: M::Rulebook) -> Self {
            self.constants.rule_all(name, rules);
            self
        }

        /// Sets the rulebook of one node: a Byzantine node among correct ones, or another version.
        #[must_use]
        pub fn rule(mut self, node: NodeId, rules: M::Rulebook) -> Self {
            self.constants.rule(node, rules);
            self
        }

        /// Sets the configuration of one node.
        #[must_use]
        pub fn configure(mut self, node: NodeId, config: M::Config) -> Self {
            self.constants.configure(node, config);
            self
        }

        /// Sets the title: one line about the run, for traces.
        #[must_use]
        pub fn title(mut self, title: impl Into<String>) -> Self {
            self.$($title).+ = title.into();
            self
        }
    };
}

pub(crate) use cluster_setters;

/// A cluster before it boots: its nodes, their configuration and rules, and their disks.
#[derive(Clone, Debug)]
pub struct Deployment<M: Machine> {
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
}

impl<M: Machine> Deployment<M> {
    /// A deployment of these nodes and clients with the correct rules, no title, and blank disks.
    pub fn new(protocol: &str, names: Names, config: M::Config) -> Self {
        let (protocol, constants) = (protocol.to_owned(), Constants::new(config));
        Deployment { protocol, title: String::new(), names, constants, disks: BTreeMap::new() }
    }

    cluster_setters!(title);
}
