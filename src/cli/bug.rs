//! `--bug ID`: a buggy rulebook from the zoo instead of the correct one.

use clap::Args;
use quorate::bugs::{self, Bug};
use quorate::lab::trace::nearest;

#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Choice {
    /// Run with a bug of the zoo; `quorate bugs` lists the ids
    #[arg(long, value_name = "ID", value_parser = find)]
    pub(crate) bug: Option<&'static Bug>,
}

pub(crate) fn find(id: &str) -> Result<&'static Bug, String> {
    bugs::find(id).ok_or_else(|| match nearest(id, bugs::all().map(|bug| bug.id)) {
        Some(near) => format!("there is no bug with that id; did you mean '{near}'?"),
        None => "there is no bug with that id; `quorate bugs` lists them".to_owned(),
    })
}

impl Choice {
    /// Returns the option as on a command line, after a space; empty if it was not given.
    pub(crate) fn command_line(self) -> String {
        self.bug.map_or_else(String::new, |bug| format!(" --bug {}", bug.id))
    }
}
