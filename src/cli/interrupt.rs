//! SIGINT and SIGTERM: the first signal stops a command gracefully, the second ends it at once.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use quorate::lab::Stop;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use super::failure::Failure;

/// Handled signals, with their names.
const SIGNALS: [(i32, &str); 2] = [(SIGINT, "SIGINT"), (SIGTERM, "SIGTERM")];

/// Flag for a received signal, with its number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interrupt {
    stop: Stop,
    number: Arc<AtomicUsize>,
}

/// A received signal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Signal {
    number: i32,
    name: &'static str,
}

impl Interrupt {
    /// Installs the signal handlers. A second signal ends the process at once, with the same
    /// status.
    pub(crate) fn listen() -> Result<Self, Failure> {
        let interrupt = Interrupt::default();
        for (number, name) in SIGNALS {
            interrupt
                .take(number)
                .map_err(|error| Failure::unusable(format_args!("cannot install a handler for {name}: {error}")))?;
        }
        Ok(interrupt)
    }

    /// Handlers run in the order of their registration: the process ends only if the flag was
    /// already set.
    fn take(&self, number: i32) -> std::io::Result<()> {
        flag::register_conditional_shutdown(number, 128 + number, self.stop.flag())?;
        flag::register_usize(number, Arc::clone(&self.number), usize::try_from(number).unwrap_or_default())?;
        flag::register(number, self.stop.flag())?;
        Ok(())
    }

    /// Flag polled by long-running work.
    pub(crate) fn stop(&self) -> &Stop {
        &self.stop
    }

    /// The received signal, if any.
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
    /// Exit status after the signal: 130 for SIGINT, 143 for SIGTERM.
    pub(crate) fn status(self) -> u8 {
        u8::try_from(128 + self.number).unwrap_or(u8::MAX)
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
