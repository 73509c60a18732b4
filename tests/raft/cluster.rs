//! A cluster as the course tests see it: nodes that can be cut off, crashed and restarted, and commands started at a node of one's choice.

use std::cell::RefCell;
use std::rc::Rc;

use quorate::experiments::OneStore;
use quorate::lab::sim::{
    Census, Conditions, CrashMoment, Dice, Fate, Fault, Halt, Latency, Passing, Patience, Ppm, Setup, World,
};
use quorate::protocol::{ClientId, Duration, Names, NodeId};
use quorate::raft::{
    Command, Invariants, KeyValue, KeyValueCommand, KeyValueQuery, LogIndex, Message, Payload, Raft, Settings,
    invariants,
};

pub(crate) type Node = Raft<KeyValue>;
type Watched = (Invariants<KeyValue>, OneStore, Census<Node>);

/// The longest election timeout: a leader exists well within a few of them.
pub(crate) const ELECTION: Duration = Duration::from_millis(300);
/// How long agreement may take at most.
const PATIENCE: Duration = Duration::from_secs(10);
/// Clients of the closed loop, who ask again until they are answered.
pub(crate) const CLIENTS: u32 = 3;
/// Others, each of whom says one thing to one node and goes.
const PASSERS_BY: u32 = 6_000;

/// What the nodes sent each other.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    /// RequestVote and AppendEntries, the paper's two RPCs.
    pub(crate) calls: u64,
    /// Bytes of commands in AppendEntries.
    pub(crate) command_bytes: u64,
}

/// A command that was given to a leader.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Started {
    client: ClientId,
    /// Where the leader has put it.
    pub(crate) index: LogIndex,
}

pub(crate) struct Cluster {
    pub(crate) world: World<Node, Watched>,
    pub(crate) dice: Dice,
    connected: Vec<bool>,
    started: u32,
    sent: Rc<RefCell<Sent>>,
}

/// One to five milliseconds, and nothing is lost.
pub(crate) fn reliable() -> Conditions {
    let latency = Latency::Uniform { min: Duration::from_millis(1), max: Duration::from_millis(5) };
    Conditions { latency, ..Conditions::steady(Duration::from_millis(1)) }
}

/// A tenth is lost, the rest takes up to 27 milliseconds and so overtakes each other.
pub(crate) fn unreliable() -> Conditions {
    let latency = Latency::Uniform { min: Duration::from_millis(1), max: Duration::from_millis(27) };
    Conditions { latency, loss: Ppm::percent(10), ..reliable() }
}

