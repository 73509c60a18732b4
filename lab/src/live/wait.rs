//! Waiting strategy of threads: yield a few times, then block.
//!
//! A node mostly waits for the work of a neighbour that waits for the processor, which takes a few
//! microseconds. Blocking and waking takes as long again on both sides. So a thread first yields to
//! the others, and is still awake if one of them sends it something. It soon blocks all the same:
//! an idle cluster uses no processor.

use super::threads::{Instant, Receiver, SPIN_YIELDS, yield_now};

/// Receives the next item of an inbox; `None` if none has come by the deadline, which is computed
/// only when it is needed.
pub(super) fn receive<T>(inbox: &Receiver<T>, deadline: impl FnOnce() -> Option<Instant>) -> Option<T> {
    for _ in 0..SPIN_YIELDS {
        if let Ok(next) = inbox.try_recv() {
            return Some(next);
        }
        yield_now();
    }
    match deadline() {
        None => inbox.recv().ok(),
        Some(deadline) => inbox.recv_deadline(deadline).ok(),
    }
}
