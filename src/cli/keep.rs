//! `--scenario FILE`: export of a violation, shrunk to a scenario that can be committed.

use std::path::PathBuf;

use clap::Args;
use quorate::bugs::Bug;
use quorate::found::{Found, Origin};
use quorate::lab::Stop;
use quorate::lab::script::{Schedule, Untold};
use quorate::protocols;

use super::failure::Failure;
use super::pictures::write;
use super::screen::Screen;

#[derive(Args, Debug)]
pub(crate) struct Keeping {
    /// Save the shortest schedule that still breaks the invariant, as a scenario for `quorate run`
    #[arg(long, value_name = "FILE")]
    pub(crate) scenario: Option<PathBuf>,
}

impl Keeping {
    /// Writes the scenario, if requested. `command` is the command line that finds the violation
    /// again.
    pub(crate) fn keep(
        &self,
        schedule: impl FnOnce() -> Result<Schedule, Untold>,
        command: String,
        bug: Option<&'static Bug>,
        stop: &Stop,
        screen: &mut Screen,
    ) -> Result<(), Failure> {
        let Some(path) = &self.scenario else { return Ok(()) };
        let unwritten = |untold| Failure::broke(format_args!("{} is not written: {untold}", path.display()));
        let schedule = schedule().map_err(unwritten)?;
        let found =
            Origin { command, bug }.tell_unless(stop, &protocols::repertoire(), &schedule).map_err(unwritten)?;
        let Found { before, commands, attempts, complete, text } = found;
        write(path, Ok::<_, Untold>(text), screen)?;
        let rest = if complete { "none of them can be left out" } else { "there was no time to leave out more" };
        screen.prose(&format!(
            "It has {commands} commands of {before}, after {attempts} attempts: {rest}. Play it with `quorate run {}`.",
            path.display()
        ))
    }

    /// Explains why no scenario is written, if one was requested: a run that only missed its goal
    /// violated nothing.
    pub(crate) fn excuse(&self, screen: &mut Screen) -> Result<(), Failure> {
        match &self.scenario {
            Some(path) => screen.prose(&format!("{} is not written: {}.", path.display(), Untold::Unbroken)),
            None => Ok(()),
        }
    }
}
