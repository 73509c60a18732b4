//! Three nodes of OmniPaxos 0.2 with its in-memory storage.

use omnipaxos::messages::Message;
use omnipaxos::storage::{Entry, NoSnapshot};
use omnipaxos::{ClusterConfig, OmniPaxos, OmniPaxosConfig, ServerConfig};
use omnipaxos_storage::memory_storage::MemoryStorage;

/// A command of eight bytes.
#[derive(Clone, Debug)]
struct Add(u64);

impl Entry for Add {
    type Snapshot = NoSnapshot;
}

type Node = OmniPaxos<Add, MemoryStorage<Add>>;

pub(crate) struct Cluster {
    nodes: Vec<Node>,
    inboxes: Vec<Vec<Message<Add>>>,
    outgoing: Vec<Message<Add>>,
    decided: usize,
    sum: u64,
}

impl Cluster {
    pub(crate) fn new() -> Self {
        let boot = |pid| {
            let cluster_config =
                ClusterConfig { configuration_id: 1, nodes: vec![1, 2, 3], ..ClusterConfig::default() };
            let server_config = ServerConfig { pid, election_tick_timeout: 5, ..ServerConfig::default() };
            let config = OmniPaxosConfig { cluster_config, server_config };
            config.build(MemoryStorage::default()).expect("a sound configuration")
        };
        let (nodes, inboxes) = ((1..=3).map(boot).collect(), (0..3).map(|_| Vec::new()).collect());
        let mut cluster = Cluster { nodes, inboxes, outgoing: Vec::new(), decided: 0, sum: 0 };
        for _ in 0..100 {
            cluster.nodes.iter_mut().for_each(OmniPaxos::tick);
            super::Cluster::round(&mut cluster);
        }
        assert!(cluster.leader().is_some(), "somebody leads");
        cluster
    }

    fn leader(&self) -> Option<usize> {
        self.nodes[0].get_current_leader().map(|(pid, _)| pid as usize - 1)
    }
}

impl super::Cluster for Cluster {
    fn propose(&mut self, command: u64) {
        let leader = self.leader().expect("somebody leads");
        self.nodes[leader].append(Add(command)).expect("the leader takes it");
    }

    fn round(&mut self) -> u64 {
        let leader = self.leader().unwrap_or(0);
        // The leader is first, as in the other loops.
        for at in [leader, (leader + 1) % 3, (leader + 2) % 3] {
            for message in std::mem::take(&mut self.inboxes[at]) {
                self.nodes[at].handle_incoming(message);
            }
            self.nodes[at].take_outgoing_messages(&mut self.outgoing);
            for message in self.outgoing.drain(..) {
                self.inboxes[message.get_receiver() as usize - 1].push(message);
            }
        }
        let decided = self.nodes[leader].get_decided_idx();
        for entry in self.nodes[leader].read_decided_suffix(self.decided).unwrap_or_default() {
            if let omnipaxos::util::LogEntry::Decided(Add(command)) = entry {
                self.sum = self.sum.wrapping_add(command);
            }
        }
        (decided - std::mem::replace(&mut self.decided, decided)) as u64
    }
}
