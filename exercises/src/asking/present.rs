//! The answer that is being graded. Decisions are plain functions, and watchers come from nothing: they find it here.

use std::panic;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use quorate_protocol::Names;

use super::link::Link;
use super::stop::Stopped;

static PRESENT: Mutex<Option<Arc<Link>>> = Mutex::new(None);
/// One answer is graded at a time.
static TURN: Mutex<()> = Mutex::new(());

/// What a mutex guards, whatever became of those who held it before.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// While this lives, a link is the present one.
pub(super) struct Present(#[allow(dead_code, reason = "held until the grading is over")] MutexGuard<'static, ()>);

/// Makes a link the present one, after those before it.
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

/// The answer that is being graded.
pub(super) fn present() -> Arc<Link> {
    locked(&PRESENT).clone().unwrap_or_else(|| panic::resume_unwind(Box::new(Stopped)))
}

/// A new case has begun, if an answer is being asked.
pub(crate) fn case_begins() {
    if let Some(link) = locked(&PRESENT).as_ref() {
        link.case_begins();
    }
}

/// Names nobody has: ids go as numbers.
pub(super) fn nameless<T>(work: impl FnOnce() -> T) -> T {
    thread_local! {
        static NOBODY: Names = Names::default();
    }
    NOBODY.with(Names::clone).scope(work)
}
