//! The world: nodes, clients and network, driven through virtual time.

use quorate_protocol::{
    Broken, ClientId, Constants, Duration, Heard, Invariant, Machine, Names, NodeId, Outbox, Ticket, Time, Unexplained,
    Word,
};

use super::client::Client;
use super::core::{Core, Due};
use super::halt::{Halt, Violation};
use super::host::Host;
use super::network::{Fate, Network, Passing};
use super::setup::Setup;
use super::step::Heading;
use crate::env::{Fault, Misfit, Patience, Status};
use crate::telling::Target;
use crate::trace::{About, Happened, Recording};

/// So many things due at once are taken for a flood: some node sends without bound.
const FLOOD: usize = 1 << 20;

/// A running simulation.
///
/// Same setup, same calls, same seed: the same run, to the last byte of its trace. A run ends at the first
/// [`Violation`]; from then on every attempt to go on returns it again.
pub struct World<M: Machine, I: Invariant<M> = ()> {
    pub(super) core: Core<M>,
    pub(super) network: Network<M>,
    pub(super) machines: Vec<Option<M>>,
    pub(super) hosts: Vec<Host<M>>,
    pub(super) clients: Vec<Client<M>>,
    pub(super) constants: Constants<M>,
    pub(super) names: Names,
    pub(super) out: Outbox<M>,
    /// Room that every traced step uses again.
    pub(super) headings: Vec<Heading<M::Rule>>,
    pub(super) invariants: I,
    /// Where steps are told for `tracing`, if anybody listens.
    pub(super) told: Option<Target>,
    pub(super) events: u64,
    /// Requests and faults that are planned and not yet due.
    planned: usize,
    /// Whether timers wait for somebody to make them run out.
    pub(super) by_hand: bool,
    violation: Option<Violation>,
}

