//! Clusters of machines as a model: every order of deliveries, every fault within the bounds.

mod action;
mod bounds;
mod effects;
mod explore;
mod interned;
mod partial_order;
mod reductions;
mod replay;
mod replay_under;
mod state;
mod symmetry;

use std::sync::Arc;

use quorate_protocol::{ClientId, Invariant, LocalTime, Machine, NodeId, Outbox, Permute};

pub use action::{Action, Stimulus};
pub use bounds::{Bounds, Clocks, CrashPoints, Request};
pub use reductions::Reductions;
pub use state::State;
pub use symmetry::Symmetric;

use self::explore::Explorer;
use self::interned::{Flight, Host, Interned, Interner};
use self::partial_order::SleepSet;
use self::state::{Asked, Clock, Envelope, Node};
use self::symmetry::Symmetry;
use super::{CheckError, Model, fingerprint};
use crate::env::{Deployment, Status};

/// Whether a node's timer may fire, given all machines; `None` for those that are down.
pub type MayFire<M> = fn(&[Option<M>], NodeId, &<M as Machine>::Timer) -> bool;

/// A cluster of machines within bounds, with the invariants that must hold after every step.
pub struct Cluster<M: Machine, I: Invariant<M> = ()> {
    setup: Deployment<M>,
    invariants: I,
    bounds: Bounds<M>,
    reductions: Reductions,
    symmetry: Option<Symmetry<M, I>>,
    may_fire: Option<MayFire<M>>,
    hosts: Interner<Node<M>>,
    flights: Interner<Envelope<M>>,
    /// Interned states of the invariants.
    memories: Interner<I>,
}

impl<M: Machine, I: Invariant<M>> Cluster<M, I> {
    /// Returns the model of a deployment. A [setup of a simulation](crate::sim::Setup) is accepted
    /// as well: its seed, network and retry policies are ignored.
    ///
    /// # Errors
    /// [`CheckError`] if bounds contradict each other, name a node that does not exist, or leave
    /// nothing that could happen.
    pub fn new(setup: impl Into<Deployment<M>>, invariants: I, bounds: Bounds<M>) -> Result<Self, CheckError> {
        let setup = setup.into();
        bounds.validate(setup.names.nodes().len())?;
        let (hosts, flights, memories) = (Interner::new(), Interner::new(), Interner::new());
        let reductions = Reductions::ALL;
        let cluster =
            Cluster { setup, invariants, bounds, reductions, symmetry: None, may_fire: None, hosts, flights, memories };
        let idle = |state: &State<M, I>| {
            let armed = state.hosts.iter().any(|host| !host.timers.is_empty());
            let fires = armed && (cluster.bounds.firings > 0 || cluster.bounds.clocks.is_some());
            let busy = state.hosts.iter().any(|host| !host.inbox.is_empty()) || !state.network.is_empty();
            state.broken.is_none() && !fires && !busy
        };
        if cluster.bounds.requests.is_empty() && cluster.first_states().iter().all(idle) {
            return Err(CheckError::NothingCanHappen);
        }
        Ok(cluster)
    }

    /// The invariants that must hold after every step, as at the start.
    pub fn invariants(&self) -> &I {
        &self.invariants
    }

    /// Replaces the reductions.
    #[must_use]
    pub fn reductions(self, reductions: Reductions) -> Self {
        Cluster { reductions, ..self }
    }

    /// Declares the network synchronous and the timeouts right: a timer fires only when no message
    /// to a running node is under way, and when `may_fire` holds. Messages to nodes that are down
    /// are lost by then. Of messages, only those of a node that has crashed can be
    /// [dropped](Bounds::drops): it has sent some and not the others. This is the assumption of protocols that take silence for a crash; without
    /// it, an armed timer may fire at any moment.
    #[must_use]
    pub fn timely(self, may_fire: MayFire<M>) -> Self {
        Cluster { may_fire: Some(may_fire), ..self }
    }

