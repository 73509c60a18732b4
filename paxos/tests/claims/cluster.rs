//! A cluster stepped by hand: the test decides which message arrives, which is lost, and which node
//! crashes.
//!
//! Deliberately separate from the simulator of `quorate-lab`. The lab tests itself with this
//! protocol, so the protocol is tested without the lab; and a claim of the paper needs control over
//! each message, where a simulator draws at random.

use std::collections::{BTreeMap, BTreeSet};

use quorate_paxos::invariants::{Observable, Safety, invariants};
use quorate_paxos::multi::{self, Entry, MultiPaxos};
use quorate_paxos::{BY_THE_BOOK, Command, Config, Paxos, PaxosRule, Rulebook, Value};
use quorate_protocol::{
    ClientId, Constants, Delay, Disk, Effect, Input, Invariant, InvariantViolation, Machine, NodeId, Outbox, RequestId,
    StepKind, StepView, Time,
};

pub(crate) const A: NodeId = NodeId(0);
pub(crate) const B: NodeId = NodeId(1);
pub(crate) const C: NodeId = NodeId(2);
pub(crate) const X: NodeId = NodeId(3);
pub(crate) const Y: NodeId = NodeId(4);
pub(crate) const Z: NodeId = NodeId(5);
pub(crate) const L: NodeId = NodeId(6);
pub(crate) const M: NodeId = NodeId(7);

/// Three proposers A, B, C; three acceptors X, Y, Z; one learner L.
pub(crate) fn apart() -> Config {
    Config::new([A, B, C], [X, Y, Z], [L]).unwrap()
}

/// A message in flight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Envelope<T> {
    pub(crate) from: NodeId,
    pub(crate) to: NodeId,
    pub(crate) message: T,
}

/// The outcome of one step: rules cited, sentences, effects.
#[derive(Debug)]
pub(crate) struct Done<N: Machine> {
    pub(crate) rules: Vec<N::Rule>,
    pub(crate) whys: Vec<String>,
    pub(crate) effects: Vec<Effect<N>>,
}

impl<N: Machine> Done<N> {
    pub(crate) fn records(&self) -> Vec<N::Record> {
        let record = |effect: &Effect<N>| match effect {
            Effect::Persist(record) => Some(record.clone()),
            _ => None,
        };
        self.effects.iter().filter_map(record).collect()
    }

    pub(crate) fn sent(&self) -> Vec<(NodeId, N::Message)> {
        let send = |effect: &Effect<N>| match effect {
            Effect::Send { to, message } => Some((*to, message.clone())),
            _ => None,
        };
        self.effects.iter().filter_map(send).collect()
    }
}

/// All nodes, their disks and timers, and the messages in flight.
pub(crate) struct Cluster<N: Observable> {
    constants: Constants<N>,
    machines: Vec<Option<N>>,
    disks: Vec<N::Disk>,
    pub(crate) flying: Vec<Envelope<N::Message>>,
    pub(crate) timers: BTreeMap<(NodeId, N::Timer), Delay>,
    pub(crate) replies: Vec<(RequestId, N::Reply)>,
    pub(crate) facts: Vec<(NodeId, N::Fact)>,
    pub(crate) fired: BTreeSet<N::Rule>,
    /// The first violation of each invariant.
    pub(crate) violations: Vec<InvariantViolation>,
    safety: Safety<N::Choice>,
    out: Outbox<N>,
    tickets: u64,
}

