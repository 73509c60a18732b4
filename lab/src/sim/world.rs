//! The world: nodes, clients and network, driven through virtual time.

use quorate_protocol::{
    ClientEvent, ClientEventKind, ClientId, Constants, Duration, Invariant, InvariantViolation, Machine, Names, NodeId,
    Outbox, RequestId, Time, Unexplained,
};

use super::client::Client;
use super::core::{ClientContent, ClientEnvelope, Core, Scheduled};
use super::host::Host;
use super::network::{ClientInFlight, Delivery, InFlight, Network};
use super::run_error::{RunError, Violation};
use super::setup::Setup;
use super::step::RuleSpan;
use crate::env::{Fault, InjectError, QueueOf, RetryPolicy, Status};
use crate::trace::{Recording, RunInfo, TypedEvent};
use crate::tracing_events::Target;

/// Maximum number of pending events: more mean that some node sends without bound.
const FLOOD: usize = 1 << 20;

/// Condition on a world. It is not a type parameter where much code would be compiled for each.
pub(super) type Condition<'a, M, I> = &'a mut dyn FnMut(&World<M, I>) -> bool;

/// A running simulation.
///
/// The same setup, calls and seed give the same run, byte by byte of its trace. A run ends at the
/// first [`Violation`]; afterwards every attempt to continue returns it again.
pub struct World<M: Machine, I: Invariant<M> = ()> {
    pub(super) core: Core<M>,
    pub(super) network: Network<M>,
    pub(super) machines: Vec<Option<M>>,
    pub(super) hosts: Vec<Host<M>>,
    pub(super) clients: Vec<Client<M>>,
    pub(super) constants: Constants<M>,
    pub(super) names: Names,
    pub(super) out: Outbox<M>,
    /// Buffer that traced steps reuse.
    pub(super) rule_spans: Vec<RuleSpan<M::Rule>>,
    pub(super) invariants: I,
    /// Target of `tracing` events, if enabled.
    pub(super) told: Option<Target>,
    pub(super) events: u64,
    /// Number of requests and faults that are scheduled from outside.
    planned: usize,
    /// Whether timers only fire manually.
    pub(super) manual: bool,
    violation: Option<Violation>,
    /// Names of invariants that were broken, and with which the run went on.
    pub(super) accepted: Vec<&'static str>,
}

impl<M: Machine, I: Invariant<M>> World<M, I> {
    pub(super) fn new(setup: Setup<M>, invariants: I) -> Self {
        let Setup { protocol, title, names, constants, mut disks, seed, conditions, .. } = setup;
        let Setup { wall_clock, retry_policy, traced, manual, .. } = setup;
        let (nodes, clients) = (names.nodes().len(), names.clients().len());
        let told = Some(Target::of::<M>()).filter(|target| target.is_enabled());
        let about = RunInfo { protocol, title, seed: Some(seed), names: names.clone() };
        let mut world = World {
            core: Core::new(traced.then(|| Recording::new(about))),
            network: Network::new(nodes, clients, seed, conditions).manual(manual),
            manual,
            machines: (0..nodes).map(|_| None).collect(),
            hosts: (0..nodes as u32)
                .map(NodeId)
                .map(|node| Host::new(node, seed, wall_clock, disks.remove(&node)))
                .collect(),
            clients: (0..clients as u32).map(|id| Client::new(ClientId(id), nodes, retry_policy)).collect(),
            constants,
            names,
            out: if traced || told.is_some() { Outbox::explaining() } else { Outbox::new() },
            rule_spans: Vec::new(),
            told,
            invariants,
            events: 0,
            planned: 0,
            violation: None,
            accepted: Vec::new(),
        };
        world.names.clone().scope(|| {
            for node in 0..nodes as u32 {
                if world.violation.is_none()
                    && let Err(violation) = world.boot(NodeId(node))
                {
                    world.violation = Some(violation);
                }
            }
        });
        world
    }

    /// Sets the retry policy of a client.
    pub fn set_retry_policy(&mut self, client: ClientId, retry_policy: RetryPolicy) {
        if let Some(client) = self.clients.get_mut(client.index()) {
            client.set_retry_policy(retry_policy);
        }
    }