    /// Declares the nodes of each group interchangeable: states that differ only in their names are
    /// treated as one.
    ///
    /// # Errors
    /// [`CheckError`] if bounds or disks distinguish them, or there are too many permutations. The
    /// caller is responsible for the machines treating them alike.
    pub fn symmetric(self, groups: &[Vec<NodeId>]) -> Result<Self, CheckError>
    where
        M: Symmetric,
        I: Permute,
    {
        let nodes = self.setup.names.nodes().len();
        if self.setup.disks.keys().any(|node| groups.iter().flatten().any(|member| member == node)) {
            return Err(CheckError::NotInterchangeable("one of them starts with data on its disk"));
        }
        let differ = |group: &Vec<NodeId>| group.iter().any(|node| !self.setup.constants.same(group[0], *node));
        if groups.iter().any(differ) {
            return Err(CheckError::NotInterchangeable("one of them has its own rulebook or configuration"));
        }
        let symmetry = Some(Symmetry::new(groups, nodes, &self.bounds)?);
        // Parts interned so far lack fingerprints under the permutations.
        let (hosts, flights, memories) = (Interner::new(), Interner::new(), Interner::new());
        Ok(Cluster { symmetry, hosts, flights, memories, ..self })
    }

    /// Returns the bounds.
    pub fn bounds(&self) -> &Bounds<M> {
        &self.bounds
    }

    /// Returns the deployment: the cluster before it boots.
    pub fn setup(&self) -> &Deployment<M> {
        &self.setup
    }

    /// Returns the readings of a node's own clocks in a state; zero where the bounds have no
    /// [`Clocks`].
    pub fn clock(&self, state: &State<M, I>, node: NodeId) -> Option<LocalTime> {
        Some(state.hosts.get(node.index())?.clock.read(self.time(state.tick)))
    }

    /// Turns a state that was reached under other bounds into the first state of the next stage of
    /// a search: all budgets of this cluster are available again.
    pub fn resume(&self, reached: &State<M, I>) -> State<M, I> {
        let clients = self.setup.names.clients().len();
        let ever = |client: usize| reached.asked.get(client).map_or(0, |asked| asked.ever);
        State {
            hosts: reached.hosts.iter().map(|host| self.host(Node::clone(host))).collect(),
            network: reached.network.iter().map(|flight| self.flight(Envelope::clone(flight))).collect(),
            watched: self.watched(I::clone(&reached.watched)),
            asked: (0..clients).map(|client| Asked { here: 0, ever: ever(client) }).collect(),
            budget: self.bounds.whole(),
            sleep_set: SleepSet::default(),
            ..reached.clone()
        }
    }

    /// Returns a client's requests within the bounds.
    fn requests_of(&self, client: ClientId) -> impl Iterator<Item = &Request<M>> {
        self.bounds.requests.iter().filter(move |request| request.client == client)
    }

    fn host(&self, node: Node<M>) -> Arc<Host<M>> {
        self.hosts.intern(node, |node| self.renamed(|symmetry| symmetry.of_node(node)))
    }

    fn flight(&self, envelope: Envelope<M>) -> Arc<Flight<M>> {
        self.flights.intern(envelope, |envelope| self.renamed(|symmetry| symmetry.of_envelope(envelope)))
    }

    fn watched(&self, invariants: I) -> Arc<Interned<I>> {
        self.memories.intern(invariants, |invariants| self.renamed(|symmetry| symmetry.of_invariants(invariants)))
    }

    /// Fingerprints under all permutations; empty without symmetry.
    fn renamed(&self, fingerprints: impl FnOnce(&Symmetry<M, I>) -> Box<[u64]>) -> Box<[u64]> {
        self.symmetry.as_ref().map_or_else(Box::default, fingerprints)
    }

    /// Returns every combination of the nodes' clock rates.
    fn clocks(&self) -> Vec<Vec<Clock>> {
        let mut combinations = vec![Vec::new()];
        for node in (0..self.setup.names.nodes().len() as u32).map(NodeId) {
            let named = self.bounds.clocks.as_ref().and_then(|clocks| clocks.drifts.get(&node));
            let rates = named.map_or(&[0][..], Vec::as_slice);
            combinations = combinations
                .iter()
                .flat_map(|before| {
                    rates.iter().map(move |&ppm| before.iter().copied().chain([Clock { ppm, jumped: 0 }]).collect())
                })
                .collect();
        }
        combinations
    }

