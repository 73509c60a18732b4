//! Three nodes of raft-rs 0.7 with its in-memory storage and batched appends.

use ::raft_rs::eraftpb::{ConfState, Entry, HardState, Message};
use ::raft_rs::storage::MemStorage;
use ::raft_rs::{Config, RawNode};

pub(crate) struct Cluster {
    nodes: Vec<RawNode<MemStorage>>,
    inboxes: Vec<Vec<Message>>,
    committed: u64,
}

impl Cluster {
    pub(crate) fn new() -> Self {
        let logger = slog::Logger::root(slog::Discard, slog::o!());
        let boot = |id| {
            let storage = MemStorage::new_with_conf_state(ConfState::from((vec![1, 2, 3], vec![])));
            let config = Config {
                id,
                election_tick: 10,
                heartbeat_tick: 3,
                max_size_per_msg: 1 << 20,
                max_inflight_msgs: 256,
                batch_append: true,
                ..Config::default()
            };
            RawNode::new(&config, storage, &logger).expect("a sound configuration")
        };
        let nodes = (1..=3).map(boot).collect();
        let mut cluster = Cluster { nodes, inboxes: vec![Vec::new(); 3], committed: 0 };
        cluster.nodes[0].campaign().expect("it may stand for election");
        for _ in 0..10 {
            super::Cluster::round(&mut cluster);
        }
        cluster.committed = 0;
        cluster
    }

    /// Processes a node's output: stores entries, sends messages, applies commands.
    fn serve(&mut self, at: usize) {
        let node = &mut self.nodes[at];
        if !node.has_ready() {
            return;
        }
        let mut ready = node.ready();
        let mut messages = ready.take_messages();
        let mut committed = applied(&ready.take_committed_entries());
        store(node.store(), ready.entries(), ready.hs());
        messages.extend(ready.take_persisted_messages());
        let mut light = node.advance(ready);
        if let Some(commit) = light.commit_index() {
            node.store().wl().mut_hard_state().set_commit(commit);
        }
        messages.extend(light.take_messages());
        committed += applied(&light.take_committed_entries());
        node.advance_apply();
        if at == 0 {
            self.committed += committed;
        }
        for message in messages {
            self.inboxes[message.to as usize - 1].push(message);
        }
    }
}

fn store(storage: &MemStorage, entries: &[Entry], hard: Option<&HardState>) {
    let mut storage = storage.wl();
    storage.append(entries).expect("the entries follow the log");
    if let Some(hard) = hard {
        storage.set_hardstate(hard.clone());
    }
}

fn applied(entries: &[Entry]) -> u64 {
    entries.iter().filter(|entry| !entry.data.is_empty()).count() as u64
}

impl super::Cluster for Cluster {
    fn propose(&mut self, command: u64) {
        self.nodes[0].propose(Vec::new(), command.to_le_bytes().to_vec()).expect("it leads");
    }

    fn round(&mut self) -> u64 {
        for at in 0..3 {
            for message in std::mem::take(&mut self.inboxes[at]) {
                self.nodes[at].step(message).expect("a message of a member");
            }
            self.serve(at);
        }
        std::mem::take(&mut self.committed)
    }
}
