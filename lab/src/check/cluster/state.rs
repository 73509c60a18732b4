//! The state of a cluster: what its nodes are and remember, what is on its way, and what may still be done to it.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use quorate_protocol::{Broken, Invariant, LocalTime, Machine, NodeId, Time};

use super::bounds::Left;
use super::order::Asleep;
use super::parts::{Flight, Host, Part};
use crate::env::{HostClock, Status};

/// A moment of a cluster. States share what did not change between them, so cloning one is cheap.
///
/// Two states are the same if their nodes, messages, invariants and remaining budgets are.
pub struct State<M: Machine, I> {
    pub(super) hosts: Vec<Arc<Host<M>>>,
    /// In ascending order; a repeated message stands there twice.
    pub(super) network: Vec<Arc<Flight<M>>>,
    pub(super) watched: Arc<Part<I>>,
    pub(super) asked: Arc<[Asked]>,
    pub(super) left: Left,
    /// The true time, in ticks.
    pub(super) tick: u32,
    pub(super) broken: Option<Arc<(NodeId, Broken)>>,
    /// The messages that need not arrive next: not part of what the state is, but of how it was reached.
    pub(super) asleep: Asleep,
}

/// What a node is, and has around it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Node<M: Machine> {
    pub(super) status: Status,
    /// `None` while the node is down.
    pub(super) machine: Option<M>,
    pub(super) disk: Arc<M::Disk>,
    /// In ascending order of their names.
    pub(super) timers: Vec<Armed<M::Timer>>,
    /// What it has sent to itself and not looked at yet. Nothing else reaches it before.
    pub(super) inbox: Vec<M::Message>,
    pub(super) clock: Clock,
}

/// A timer that may fire, on the node's own clock. Without clocks both are zero.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Armed<T> {
    pub(super) timer: T,
    /// Not before this.
    pub(super) from: Time,
    /// At this at the latest, unless the node is paused.
    pub(super) until: Time,
}

/// How wrong a node's clocks are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub(super) struct Clock {
    pub(super) ppm: i32,
    pub(super) jumped: i64,
}

/// A message on its way. Ordered as its parts are.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Envelope<M: Machine> {
    pub(super) to: NodeId,
    pub(super) from: NodeId,
    pub(super) message: M::Message,
}

/// How far a client has come with its requests.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub(super) struct Asked {
    /// How many of the requests in the bounds.
    pub(super) here: u16,
    /// How many at all: the number of its last ticket.
    pub(super) ever: u16,
}

impl Clock {
    /// What the clocks show at a true time.
    pub(super) fn read(self, now: Time) -> LocalTime {
        HostClock::at_rate(self.ppm, self.jumped).read(now)
    }
}

impl<M: Machine> Node<M> {
    /// Arms a timer, in place of one of the same name.
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

    /// What is left of it after a crash.
    pub(super) fn crashed(&mut self) {
        self.status = Status::Down;
        self.machine = None;
        self.timers.clear();
        self.inbox.clear();
    }

    /// Whether it takes inputs from outside.
    pub(super) fn is_open(&self) -> bool {
        self.status == Status::Up && self.inbox.is_empty()
    }
}

impl<M: Machine, I: Invariant<M>> State<M, I> {
    /// A node's machine, unless it is down.
    pub fn machine(&self, node: NodeId) -> Option<&M> {
        self.hosts.get(node.index())?.machine.as_ref()
    }

    /// Every node's machine, `None` while it is down, in the order of their ids.
    pub fn machines(&self) -> impl Iterator<Item = Option<&M>> {
        self.hosts.iter().map(|host| host.machine.as_ref())
    }

    /// What a node has made durable.
    pub fn disk(&self, node: NodeId) -> Option<&M::Disk> {
        Some(&self.hosts.get(node.index())?.disk)
    }

    /// Whether a node runs.
    pub fn status(&self, node: NodeId) -> Option<Status> {
        Some(self.hosts.get(node.index())?.status)
    }

    /// The names of a node's armed timers.
    pub fn armed(&self, node: NodeId) -> impl Iterator<Item = &M::Timer> {
        self.hosts.get(node.index()).into_iter().flat_map(|host| host.timers.iter().map(|armed| &armed.timer))
    }

    /// How many ticks have passed.
    pub fn tick(&self) -> u32 {
        self.tick
    }

    /// The messages on their way, each with its sender and receiver.
    pub fn in_flight(&self) -> impl ExactSizeIterator<Item = (NodeId, NodeId, &M::Message)> {
        self.network.iter().map(|flight| (flight.from, flight.to, &flight.message))
    }

    /// The invariants, with what they remember.
    pub fn invariants(&self) -> &I {
        &self.watched
    }

    /// What is wrong with this state, and the node that made it so.
    pub fn broken(&self) -> Option<(NodeId, &Broken)> {
        self.broken.as_deref().map(|(node, broken)| (*node, broken))
    }

    /// Puts a message into the network.
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
            left: self.left,
            tick: self.tick,
            broken: self.broken.clone(),
            asleep: self.asleep,
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

/// By the fingerprints of the parts, which are made once for all the states that share them.
impl<M: Machine, I> Hash for State<M, I> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.hosts.iter().for_each(|host| hasher.write_u64(host.fingerprint));
        self.network.iter().for_each(|flight| hasher.write_u64(flight.fingerprint));
        hasher.write_u64(self.watched.fingerprint);
        self.hash_rest(hasher);
    }
}

impl<M: Machine, I> State<M, I> {
    /// What no renaming changes.
    pub(super) fn hash_rest<H: Hasher>(&self, hasher: &mut H) {
        hasher.write_usize(self.network.len());
        self.asked.hash(hasher);
        self.left.hash(hasher);
        hasher.write_u32(self.tick);
        self.broken.hash(hasher);
    }
}