impl<N> Cluster<N>
where
    N: Observable + Machine<Clock = (), Rule = PaxosRule>,
{
    /// Boots the nodes that the configuration names.
    fn start(constants: Constants<N>, roles: &Config, safety: Safety<N::Choice>) -> Self {
        let named = roles.proposers().iter().chain(roles.acceptors()).chain(roles.learners());
        let nodes = named.map(|node| node.index() + 1).max().unwrap();
        let mut cluster = Cluster {
            constants,
            machines: vec![None; nodes],
            disks: vec![N::Disk::default(); nodes],
            flying: Vec::new(),
            timers: BTreeMap::new(),
            replies: Vec::new(),
            facts: Vec::new(),
            fired: BTreeSet::new(),
            violations: Vec::new(),
            safety,
            out: Outbox::explaining(),
            tickets: 0,
        };
        (0..nodes).for_each(|node| cluster.restart(NodeId(node as u32)));
        cluster
    }

    pub(crate) fn nodes(&self) -> impl Iterator<Item = NodeId> + use<N> {
        (0..self.machines.len()).map(|index| NodeId(index as u32))
    }

    /// The names of the violated invariants, in the order of their first violations.
    pub(crate) fn violated(&self) -> Vec<&'static str> {
        self.violations.iter().map(|violation| violation.invariant).collect()
    }

    pub(crate) fn is_up(&self, node: NodeId) -> bool {
        self.machines[node.index()].is_some()
    }

    pub(crate) fn node(&self, node: NodeId) -> &N {
        self.machines[node.index()].as_ref().expect("the node is up")
    }

    /// The view of the node's state.
    pub(crate) fn view(&self, node: NodeId) -> N::View {
        self.node(node).view(&self.constants.of(node, ()))
    }

    pub(crate) fn disk(&self, node: NodeId) -> &N::Disk {
        &self.disks[node.index()]
    }

    /// Crashes the node: it loses everything that is not durable.
    pub(crate) fn crash(&mut self, node: NodeId) {
        self.machines[node.index()] = None;
        self.timers.retain(|(owner, _), _| *owner != node);
        self.out.clear();
        self.observe(node, StepKind::Crash);
    }

    /// Starts the node from its disk.
    pub(crate) fn restart(&mut self, node: NodeId) {
        self.timers.retain(|(owner, _), _| *owner != node);
        self.out.clear();
        let machine = N::boot(&self.constants.of(node, ()), &self.disks[node.index()], &mut self.out);
        self.machines[node.index()] = Some(machine);
        self.observe(node, StepKind::Boot);
        self.carry_out(node);
    }

    /// Handles one input, with its effects at this node. A node that is down does nothing.
    pub(crate) fn step(&mut self, node: NodeId, input: Input<N>) -> Done<N> {
        self.out.clear();
        if let Some(machine) = &mut self.machines[node.index()] {
            let said = format!("{input:?}");
            let cx = self.constants.of(node, ());
            machine.step(&cx, input, &mut self.out);
            self.out.assert_reasons(node, said);
            machine.view(&cx);
            self.observe(node, StepKind::Step);
        }
        self.carry_out(node)
    }

    fn observe(&mut self, node: NodeId, kind: StepKind) {
        let Cluster { constants, machines, out, safety, .. } = self;
        let step = StepView { at: Time::ZERO, node, kind, constants, machines, out };
        let (one, real, agreed, proposed, kept) = safety;
        let verdicts =
            [one.check(&step), real.check(&step), agreed.check(&step), proposed.check(&step), kept.check(&step)];
        for violation in verdicts.into_iter().filter_map(Result::err) {
            if self.violations.iter().all(|known| known.invariant != violation.invariant) {
                self.violations.push(violation);
            }
        }
    }

    fn carry_out(&mut self, node: NodeId) -> Done<N> {
        let rules: Vec<_> = self.out.rules().collect();
        let whys = self.out.reasons().map(|reason| reason.why.to_owned()).collect();
        let effects = self.out.effects().to_vec();
        self.fired.extend(&rules);
        for effect in effects.iter().cloned() {
            match effect {
                Effect::Send { to, message } => self.flying.push(Envelope { from: node, to, message }),
                Effect::Persist(record) => self.disks[node.index()].apply(&record),
                Effect::Arm { timer, after } => {
                    self.timers.insert((node, timer), after);
                }
                Effect::Disarm(timer) => {
                    self.timers.remove(&(node, timer));
                }
                Effect::Emit(fact) => self.facts.push((node, fact)),
                Effect::Reply { ticket, reply } => self.replies.push((ticket, reply)),
            }
        }
        Done { rules, whys, effects }
    }

    /// Sends a client's request with a new ticket.
    pub(crate) fn ask(&mut self, node: NodeId, command: N::Command) -> (RequestId, Done<N>) {
        self.tickets += 1;
        let ticket = RequestId { client: ClientId(0), number: self.tickets };
        (ticket, self.ask_again(node, ticket, command))
    }

    /// Sends a client's request with a given ticket, perhaps for the second time.
    pub(crate) fn ask_again(&mut self, node: NodeId, ticket: RequestId, command: N::Command) -> Done<N> {
        Invariant::<N>::requested(&mut self.safety, node, &command);
        self.step(node, Input::Request { ticket, command })
    }

    /// Delivers a message that need not have been sent.
    pub(crate) fn deliver(&mut self, from: NodeId, to: NodeId, message: N::Message) -> Done<N> {
        self.step(to, Input::Deliver { from, message })
    }

    /// Fires an armed timer.
    pub(crate) fn fire(&mut self, node: NodeId, timer: N::Timer) -> Done<N> {
        self.timers.remove(&(node, timer.clone())).unwrap_or_else(|| panic!("{timer:?} is not armed at {node}"));
        self.step(node, Input::Fire(timer))
    }

    /// Delivers the oldest message between two nodes, if there is one.
    pub(crate) fn try_pass(&mut self, from: NodeId, to: NodeId) -> Option<Done<N>> {
        let index = self.find(from, to)?;
        let envelope = self.flying.remove(index);
        Some(self.deliver(from, to, envelope.message))
    }

    /// Delivers the oldest message between two nodes.
    pub(crate) fn pass(&mut self, from: NodeId, to: NodeId) -> Done<N> {
        self.try_pass(from, to).unwrap_or_else(|| panic!("nothing is under way from {from} to {to}"))
    }

    /// Takes the oldest message between two nodes off the network, to be lost or delivered later.
    pub(crate) fn take(&mut self, from: NodeId, to: NodeId) -> Envelope<N::Message> {
        let index = self.find(from, to).unwrap_or_else(|| panic!("nothing is under way from {from} to {to}"));
        self.flying.remove(index)
    }

    fn find(&self, from: NodeId, to: NodeId) -> Option<usize> {
        self.flying.iter().position(|envelope| envelope.from == from && envelope.to == to)
    }

    /// Drops all messages in flight to or from the node.
    pub(crate) fn lose(&mut self, node: NodeId) {
        self.flying.retain(|envelope| envelope.from != node && envelope.to != node);
    }

    /// Delivers all messages in flight and those that result, in FIFO order.
    pub(crate) fn settle(&mut self) {
        self.settle_without(&[]);
    }

    /// The same, but messages to or from these nodes are dropped.
    pub(crate) fn settle_without(&mut self, deaf: &[NodeId]) {
        while !self.flying.is_empty() {
            let Envelope { from, to, message } = self.flying.remove(0);
            if !deaf.contains(&from) && !deaf.contains(&to) {
                self.deliver(from, to, message);
            }
        }
    }
}

