//! How a command can fail, and what the exit status says of it.

use std::fmt::Display;
use std::io;
use std::process::ExitCode;

/// Why a command did not do what it was asked to.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Something that should hold did not: exit status 1.
    Broke(String),
    /// What was asked for, or a file that was given, makes no sense: exit status 2.
    Unusable(String),
    /// Nobody reads the output any more, as behind `| head`: the end, and no reason to complain.
    NobodyReads,
}

impl Failure {
    pub(crate) fn broke(what: impl Display) -> Self {
        Failure::Broke(what.to_string())
    }

    pub(crate) fn unusable(what: impl Display) -> Self {
        Failure::Unusable(what.to_string())
    }

    pub(crate) fn unusable_dyn(what: Box<dyn std::error::Error>) -> Self {
        Failure::Unusable(what.to_string())
    }

    /// Says on the standard error what is wrong, and how the process should end.
    pub(crate) fn report(&self) -> ExitCode {
        let (message, status) = match self {
            Failure::Broke(message) => (message, 1),
            Failure::Unusable(message) => (message, 2),
            Failure::NobodyReads => return ExitCode::SUCCESS,
        };
        // If even the standard error is closed, the status still tells.
        let _ = io::Write::write_all(&mut io::stderr(), format!("error: {message}\n").as_bytes());
        ExitCode::from(status)
    }
}

impl From<io::Error> for Failure {
    /// An error in writing the output.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::NobodyReads,
            _ => Failure::Unusable(format!("the output cannot be written: {error}")),
        }
    }
}
