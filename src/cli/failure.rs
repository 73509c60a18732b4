//! Errors of commands, and their exit statuses.

use std::fmt::Display;
use std::io;
use std::process::ExitCode;

use super::interrupt::Signal;
use super::wrap;

/// Error of a command.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A checked property was violated: exit status 1.
    Broke(String),
    /// Invalid arguments or input: exit status 2.
    Unusable(String),
    /// Interrupted by a signal: exit status 130 for SIGINT, 143 for SIGTERM. Results so far are
    /// reported.
    Interrupted {
        /// The signal.
        signal: Signal,
        /// Progress at that time.
        done: String,
    },
    /// Broken pipe, as after `| head`: ends the program without an error message.
    BrokenPipe,
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

    /// Prints the error to the standard error, and returns the exit status.
    pub(crate) fn report(&self) -> ExitCode {
        let (grave, status) = match self {
            Failure::Broke(_) => ("error: ", 1),
            Failure::Unusable(_) => ("error: ", 2),
            Failure::Interrupted { signal, .. } => ("", signal.status()),
            Failure::BrokenPipe => return ExitCode::SUCCESS,
        };
        let text = format!("{grave}{self}\n");
        let text = wrap::error_columns().map_or(text.clone(), |width| wrap::lines(&text, width));
        // If the standard error is closed too, the exit status remains.
        let _ = io::Write::write_all(&mut io::stderr(), text.as_bytes());
        ExitCode::from(status)
    }
}

impl Display for Failure {
    /// Formats the error without its severity.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Failure::Broke(message) | Failure::Unusable(message) => f.write_str(message),
            Failure::Interrupted { signal, done } => write!(f, "interrupted by {signal}: {done}"),
            Failure::BrokenPipe => f.write_str("the output was closed by its reader"),
        }
    }
}

impl From<io::Error> for Failure {
    /// Converts an error in writing the output.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::BrokenPipe,
            _ => Failure::Unusable(format!("cannot write the output: {error}")),
        }
    }
}