impl Cluster<Paxos> {
    pub(crate) fn paxos(config: &Config) -> Self {
        Cluster::paxos_under(config, BY_THE_BOOK)
    }

    pub(crate) fn paxos_under(config: &Config, rules: Rulebook) -> Self {
        Cluster::start(Constants::under(config.clone(), rules), config, invariants(config))
    }

    pub(crate) fn propose(&mut self, node: NodeId, value: &str) -> (RequestId, Done<Paxos>) {
        self.ask(node, Command::Propose { value: Value::from(value), round: None })
    }

    pub(crate) fn propose_in(&mut self, node: NodeId, value: &str, round: u64) -> (RequestId, Done<Paxos>) {
        self.ask(node, Command::Propose { value: Value::from(value), round: Some(round) })
    }

    /// Delivers the proposer's prepares or accepts to these acceptors, and their answers to it, as
    /// far as there are any.
    pub(crate) fn exchange(&mut self, proposer: NodeId, acceptors: &[NodeId]) {
        for &acceptor in acceptors {
            self.try_pass(proposer, acceptor);
        }
        for &acceptor in acceptors {
            self.try_pass(acceptor, proposer);
        }
    }

    /// Delivers the votes of these acceptors to the learner, as far as there are any.
    pub(crate) fn tell(&mut self, acceptors: &[NodeId], learner: NodeId) {
        for &acceptor in acceptors {
            self.try_pass(acceptor, learner);
        }
    }

    /// Runs both phases of a ballot, with these acceptors.
    pub(crate) fn ballot(&mut self, proposer: NodeId, acceptors: &[NodeId]) {
        self.exchange(proposer, acceptors);
        self.exchange(proposer, acceptors);
    }

    pub(crate) fn chosen(&self, node: NodeId) -> Option<&str> {
        self.node(node).chosen().map(Value::as_str)
    }
}

impl Cluster<MultiPaxos> {
    pub(crate) fn multi(config: &multi::Config) -> Self {
        Cluster::multi_under(config, BY_THE_BOOK)
    }

    pub(crate) fn multi_under(config: &multi::Config, rules: Rulebook) -> Self {
        Cluster::start(Constants::under(config.clone(), rules), config, multi::invariants(config))
    }

    pub(crate) fn submit(&mut self, node: NodeId, value: &str) -> (RequestId, Done<MultiPaxos>) {
        self.ask(node, multi::Command::Propose { value: Value::from(value) })
    }

    /// The log known to a learner, as text.
    pub(crate) fn log(&self, node: NodeId) -> Vec<&str> {
        self.node(node).log().map(|(_, Entry { value, .. })| value.as_str()).collect()
    }
}
