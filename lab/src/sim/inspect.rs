//! Looking at a world, without changing it.

use quorate_protocol::{
    ClientId, Clock, Constants, Context, Heard, Invariant, LocalTime, Machine, Names, NodeId, Ticket, Time,
};

use super::client::{Client, Tally};
use super::world::World;
use crate::env::{Conditions, Status};
use crate::trace::Recording;

impl<M: Machine, I: Invariant<M>> World<M, I> {
    /// The driver's time.
    pub fn now(&self) -> Time {
        self.core.now
    }

    /// What nodes and clients are called.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The configuration of the nodes that have none of their own.
    pub fn config(&self) -> &M::Config {
        self.constants.config()
    }

    /// What the nodes go by.
    pub fn constants(&self) -> &Constants<M> {
        &self.constants
    }

    /// Puts a node under a rulebook of its own, from its next step on.
    pub fn rule(&mut self, node: NodeId, rules: M::Rulebook) {
        self.constants.rule(node, rules);
    }

    /// What a node's machine would be told if it took a step now; of a node that is not there, what all nodes go by.
    pub fn context(&self, node: NodeId) -> Context<'_, M> {
        let reading = self.hosts.get(node.index()).map_or_else(Default::default, |host| host.clock.read(self.core.now));
        self.constants.of(node, M::Clock::read(reading))
    }

    /// What a state panel shows of a node, unless it is down.
    pub fn view(&self, node: NodeId) -> Option<M::View> {
        Some(self.machine(node)?.view(&self.context(node)))
    }

    /// Every node's machine; `None` while it is down. Ordered by id.
    pub fn machines(&self) -> &[Option<M>] {
        &self.machines
    }

    /// The machines of all nodes that are up, by id.
    pub fn up(&self) -> impl Iterator<Item = (NodeId, &M)> {
        (0..).map(NodeId).zip(&self.machines).filter_map(|(node, machine)| Some((node, machine.as_ref()?)))
    }

    /// A node's machine, unless it is down.
    pub fn machine(&self, node: NodeId) -> Option<&M> {
        self.machines.get(node.index())?.as_ref()
    }

    /// What a node has made durable.
    pub fn disk(&self, node: NodeId) -> Option<&M::Disk> {
        Some(&self.hosts.get(node.index())?.disk)
    }

    /// Whether a node runs.
    pub fn status(&self, node: NodeId) -> Option<Status> {
        Some(self.hosts.get(node.index())?.status)
    }

    /// What a node's own clocks show now.
    pub fn clock(&self, node: NodeId) -> Option<LocalTime> {
        Some(self.hosts.get(node.index())?.clock.read(self.core.now))
    }

    /// A node's armed timers, with the true time at which each runs out.
    pub fn armed(&self, node: NodeId) -> impl Iterator<Item = (&M::Timer, Time)> {
        self.hosts.get(node.index()).into_iter().flat_map(|host| host.timers.armed())
    }

    /// The invariants, with what they remember.
    pub fn invariants(&self) -> &I {
        &self.invariants
    }

    /// The trace so far, if the run is [traced](super::Setup::traced).
    pub fn recording(&self) -> Option<&Recording<M>> {
        self.core.recording.as_ref()
    }

    /// The trace, taken out of the run.
    pub fn into_recording(self) -> Option<Recording<M>> {
        self.core.recording
    }

    /// How many arrivals, firings, faults and other events there were.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// Messages, requests and answers on their way, without held ones.
    pub fn in_flight(&self) -> usize {
        self.network.in_flight()
    }

    /// Whether a message is on its way, or something is due at this very instant.
    pub fn is_busy(&self) -> bool {
        self.in_flight() > 0 || self.core.agenda.next_at().is_some_and(|next| next <= self.core.now)
    }

    /// What the network is like now.
    pub fn conditions(&self) -> Conditions {
        self.network.links.conditions()
    }

    /// What became of a client's requests.
    pub fn tally(&self, client: ClientId) -> Tally {
        self.clients.get(client.index()).map(|client| client.tally).unwrap_or_default()
    }

    /// A client's final answers so far, in order.
    pub fn answers(&self, client: ClientId) -> &[(Ticket, M::Reply)] {
        self.clients.get(client.index()).map_or(&[], |client| &client.answers)
    }

    /// What all clients asked for and were told so far, in the order in which it happened to them.
    pub fn heard(&self) -> &[Heard<M>] {
        &self.core.heard
    }

    /// Whether no client waits for anything.
    pub fn clients_are_idle(&self) -> bool {
        self.clients.iter().all(Client::is_idle)
    }
}
