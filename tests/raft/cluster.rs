//! Test cluster in the style of the course tests: nodes can be disconnected, crashed and restarted,
//! and commands started at a given node.

use std::cell::RefCell;
use std::rc::Rc;

use quorate::experiments::SingleCopyKv;
use quorate::lab::sim::{
    Conditions, Coverage, CrashPoint, Delivery, Fault, InFlight, Latency, Ppm, RetryPolicy, Rng, RunError, Setup, World,
};
use quorate::protocol::{ClientId, Duration, Names, NodeId};
use quorate::raft::{
    Command, Invariants, KeyValue, KeyValueCommand, KeyValueQuery, LogIndex, Message, Payload, Raft, Settings,
    invariants,
};

pub(crate) type Node = Raft<KeyValue>;
type Watched = (Invariants<KeyValue>, SingleCopyKv, Coverage<Node>);

/// Maximum election timeout: a leader is elected within a few of these.
pub(crate) const ELECTION: Duration = Duration::from_millis(300);
/// Maximum duration of an agreement.
const PATIENCE: Duration = Duration::from_secs(10);
/// Closed-loop clients, which retry until they have a reply.
pub(crate) const CLIENTS: u32 = 3;
/// One-shot clients, each of which sends one command to one node.
const PASSERS_BY: u32 = 6_000;

/// Messages sent between nodes.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    /// RequestVote and AppendEntries, the paper's two RPCs.
    pub(crate) calls: u64,
    /// Bytes of commands in AppendEntries.
    pub(crate) command_bytes: u64,
}

/// A command submitted to a leader.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Started {
    client: ClientId,
    /// Position in the leader's log.
    pub(crate) index: LogIndex,
}

pub(crate) struct Cluster {
    pub(crate) world: World<Node, Watched>,
    pub(crate) rng: Rng,
    connected: Vec<bool>,
    started: u32,
    sent: Rc<RefCell<Sent>>,
}

/// Latency of one to five milliseconds, no loss.
pub(crate) fn reliable() -> Conditions {
    let latency = Latency::Uniform { min: Duration::from_millis(1), max: Duration::from_millis(5) };
    Conditions { latency, ..Conditions::steady(Duration::from_millis(1)) }
}

/// Loss of a tenth, latency of up to 27 milliseconds with reordering.
pub(crate) fn unreliable() -> Conditions {
    let latency = Latency::Uniform { min: Duration::from_millis(1), max: Duration::from_millis(27) };
    Conditions { latency, loss: Ppm::percent(10), ..reliable() }
}

/// Like [`unreliable`], with two thirds of the messages very late.
pub(crate) fn reordering() -> Conditions {
    let extra_delay = Latency::Uniform { min: Duration::from_millis(200), max: Duration::from_millis(2_200) };
    Conditions { extra_delay_rate: Ppm::percent(66), extra_delay, ..unreliable() }
}

impl Cluster {
    pub(crate) fn new(nodes: u32) -> Self {
        Cluster::with(Settings::nodes(nodes), reliable(), 1)
    }

    pub(crate) fn with(settings: Settings, conditions: Conditions, seed: u64) -> Self {
        let nodes = settings.voters.len();
        let config = settings.build().expect("a sound configuration");
        let names = (1..=nodes).map(|number| format!("n{number}"));
        let names = Names::new(names, (1..=CLIENTS + PASSERS_BY).map(|number| format!("c{number}")));
        let patience = RetryPolicy { timeout: Duration::from_millis(200), attempts: u32::MAX, rotates: true };
        let setup = Setup::new("raft", names, config).seed(seed).conditions(conditions).retry_policy(patience);
        let mut world = setup.start_under((invariants(), SingleCopyKv::default(), Coverage::default()));
        let sent = Rc::new(RefCell::new(Sent::default()));
        let counter = Rc::clone(&sent);
        world.intercept(move |passing| {
            count(passing, &mut counter.borrow_mut());
            Delivery::Random
        });
        let rng = Rng::new(seed, u64::MAX - 1);
        Cluster { world, rng, connected: vec![true; nodes], started: 0, sent }
    }

