//! Three nodes of `quorate-raft` with a counter.

use std::collections::VecDeque;

use quorate_protocol::{ClientId, Constants, Effect, Input, Machine, NodeId, Outbox, RequestId};
use quorate_raft::{Add, Command, Counter, Disk, Message, Raft, Settings, Timer};

type Node = Raft<Counter>;

pub(crate) struct Cluster {
    constants: Constants<Node>,
    nodes: Vec<Node>,
    inboxes: Vec<VecDeque<(NodeId, Message<Counter>)>>,
    out: Outbox<Node>,
    committed: u64,
}

const LEADER: NodeId = NodeId(0);

impl Cluster {
    pub(crate) fn new() -> Self {
        let config = Settings { batch: 1_024, ..Settings::nodes(3) }.build().expect("sound settings");
        let constants = Constants::new(config);
        let mut out = Outbox::new();
        let mut boot = |node| Node::boot(&constants.of(NodeId(node), ()), &Disk::default(), &mut out);
        let nodes = (0..3).map(&mut boot).collect();
        let inboxes = (0..3).map(|_| VecDeque::new()).collect();
        out.clear();
        let mut cluster = Cluster { constants, nodes, inboxes, out, committed: 0 };
        cluster.step(LEADER, Input::Fire(Timer::Election));
        while cluster.inboxes.iter().any(|inbox| !inbox.is_empty()) {
            super::Cluster::round(&mut cluster);
        }
        assert!(cluster.nodes[LEADER.index()].is_leader());
        cluster
    }

    fn step(&mut self, node: NodeId, input: Input<Node>) {
        self.nodes[node.index()].step(&self.constants.of(node, ()), input, &mut self.out);
        for effect in self.out.drain() {
            match effect {
                Effect::Send { to, message } => self.inboxes[to.index()].push_back((node, message)),
                Effect::Reply { .. } => self.committed += 1,
                _ => {}
            }
        }
    }
}

impl super::Cluster for Cluster {
    fn propose(&mut self, command: u64) {
        let ticket = RequestId { client: ClientId(0), number: self.nodes[LEADER.index()].log().last_index().0 };
        self.step(LEADER, Input::Request { ticket, command: Command::Apply(Add(command as i64)) });
    }

    fn round(&mut self) -> u64 {
        for node in (0..3).map(NodeId) {
            for _ in 0..self.inboxes[node.index()].len() {
                let Some((from, message)) = self.inboxes[node.index()].pop_front() else { break };
                self.step(node, Input::Deliver { from, message });
            }
        }
        std::mem::take(&mut self.committed)
    }
}
