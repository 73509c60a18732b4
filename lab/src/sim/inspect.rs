//! Inspection of a world.

use quorate_protocol::{
    ClientEvent, ClientId, Clock, Constants, Context, Invariant, Leads, LocalTime, Machine, Names, NodeId, RequestId,
    Time,
};

use super::client::Client;
use super::world::World;
use crate::env::{ClientStats, Conditions, Status};
use crate::trace::{EventId, Recording};

impl<M: Machine, I: Invariant<M>> World<M, I> {
    /// Returns the driver's time.
    pub fn now(&self) -> Time {
        self.core.now
    }

    /// Returns the names of nodes and clients.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// Returns the configuration of nodes without one of their own.
    pub fn config(&self) -> &M::Config {
        self.constants.config()
    }

    /// Returns the configuration and rulebook of the nodes.
    pub fn constants(&self) -> &Constants<M> {
        &self.constants
    }

    /// Sets the rulebook of one node, from its next step on.
    pub fn rule(&mut self, node: NodeId, rules: M::Rulebook) {
        self.constants.rule(node, rules);
    }

    /// Returns the context that a step of a node would get now. For an unknown node, the defaults
    /// of all nodes apply.
    pub fn context(&self, node: NodeId) -> Context<'_, M> {
        let reading = self.hosts.get(node.index()).map_or_else(Default::default, |host| host.clock.read(self.core.now));
        self.constants.of(node, M::Clock::read(reading))
    }

    /// Returns a node's view, as shown in a state panel, unless the node is down.
    pub fn view(&self, node: NodeId) -> Option<M::View> {
        Some(self.machine(node)?.view(&self.context(node)))
    }

    /// Returns the machines of all nodes, ordered by id; `None` for a node that is down.
    pub fn machines(&self) -> &[Option<M>] {
        &self.machines
    }

    /// Returns the machines of all nodes that are up or paused, with their ids.
    pub fn up(&self) -> impl Iterator<Item = (NodeId, &M)> {
        (0..).map(NodeId).zip(&self.machines).filter_map(|(node, machine)| Some((node, machine.as_ref()?)))
    }

    /// Returns a node's machine, unless the node is down.
    pub fn machine(&self, node: NodeId) -> Option<&M> {
        self.machines.get(node.index())?.as_ref()
    }

    /// Returns a node's durable state.
    pub fn disk(&self, node: NodeId) -> Option<&M::Disk> {
        Some(&self.hosts.get(node.index())?.disk)
    }

    /// Returns the status of a node.
    pub fn status(&self, node: NodeId) -> Option<Status> {
        Some(self.hosts.get(node.index())?.status)
    }

    /// Returns the distance in nanoseconds by which a node's wall clock must be moved to show that
    /// time.
    pub fn clock_distance(&self, node: NodeId, wall: Time) -> Option<i128> {
        Some(self.hosts.get(node.index())?.clock.distance(self.core.now, wall))
    }

    /// Returns the current readings of a node's own clocks.
    pub fn clock(&self, node: NodeId) -> Option<LocalTime> {
        Some(self.hosts.get(node.index())?.clock.read(self.core.now))
    }

    /// Returns a node's armed timers, with the true time at which each fires.
    pub fn armed(&self, node: NodeId) -> impl Iterator<Item = (&M::Timer, Time)> {
        self.armed_by(node).map(|(timer, due, _)| (timer, due))
    }

    /// Returns a node's armed timers, with the true time at which each fires, and the event that
    /// armed it, if the run is traced.
    pub fn armed_by(&self, node: NodeId) -> impl Iterator<Item = (&M::Timer, Time, Option<EventId>)> {
        self.hosts.get(node.index()).into_iter().flat_map(|host| host.timers.armed())
    }

    /// Whether messages from one node do not reach another: their link is cut, or a partition is
    /// between them.
    pub fn is_cut(&self, from: NodeId, to: NodeId) -> bool {
        self.network.links.is_cut(from, to)
    }

    /// Returns the names of the invariants that are no longer checked, because a violation was
    /// [accepted](World::accept_violation).
    pub fn accepted(&self) -> &[&'static str] {
        &self.accepted
    }

    /// Returns the invariants, with their state.
    pub fn invariants(&self) -> &I {
        &self.invariants
    }

    /// Returns the trace so far, if the run is [traced](super::Setup::traced).
    pub fn recording(&self) -> Option<&Recording<M>> {
        self.core.recording.as_ref()
    }

    /// Consumes the world and returns the trace.
    pub fn into_recording(self) -> Option<Recording<M>> {
        self.core.recording
    }

    /// Returns the number of events so far: deliveries, timers, faults and others.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// Returns the number of messages, requests and replies in flight, without held ones.
    pub fn in_flight(&self) -> usize {
        self.network.in_flight()
    }

    /// Returns the time of the next event, if any is scheduled.
    pub fn next_at(&self) -> Option<Time> {
        self.core.queue.next_at()
    }

    /// Whether a message is in flight, or an event is scheduled for this very time.
    pub fn is_busy(&self) -> bool {
        self.in_flight() > 0 || self.core.queue.next_at().is_some_and(|next| next <= self.core.now)
    }

    /// Returns the current conditions of the network.
    pub fn conditions(&self) -> Conditions {
        self.network.links.conditions()
    }

    /// Returns the counts of a client's requests.
    pub fn client_stats(&self, client: ClientId) -> ClientStats {
        self.clients.get(client.index()).map(|client| client.stats).unwrap_or_default()
    }

    /// Returns a client's final replies so far, in order.
    pub fn answers(&self, client: ClientId) -> &[(RequestId, M::Reply)] {
        self.clients.get(client.index()).map_or(&[], |client| &client.answers)
    }

    /// Returns the requests and replies of all clients so far, in order of time.
    pub fn heard(&self) -> &[ClientEvent<M>] {
        &self.core.heard
    }

    /// Whether no client has a pending request.
    pub fn clients_are_idle(&self) -> bool {
        self.clients.iter().all(Client::is_idle)
    }
}

impl<M: Leads, I: Invariant<M>> World<M, I> {
    /// Returns the node that leads. If several nodes believe that they do, it is the one of the
    /// newest [epoch](Leads::Epoch); nodes that are down do not lead.
    ///
    /// ```
    /// use quorate_lab::sim::Setup;
    /// use quorate_protocol::{Duration, Names};
    /// use quorate_raft::{Counter, Raft, Settings};
    ///
    /// let names = Names::new(["ann", "bob", "cat"], ["client"]);
    /// let mut world = Setup::<Raft<Counter>>::new("raft", names, Settings::nodes(3).build()?).start();
    /// assert_eq!(world.leader(), None, "nobody is elected yet");
    /// world.run_for(Duration::from_secs(2))?;
    /// let leader = world.leader().expect("somebody is elected");
    /// assert!(world.machine(leader).is_some_and(Raft::is_leader));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn leader(&self) -> Option<NodeId> {
        self.leaders().max_by(|(_, one), (_, other)| one.cmp(other)).map(|(node, _)| node)
    }

    /// Returns the nodes that believe they lead, each with its epoch, ordered by id.
    pub fn leaders(&self) -> impl Iterator<Item = (NodeId, M::Epoch)> {
        self.up().filter_map(|(node, machine)| Some((node, machine.leads(&self.context(node))?)))
    }
}
