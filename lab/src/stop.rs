//! A request to stop: made once, seen by every loop that is given it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A flag that asks long work to end early: a search, a simulated run, a sweep. All clones are one flag.
///
/// Whoever does the work looks at it between two steps and hands over what it has by then, so what comes of it is incomplete
/// but true.
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
    /// A flag that is not set.
    pub fn new() -> Self {
        Stop::default()
    }

    /// Asks for an end. There is no way back.
    pub fn request(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether somebody has asked for an end.
    pub fn is_requested(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    /// The bare flag, for a signal handler to set.
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }
}