    /// Boots every node, with these clocks.
    fn begin(&self, clocks: Vec<Clock>) -> State<M, I> {
        let nodes = clocks.len();
        let down = |(node, clock): (u32, Clock)| {
            self.host(Node {
                status: Status::Down,
                machine: None,
                disk: Arc::new(self.setup.disks.get(&NodeId(node)).cloned().unwrap_or_default()),
                timers: Vec::new(),
                inbox: Vec::new(),
                clock,
            })
        };
        let mut state = State {
            hosts: (0..).zip(clocks).map(down).collect(),
            network: Vec::new(),
            watched: self.watched(self.invariants.clone()),
            asked: self.setup.names.clients().iter().map(|_| Asked::default()).collect(),
            budget: self.bounds.whole(),
            tick: 0,
            broken: None,
            sleep_set: SleepSet::default(),
        };
        let (mut machines, mut out) = ((0..nodes).map(|_| None).collect::<Vec<_>>(), Outbox::new());
        for node in (0..nodes as u32).map(NodeId) {
            if state.broken.is_none() {
                self.boot(node, &mut machines, &mut out, &mut state);
            }
        }
        state
    }
}

/// A machine whose states may be read by several threads at once, as those of nearly every machine.
/// Implemented for all such machines.
pub trait SyncMachine: Machine<Message: Sync, Timer: Sync, Command: Sync, Disk: Sync> + Sync {}

impl<M: Machine<Message: Sync, Timer: Sync, Command: Sync, Disk: Sync> + Sync> SyncMachine for M {}

impl<M: SyncMachine, I: Invariant<M> + Sync> Model for Cluster<M, I> {
    type State = State<M, I>;
    type Action = Action<M>;

    fn initial(&self) -> Vec<State<M, I>> {
        self.first_states()
    }

    fn actions(&self, state: &State<M, I>, actions: &mut Vec<Action<M>>) {
        self.successors(&self.begun(state), &mut Vec::new(), |action, _| actions.push(action));
    }

    fn next(&self, state: &State<M, I>, wanted: &Action<M>) -> Option<State<M, I>> {
        let mut led_to = None;
        self.successors(&self.begun(state), &mut Vec::new(), |action, next| {
            if action == *wanted {
                led_to = Some(next);
            }
        });
        led_to
    }

    /// Empties the sleep set: every message may be delivered.
    fn begun(&self, state: &State<M, I>) -> State<M, I> {
        State { sleep_set: SleepSet::default(), ..state.clone() }
    }

    fn check(&self, state: &State<M, I>) -> Result<(), quorate_protocol::InvariantViolation> {
        match &state.broken {
            Some(broken) => Err(broken.1.clone()),
            None => Ok(()),
        }
    }

    fn fingerprint(&self, state: &State<M, I>) -> u64 {
        match &self.symmetry {
            Some(symmetry) => self.of_class(state, symmetry),
            None => fingerprint(state),
        }
    }

    /// Counts only memory that states do not share: the lists of pointers to their parts.
    fn bytes(&self, state: &State<M, I>) -> usize {
        let pointers = state.hosts.capacity() + state.network.capacity();
        size_of::<State<M, I>>() + pointers * size_of::<usize>()
    }

    fn successors(&self, state: &State<M, I>, _: &mut Vec<Action<M>>, mut found: impl FnMut(Action<M>, State<M, I>)) {
        self.setup.names.scope(|| Explorer::new(self, state, &mut found).explore());
    }
}

impl<M: Machine, I: Invariant<M>> Cluster<M, I> {
    /// Returns the initial states: all nodes booted, one state for each combination of clocks.
    fn first_states(&self) -> Vec<State<M, I>> {
        self.setup.names.scope(|| self.clocks().into_iter().map(|clocks| self.begin(clocks)).collect())
    }
}
