//! Submitted machine, and the test suite that it runs through: the same structure for every
//! protocol.

use std::fmt;
use std::marker::PhantomData;

use quorate_lab::sim::{ClientRequest, Conditions, CrashPoint, Experiment, Fault, RetryPolicy, Setup, World};
use quorate_protocol::{Duration, Invariant, Machine, Names, NodeId, Time};

use crate::answer::Answer;
use crate::course::Exercise;
use crate::grade::run_to_goal::{run_seeds, run_to_goal};
use crate::grading::{Failed, Grading};

/// Test suite of a protocol.
pub trait Suite: Sized + 'static {
    /// Configuration of every machine.
    type CaseConfig: Clone + fmt::Debug;
    /// Type of client commands.
    type Command: Clone + fmt::Debug;
    /// Protocol-specific part of a case.
    type Aim: Clone + fmt::Debug;

    /// Name of the protocol, for traces.
    const PROTOCOL: &'static str;

    /// Cases of an exercise, in order.
    fn trials(exercise: &Exercise) -> &'static [Trial<Self>];
}

/// Suite that can test such machines: its oracle, and the goal of its runs.
pub trait Examines<M: Machine<Command = Self::Command>>: Suite {
    /// Type of the oracle.
    type Oracle: Invariant<M>;

    /// Creates the oracle of a run.
    fn oracle(case: &Case<Self>) -> Self::Oracle;

    /// Whether a run has reached its goal.
    fn reached(world: &World<M, Self::Oracle>, case: &Case<Self>) -> bool;

    /// Completes a case whose events depend on how the run develops. `run` makes the run as far as
    /// the case is decided.
    fn direct(case: &mut Case<Self>, run: impl Fn(&Case<Self>) -> Experiment<M, Self::Oracle>) {
        let _ = (case, run);
    }
}

/// Title, function from a seed to a case, and the numbers of runs: the same in every grading, and
/// new in each.
pub type Trial<P> = (&'static str, fn(&'static str, u64) -> Case<P>, (u64, u64));

/// Plan of a run.
#[derive(Clone, Debug)]
pub struct Case<P: Suite> {
    /// Title.
    pub title: &'static str,
    /// Configuration of every node.
    pub config: P::CaseConfig,
    /// Names of nodes and clients.
    pub names: Names,
    /// Network conditions.
    pub conditions: Conditions,
    /// Retry policy of clients.
    pub retry_policy: RetryPolicy,
    /// Client requests.
    pub requests: Vec<ClientRequest<P::Command>>,
    /// Fault schedule.
    pub faults: Vec<(Time, Fault)>,
    /// Time at which all faults are healed. Many cases have no such time: their fault schedules
    /// contain the recovery.
    pub fault_window: Duration,
    /// Time limit after that.
    pub recovery_window: Duration,
    /// Goal of the run, in words.
    pub must: &'static str,
    /// Maximum number of messages in the run.
    pub messages_max: u64,
    /// Protocol-specific part.
    pub aim: P::Aim,
}

impl<P: Suite> Case<P> {
    /// Adds a fault, or a recovery.
    #[must_use]
    pub(super) fn fault_at(mut self, at: Duration, fault: Fault) -> Self {
        self.faults.push((Time::ZERO + at, fault));
        self
    }

    /// Adds a fault and its recovery.
    #[must_use]
    pub(super) fn pair(self, at: Duration, trouble: Fault, lasts: Duration, end: Fault) -> Self {
        self.fault_at(at, trouble).fault_at(at + lasts, end)
    }

    /// Adds a crash of a node.
    #[must_use]
    pub(super) fn crash(self, at: Duration, node: u32, moment: CrashPoint) -> Self {
        self.fault_at(at, Fault::Crash { node: NodeId(node), point: moment })
    }

    /// Adds a restart of a node.
    #[must_use]
    pub(super) fn restart(self, at: Duration, node: u32) -> Self {
        self.fault_at(at, Fault::Restart(NodeId(node)))
    }

    /// Adds a partition into groups.
    #[must_use]
    pub(super) fn part(self, at: Duration, groups: &[&[u32]]) -> Self {
        let groups = groups.iter().map(|group| group.iter().copied().map(NodeId).collect()).collect();
        self.fault_at(at, Fault::Partition(groups))
    }
}

/// Function from the common configuration and the names of the run to a machine's configuration.
type MakeConfig<T, C> = dyn Fn(T, &Names) -> C;

/// Complete machine, handed in.
pub struct Built<M: Machine, P: Suite> {
    make_config: Box<MakeConfig<P::CaseConfig, M::Config>>,
    rules: M::Rulebook,
    suite: PhantomData<P>,
}

impl<M: Machine, P: Suite> fmt::Debug for Built<M, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Built").field("protocol", &P::PROTOCOL).finish_non_exhaustive()
    }
}

impl<M: Machine<Config = P::CaseConfig>, P: Suite> Default for Built<M, P> {
    fn default() -> Self {
        Self::named(|config, _| config)
    }
}

impl<M: Machine<Config = P::CaseConfig>, P: Suite> Built<M, P> {
    /// Hands in a machine whose configuration is the protocol's own.
    pub fn new() -> Self {
        Self::default()
    }
}

impl<M: Machine, P: Suite> Built<M, P> {
    /// Hands in a machine with a configuration that also depends on the names of the run.
    pub fn named(config: impl Fn(P::CaseConfig, &Names) -> M::Config + 'static) -> Self {
        Built { make_config: Box::new(config), rules: M::Rulebook::default(), suite: PhantomData }
    }

    /// The same machine under a rulebook.
    #[must_use]
    pub fn under(self, rules: M::Rulebook) -> Self {
        Built { rules, ..self }
    }
}

impl<M: Machine<Command = P::Command>, P: Examines<M>> Built<M, P> {
    /// Returns the run of a case.
    fn run(&self, case: &Case<P>, seed: u64) -> Experiment<M, P::Oracle> {
        Experiment {
            setup: Setup::new(P::PROTOCOL, case.names.clone(), (self.make_config)(case.config.clone(), &case.names))
                .under(self.rules)
                .title(case.title)
                .seed(seed)
                .conditions(case.conditions)
                .retry_policy(case.retry_policy),
            invariants: P::oracle(case),
            requests: case.requests.clone(),
            faults: case.faults.clone(),
            message_faults: None,
            fault_window: case.fault_window,
            recovery_window: case.recovery_window,
        }
    }

    /// Returns the run of a seed, with all parts decided that depend on how it develops.
    pub(super) fn planned(&self, (title, plan, _): &Trial<P>, seed: u64) -> (Case<P>, Experiment<M, P::Oracle>) {
        let mut case = plan(title, seed);
        P::direct(&mut case, |case| self.run(case, seed));
        let run = self.run(&case, seed);
        (case, run)
    }
}

impl<M: Machine<Command = P::Command>, P: Examines<M>> Answer for Built<M, P> {
    fn grade(&self, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
        for trial @ (title, _, (fixed, fresh)) in P::trials(exercise) {
            grading.case(*title, |grading| {
                let mut must = "";
                let runs = run_seeds(grading, grading.seeds(*fixed, *fresh), |seed, shrinking| {
                    let (case, run) = self.planned(trial, seed);
                    must = case.must;
                    let missed = format_args!("the run never reached its goal: {must}");
                    run_to_goal(&run, missed, |world| P::reached(world, &case), shrinking)
                })?;
                Ok(format!("{runs} runs: {must}"))
            })?;
        }
        Ok(())
    }
}
