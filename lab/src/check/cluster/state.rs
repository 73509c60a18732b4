//! State of a cluster: its nodes and disks, messages in flight, and remaining budgets.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use quorate_protocol::{Invariant, InvariantViolation, LocalTime, Machine, NodeId, Time};

use super::bounds::RemainingBudget;
use super::interned::{Flight, Host, Interned};
use super::partial_order::SleepSet;
use crate::env::{HostClock, Status};

/// A state of a cluster. Successive states share unchanged parts, so cloning one is cheap.
///
/// Two states are equal if their nodes, messages, invariants and remaining budgets are.
pub struct State<M: Machine, I> {
    pub(super) hosts: Vec<Arc<Host<M>>>,
    /// Sorted; a duplicated message occurs twice.
    pub(super) network: Vec<Arc<Flight<M>>>,
    pub(super) watched: Arc<Interned<I>>,
    pub(super) asked: Arc<[Asked]>,
    pub(super) budget: RemainingBudget,
    /// True time, in ticks.
    pub(super) tick: u32,
    pub(super) broken: Option<Arc<(NodeId, InvariantViolation)>>,
    /// The sleep set. It depends on how the state was reached, and is ignored by comparison and
    /// hash.
    pub(super) sleep_set: SleepSet,
}

/// Shows nodes, messages in flight and invariants; budgets and sleep sets serve the search alone.
impl<M: Machine, I: fmt::Debug> fmt::Debug for State<M, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nodes: Vec<&Node<M>> = self.hosts.iter().map(|host| &***host).collect();
        let network: Vec<&Envelope<M>> = self.network.iter().map(|flight| &***flight).collect();
        f.debug_struct("State")
            .field("nodes", &nodes)
            .field("network", &network)
            .field("invariants", &**self.watched)
            .field("tick", &self.tick)
            .field("broken", &self.broken)
            .finish_non_exhaustive()
    }
}

/// A node with its disk, timers, messages to itself and clock.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Node<M: Machine> {
    pub(super) status: Status,
    /// `None` while the node is down.
    pub(super) machine: Option<M>,
    pub(super) disk: Arc<M::Disk>,
    /// Sorted by name.
    pub(super) timers: Vec<Armed<M::Timer>>,
    /// Messages from the node to itself that it has not handled yet. They are handled before any
    /// other input.
    pub(super) inbox: Vec<M::Message>,
    pub(super) clock: Clock,
}

/// An armed timer; times are those of the node's own clock. Without clocks both are zero.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Armed<T> {
    pub(super) timer: T,
    /// Earliest time at which it fires.
    pub(super) from: Time,
    /// Latest time at which it fires, unless the node is paused.
    pub(super) until: Time,
}

/// Error of a node's clocks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub(super) struct Clock {
    pub(super) ppm: i32,
    pub(super) jumped: i64,
}

/// A message in flight. Ordered like its parts.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Envelope<M: Machine> {
    pub(super) to: NodeId,
    pub(super) from: NodeId,
    pub(super) message: M::Message,
}

/// Progress of a client through its requests.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub(super) struct Asked {
    /// Number of requests sent within the current bounds.
    pub(super) here: u16,
    /// Number of requests sent in all stages: the number of its last ticket.
    pub(super) ever: u16,
}

impl Clock {
    /// Returns the readings of the clocks at a true time.
    pub(super) fn read(self, now: Time) -> LocalTime {
        HostClock::at_rate(self.ppm, self.jumped).read(now)
    }
}

impl<M: Machine> Node<M> {
    /// Arms a timer, replacing one of the same name.
    pub(super) fn arm(&mut self, armed: Armed<M::Timer>) {
        match self.timers.binary_search_by(|each| each.timer.cmp(&armed.timer)) {
            Ok(place) => self.timers[place] = armed,
            Err(place) => self.timers.insert(place, armed),
        }
    }

    /// Disarms a timer. Returns whether it was armed.
    pub(super) fn disarm(&mut self, timer: &M::Timer) -> bool {
        let place = self.timers.binary_search_by(|each| each.timer.cmp(timer));
        place.is_ok_and(|place| {
            self.timers.remove(place);
            true
        })
    }

