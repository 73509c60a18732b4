//! Export of counterexamples: the outcome of a random run or a search as a minimised scenario that
//! can be committed.
//!
//! ```
//! use quorate_bugs as bugs;
//! use quorate_harness::experiments::{RunParameters, SimTarget};
//! use quorate_harness::export::{Origin, ExportSim};
//! use quorate_harness::protocols::PaxosTarget;
//!
//! let run = RunParameters { nodes: 3, seed: 0, fault_plan: "harsh".parse()?, span: std::time::Duration::from_secs(3) };
//! let experiment = PaxosTarget::plan(bugs::paxos::OWN_VALUE, &run)?;
//! let schedule = PaxosTarget::schedule(&experiment)?;
//! let found = Origin { command: "quorate sim paxos --bug own-value --faults harsh --for 3s --seeds 0..1".to_owned(), bug: bugs::find("own-value") }.export(&schedule)?;
//! assert!(found.text.contains("expect violation=AtMostOneChosen"));
//! assert!(found.commands < 20 && found.before > found.commands);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use quorate_bugs::Bug;
use quorate_lab::Stop;
use quorate_lab::script::{ExportError, Minimised, Protocol, Registry, ScenarioHeader, Schedule};

use crate::experiments::{Planned, SimTarget};
use crate::protocols::{ToScenario, registry};

/// Random runs that can be exported as scenarios.
pub trait ExportSim: SimTarget {
    /// Returns the schedule of a run that breaks an invariant.
    ///
    /// # Errors
    /// [`ExportError`]: nothing breaks in it, or some step has no scenario command.
    fn schedule(experiment: &Planned<Self>) -> Result<Schedule, ExportError>;
}

impl<P: SimTarget + ToScenario + Protocol<Machine = <P as SimTarget>::Machine>> ExportSim for P {
    fn schedule(experiment: &Planned<Self>) -> Result<Schedule, ExportError> {
        let mut experiment = experiment.clone();
        experiment.setup.traced = true;
        let world = experiment.run_to_end().world;
        match world.recording() {
            Some(recording) => <P as ToScenario>::schedule(world.constants(), recording),
            None => Err(ExportError::Unbroken),
        }
    }
}

/// Origin of a schedule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Origin {
    /// Command line that finds it again.
    pub command: String,
    /// Injected bug, if any.
    pub bug: Option<&'static Bug>,
}

/// Exported scenario.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExportedScenario {
    /// Text of the scenario file.
    pub text: String,
    /// Number of commands after the cluster line.
    pub commands: usize,
    /// Number of commands before minimisation.
    pub before: usize,
    /// Number of minimisation attempts.
    pub attempts: usize,
    /// Whether no single command can be removed. If false, minimisation ran out of its budget.
    pub complete: bool,
}

/// Maximum number of moves over all minimisation attempts: about ten seconds.
const MOVES_MAX: usize = 10_000_000;

impl Origin {
    /// Minimises a schedule and writes it as a scenario.
    ///
    /// # Errors
    /// [`ExportError`]: replayed message by message, it does not break the same invariant.
    pub fn export(&self, schedule: &Schedule) -> Result<ExportedScenario, ExportError> {
        self.export_unless(&Stop::new(), &registry(), schedule)
    }

    /// As [`export`](Self::export), with other protocols, and until `stop` is requested: then the
    /// schedule is minimised as far as it was by then.
    ///
    /// # Errors
    /// As [`export`](Self::export).
    pub fn export_unless(
        &self,
        stop: &Stop,
        protocols: &Registry,
        schedule: &Schedule,
    ) -> Result<ExportedScenario, ExportError> {
        let minimised = schedule.minimised_unless(stop, protocols, MOVES_MAX)?;
        let script = minimised.scenario(protocols, |commands| self.header(schedule, &minimised, commands))?;
        let (before, attempts, complete) = (minimised.before, minimised.attempts, minimised.complete);
        Ok(ExportedScenario { text: script.text, commands: script.commands, before, attempts, complete })
    }

    fn header(&self, schedule: &Schedule, minimised: &Minimised, commands: usize) -> ScenarioHeader {
        let invariant = schedule.invariant();
        let before = minimised.before;
        let rest = if minimised.complete { "all are needed" } else { "some may be unnecessary" };
        let found = if commands < before {
            format!("Found by the command below, and minimised from {before} commands to {commands}, of which {rest}:")
        } else {
            format!("Found by the command below, with {commands} commands, of which {rest}:")
        };
        let mut paragraphs = vec![found, format!("    {}", self.command)];
        let title = match self.bug {
            Some(bug) => {
                let Bug { summary: says, story, source, correct_rule: instead, .. } = bug;
                paragraphs.insert(0, format!("{says} {story} ({source}.)"));
                if let Some((rule, cite)) = bug.by_the_book() {
                    paragraphs.insert(1, format!("The rule that prevents it: {rule} ({instead}; {cite})."));
                }
                format!("{invariant} broken by the bug {}", bug.id)
            }
            None => {
                paragraphs.insert(0, format!("A minimal schedule that breaks {invariant}."));
                format!("{invariant} broken in {}", schedule.protocol())
            }
        };
        ScenarioHeader { title, paragraphs, contrast: self.bug.is_some() }
    }
}
