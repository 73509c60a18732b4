//! How a thread waits: it lets others run, a few times, and then sleeps.
//!
//! What a node waits for is mostly the work of a neighbour that waits for the processor, and takes a few microseconds. To be
//! put to sleep and woken takes as long again on both sides. So a thread first offers its turn to the others; whoever has
//! something for it finds it awake. Soon it sleeps all the same: a cluster with nothing to do uses no processor.

use super::threads::{COURTESIES, Instant, Receiver, yield_now};

/// The next thing in an inbox; `None` if nothing has come by the deadline, which is asked for only when it matters.
pub(super) fn receive<T>(inbox: &Receiver<T>, deadline: impl FnOnce() -> Option<Instant>) -> Option<T> {
    for _ in 0..COURTESIES {
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
