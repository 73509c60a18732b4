//! Locks, atomics, threads, channels and a clock over shuttle: every step is a scheduling point.
//!
//! Virtual time advances only when it is read, or when a wait with a deadline times out at random:
//! then it jumps to the deadline. So a deadline may pass at any moment, as it may on a busy
//! machine.

use std::cell::Cell;
use std::collections::VecDeque;
use std::fmt;
use std::ops::Add;
use std::time::Duration;

pub(super) use crossbeam_channel::RecvTimeoutError;
use crossbeam_channel::{RecvError, SendError, TryRecvError};
use shuttle::rand::{Rng, thread_rng};
use shuttle::sync::Condvar;
pub(super) use shuttle::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
pub(super) use shuttle::sync::{Arc, Mutex, MutexGuard};
pub(super) use shuttle::thread::{Builder, JoinHandle, yield_now};
pub(super) use std::sync::PoisonError;

/// One yield is enough: the scheduler chooses every interleaving anyway.
pub(super) const SPIN_YIELDS: u32 = 1;

/// A wait with a deadline times out first once in this many times, at random.
const TOSS: u32 = 40;

thread_local! {
    /// All tasks of an execution run on one system thread.
    static CLOCK: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// An instant of the virtual clock.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Instant(Duration);

impl Instant {
    pub(super) fn now() -> Self {
        CLOCK.set(CLOCK.get() + Duration::from_micros(1));
        Instant(CLOCK.get())
    }

    pub(super) fn elapsed(self) -> Duration {
        Instant::now().0.saturating_sub(self.0)
    }

    pub(super) fn checked_add(self, span: Duration) -> Option<Self> {
        self.0.checked_add(span).map(Instant)
    }

    fn come(self) {
        CLOCK.set(CLOCK.get().max(self.0));
    }
}

impl Add<Duration> for Instant {
    type Output = Instant;

    fn add(self, span: Duration) -> Instant {
        Instant(self.0 + span)
    }
}

/// A channel like crossbeam's, as far as it is used here.
struct Channel<T> {
    queue: Mutex<ChannelState<T>>,
    news: Condvar,
}

struct ChannelState<T> {
    waiting: VecDeque<T>,
    senders: usize,
    receivers: usize,
}

impl<T> Channel<T> {
    fn queue(&self) -> MutexGuard<'_, ChannelState<T>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn unbounded<T>() -> (Sender<T>, Receiver<T>) {
    let queue = Mutex::new(ChannelState { waiting: VecDeque::new(), senders: 1, receivers: 1 });
    let hall = Arc::new(Channel { queue, news: Condvar::new() });
    (Sender(Arc::clone(&hall)), Receiver(hall))
}

/// Unbounded: no sender here sends more than a bounded channel would hold.
pub(super) fn bounded<T>(_: usize) -> (Sender<T>, Receiver<T>) {
    unbounded()
}

pub(super) struct Sender<T>(Arc<Channel<T>>);

impl<T> Sender<T> {
    pub(super) fn send(&self, value: T) -> Result<(), SendError<T>> {
        let mut queue = self.0.queue();
        if queue.receivers == 0 {
            return Err(SendError(value));
        }
        queue.waiting.push_back(value);
        drop(queue);
        self.0.news.notify_one();
        Ok(())
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.0.queue().senders += 1;
        Sender(Arc::clone(&self.0))
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.0.queue().senders -= 1;
        self.0.news.notify_all();
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sender")
    }
}

pub(super) struct Receiver<T>(Arc<Channel<T>>);

impl<T> Receiver<T> {
    pub(super) fn try_recv(&self) -> Result<T, TryRecvError> {
        let mut queue = self.0.queue();
        match queue.waiting.pop_front() {
            Some(value) => Ok(value),
            None if queue.senders == 0 => Err(TryRecvError::Disconnected),
            None => Err(TryRecvError::Empty),
        }
    }

    pub(super) fn recv(&self) -> Result<T, RecvError> {
        let mut queue = self.0.queue();
        loop {
            if let Some(value) = queue.waiting.pop_front() {
                return Ok(value);
            }
            if queue.senders == 0 {
                return Err(RecvError);
            }
            queue = self.0.news.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    pub(super) fn recv_deadline(&self, deadline: Instant) -> Result<T, RecvTimeoutError> {
        loop {
            match self.try_recv() {
                Ok(value) => return Ok(value),
                Err(TryRecvError::Disconnected) => return Err(RecvTimeoutError::Disconnected),
                Err(TryRecvError::Empty) => {}
            }
            if Instant::now() >= deadline || thread_rng().gen_range(0..TOSS) == 0 {
                deadline.come();
                return Err(RecvTimeoutError::Timeout);
            }
            yield_now();
        }
    }

    pub(super) fn recv_timeout(&self, span: Duration) -> Result<T, RecvTimeoutError> {
        self.recv_deadline(Instant::now() + span)
    }

    pub(super) fn try_iter(&self) -> impl Iterator<Item = T> + '_ {
        std::iter::from_fn(|| self.try_recv().ok())
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.0.queue().receivers -= 1;
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Receiver")
    }
}
