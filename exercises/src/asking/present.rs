//! The answer that is being graded, as a global: decisions are plain functions and watchers are
//! default values, so they have no other way to find it.

use std::panic;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use quorate_protocol::Names;

use super::link::Link;
use super::stop::Stopped;

static PRESENT: Mutex<Option<Arc<Link>>> = Mutex::new(None);
/// Lock that serialises gradings.
static TURN: Mutex<()> = Mutex::new(());

/// Locks a mutex, ignoring poisoning.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Guard that makes a link the present one while it lives.
pub(super) struct Present(#[allow(dead_code, reason = "held until the grading is over")] MutexGuard<'static, ()>);

/// Makes a link the present one, once earlier gradings are over.
pub(super) fn enter(link: &Arc<Link>) -> Present {
    let turn = locked(&TURN);
    *locked(&PRESENT) = Some(link.clone());
    Present(turn)
}

impl Drop for Present {
    fn drop(&mut self) {
        *locked(&PRESENT) = None;
    }
}

/// Returns the link of the answer that is being graded.
pub(super) fn present() -> Arc<Link> {
    locked(&PRESENT).clone().unwrap_or_else(|| panic::resume_unwind(Box::new(Stopped)))
}

/// Starts a new case, if an answer is being asked.
pub(crate) fn case_begins() {
    if let Some(link) = locked(&PRESENT).as_ref() {
        link.case_begins();
    }
}

/// Runs `work` without names in scope, so that ids are serialised as numbers.
pub(super) fn nameless<T>(work: impl FnOnce() -> T) -> T {
    thread_local! {
        static NOBODY: Names = Names::default();
    }
    NOBODY.with(Names::clone).scope(work)
}
