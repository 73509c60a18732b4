//! Random runs of a protocol that is known by its name.

use quorate_bugs::{Bug, NamedRulebookOf};
use quorate_lab::Stop;
use quorate_lab::script::{ExportError, Schedule};
use quorate_lab::sim::{FaultPlan, RunOutcome, RunVerdict, World};
use quorate_lab::trace::{Document, Recording};
use quorate_protocol::{Invariant, InvariantSummary, Machine, Names, Time};

use super::{ByNameError, rulebook};
use crate::TargetError;
use crate::experiments::{AnswerStats, Planned, RunParameters, SimTarget};
use crate::export::ExportSim;
use crate::protocols::{Target, Visitor};

/// Protocol with a rulebook, to be run under random faults.
pub trait Simulated: Sync {
    /// Name of the protocol.
    fn name(&self) -> &'static str;

    /// Goal that every run must reach after the fault window, as in "1,000 runs *chose a value*".
    fn goal(&self) -> &'static str;

    /// The part of a fault plan that the protocol assumes at most.
    fn within_assumptions(&self, faults: &FaultPlan) -> FaultPlan;

    /// Number of nodes of a run that is asked to have so many, see [`SimTarget::NODES_MIN`].
    fn nodes(&self, asked: u32) -> u32;

    /// Plans the run of a seed.
    ///
    /// # Errors
    /// If there can be no such cluster.
    fn plan(&self, run: &RunParameters) -> Result<Box<dyn PlannedRun>, TargetError>;
}

/// A random run that is planned, and can be made again and again.
pub trait PlannedRun {
    /// Makes the run without a trace. `None` if a stop is requested before its end: such a run
    /// proves nothing.
    fn run_unless(&self, stop: &Stop) -> Option<RunSummary>;

    /// Makes the run with its trace. If a stop is requested before its end, the trace goes so far,
    /// and ends with the note that `stopped_at` makes of the time.
    fn trace_unless(&self, stop: &Stop, stopped_at: &dyn Fn(Time) -> Option<String>) -> TracedRun;

    /// Shrinks a failing run, with at most `runs_max` runs; its schedule has these names. `None` if
    /// the run does not fail, or a stop is requested before it does.
    fn shrink_unless(&self, stop: &Stop, runs_max: usize, names: &Names) -> Option<ShrunkRun>;

    /// Returns the schedule of a run that breaks an invariant.
    ///
    /// # Errors
    /// [`ExportError`]: nothing breaks in it, or some step has no scenario command.
    fn schedule(&self) -> Result<Schedule, ExportError>;
}

/// Summary of a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RunSummary {
    /// Verdict on invariants and goal.
    pub verdict: RunVerdict,
    /// Number of simulated events.
    pub events: u64,
    /// Names of nodes and clients.
    pub names: Names,
    /// Client answers that were checked.
    pub answers: AnswerStats,
    /// Coverage counters, always in the same order: those of two runs can be added.
    pub coverage: Vec<(u64, &'static str)>,
}

/// A run with its trace.
#[derive(Clone, PartialEq, Debug)]
pub struct TracedRun {
    /// The trace.
    pub document: Document,
    /// Verdict; `None` if the run was stopped.
    pub verdict: Option<RunVerdict>,
    /// Invariants that were checked after each step.
    pub invariants: Vec<InvariantSummary>,
    /// Time at the end.
    pub now: Time,
}

/// A failing run, shrunk.
#[derive(Clone, PartialEq, Debug)]
pub struct ShrunkRun {
    /// Whether nothing more can be removed. Otherwise the limit of runs was reached, or a stop was
    /// requested.
    pub complete: bool,
    /// Its requests, faults and message faults in words, a line each.
    pub schedule: String,
    /// Its trace.
    pub document: Document,
}

/// Chooses the rulebook with that bug.
pub(super) struct Choose(pub(super) Option<&'static Bug>);

impl Visitor for Choose {
    type Output = Result<Box<dyn Simulated>, ByNameError>;

    fn visit<P: Target>(self) -> Self::Output {
        Ok(Box::new(Under::<P>(rulebook::<P>(self.0)?)))
    }
}

struct Under<P: Target>(NamedRulebookOf<<P as SimTarget>::Machine>);

impl<P: Target> Simulated for Under<P> {
    fn name(&self) -> &'static str {
        <P as SimTarget>::NAME
    }

    fn goal(&self) -> &'static str {
        P::GOAL
    }

    fn nodes(&self, asked: u32) -> u32 {
        asked.max(P::NODES_MIN)
    }

    fn within_assumptions(&self, faults: &FaultPlan) -> FaultPlan {
        P::within_assumptions(faults)
    }

    fn plan(&self, run: &RunParameters) -> Result<Box<dyn PlannedRun>, TargetError> {
        Ok(Box::new(Plan::<P>(P::plan(self.0, run)?)))
    }
}

struct Plan<P: SimTarget>(Planned<P>);

impl<P: Target> Plan<P> {
    fn traced(&self) -> Planned<P> {
        let mut experiment = self.0.clone();
        experiment.setup.traced = true;
        experiment
    }
}

impl<P: Target> PlannedRun for Plan<P> {
    fn run_unless(&self, stop: &Stop) -> Option<RunSummary> {
        let RunOutcome { world, verdict } = self.0.run_unless(stop, P::reached).ok()?;
        let (invariants, coverage) = world.invariants();
        Some(RunSummary {
            verdict,
            events: world.events(),
            names: world.names().clone(),
            answers: P::answer_stats(invariants),
            coverage: P::coverage(coverage),
        })
    }

    fn trace_unless(&self, stop: &Stop, stopped_at: &dyn Fn(Time) -> Option<String>) -> TracedRun {
        let (world, verdict) = match self.traced().run_unless(stop, P::reached) {
            Ok(RunOutcome { world, verdict }) => (world, Some(verdict)),
            Err(mut world) => {
                if let Some(note) = stopped_at(world.now()) {
                    world.note(&note);
                }
                (*world, None)
            }
        };
        let invariants = world.invariants().summaries();
        TracedRun { document: document(&world), verdict, invariants, now: world.now() }
    }

    fn shrink_unless(&self, stop: &Stop, runs_max: usize, names: &Names) -> Option<ShrunkRun> {
        let mut shrunk = self.0.shrink_unless(stop, runs_max)?;
        let schedule = shrunk.schedule(names);
        shrunk.experiment.setup.traced = true;
        let world = shrunk.experiment.run_to_end().world;
        Some(ShrunkRun { complete: shrunk.complete, schedule, document: document(&world) })
    }

    fn schedule(&self) -> Result<Schedule, ExportError> {
        <P as ExportSim>::schedule(&self.0)
    }
}

/// Returns the recording of a run as a document.
fn document<M: Machine, I: Invariant<M>>(world: &World<M, I>) -> Document {
    world.recording().map(Recording::document).unwrap_or_default()
}
