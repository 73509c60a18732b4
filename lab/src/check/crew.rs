//! Threads that share one piece of work after the other. Nothing is locked: what is shared is only read.

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use rayon::{ThreadPool, ThreadPoolBuilder};

/// Less work than for so many items is not worth waking anybody.
const WORTH_SHARING: usize = 512;

/// Threads that stay for as long as a search lasts: to start some for every batch would cost as much as they gain.
#[derive(Debug)]
pub(super) struct Crew(Option<ThreadPool>);

impl Crew {
    /// So many threads; one alone, the present one, if that is all that is asked for or all that the system grants.
    pub(super) fn new(threads: usize) -> Self {
        Crew((threads > 1).then(|| ThreadPoolBuilder::new().num_threads(threads).build().ok()).flatten())
    }

    /// How many threads there are.
    pub(super) fn threads(&self) -> usize {
        self.0.as_ref().map_or(1, ThreadPool::current_num_threads)
    }

    /// Those who should work on so many items: the leader alone, if they are few.
    pub(super) fn for_items(&self, items: usize) -> &Crew {
        static ALONE: Crew = Crew(None);
        if items < WORTH_SHARING { &ALONE } else { self }
    }

    /// Has one of the threads do the work, in which all others help where it is [shared](Self::share). Who leads is never woken
    /// and put to sleep in between.
    ///
    /// A panic in any thread goes on here.
    pub(super) fn lead<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        match &self.0 {
            Some(pool) => pool.install(work),
            None => work(),
        }
    }

    /// Does all pieces, each on whatever thread is free. The results are in the order of the pieces.
    pub(super) fn share<P: Send, R: Send>(
        &self,
        pieces: impl IntoIterator<Item = P>,
        work: impl Fn(P) -> R + Send + Sync,
    ) -> Vec<R> {
        let pieces: Vec<P> = pieces.into_iter().collect();
        match &self.0 {
            Some(pool) if pieces.len() > 1 => pool.install(|| pieces.into_par_iter().map(work).collect()),
            _ => pieces.into_iter().map(work).collect(),
        }
    }

    /// Does both, at the same time if there are threads for it.
    pub(super) fn both<A: Send, B: Send>(
        &self,
        one: impl FnOnce() -> A + Send,
        other: impl FnOnce() -> B + Send,
    ) -> (A, B) {
        match &self.0 {
            Some(pool) => pool.join(one, other),
            None => (one(), other()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_keep_the_order_of_the_pieces() {
        for threads in [1, 3] {
            let crew = Crew::new(threads);
            assert_eq!(
                (crew.threads(), crew.for_items(10_000).threads(), crew.for_items(1).threads()),
                (threads, threads, 1)
            );
            assert_eq!(crew.lead(|| crew.share(0..5, |piece| piece * 10)), [0, 10, 20, 30, 40]);
            assert!(crew.share(0..0, |piece: u32| piece).is_empty());
            assert_eq!(crew.both(|| 1, || "other"), (1, "other"));
        }
    }

    #[test]
    fn a_panic_is_not_swallowed() {
        let crew = Crew::new(3);
        let work = || crew.lead(|| crew.share(0..3, |piece| assert!(piece < 2, "the last piece fails")));
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).is_err());
    }
}