impl<M: Machine, I: Invariant<M>> World<M, I> {
    pub(super) fn new(setup: Setup<M>, invariants: I) -> Self {
        let Setup { protocol, title, names, constants, mut disks, seed, conditions, patience, traced, by_hand } = setup;
        let (nodes, clients) = (names.nodes().len(), names.clients().len());
        let told = Some(Target::of::<M>()).filter(|target| target.is_heard());
        let about = About { protocol, title, seed: Some(seed), names: names.clone() };
        let mut world = World {
            core: Core::new(traced.then(|| Recording::new(about))),
            network: Network::new(nodes, clients, seed, conditions).by_hand(by_hand),
            by_hand,
            machines: (0..nodes).map(|_| None).collect(),
            hosts: (0..nodes as u32).map(NodeId).map(|node| Host::new(node, seed, disks.remove(&node))).collect(),
            clients: (0..clients as u32).map(|id| Client::new(ClientId(id), nodes, patience)).collect(),
            constants,
            names,
            out: if traced || told.is_some() { Outbox::explaining() } else { Outbox::new() },
            headings: Vec::new(),
            told,
            invariants,
            events: 0,
            planned: 0,
            violation: None,
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

    /// From now on a client behaves like this.
    pub fn set_patience(&mut self, client: ClientId, patience: Patience) {
        if let Some(client) = self.clients.get_mut(client.index()) {
            client.set_patience(patience);
        }
    }

    /// Gives a client something to ask for at a time: of that node, or of the one it prefers. A time that is past means now.
    pub fn ask_at(&mut self, at: Time, client: ClientId, to: Option<NodeId>, command: M::Command) {
        self.planned += 1;
        self.core.agenda.plan(at.max(self.core.now), Due::Ask { client: client.0, to, command });
    }

    /// Gives a client something to ask for now.
    pub fn ask(&mut self, client: ClientId, to: Option<NodeId>, command: M::Command) {
        self.ask_at(self.core.now, client, to, command);
    }

    /// Lets a client ask a node for something at this instant, past the network and past what it may be waiting for. It
    /// does not ask again, and the answer reaches it at once: for stories that are about nodes, told step by step.
    ///
    /// # Errors
    /// [`Misfit`] if there is no such client or node or the node is not up, [`Violation`] if the step breaks an invariant.
    pub fn prompt(&mut self, client: ClientId, to: NodeId, command: M::Command) -> Result<(), Halt> {
        self.may_prompt(to)?;
        let asking = self.clients.get_mut(client.index()).ok_or(Misfit::NoSuchClient(client))?;
        let ticket = asking.prompt();
        self.core.hear(ticket, Word::Asks(command.clone()));
        self.put(ticket, to, command)
    }

    /// A request reaches its node past the network.
    pub(super) fn put(&mut self, ticket: Ticket, to: NodeId, command: M::Command) -> Result<(), Halt> {
        let client = ticket.client;
        self.events += 1;
        let msg = self.core.next_msg();
        let sent =
            self.core.record(Some(client.into()), None, || Happened::Ask { msg, to, ticket, command: command.clone() });
        self.network.took_off();
        let result = self.names.clone().scope(|| self.request((msg, sent), to, ticket, command));
        self.keep(result.map_err(Halt::from))
    }

    /// Plans a fault. One that makes no sense when its time comes (restarting what is up) is passed over.
    pub fn inject_at(&mut self, at: Time, fault: Fault) {
        self.planned += 1;
        self.core.agenda.plan(at.max(self.core.now), Due::Fault(Box::new(fault)));
    }

    /// Makes something go wrong, or right, now.
    ///
    /// # Errors
    /// [`Misfit`] if it makes no sense, [`Violation`] if it breaks an invariant (a restart can).
    pub fn inject(&mut self, fault: Fault) -> Result<(), Halt> {
        self.unbroken()?;
        let result = self.names.clone().scope(|| self.befall(fault));
        self.keep(result)
    }

    /// Makes an armed timer run out next. Returns whether it was armed.
    pub fn hasten(&mut self, node: NodeId, timer: &M::Timer) -> bool {
        let now = self.core.now;
        let Some(entry) = self.hosts.get_mut(node.index()).and_then(|host| host.timers.hasten(timer, now)) else {
            return false;
        };
        self.core.agenda.plan(entry.at, Due::Timer { node, slot: entry.slot, turn: entry.turn });
        true
    }

    /// From now on this decides about every message between two different nodes that are not cut off from each other.
    pub fn intercept(&mut self, decide: impl FnMut(&Passing<'_, M>) -> Fate + 'static) {
        self.network.intercept(Some(Box::new(decide)));
    }

    /// From now on chance decides again about every message.
    pub fn intercept_none(&mut self) {
        self.network.intercept(None);
    }

    /// How many messages are held.
    pub fn held(&self) -> usize {
        self.network.held()
    }

    /// Lets those held messages arrive that `which` picks. Returns how many.
    pub fn release(&mut self, which: impl FnMut(&Passing<'_, M>) -> bool) -> usize {
        self.network.release(&mut self.core, which)
    }

    /// Adds a line of narration to the trace.
    pub fn note(&mut self, text: &str) {
        self.core.record(None, None, || Happened::Note(text.to_owned()));
    }

    /// Does what is due next. Returns when that was, or `None` if nothing is due ever again.
    ///
    /// # Errors
    /// The [`Violation`] that ended the run, now or earlier.
    pub fn step(&mut self) -> Result<Option<Time>, Violation> {
        self.names.clone().scope(|| self.advance(Time::MAX))
    }

    /// Does all that is due until then, then lets the time be that.
    ///
    /// # Errors
    /// The [`Violation`] that ended the run, now or earlier.
    pub fn run_until(&mut self, end: Time) -> Result<(), Violation> {
        self.run_while(end, |_| true)?;
        self.core.now = self.core.now.max(end);
        Ok(())
    }

    /// The same for a span from now.
    ///
    /// # Errors
    /// The [`Violation`] that ended the run, now or earlier.
    pub fn run_for(&mut self, span: Duration) -> Result<(), Violation> {
        self.run_until(self.core.now + span)
    }

    /// Does one thing after the other while the condition holds and something is due until then. Returns whether the condition still holds.
    ///
    /// # Errors
    /// The [`Violation`] that ended the run, now or earlier.
    pub fn run_while(&mut self, end: Time, mut condition: impl FnMut(&Self) -> bool) -> Result<bool, Violation> {
        self.names.clone().scope(|| {
            while condition(self) {
                if self.advance(end)?.is_none() {
                    return Ok(true);
                }
            }
            Ok(false)
        })
    }

    /// Runs until no message is on its way, but not past `end`. Timers may be armed still. Returns whether it came to that.
    ///
    /// # Errors
    /// The [`Violation`] that ended the run, now or earlier.
    pub fn settle(&mut self, end: Time) -> Result<bool, Violation> {
        self.run_while(end, World::is_busy)?;
        Ok(self.in_flight() == 0)
    }

    /// Puts everything right: links restored, no more loss, a healthy latency, clocks at their proper rate, nodes resumed and restarted.
    ///
    /// # Errors
    /// The [`Violation`] that ended the run, now or earlier.
    pub fn heal_everything(&mut self) -> Result<(), Violation> {
        let weather = Fault::Weather(self.network.links.conditions().calmed());
        let mut faults = vec![Fault::Heal, weather];
        for node in (0..self.hosts.len() as u32).map(NodeId) {
            let host = &mut self.hosts[node.index()];
            host.doom = None;
            match host.status {
                Status::Up => {}
                Status::Paused => faults.push(Fault::Resume(node)),
                Status::Down => faults.push(Fault::Restart(node)),
            }
            faults.push(Fault::Drift { node, ppm: 0 });
        }
        for fault in faults {
            match self.inject(fault) {
                Err(Halt::Violation(violation)) => return Err(violation),
                Ok(()) | Err(Halt::Misfit(_)) => {}
            }
        }
        Ok(())
    }

    /// Asks the invariants about what clients asked for and were told so far: the end of a run, as
    /// far as they can tell.
    ///
    /// # Errors
    /// The [`Violation`] that ended the run earlier, or that shows in an answer: then its time is
    /// that of the answer.
    pub fn judge_answers(&mut self) -> Result<(), Violation> {
        if let Some(violation) = &self.violation {
            return Err(violation.clone());
        }
        let World { names, invariants, core, .. } = self;
        let Err(Unexplained { place, broken }) = names.scope(|| invariants.conclude(&core.heard)) else {
            return Ok(());
        };
        let (at, node) = match core.heard.get(place) {
            Some(Heard { at, word: Word::Told { by, .. }, .. }) => (*at, *by),
            _ => (core.now, NodeId(0)),
        };
        let violation = Violation { at, ..self.violate(node, broken) };
        self.violation = Some(violation.clone());
        Err(violation)
    }

    /// Does the next thing that is due until `end`, if any.
    fn advance(&mut self, end: Time) -> Result<Option<Time>, Violation> {
        if let Some(violation) = &self.violation {
            return Err(violation.clone());
        }
        if self.core.agenda.next_at().is_none_or(|next| next > end) {
            return Ok(None);
        }
        let Some((at, due)) = self.core.agenda.pop() else { return Ok(None) };
        self.core.now = at;
        self.events += 1;
        self.planned -= usize::from(matches!(due, Due::Ask { .. } | Due::Fault(_)));
        // What somebody has planned from outside was not sent by any node.
        let result = if self.core.agenda.len() - self.planned > FLOOD { Err(self.flood()) } else { self.perform(due) };
        if let Err(violation) = result {
            self.violation = Some(violation.clone());
            return Err(violation);
        }
        Ok(Some(at))
    }

    fn perform(&mut self, due: Due<M>) -> Result<(), Violation> {
        match due {
            Due::Message(envelope) => self.arrive(envelope),
            Due::Timer { node, slot, turn } => self.run_out(node, slot, turn),
            Due::Request { msg, cause, to, ticket, command } => self.request((msg, cause), to, ticket, command),
            Due::Answer { msg, cause, from, ticket, reply } => {
                self.network.landed();
                if let Some(client) = self.clients.get_mut(ticket.client.index()) {
                    client.hear(&mut self.core, &mut self.network, (msg, cause), from, (ticket, reply));
                }
                Ok(())
            }
            Due::Patience { client, turn } => {
                if let Some(client) = self.clients.get_mut(client as usize) {
                    client.lose_patience(&mut self.core, &mut self.network, turn);
                }
                Ok(())
            }
            Due::Ask { client, to, command } => {
                if let Some(client) = self.clients.get_mut(client as usize) {
                    client.ask(&mut self.core, &mut self.network, to, command);
                }
                Ok(())
            }
            Due::Fault(fault) => match self.befall(*fault) {
                Err(Halt::Violation(violation)) => Err(violation),
                Ok(()) | Err(Halt::Misfit(_)) => Ok(()),
            },
        }
    }

    fn flood(&mut self) -> Violation {
        let detail = format!("over {FLOOD} messages and timers are due at once: some node sends without bound");
        self.violate(NodeId(0), Broken::new("BoundedSending", detail))
    }

    /// Records a violation.
    pub(super) fn violate(&mut self, node: NodeId, broken: Broken) -> Violation {
        self.core.record(Some(node.into()), None, || Happened::Violation(broken.clone()));
        Violation { at: self.core.now, node, broken }
    }

    pub(super) fn unbroken(&self) -> Result<(), Halt> {
        match &self.violation {
            Some(violation) => Err(Halt::Violation(violation.clone())),
            None => Ok(()),
        }
    }

    fn keep(&mut self, result: Result<(), Halt>) -> Result<(), Halt> {
        if let Err(Halt::Violation(violation)) = &result {
            self.violation = Some(violation.clone());
        }
        result
    }
}
