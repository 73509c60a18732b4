//! Stop requests (cooperative cancellation): made once, seen by every loop that holds the flag.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A flag that asks long work to end early: a search, a simulated run, a sweep. All clones share
/// it.
///
/// The work polls the flag between two steps and returns its result so far, which is incomplete but
/// correct.
///
/// ```
/// use quorate_lab::Stop;
///
/// let stop = Stop::new();
/// let seen_by_the_work = stop.clone();
/// stop.request();
/// assert!(seen_by_the_work.is_requested());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Creates a flag that is not set.
    pub fn new() -> Self {
        Stop::default()
    }

    /// Requests a stop. This cannot be undone.
    pub fn request(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether a stop was requested.
    pub fn is_requested(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    /// Returns the flag itself, for a signal handler to set.
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }
}