    /// Schedules a request of a client: to that node, or to its preferred one. A time in the past
    /// means now.
    pub fn ask_at(&mut self, at: Time, client: ClientId, to: Option<NodeId>, command: M::Command) {
        self.planned += 1;
        self.core.queue.schedule(at.max(self.core.now), Scheduled::Ask { client: client.0, to, command });
    }

    /// Schedules a request of a client for now.
    pub fn ask(&mut self, client: ClientId, to: Option<NodeId>, command: M::Command) {
        self.ask_at(self.core.now, client, to, command);
    }

    /// Injects a request of a client into a node now, bypassing the network and the client's queue.
    /// It is not retried, and the reply reaches the client at once: for step-by-step scenarios
    /// about nodes.
    ///
    /// # Errors
    /// [`InjectError`] if the client or node does not exist or the node is not up, [`Violation`] if
    /// the step violates an invariant.
    pub fn inject_request(&mut self, client: ClientId, to: NodeId, command: M::Command) -> Result<(), RunError> {
        self.can_inject_request(to)?;
        let client = self.clients.get_mut(client.index()).ok_or(InjectError::NoSuchClient(client))?;
        let ticket = client.register_injected();
        self.core.hear(ticket, ClientEventKind::Invocation(command.clone()));
        self.deliver_request(ticket, to, command)
    }

    /// Delivers a request to its node, bypassing the network.
    pub(super) fn deliver_request(
        &mut self,
        ticket: RequestId,
        to: NodeId,
        command: M::Command,
    ) -> Result<(), RunError> {
        let client = ticket.client;
        self.events += 1;
        let msg = self.core.next_msg();
        let sent = self.core.record(Some(client.into()), None, || TypedEvent::Ask {
            msg,
            to,
            ticket,
            command: command.clone(),
        });
        self.network.add_in_flight();
        let result = self.names.clone().scope(|| self.request((msg, sent), to, ticket, command));
        self.keep(result.map_err(RunError::from))
    }

    /// Schedules a fault. It is skipped if it is not applicable at that time (a restart of a node
    /// that is up).
    pub fn inject_at(&mut self, at: Time, fault: Fault) {
        self.planned += 1;
        self.core.queue.schedule(at.max(self.core.now), Scheduled::Fault(Box::new(fault)));
    }

    /// Applies a fault now.
    ///
    /// # Errors
    /// [`InjectError`] if it is not applicable, [`Violation`] if it violates an invariant (a
    /// restart can).
    pub fn inject(&mut self, fault: Fault) -> Result<(), RunError> {
        self.unbroken()?;
        let result = self.names.clone().scope(|| self.apply_fault(fault));
        self.keep(result)
    }

    /// Makes an armed timer fire next. Returns whether it was armed.
    pub fn fire_next(&mut self, node: NodeId, timer: &M::Timer) -> bool {
        let now = self.core.now;
        let Some(entry) = self.hosts.get_mut(node.index()).and_then(|host| host.timers.fire_next(timer, now)) else {
            return false;
        };
        self.core.queue.schedule(entry.at, Scheduled::Timer { node, slot: entry.slot, turn: entry.turn });
        true
    }

