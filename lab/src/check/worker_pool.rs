//! Worker threads of a search. Only the list of work items is locked: all other shared data is
//! read-only.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use quorate_protocol::Duration;
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::stopwatch::Stopwatch;

/// A list of work items or results, shared by several threads. It is locked while a thread takes
/// or adds some, never while it works.
#[expect(clippy::disallowed_types, reason = "the result does not depend on which thread takes which item")]
type List<I> = std::sync::Mutex<I>;

/// Time of busy waiting, after which sleeping is cheaper.
const SPIN_LIMIT: Duration = Duration::from_micros(500);

/// A thread pool that is started when there is enough work for the first time, and then kept:
/// starting threads for every batch would cost as much as they gain.
#[derive(Debug)]
pub(super) struct WorkerPool {
    threads: usize,
    pool: OnceLock<Option<ThreadPool>>,
}

impl WorkerPool {
    /// A pool of that size. Work is done on the calling thread alone if the size is one, or if the
    /// system starts no threads.
    pub(super) const fn new(threads: usize) -> Self {
        WorkerPool { threads, pool: OnceLock::new() }
    }

    fn pool(&self) -> Option<&ThreadPool> {
        let start = || (self.threads > 1).then(|| ThreadPoolBuilder::new().num_threads(self.threads).build().ok());
        self.pool.get_or_init(|| start().flatten()).as_ref()
    }

    /// Returns the number of threads.
    pub(super) fn threads(&self) -> usize {
        self.pool().map_or(1, ThreadPool::current_num_threads)
    }

    /// Runs the work on one of the pool's threads; all others help where work is
    /// [mapped](Self::map). The leading thread is never put to sleep and woken in between.
    ///
    /// A panic in any thread is propagated.
    pub(super) fn install<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        match self.pool() {
            Some(pool) => pool.install(work),
            None => work(),
        }
    }

    /// Processes all items, each on any free thread. The results are in the order of the items.
    pub(super) fn map<P: Send, R: Send>(
        &self,
        pieces: impl IntoIterator<Item = P>,
        work: impl Fn(P) -> R + Sync,
    ) -> Vec<R> {
        let pieces: Vec<P> = pieces.into_iter().collect();
        let Some(pool) = self.pool().filter(|_| pieces.len() > 1) else {
            return pieces.into_iter().map(work).collect();
        };
        let (count, done) = (pieces.len(), AtomicUsize::new(0));
        let left = List::new(pieces.into_iter().enumerate());
        let take = || left.lock().expect("nobody fails while taking a piece").next();
        let all = List::new(Vec::with_capacity(count));
        everywhere(pool, &|| {
            let mut results = Vec::new();
            while let Some((place, piece)) = take() {
                results.push((place, work(piece)));
                done.fetch_add(1, Ordering::Relaxed);
            }
            all.lock().expect("nobody fails while handing in results").append(&mut results);
            spin_until(&done, count);
        });
        let mut results: Vec<(usize, R)> = all.into_inner().expect("nobody fails while handing in results");
        results.sort_unstable_by_key(|&(place, _)| place);
        results.into_iter().map(|(_, result)| result).collect()
    }
}

/// Runs the work once on each thread. Not generic, so that the pool's code is compiled once.
fn everywhere(pool: &ThreadPool, work: &(dyn Fn() + Sync)) {
    pool.broadcast(|_| work());
}

/// Busy-waits for other threads for a short time. A thread that went to sleep would have to be
/// woken for the next work, which follows at once, and waking takes longer than most waits.
fn spin_until(done: &AtomicUsize, count: usize) {
    let watch = Stopwatch::start();
    while done.load(Ordering::Relaxed) != count && watch.elapsed() < SPIN_LIMIT {
        (0..32).for_each(|_| std::hint::spin_loop());
        std::thread::yield_now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_keep_the_order_of_the_pieces() {
        for threads in [1, 3] {
            let workers = WorkerPool::new(threads);
            assert_eq!(workers.threads(), threads);
            assert_eq!(workers.install(|| workers.map(0..5, |piece| piece * 10)), [0, 10, 20, 30, 40]);
            assert!(workers.map(0..0, |piece: u32| piece).is_empty());
        }
    }

    #[test]
    fn a_panic_is_not_swallowed() {
        let workers = WorkerPool::new(3);
        let work = || workers.install(|| workers.map(0..3, |piece| assert!(piece < 2, "the last piece fails")));
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_err();
        assert_eq!(panic.downcast_ref::<&str>(), Some(&"the last piece fails"));
    }
}
