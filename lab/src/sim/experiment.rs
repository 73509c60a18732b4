//! A random run as a value: requests, faults and invariants. It is repeatable, and can be shrunk.

use std::collections::BTreeSet;

use quorate_protocol::{ClientId, Duration, Invariant, Machine, NodeId, Time};

use super::message_fault::{MessageFault, MessageFaultLog};
use super::run_error::Violation;
use super::setup::Setup;
use super::world::{Condition, World};
use crate::Stop;
use crate::env::Fault;

/// A request of a client.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ClientRequest<C> {
    /// The time at which it is made.
    pub at: Time,
    /// The client.
    pub client: ClientId,
    /// The node; `None` leaves it to the client.
    pub of: Option<NodeId>,
    /// The command.
    pub command: C,
}

/// A run: first under faults, then on a healed network with healed nodes.
#[derive(Clone, Debug)]
pub struct Experiment<M: Machine, I> {
    /// The cluster, its network and its seed.
    pub setup: Setup<M>,
    /// Invariants that must hold after every step.
    pub invariants: I,
    /// Requests of the clients.
    pub requests: Vec<ClientRequest<M::Command>>,
    /// Planned faults.
    pub faults: Vec<(Time, Fault)>,
    /// The only message faults that may happen by chance; `None` allows all.
    pub message_faults: Option<BTreeSet<MessageFault>>,
    /// Duration of the faults. Afterwards everything is healed.
    pub fault_window: Duration,
    /// Time limit for reaching the goal afterwards.
    pub recovery_window: Duration,
}

/// Result of an [`Experiment`].
pub struct RunOutcome<M: Machine, I: Invariant<M>> {
    /// The world at the end.
    pub world: World<M, I>,
    /// The verdict on the invariants and the goal.
    pub verdict: RunVerdict,
}

/// Verdict of a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RunVerdict {
    /// All invariants held and the goal was reached.
    Reached {
        /// Time at which everything was healed.
        healed: Time,
        /// Time at which the goal was seen to be reached, at the earliest when everything was
        /// healed.
        at: Time,
    },
    /// All invariants held, but the goal was not reached in time.
    Missed,
    /// An invariant was violated.
    Broke(Violation),
}

impl<M: Machine, I: Invariant<M>> Experiment<M, I> {
    /// Runs it. The goal is only checked once everything is healed; at the end the invariants check
    /// the replies that clients received.
    pub fn run(&self, mut goal: impl FnMut(&World<M, I>) -> bool) -> RunOutcome<M, I> {
        let (world, verdict) = self.execute(None, None, &mut goal);
        RunOutcome { world, verdict: verdict.unwrap_or(RunVerdict::Missed) }
    }

    /// Runs it, unless a stop is requested before it is over.
    ///
    /// # Errors
    /// The world as it was when the run was stopped: the goal is undecided, and no invariant was
    /// violated by then.
    pub fn run_unless(
        &self,
        stop: &Stop,
        mut goal: impl FnMut(&World<M, I>) -> bool,
    ) -> Result<RunOutcome<M, I>, Box<World<M, I>>> {
        match self.execute(None, Some(stop), &mut goal) {
            (world, Some(verdict)) => Ok(RunOutcome { world, verdict }),
            (world, None) => Err(Box::new(world)),
        }
    }

    /// Runs it for its full time, without a goal: only a violation ends it earlier.
    pub fn run_to_end(&self) -> RunOutcome<M, I> {
        self.run(|_| false)
    }

    /// Runs it to its first violation, and returns the message faults as well. `None` if there is
    /// no violation, or a stop is requested before.
    pub(super) fn find_violation(&self, stop: &Stop) -> Option<(Violation, BTreeSet<MessageFault>)> {
        let (mut world, verdict) = self.execute(Some(Box::default()), Some(stop), &mut |_| false);
        let message_faults = world.network.fault_log.take().map(|fault_log| fault_log.happened).unwrap_or_default();
        match verdict {
            Some(RunVerdict::Broke(violation)) => Some((violation, message_faults)),
            _ => None,
        }
    }

    /// Returns the world at the end, and the verdict unless the run was stopped.
    fn execute(
        &self,
        fault_log: Option<Box<MessageFaultLog>>,
        stop: Option<&Stop>,
        goal: Condition<'_, M, I>,
    ) -> (World<M, I>, Option<RunVerdict>) {
        let mut world = self.setup.clone().start_under(self.invariants.clone());
        world.network.fault_log = match &self.message_faults {
            Some(allowed) => Some(Box::new(MessageFaultLog::allowing(allowed.clone()))),
            None => fault_log,
        };
        for (at, fault) in &self.faults {
            world.inject_at(*at, fault.clone());
        }
        for ClientRequest { at, client, of, command } in &self.requests {
            world.ask_at(*at, *client, *of, command.clone());
        }
        let verdict = self.drive(&mut world, stop, goal).unwrap_or_else(|violation| Some(RunVerdict::Broke(violation)));
        (world, verdict)
    }

    fn drive(
        &self,
        world: &mut World<M, I>,
        stop: Option<&Stop>,
        goal: Condition<'_, M, I>,
    ) -> Result<Option<RunVerdict>, Violation> {
        let stopped = || stop.is_some_and(Stop::is_requested);
        let healed = Time::ZERO + self.fault_window;
        if !world.run_while(healed, |_| !stopped())? {
            return Ok(None);
        }
        world.run_until(healed)?;
        world.heal_everything()?;
        world.run_while(healed + self.recovery_window, |world| !stopped() && !goal(world))?;
        if stopped() && !goal(world) {
            return Ok(None);
        }
        world.check_replies()?;
        let at = world.now();
        Ok(Some(if goal(world) { RunVerdict::Reached { healed, at } } else { RunVerdict::Missed }))
    }
}