/// Two thirds of the messages are hopelessly late besides.
pub(crate) fn reordering() -> Conditions {
    let straggle = Latency::Uniform { min: Duration::from_millis(200), max: Duration::from_millis(2_200) };
    Conditions { straggling: Ppm::percent(66), straggle, ..unreliable() }
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
        let patience = Patience { timeout: Duration::from_millis(200), attempts: u32::MAX, roams: true };
        let setup = Setup::new("raft", names, config).seed(seed).conditions(conditions).patience(patience);
        let mut world = setup.start_under((invariants(), OneStore::default(), Census::default()));
        let sent = Rc::new(RefCell::new(Sent::default()));
        let counter = Rc::clone(&sent);
        world.intercept(move |passing| {
            count(passing, &mut counter.borrow_mut());
            Fate::Chance
        });
        let dice = Dice::new(seed, u64::MAX - 1);
        Cluster { world, dice, connected: vec![true; nodes], started: 0, sent }
    }

    // Time passes.

    pub(crate) fn run(&mut self, span: Duration) {
        self.world.run_for(span).expect("no invariant breaks");
    }

    /// Runs until the condition holds. Returns whether it came to that within the span.
    pub(crate) fn run_until(&mut self, span: Duration, mut holds: impl FnMut(&World<Node, Watched>) -> bool) -> bool {
        let end = self.world.now() + span;
        self.world.run_while(end, |world| !holds(world)).expect("no invariant breaks");
        holds(&self.world)
    }

    // What one does to nodes.

    pub(crate) fn ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.connected.len() as u32).map(NodeId)
    }

    pub(crate) fn anyone(&mut self) -> NodeId {
        NodeId(self.dice.below(self.connected.len() as u64) as u32)
    }

    /// One of the nodes after the given one, going round.
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

    /// The connected reach each other, the others nobody.
    fn rewire(&mut self) {
        let (together, alone): (Vec<NodeId>, Vec<NodeId>) = self.ids().partition(|node| self.is_connected(*node));
        let groups = std::iter::once(together).chain(alone.into_iter().map(|node| vec![node])).collect();
        self.inject(Fault::Partition(groups));
    }

    pub(crate) fn crash(&mut self, node: NodeId) {
        self.inject(Fault::Crash { node, moment: CrashMoment::BetweenSteps });
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

    pub(crate) fn weather(&mut self, conditions: Conditions) {
        self.inject(Fault::Weather(conditions));
    }

    fn inject(&mut self, fault: Fault) {
        match self.world.inject(fault) {
            Ok(()) => {}
            Err(Halt::Misfit(misfit)) => panic!("a mistake of the test: {misfit}"),
            Err(Halt::Violation(violation)) => panic!("{violation}"),
        }
    }

    // What one asks of them.

    /// Gives a node a command, and does not wait for anything. `None` if it does not think that it leads.
    pub(crate) fn start(&mut self, node: NodeId, value: &str) -> Option<Started> {
        if !self.world.machine(node)?.leads() {
            return None;
        }
        let client = ClientId(CLIENTS + self.started);
        self.started += 1;
        assert!(self.started < PASSERS_BY, "too many commands are started");
        match self.world.prompt(client, node, put(value)) {
            Ok(()) => self.world.machine(node).map(|raft| Started { client, index: raft.log().last_index() }),
            Err(halt) => panic!("{halt}"),
        }
    }

    /// Starts a command wherever there is a leader, until that leader has answered and as many nodes as expected have
    /// applied it. Returns where it is.
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

    /// Whether the leader has answered: then the command is committed.
    pub(crate) fn is_answered(&self, started: Started) -> bool {
        !self.world.answers(started.client).is_empty()
    }

    /// One of the patient clients wants this appended to the ledger.
    pub(crate) fn ask_append(&mut self, client: u32, line: &str) {
        let (key, value) = ("ledger".to_owned(), format!("{line};"));
        self.world.ask(ClientId(client), None, Command::Apply(KeyValueCommand::Append { key, value }));
    }

    /// One of the patient clients wants to see the ledger.
    pub(crate) fn ask_ledger(&mut self, client: u32) {
        self.world.ask(ClientId(client), None, Command::Read(KeyValueQuery::Get { key: "ledger".to_owned() }));
    }

    // What one sees.

    pub(crate) fn raft(&self, node: NodeId) -> &Node {
        self.world.machine(node).expect("the node is up")
    }

    /// The leader among the connected: there is one soon, in the newest of their terms.
    pub(crate) fn leader(&mut self) -> NodeId {
        let connected = self.connected.clone();
        let newest = |world: &World<Node, Watched>| {
            let reachable = world.up().filter(|(node, _)| connected[node.index()]);
            let newest = reachable.max_by_key(|(_, raft)| (raft.term(), raft.leads()));
            newest.filter(|(_, raft)| raft.leads()).map(|(node, _)| node)
        };
        assert!(self.run_until(PATIENCE, |world| newest(world).is_some()), "no leader within {PATIENCE:?}");
        newest(&self.world).expect("there is one")
    }

    /// Whether a connected node leads.
    pub(crate) fn is_led(&self) -> bool {
        self.world.up().any(|(node, raft)| self.is_connected(node) && raft.leads())
    }

    /// How many nodes know the entry to be committed.
    pub(crate) fn committed(&self, index: LogIndex) -> usize {
        self.world.machines().iter().flatten().filter(|raft| raft.commit() >= index).count()
    }

    /// How many requests of a patient client were answered.
    pub(crate) fn answered(&self, client: u32) -> u64 {
        self.world.tally(ClientId(client)).answered
    }

    /// How often a line is in everybody's ledger.
    pub(crate) fn times_in_ledger(&self, line: &str) -> usize {
        let ledger = self.world.machines().iter().flatten().next().and_then(|raft| raft.state().get("ledger"));
        ledger.unwrap_or_default().split_inclusive(';').filter(|written| *written == line).count()
    }

    /// What the nodes have sent since the last look.
    pub(crate) fn take_sent(&mut self) -> Sent {
        std::mem::take(&mut self.sent.borrow_mut())
    }

    pub(crate) fn census(&self) -> &Census<Node> {
        &self.world.invariants().2
    }

    /// Ends the test: every node that is up comes to the same state.
    pub(crate) fn check_agreement(&mut self) {
        let last = self.world.machines().iter().flatten().map(Raft::commit).max().expect("somebody is up");
        let all = self.world.machines().iter().flatten().count();
        let agreed = self.run_until(PATIENCE, |world| {
            world.machines().iter().flatten().filter(|raft| raft.applied() >= last).count() == all
        });
        assert!(agreed, "not every node has applied index {last}");
    }
}

fn count(passing: &Passing<'_, Node>, sent: &mut Sent) {
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