    /// Applies a crash: volatile state is lost.
    pub(super) fn crashed(&mut self) {
        self.status = Status::Down;
        self.machine = None;
        self.timers.clear();
        self.inbox.clear();
    }

    /// Whether the node accepts inputs from other nodes, clients and timers.
    pub(super) fn is_open(&self) -> bool {
        self.status == Status::Up && self.inbox.is_empty()
    }
}

impl<M: Machine, I: Invariant<M>> State<M, I> {
    /// Returns a node's machine, unless the node is down.
    pub fn machine(&self, node: NodeId) -> Option<&M> {
        self.hosts.get(node.index())?.machine.as_ref()
    }

    /// Returns the machines of all nodes in the order of their ids; `None` for a node that is down.
    pub fn machines(&self) -> impl Iterator<Item = Option<&M>> {
        self.hosts.iter().map(|host| host.machine.as_ref())
    }

    /// Returns a node's durable state.
    pub fn disk(&self, node: NodeId) -> Option<&M::Disk> {
        Some(&self.hosts.get(node.index())?.disk)
    }

    /// Returns the status of a node.
    pub fn status(&self, node: NodeId) -> Option<Status> {
        Some(self.hosts.get(node.index())?.status)
    }

    /// Returns the names of a node's armed timers.
    pub fn armed(&self, node: NodeId) -> impl Iterator<Item = &M::Timer> {
        self.hosts.get(node.index()).into_iter().flat_map(|host| host.timers.iter().map(|armed| &armed.timer))
    }

    /// Returns the number of ticks that have passed.
    pub fn tick(&self) -> u32 {
        self.tick
    }

    /// Returns the messages in flight, each with its sender and receiver.
    pub fn in_flight(&self) -> impl ExactSizeIterator<Item = (NodeId, NodeId, &M::Message)> {
        self.network.iter().map(|flight| (flight.from, flight.to, &flight.message))
    }

    /// Returns the invariants, with their state.
    pub fn invariants(&self) -> &I {
        &self.watched
    }

    /// Returns the violation in this state, and the node whose step caused it.
    pub fn broken(&self) -> Option<(NodeId, &InvariantViolation)> {
        self.broken.as_deref().map(|(node, broken)| (*node, broken))
    }

    /// Adds a message to the network.
    pub(super) fn send(&mut self, flight: Arc<Flight<M>>) {
        let place = self.network.partition_point(|each| *each <= flight);
        self.network.insert(place, flight);
    }
}

impl<M: Machine, I> Clone for State<M, I> {
    fn clone(&self) -> Self {
        State {
            hosts: self.hosts.clone(),
            network: self.network.clone(),
            watched: Arc::clone(&self.watched),
            asked: Arc::clone(&self.asked),
            budget: self.budget,
            tick: self.tick,
            broken: self.broken.clone(),
            sleep_set: self.sleep_set,
        }
    }
}

impl<M: Machine> Ord for Envelope<M> {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.to, self.from, &self.message).cmp(&(other.to, other.from, &other.message))
    }
}

impl<M: Machine> PartialOrd for Envelope<M> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Hashes the fingerprints of the parts, which are computed once for all states that share them.
impl<M: Machine, I> Hash for State<M, I> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.hosts.iter().for_each(|host| hasher.write_u64(host.fingerprint));
        self.network.iter().for_each(|flight| hasher.write_u64(flight.fingerprint));
        hasher.write_u64(self.watched.fingerprint);
        self.hash_rest(hasher);
    }
}

impl<M: Machine, I> State<M, I> {
    /// Hashes everything that no permutation changes.
    pub(super) fn hash_rest<H: Hasher>(&self, hasher: &mut H) {
        hasher.write_usize(self.network.len());
        self.asked.hash(hasher);
        self.budget.hash(hasher);
        hasher.write_u32(self.tick);
        self.broken.hash(hasher);
    }
}
