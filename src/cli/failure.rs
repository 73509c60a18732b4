//! How a command can fail, and what the exit status says of it.

use std::fmt::Display;
use std::io;
use std::process::ExitCode;

use super::interrupt::Signal;

/// Why a command did not do what it was asked to.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Something that should hold did not: exit status 1.
    Broke(String),
    /// What was asked for, or a file that was given, makes no sense: exit status 2.
    Unusable(String),
    /// A signal has ended the work before it was done: exit status 130 for SIGINT, 143 for SIGTERM. What was done by then is reported.
    Interrupted {
        /// Which signal.
        signal: Signal,
        /// How far the work had come.
        done: String,
    },
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

    pub(crate) fn interrupted(signal: Signal, done: impl Display) -> Self {
        Failure::Interrupted { signal, done: done.to_string() }
    }

    pub(crate) fn unusable_dyn(what: Box<dyn std::error::Error>) -> Self {
        Failure::Unusable(what.to_string())
    }

    /// Says on the standard error what is wrong, and how the process should end.
    pub(crate) fn report(&self) -> ExitCode {
        let (grave, status) = match self {
            Failure::Broke(_) => ("error: ", 1),
            Failure::Unusable(_) => ("error: ", 2),
            Failure::Interrupted { signal, .. } => ("", signal.status()),
            Failure::NobodyReads => return ExitCode::SUCCESS,
        };
        // If even the standard error is closed, the status still tells.
        let _ = io::Write::write_all(&mut io::stderr(), format!("{grave}{self}\n").as_bytes());
        ExitCode::from(status)
    }
}

impl Display for Failure {
    /// What is wrong, without the word for how grave it is.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Failure::Broke(message) | Failure::Unusable(message) => f.write_str(message),
            Failure::Interrupted { signal, done } => write!(f, "interrupted by {signal}: {done}"),
            Failure::NobodyReads => f.write_str("nobody reads the output"),
        }
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
