//! A random run as a value: what is asked, what goes wrong, and what must come of it. Repeatable, and small enough to cut down.

use std::collections::BTreeSet;

use quorate_protocol::{ClientId, Duration, Invariant, Machine, NodeId, Time};

use super::halt::Violation;
use super::network::{Journal, Mishap};
use super::setup::Setup;
use super::world::World;
use crate::Stop;
use crate::env::Fault;

/// Something that a client will ask for.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Asking<C> {
    /// When.
    pub at: Time,
    /// Who.
    pub client: ClientId,
    /// Of whom; `None` leaves it to the client.
    pub of: Option<NodeId>,
    /// For what.
    pub command: C,
}

/// A run that is to be made: first under faults, then on a network and machines that are put right.
#[derive(Clone, Debug)]
pub struct Experiment<M: Machine, I> {
    /// The cluster, its network and its seed.
    pub setup: Setup<M>,
    /// What must hold after every step.
    pub invariants: I,
    /// What clients ask for.
    pub askings: Vec<Asking<M::Command>>,
    /// What goes wrong.
    pub faults: Vec<(Time, Fault)>,
    /// The only mishaps that chance may bring to messages; `None` lets it do what it will.
    pub mishaps: Option<BTreeSet<Mishap>>,
    /// How long things go wrong. Then everything is healed.
    pub storm: Duration,
    /// How long after that the goal may take.
    pub calm: Duration,
}

/// What came of an [`Experiment`].
pub struct Outcome<M: Machine, I: Invariant<M>> {
    /// The world at the end.
    pub world: World<M, I>,
    /// What became of the invariants and of the goal.
    pub verdict: Verdict,
}

/// How a run ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// All invariants held and the goal was reached.
    Reached {
        /// When everything was healed.
        healed: Time,
        /// When the goal was seen to be reached, at the earliest when everything was healed.
        at: Time,
    },
    /// All invariants held, but the goal was not reached in time.
    Missed,
    /// An invariant broke.
    Broke(Violation),
}

impl<M: Machine, I: Invariant<M>> Experiment<M, I> {
    /// Makes the run. The goal is looked at only once everything is healed; and at the end the
    /// invariants judge what clients were told.
    pub fn run(&self, goal: impl FnMut(&World<M, I>) -> bool) -> Outcome<M, I> {
        let (world, verdict) = self.conduct(None, None, goal);
        Outcome { world, verdict: verdict.unwrap_or(Verdict::Missed) }
    }

    /// Makes the run, unless somebody asks for an end before it is over.
    ///
    /// # Errors
    /// The world as it was when the run was stopped: nothing is known of the goal, and no invariant was broken by then.
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

    /// Makes the run to the end of its calm, whatever it reaches before: all that can end it earlier is a broken invariant.
    pub fn run_out(&self) -> Outcome<M, I> {
        self.run(|_| false)
    }

    /// Makes the run to its first violation and returns the mishaps that chance brought to messages, too. `None` if nothing
    /// breaks, or somebody asks for an end before it does.
    pub(super) fn breaks_noting(&self, stop: &Stop) -> Option<(Violation, BTreeSet<Mishap>)> {
        let (mut world, verdict) = self.conduct(Some(Box::default()), Some(stop), |_| false);
        let mishaps = world.network.journal.take().map(|journal| journal.happened).unwrap_or_default();
        match verdict {
            Some(Verdict::Broke(violation)) => Some((violation, mishaps)),
            _ => None,
        }
    }

    /// The world at the end, and how the run ended unless it was stopped.
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
