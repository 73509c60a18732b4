//! SIGINT and SIGTERM: the first asks a command to end in order, the second ends it at once.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use quorate::lab::Stop;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use super::failure::Failure;

/// The signals that end a command, with their names.
const SIGNALS: [(i32, &str); 2] = [(SIGINT, "SIGINT"), (SIGTERM, "SIGTERM")];

/// Whether a signal has come, and which.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interrupt {
    stop: Stop,
    number: Arc<AtomicUsize>,
}

/// A signal that has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Signal {
    number: i32,
    name: &'static str,
}

impl Interrupt {
    /// Takes signals from now on. A second one ends the process at once, with the same status.
    pub(crate) fn listen() -> Result<Self, Failure> {
        let interrupt = Interrupt::default();
        for (number, name) in SIGNALS {
            interrupt
                .take(number)
                .map_err(|error| Failure::unusable(format_args!("{name} cannot be taken: {error}")))?;
        }
        Ok(interrupt)
    }

    /// What is registered first is done first: the process ends only if the flag was set before.
    fn take(&self, number: i32) -> std::io::Result<()> {
        flag::register_conditional_shutdown(number, 128 + number, self.stop.flag())?;
        flag::register_usize(number, Arc::clone(&self.number), usize::try_from(number).unwrap_or_default())?;
        flag::register(number, self.stop.flag())?;
        Ok(())
    }

    /// What long work looks at.
    pub(crate) fn stop(&self) -> &Stop {
        &self.stop
    }

    /// The signal that has come, if one has.
    pub(crate) fn signal(&self) -> Option<Signal> {
        if !self.stop.is_requested() {
            return None;
        }
        let number = self.number.load(Ordering::SeqCst);
        let (number, name) = SIGNALS.into_iter().find(|(each, _)| usize::try_from(*each) == Ok(number))?;
        Some(Signal { number, name })
    }
}

impl Signal {
    /// The status with which a process ends that a signal has ended: 130 for SIGINT, 143 for SIGTERM.
    pub(crate) fn status(self) -> u8 {
        u8::try_from(128 + self.number).unwrap_or(u8::MAX)
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