    /// Sets a callback that decides the delivery of every message between two different nodes,
    /// unless their link is cut.
    pub fn intercept(&mut self, decide: impl FnMut(&InFlight<'_, M>) -> Delivery + 'static) {
        self.network.intercept(Some(Box::new(decide)));
    }

    /// Sets a callback that decides the delivery of every request and every reply that a client and
    /// a node send each other. A request that is [injected](Self::inject_request) and its reply
    /// pass no network.
    pub fn intercept_clients(&mut self, decide: impl FnMut(&ClientInFlight<'_, M>) -> Delivery + 'static) {
        self.network.intercept_clients(Some(Box::new(decide)));
    }

    /// Removes both callbacks: delivery is random again.
    pub fn intercept_none(&mut self) {
        self.network.intercept(None);
        self.network.intercept_clients(None);
    }

    /// Returns the number of held messages.
    pub fn held(&self) -> usize {
        self.network.held()
    }

    /// Delivers the held messages that `which` selects. Returns their number.
    pub fn release(&mut self, which: impl FnMut(&InFlight<'_, M>) -> bool) -> usize {
        self.network.release(&mut self.core, which)
    }

    /// Delivers the held requests and replies of clients that `which` selects. Returns their
    /// number.
    pub fn release_clients(&mut self, which: impl FnMut(&ClientInFlight<'_, M>) -> bool) -> usize {
        self.network.release_clients(&mut self.core, which)
    }

    /// Adds a note to the trace.
    pub fn note(&mut self, text: &str) {
        self.core.record(None, None, || TypedEvent::Note(text.to_owned()));
    }

    /// Handles the next event. Returns its time, or `None` if no event is scheduled.
    ///
    /// # Errors
    /// The [`Violation`] that ended the run, now or earlier.
    pub fn step(&mut self) -> Result<Option<Time>, Violation> {
        self.names.clone().scope(|| self.advance(Time::MAX))
    }

    /// Handles all events until `end`, then advances the time to it.
    ///
    /// # Errors
    /// The [`Violation`] that ended the run, now or earlier.
    pub fn run_until(&mut self, end: Time) -> Result<(), Violation> {
        self.run_while(end, |_| true)?;
        self.core.now = self.core.now.max(end);
        Ok(())
    }

    /// Runs for a duration from now.
    ///
    /// # Errors
    /// The [`Violation`] that ended the run, now or earlier.
    pub fn run_for(&mut self, span: Duration) -> Result<(), Violation> {
        self.run_until(self.core.now + span)
    }

    /// Handles events until `end` while the condition holds. Returns whether it still holds.
    ///
    /// # Errors
    /// The [`Violation`] that ended the run, now or earlier.
    pub fn run_while(&mut self, end: Time, mut condition: impl FnMut(&Self) -> bool) -> Result<bool, Violation> {
        self.run_on(end, &mut condition)
    }

    /// [`run_while`](Self::run_while), compiled once for all conditions.
    fn run_on(&mut self, end: Time, condition: Condition<'_, M, I>) -> Result<bool, Violation> {
        self.names.clone().scope(|| {
            while condition(self) {
                if self.advance(end)?.is_none() {
                    return Ok(true);
                }
            }
            Ok(false)
        })
    }

    /// Runs until no message is in flight, but not past `end`. Timers may still be armed. Returns
    /// whether none is in flight.
    ///
    /// # Errors
    /// The [`Violation`] that ended the run, now or earlier.
    pub fn settle(&mut self, end: Time) -> Result<bool, Violation> {
        self.run_while(end, World::is_busy)?;
        Ok(self.in_flight() == 0)
    }

    /// Heals everything: links restored, no loss, a healthy latency, no queues, clocks without
    /// drift, nodes resumed and restarted, and without a service time.
    ///
    /// # Errors
    /// The [`Violation`] that ended the run, now or earlier.
    pub fn heal_everything(&mut self) -> Result<(), Violation> {
        let conditions = Fault::SetConditions(self.network.links.conditions().healed());
        let unqueued = Fault::SetQueue { of: QueueOf::All, queue: None };
        let mut faults = vec![Fault::Heal, conditions, unqueued];
        for node in (0..self.hosts.len() as u32).map(NodeId) {
            let host = &mut self.hosts[node.index()];
            host.pending_crash = None;
            match host.status {
                Status::Up => {}
                Status::Paused => faults.push(Fault::Resume(node)),
                Status::Down => faults.push(Fault::Restart(node)),
            }
            faults.push(Fault::Drift { node, ppm: 0 });
            faults.push(Fault::SetService { node, service: None });
        }
        for fault in faults {
            match self.inject(fault) {
                Err(RunError::Violation(violation)) => return Err(violation),
                Ok(()) | Err(RunError::Refused(_)) => {}
            }
        }
        Ok(())
    }

    /// Lets the invariants check the requests and replies of clients so far, as at the end of a
    /// run.
    ///
    /// # Errors
    /// The [`Violation`] that ended the run earlier, or that shows in a reply: then its time is
    /// that of the reply.
    pub fn check_replies(&mut self) -> Result<(), Violation> {
        if let Some(violation) = &self.violation {
            return Err(violation.clone());
        }
        let World { names, invariants, core, .. } = self;
        let Err(Unexplained { place, broken }) = names.scope(|| invariants.conclude(&core.heard)) else {
            return Ok(());
        };
        if self.accepted.contains(&broken.invariant) {
            return Ok(());
        }
        let (at, node) = match core.heard.get(place) {
            Some(ClientEvent { at, kind: ClientEventKind::Response { by, .. }, .. }) => (*at, *by),
            _ => (core.now, NodeId(0)),
        };
        let violation = Violation { at, ..self.violate(node, broken) };
        self.violation = Some(violation.clone());
        Err(violation)
    }

    /// Goes on after the violation that ended the run: from now on neither its invariant nor the
    /// ones named are checked. Returns the violation; `None`, and no change, if there is none.
    pub fn accept_violation(&mut self, also: impl IntoIterator<Item = &'static str>) -> Option<Violation> {
        let violation = self.violation.take()?;
        self.accepted.push(violation.broken.invariant);
        self.accepted.extend(also);
        Some(violation)
    }

    /// Handles the next event until `end`, if there is one.
    fn advance(&mut self, end: Time) -> Result<Option<Time>, Violation> {
        if let Some(violation) = &self.violation {
            return Err(violation.clone());
        }
        if self.core.queue.next_at().is_none_or(|next| next > end) {
            return Ok(None);
        }
        let Some((at, due)) = self.core.queue.pop() else { return Ok(None) };
        self.core.now = at;
        self.events += 1;
        self.planned -= usize::from(matches!(due, Scheduled::Ask { .. } | Scheduled::Fault(_)));
        // Events that were scheduled from outside do not count: no node has sent them.
        let result = if self.core.queue.len() - self.planned > FLOOD { Err(self.flood()) } else { self.perform(due) };
        if let Err(violation) = result {
            self.violation = Some(violation.clone());
            return Err(violation);
        }
        Ok(Some(at))
    }

    pub(super) fn perform(&mut self, due: Scheduled<M>) -> Result<(), Violation> {
        match due {
            Scheduled::Message(envelope) => self.arrive(envelope),
            Scheduled::Timer { node, slot, turn } => self.run_out(node, slot, turn),
            Scheduled::Done { node, turn } => self.done(node, turn),
            Scheduled::Client(ClientEnvelope { msg, cause, node, ticket, content }) => match content {
                ClientContent::Request(command) => self.request((msg, cause), node, ticket, command),
                ClientContent::Reply(reply) => {
                    self.network.remove_in_flight();
                    if let Some(client) = self.clients.get_mut(ticket.client.index()) {
                        client.hear(&mut self.core, &mut self.network, (msg, cause), node, (ticket, reply));
                    }
                    Ok(())
                }
            },
            Scheduled::ClientTimeout { client, turn } => {
                if let Some(client) = self.clients.get_mut(client as usize) {
                    client.on_timeout(&mut self.core, &mut self.network, turn);
                }
                Ok(())
            }
            Scheduled::Ask { client, to, command } => {
                if let Some(client) = self.clients.get_mut(client as usize) {
                    client.ask(&mut self.core, &mut self.network, to, command);
                }
                Ok(())
            }
            Scheduled::Fault(fault) => match self.apply_fault(*fault) {
                Err(RunError::Violation(violation)) => Err(violation),
                Ok(()) | Err(RunError::Refused(_)) => Ok(()),
            },
        }
    }

    fn flood(&mut self) -> Violation {
        let detail =
            format!("more than {FLOOD} messages and timers are due at the same time: a node sends without bound");
        self.violate(NodeId(0), InvariantViolation::new("BoundedSending", detail))
    }

    /// Records a violation.
    pub(super) fn violate(&mut self, node: NodeId, broken: InvariantViolation) -> Violation {
        self.core.record(Some(node.into()), None, || TypedEvent::Violation(broken.clone()));
        Violation { at: self.core.now, node, broken }
    }

    pub(super) fn unbroken(&self) -> Result<(), RunError> {
        match &self.violation {
            Some(violation) => Err(RunError::Violation(violation.clone())),
            None => Ok(()),
        }
    }

    pub(super) fn keep(&mut self, result: Result<(), RunError>) -> Result<(), RunError> {
        if let Err(RunError::Violation(violation)) = &result {
            self.violation = Some(violation.clone());
        }
        result
    }
}
