//! A random run as a value: requests, faults and invariants. It is repeatable, and can be shrunk.

use std::collections::BTreeSet;

use quorate_protocol::{ClientId, Duration, Invariant, Machine, NodeId, Time};

use super::halt::Violation;
use super::network::{Journal, Mishap};
use super::setup::Setup;
use super::world::World;
use crate::Stop;
use crate::env::Fault;

/// A request of a client.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Asking<C> {
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
    pub askings: Vec<Asking<M::Command>>,
    /// Planned faults.
    pub faults: Vec<(Time, Fault)>,
    /// The only message faults that may happen by chance; `None` allows all.
    pub mishaps: Option<BTreeSet<Mishap>>,
    /// Duration of the faults. Afterwards everything is healed.
    pub storm: Duration,
    /// Time limit for reaching the goal afterwards.
    pub calm: Duration,
}

/// Result of an [`Experiment`].
pub struct Outcome<M: Machine, I: Invariant<M>> {
    /// The world at the end.
    pub world: World<M, I>,
    /// The verdict on the invariants and the goal.
    pub verdict: Verdict,
}

/// Verdict of a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
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
    pub fn run(&self, goal: impl FnMut(&World<M, I>) -> bool) -> Outcome<M, I> {
        let (world, verdict) = self.conduct(None, None, goal);
        Outcome { world, verdict: verdict.unwrap_or(Verdict::Missed) }
    }

    /// Runs it, unless a stop is requested before it is over.
    ///
    /// # Errors
    /// The world as it was when the run was stopped: the goal is undecided, and no invariant was
    /// violated by then.
    pub fn run_unless(
        &self,
        stop: &Stop,
        goal: impl FnMut(&World<M, I>) -> bool,
    ) -> Result<Outcome<M, I>, Box<World<M, I>>> {
        match self.conduct(None, Some(stop), goal) {
            (world, Some(verdict)) => Ok(Outcome { world, verdict }),
            (world, None) => Err(Box::new(world)),
        }
    }

    /// Runs it for its full time, without a goal: only a violation ends it earlier.
    pub fn run_out(&self) -> Outcome<M, I> {
        self.run(|_| false)
    }

    /// Runs it to its first violation, and returns the message faults as well. `None` if there is
    /// no violation, or a stop is requested before.
    pub(super) fn breaks_noting(&self, stop: &Stop) -> Option<(Violation, BTreeSet<Mishap>)> {
        let (mut world, verdict) = self.conduct(Some(Box::default()), Some(stop), |_| false);
        let mishaps = world.network.journal.take().map(|journal| journal.happened).unwrap_or_default();
        match verdict {
            Some(Verdict::Broke(violation)) => Some((violation, mishaps)),
            _ => None,
        }
    }

    /// Returns the world at the end, and the verdict unless the run was stopped.
    fn conduct(
        &self,
        journal: Option<Box<Journal>>,
        stop: Option<&Stop>,
        goal: impl FnMut(&World<M, I>) -> bool,
    ) -> (World<M, I>, Option<Verdict>) {
        let mut world = self.setup.clone().start_under(self.invariants.clone());
        world.network.journal = match &self.mishaps {
            Some(allowed) => Some(Box::new(Journal::allowing(allowed.clone()))),
            None => journal,
        };
        for (at, fault) in &self.faults {
            world.inject_at(*at, fault.clone());
        }
        for Asking { at, client, of, command } in &self.askings {
            world.ask_at(*at, *client, *of, command.clone());
        }
        let verdict = self.weather(&mut world, stop, goal).unwrap_or_else(|violation| Some(Verdict::Broke(violation)));
        (world, verdict)
    }

    fn weather(
        &self,
        world: &mut World<M, I>,
        stop: Option<&Stop>,
        mut goal: impl FnMut(&World<M, I>) -> bool,
    ) -> Result<Option<Verdict>, Violation> {
        let stopped = || stop.is_some_and(Stop::is_requested);
        let healed = Time::ZERO + self.storm;
        if !world.run_while(healed, |_| !stopped())? {
            return Ok(None);
        }
        world.run_until(healed)?;
        world.heal_everything()?;
        world.run_while(healed + self.calm, |world| !stopped() && !goal(world))?;
        if stopped() && !goal(world) {
            return Ok(None);
        }
        world.judge_answers()?;
        let at = world.now();
        Ok(Some(if goal(world) { Verdict::Reached { healed, at } } else { Verdict::Missed }))
    }
}
