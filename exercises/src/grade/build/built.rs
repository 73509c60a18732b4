//! A machine that was built, and the suite that it goes through: the same for every protocol.

use std::fmt;
use std::marker::PhantomData;

use quorate_lab::sim::{Asking, Conditions, CrashMoment, Experiment, Fault, Patience, Setup, World};
use quorate_protocol::{Duration, Invariant, Machine, Names, NodeId, Time};

use crate::answer::Answer;
use crate::course::Exercise;
use crate::exam::{Exam, Failed};
use crate::grade::conduct::conduct;

/// The suite of a protocol: which runs there are.
pub trait Suite: Sized + 'static {
    /// What every built machine is told at boot.
    type Told: Clone + fmt::Debug;
    /// What clients ask for.
    type Command: Clone + fmt::Debug;
    /// What a case of this protocol says besides.
    type Aim: Clone + fmt::Debug;

    /// The protocol's name, for traces.
    const PROTOCOL: &'static str;

    /// The cases of an exercise, in order.
    fn trials(exercise: &Exercise) -> &'static [Trial<Self>];
}

/// A suite that can examine such machines: who watches them, and what must come of their runs.
pub trait Examines<M: Machine<Command = Self::Command>>: Suite {
    /// Who watches.
    type Judge: Invariant<M>;

    /// Who watches a run.
    fn judge(case: &Case<Self>) -> Self::Judge;

    /// Whether a run has come to what it must.
    fn reached(world: &World<M, Self::Judge>, case: &Case<Self>) -> bool;

    /// Decides what a case leaves open until it is seen how the run goes. `run` is the run as far as the case is decided.
    fn direct(case: &mut Case<Self>, run: impl Fn(&Case<Self>) -> Experiment<M, Self::Judge>) {
        let _ = (case, run);
    }
}

/// A title, the run of a seed, and how many runs there are: the same in every grading, and new in each.
pub type Trial<P> = (&'static str, fn(&'static str, u64) -> Case<P>, (u64, u64));

/// A run that is to be made.
#[derive(Clone, Debug)]
pub struct Case<P: Suite> {
    /// What it is about.
    pub title: &'static str,
    /// What every node is told.
    pub config: P::Told,
    /// Who takes part.
    pub names: Names,
    /// What the network is like.
    pub conditions: Conditions,
    /// How clients behave.
    pub patience: Patience,
    /// What they ask for.
    pub askings: Vec<Asking<P::Command>>,
    /// What goes wrong.
    pub faults: Vec<(Time, Fault)>,
    /// When everything is put right. In many cases nothing is: the faults say themselves what ends.
    pub storm: Duration,
    /// How long after that it may take.
    pub calm: Duration,
    /// What the run has to come to, in words.
    pub must: &'static str,
    /// How many messages are plenty for such a run.
    pub messages_max: u64,
    /// What the protocol's own suite says of it.
    pub aim: P::Aim,
}

impl<P: Suite> Case<P> {
    /// The same, and something goes wrong, or right.
    #[must_use]
    pub(super) fn befalls(mut self, at: Duration, fault: Fault) -> Self {
        self.faults.push((Time::ZERO + at, fault));
        self
    }

    /// The same, with a trouble, and what ends it.
    #[must_use]
    pub(super) fn pair(self, at: Duration, trouble: Fault, lasts: Duration, end: Fault) -> Self {
        self.befalls(at, trouble).befalls(at + lasts, end)
    }

    /// The same, and a node goes down.
    #[must_use]
    pub(super) fn crash(self, at: Duration, node: u32, moment: CrashMoment) -> Self {
        self.befalls(at, Fault::Crash { node: NodeId(node), moment })
    }

    /// The same, and a node comes back.
    #[must_use]
    pub(super) fn restart(self, at: Duration, node: u32) -> Self {
        self.befalls(at, Fault::Restart(NodeId(node)))
    }

    /// The same, and the nodes fall into groups.
    #[must_use]
    pub(super) fn part(self, at: Duration, groups: &[&[u32]]) -> Self {
        let groups = groups.iter().map(|group| group.iter().copied().map(NodeId).collect()).collect();
        self.befalls(at, Fault::Partition(groups))
    }
}

/// A machine's configuration, made of what all are told and of the names of the run.
type Telling<T, C> = dyn Fn(T, &Names) -> C;

/// A built machine, handed in.
pub struct Built<M: Machine, P: Suite> {
    told: Box<Telling<P::Told, M::Config>>,
    rules: M::Rulebook,
    suite: PhantomData<P>,
}

impl<M: Machine, P: Suite> fmt::Debug for Built<M, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Built").field("protocol", &P::PROTOCOL).finish_non_exhaustive()
    }
}

impl<M: Machine<Config = P::Told>, P: Suite> Default for Built<M, P> {
    fn default() -> Self {
        Self::named(|told, _| told)
    }
}

impl<M: Machine<Config = P::Told>, P: Suite> Built<M, P> {
    /// A machine whose configuration is the protocol's own.
    pub fn new() -> Self {
        Self::default()
    }
}

impl<M: Machine, P: Suite> Built<M, P> {
    /// A machine that is told something besides, which depends on the names of the run.
    pub fn named(config: impl Fn(P::Told, &Names) -> M::Config + 'static) -> Self {
        Built { told: Box::new(config), rules: M::Rulebook::default(), suite: PhantomData }
    }

    /// The same machine under a rulebook.
    #[must_use]
    pub fn under(self, rules: M::Rulebook) -> Self {
        Built { rules, ..self }
    }
}

impl<M: Machine<Command = P::Command>, P: Examines<M>> Built<M, P> {
    /// The run of a case.
    fn run(&self, case: &Case<P>, seed: u64) -> Experiment<M, P::Judge> {
        Experiment {
            setup: Setup::new(P::PROTOCOL, case.names.clone(), (self.told)(case.config.clone(), &case.names))
                .under(self.rules)
                .title(case.title)
                .seed(seed)
                .conditions(case.conditions)
                .patience(case.patience),
            invariants: P::judge(case),
            askings: case.askings.clone(),
            faults: case.faults.clone(),
            mishaps: None,
            storm: case.storm,
            calm: case.calm,
        }
    }

    /// The run of a seed, with all decided that depends on how it goes.
    pub(super) fn planned(&self, (title, plan, _): &Trial<P>, seed: u64) -> (Case<P>, Experiment<M, P::Judge>) {
        let mut case = plan(title, seed);
        P::direct(&mut case, |case| self.run(case, seed));
        let run = self.run(&case, seed);
        (case, run)
    }
}

impl<M: Machine<Command = P::Command>, P: Examines<M>> Answer for Built<M, P> {
    fn sit(&self, exercise: &Exercise, exam: &mut Exam) -> Result<(), Failed> {
        for trial @ (title, _, (fixed, fresh)) in P::trials(exercise) {
            exam.case(*title, |exam| {
                let (mut runs, mut must) = (0, "");
                for seed in exam.seeds(*fixed, *fresh) {
                    let (case, run) = self.planned(trial, seed);
                    must = case.must;
                    let missed = format_args!("the run never came to this: {must}");
                    conduct(&run, missed, |world| P::reached(world, &case))?;
                    runs += 1;
                }
                Ok(format!("in {runs} runs, {must}"))
            })?;
        }
        Ok(())
    }
}
