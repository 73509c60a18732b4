//! `--scenario FILE`: export of a violation, shrunk to a scenario that can be committed.

use std::path::PathBuf;

use clap::Args;
use quorate::bugs::Bug;
use quorate::export::{ExportedScenario, Origin};
use quorate::lab::Stop;
use quorate::lab::script::{ExportError, Schedule};
use quorate::protocols;

use super::failure::Failure;
use super::output::Output;
use super::pictures::write;

#[derive(Args, Debug)]
pub(crate) struct ExportScenario {
    /// Save the shortest schedule that still breaks the invariant, as a scenario for `quorate run`
    #[arg(long, value_name = "FILE")]
    pub(crate) scenario: Option<PathBuf>,
}

impl ExportScenario {
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
        let unwritten = |error| Failure::broke(format_args!("{} is not written: {error}", path.display()));
        let schedule = schedule().map_err(unwritten)?;
        let found =
            Origin { command, bug }.export_unless(stop, &protocols::registry(), &schedule).map_err(unwritten)?;
        let ExportedScenario { before, commands, attempts, complete, text } = found;
        write(path, Ok::<_, ExportError>(text), output)?;
        let rest = if complete { "none of them can be left out" } else { "there was no time to leave out more" };
        output.prose(&format!(
            "It has {commands} commands of {before}, after {attempts} attempts: {rest}. Play it with `quorate run {}`.",
            path.display()
        ))
    }

    /// Explains why no scenario is written, if one was requested: a run that only missed its goal
    /// violated nothing.
    pub(crate) fn excuse(&self, output: &mut Output) -> Result<(), Failure> {
        match &self.scenario {
            Some(path) => output.prose(&format!("{} is not written: {}.", path.display(), ExportError::Unbroken)),
            None => Ok(()),
        }
    }
}
