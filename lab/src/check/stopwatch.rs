//! Stopwatch of the checker: the only clock that it reads, for limits and rates, never for results.

#![cfg_attr(
    not(target_family = "wasm"),
    expect(clippy::disallowed_types, reason = "how long a search takes is no part of any result that it finds")
)]

use quorate_protocol::Duration;

/// Measures the time since it was started. In a browser, where reading the clock would panic, it
/// always shows zero.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stopwatch {
    #[cfg(not(target_family = "wasm"))]
    started: std::time::Instant,
}

impl Stopwatch {
    #[cfg(not(target_family = "wasm"))]
    pub(super) fn start() -> Self {
        Stopwatch { started: std::time::Instant::now() }
    }

    #[cfg(target_family = "wasm")]
    pub(super) fn start() -> Self {
        Stopwatch {}
    }

    #[cfg(not(target_family = "wasm"))]
    pub(super) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    #[cfg(target_family = "wasm")]
    pub(super) fn elapsed(&self) -> Duration {
        Duration::ZERO
    }
}