    // Simulated time.

    pub(crate) fn run(&mut self, span: Duration) {
        self.world.run_for(span).expect("no invariant breaks");
    }

    /// Runs until the condition holds. Returns whether it holds within the span.
    pub(crate) fn run_until(&mut self, span: Duration, mut holds: impl FnMut(&World<Node, Watched>) -> bool) -> bool {
        let end = self.world.now() + span;
        self.world.run_while(end, |world| !holds(world)).expect("no invariant breaks");
        holds(&self.world)
    }

    // Faults.

    pub(crate) fn ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.connected.len() as u32).map(NodeId)
    }

    pub(crate) fn anyone(&mut self) -> NodeId {
        NodeId(self.rng.below(self.connected.len() as u64) as u32)
    }

    /// The node `steps` after the given one, cyclically.
    pub(crate) fn after(&self, node: NodeId, steps: u32) -> NodeId {
        NodeId((node.0 + steps) % self.connected.len() as u32)
    }

    pub(crate) fn disconnect(&mut self, node: NodeId) {
        self.connected[node.index()] = false;
        self.rewire();
    }

    pub(crate) fn connect(&mut self, node: NodeId) {
        self.connected[node.index()] = true;
        self.rewire();
    }

    pub(crate) fn is_connected(&self, node: NodeId) -> bool {
        self.connected[node.index()]
    }

    /// Partitions the disconnected nodes from all others.
    fn rewire(&mut self) {
        let (together, alone): (Vec<NodeId>, Vec<NodeId>) = self.ids().partition(|node| self.is_connected(*node));
        let groups = std::iter::once(together).chain(alone.into_iter().map(|node| vec![node])).collect();
        self.inject(Fault::Partition(groups));
    }

    pub(crate) fn crash(&mut self, node: NodeId) {
        self.inject(Fault::Crash { node, point: CrashPoint::BetweenSteps });
    }

    pub(crate) fn restart(&mut self, node: NodeId) {
        self.inject(Fault::Restart(node));
    }

    pub(crate) fn crash_and_restart(&mut self, node: NodeId) {
        self.crash(node);
        self.restart(node);
    }

    pub(crate) fn is_up(&self, node: NodeId) -> bool {
        self.world.machine(node).is_some()
    }

    pub(crate) fn set_conditions(&mut self, conditions: Conditions) {
        self.inject(Fault::SetConditions(conditions));
    }

    fn inject(&mut self, fault: Fault) {
        match self.world.inject(fault) {
            Ok(()) => {}
            Err(RunError::Refused(refused)) => panic!("a mistake of the test: {refused}"),
            Err(other) => panic!("{other}"),
        }
    }

    // Requests.

    /// Submits a command to a node without waiting for it. `None` if the node does not consider
    /// itself the leader.
    pub(crate) fn start(&mut self, node: NodeId, value: &str) -> Option<Started> {
        if !self.world.machine(node)?.is_leader() {
            return None;
        }
        let client = ClientId(CLIENTS + self.started);
        self.started += 1;
        assert!(self.started < PASSERS_BY, "too many commands are started");
        match self.world.inject_request(client, node, put(value)) {
            Ok(()) => self.world.machine(node).map(|raft| Started { client, index: raft.log().last_index() }),
            Err(halt) => panic!("{halt}"),
        }
    }

    /// Submits a command to the leader, until that leader has replied and `expected` nodes have
    /// applied it. Returns its index.
    pub(crate) fn one(&mut self, value: &str, expected: usize) -> LogIndex {
        let end = self.world.now() + PATIENCE;
        while self.world.now() < end {
            let mut connected = self.ids().filter(|node| self.is_connected(*node)).collect::<Vec<_>>().into_iter();
            let Some(started) = connected.find_map(|node| self.start(node, value)) else {
                self.run(Duration::from_millis(50));
                continue;
            };
            let agreed = |world: &World<Node, Watched>| {
                let applied = world.machines().iter().flatten().filter(|raft| raft.applied() >= started.index);
                !world.answers(started.client).is_empty() && applied.count() >= expected
            };
            if self.run_until(Duration::from_secs(2), agreed) {
                return started.index;
            }
        }
        panic!("{expected} nodes do not agree on {value} within {PATIENCE:?}");
    }

    /// Whether the leader has replied: then the command is committed.
    pub(crate) fn is_answered(&self, started: Started) -> bool {
        !self.world.answers(started.client).is_empty()
    }

    /// Lets a closed-loop client append a line to the ledger.
    pub(crate) fn ask_append(&mut self, client: u32, line: &str) {
        let (key, value) = ("ledger".to_owned(), format!("{line};"));
        self.world.ask(ClientId(client), None, Command::Apply(KeyValueCommand::Append { key, value }));
    }

    /// Lets a closed-loop client read the ledger.
    pub(crate) fn ask_ledger(&mut self, client: u32) {
        self.world.ask(ClientId(client), None, Command::Read(KeyValueQuery::Get { key: "ledger".to_owned() }));
    }

    // Observations.

    pub(crate) fn raft(&self, node: NodeId) -> &Node {
        self.world.machine(node).expect("the node is up")
    }

    /// The leader among the connected nodes, in the highest of their terms. Waits for one.
    pub(crate) fn leader(&mut self) -> NodeId {
        let connected = self.connected.clone();
        let newest = |world: &World<Node, Watched>| {
            let reachable = world.up().filter(|(node, _)| connected[node.index()]);
            let newest = reachable.max_by_key(|(_, raft)| (raft.term(), raft.is_leader()));
            newest.filter(|(_, raft)| raft.is_leader()).map(|(node, _)| node)
        };
        assert!(self.run_until(PATIENCE, |world| newest(world).is_some()), "no leader within {PATIENCE:?}");
        newest(&self.world).expect("there is one")
    }

    /// Whether a connected node is the leader.
    pub(crate) fn is_led(&self) -> bool {
        self.world.up().any(|(node, raft)| self.is_connected(node) && raft.is_leader())
    }

    /// Number of nodes that know the entry to be committed.
    pub(crate) fn committed(&self, index: LogIndex) -> usize {
        self.world.machines().iter().flatten().filter(|raft| raft.commit() >= index).count()
    }

    /// Number of replies to a closed-loop client.
    pub(crate) fn answered(&self, client: u32) -> u64 {
        self.world.client_stats(ClientId(client)).answered
    }

    /// Number of occurrences of a line in the ledger.
    pub(crate) fn times_in_ledger(&self, line: &str) -> usize {
        let ledger = self.world.machines().iter().flatten().next().and_then(|raft| raft.state().get("ledger"));
        ledger.unwrap_or_default().split_inclusive(';').filter(|written| *written == line).count()
    }

    /// Takes the count of messages since the last call.
    pub(crate) fn take_sent(&mut self) -> Sent {
        std::mem::take(&mut self.sent.borrow_mut())
    }

    pub(crate) fn coverage(&self) -> &Coverage<Node> {
        &self.world.invariants().2
    }

    /// Ends the test: asserts that all running nodes reach the same state.
    pub(crate) fn check_agreement(&mut self) {
        let last = self.world.machines().iter().flatten().map(Raft::commit).max().expect("somebody is up");
        let all = self.world.machines().iter().flatten().count();
        let agreed = self.run_until(PATIENCE, |world| {
            world.machines().iter().flatten().filter(|raft| raft.applied() >= last).count() == all
        });
        assert!(agreed, "not every node has applied index {last}");
    }
}

fn count(passing: &InFlight<'_, Node>, sent: &mut Sent) {
    match passing.message {
        Message::RequestVote(_) => sent.calls += 1,
        Message::AppendEntries(append) => {
            sent.calls += 1;
            for entry in append.entries.iter() {
                if let Payload::Apply { command: KeyValueCommand::Put { value, .. }, .. } = &entry.payload {
                    sent.command_bytes += value.len() as u64;
                }
            }
        }
        _ => {}
    }
}

pub(crate) fn put(value: &str) -> Command<KeyValue> {
    Command::Apply(KeyValueCommand::Put { key: "x".to_owned(), value: value.to_owned() })
}
