//! `--scenario FILE`: export of a violation, shrunk to a scenario that can be committed.

use std::path::PathBuf;

use clap::Args;
use quorate::bugs::Bug;
use quorate::export::{ExportedScenario, Origin};
use quorate::lab::script::{ExportError, Schedule};
use quorate::lab::{Stop, plural};
use quorate::protocols;

use super::failure::Failure;
use super::output::Output;
use super::pictures::{check_writable, write};

#[derive(Args, Debug)]
pub(crate) struct ExportScenario {
    /// Save the shortest schedule that still breaks the invariant, as a scenario for `quorate run`
    #[arg(long, value_name = "FILE")]
    pub(crate) scenario: Option<PathBuf>,
}

impl ExportScenario {
    /// Reports a file that cannot be written, before anything runs.
    pub(crate) fn suit(&self) -> Result<(), Failure> {
        self.scenario.as_deref().map_or(Ok(()), check_writable)
    }

    /// Writes the scenario, if requested. `command` is the command line that finds the violation
    /// again.
    pub(crate) fn write(
        &self,
        schedule: impl FnOnce() -> Result<Schedule, ExportError>,
        command: String,
        bug: Option<&'static Bug>,
        stop: &Stop,
        output: &mut Output,
    ) -> Result<(), Failure> {
        let Some(path) = &self.scenario else { return Ok(()) };
        let unwritten = |error| Failure::broke(format_args!("{} was not written: {error}", path.display()));
        let schedule = schedule().map_err(unwritten)?;
        let found =
            Origin { command, bug }.export_unless(stop, &protocols::registry(), &schedule).map_err(unwritten)?;
        let ExportedScenario { before, commands, attempts, complete, text } = found;
        write(path, Ok::<_, ExportError>(text), output)?;
        let rest = if complete {
            "all of them are needed"
        } else {
            "the budget for minimisation ran out, so more might be removable"
        };
        output.prose(&format!(
            "It has {} of {before}, after {}: {rest}. Run it with `quorate run {}`.",
            plural(commands as u64, "command"),
            plural(attempts as u64, "attempt"),
            path.display()
        ))
    }

    /// Explains why no scenario is written, if one was requested: a run that only missed its goal
    /// violated nothing.
    pub(crate) fn report_unwritten(&self, output: &mut Output) -> Result<(), Failure> {
        match &self.scenario {
            Some(path) => output.prose(&format!("{} was not written: {}.", path.display(), ExportError::Unbroken)),
            None => Ok(()),
        }
    }
}
