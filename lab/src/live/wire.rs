//! Messages between threads, and the state that all of them share.

use std::cmp::Ordering as Order_;
use std::collections::BinaryHeap;

use quorate_protocol::{ClientId, Constants, Machine, Names, NodeId, Ticket, Time};

use super::error::Failure;
use super::tape::Reel;
use super::threads::{AtomicBool, Instant, Mutex, Ordering, PoisonError, Receiver, Sender};
use super::weather::Weather;
use crate::env::CrashMoment;
use crate::telling::Target;
use crate::trace::{Lane, MessageId};

/// Input of a node's thread: one channel operation for everything that a sender had for it.
#[derive(Debug)]
pub(super) enum Parcel<M: Machine> {
    /// Messages of another node.
    Letters { from: NodeId, letters: Vec<Letter<M>> },
    /// Requests of a client, with its reply channel.
    Petitions { client: ClientId, back: Sender<Word<M>>, petitions: Vec<Petition<M>> },
    /// A control order of the cluster.
    Order(Order<M>),
}

impl<M: Machine> Parcel<M> {
    /// Calls `each` with the messages in it and their senders.
    pub(super) fn messages(&self, mut each: impl FnMut(Lane, MessageId)) {
        match self {
            Parcel::Letters { from, letters } => letters.iter().for_each(|letter| each((*from).into(), letter.msg)),
            Parcel::Petitions { client, petitions, .. } => {
                petitions.iter().for_each(|petition| each((*client).into(), petition.msg));
            }
            Parcel::Order(_) => {}
        }
    }
}

/// A message, with its earliest delivery time.
#[derive(Clone, Debug)]
pub(super) struct Letter<M: Machine> {
    pub(super) msg: MessageId,
    pub(super) due: Time,
    pub(super) message: M::Message,
}

/// A request, with its earliest delivery time.
#[derive(Clone, Debug)]
pub(super) struct Petition<M: Machine> {
    pub(super) msg: MessageId,
    pub(super) due: Time,
    pub(super) ticket: Ticket,
    pub(super) command: M::Command,
}

/// A control order of the cluster to a node's thread.
#[derive(Debug)]
pub(super) enum Order<M: Machine> {
    /// Crash, as by a loss of power.
    Crash,
    /// Shut down: the run is over.
    Retire,
    /// Crash at this moment of a step as soon as it applies; `None` cancels a pending crash.
    Doom(Option<CrashMoment>),
    Pause,
    Resume,
    Drift(i32),
    Jump(i64),
    /// Send the state.
    Look(Sender<M::View>),
    /// Send the recorded trace events.
    Report(Sender<Reel<M>>),
}

/// Input of a client.
#[derive(Debug)]
pub(super) enum Word<M: Machine> {
    /// Answers of a node.
    Answers { from: NodeId, answers: Vec<Answered<M>> },
    /// The node is down: it will not answer pending requests.
    Down(NodeId),
}

/// An answer, with its earliest delivery time.
#[derive(Clone, Debug)]
pub(super) struct Answered<M: Machine> {
    pub(super) msg: MessageId,
    pub(super) due: Time,
    pub(super) ticket: Ticket,
    pub(super) reply: M::Reply,
}

/// State shared by all threads of a cluster.
#[derive(Debug)]
pub(super) struct Common<M: Machine> {
    pub(super) names: Names,
    pub(super) constants: Constants<M>,
    pub(super) target: Target,
    pub(super) traced: bool,
    pub(super) seed: u64,
    pub(super) epoch: Instant,
    /// The number of this run of a cluster whose disks outlive it.
    pub(super) run: u64,
    pub(super) weather: Weather,
    pub(super) posts: Vec<Post<M>>,
    /// The channel for the traces of clients.
    pub(super) reels: Sender<Reel<M>>,
    pub(super) failures: Mutex<Vec<Failure>>,
    pub(super) closed: AtomicBool,
    /// Whether clients should stop waiting.
    pub(super) dismissed: AtomicBool,
}

/// Channel and status of a node.
#[derive(Debug)]
pub(super) struct Post<M: Machine> {
    pub(super) door: Sender<Parcel<M>>,
    /// The receiving end. It outlives the node's thread, so that a restarted one keeps the same
    /// channel.
    pub(super) inbox: Receiver<Parcel<M>>,
    pub(super) up: AtomicBool,
}

impl<M: Machine> Common<M> {
    /// The time since the start.
    pub(super) fn now(&self) -> Time {
        Time::ZERO + self.epoch.elapsed()
    }

    /// Converts a time to an instant.
    pub(super) fn instant(&self, at: Time) -> Instant {
        let span = at.since(Time::ZERO);
        // A time beyond the clock's range is replaced by the longest practical wait.
        self.epoch.checked_add(span).unwrap_or_else(|| self.epoch + quorate_protocol::Duration::from_secs(1 << 30))
    }

    pub(super) fn is_up(&self, node: NodeId) -> bool {
        self.posts.get(node.index()).is_some_and(|post| post.up.load(Ordering::Acquire))
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Whether clients may stop waiting: no answer will come, or the caller has dismissed them.
    pub(super) fn has_dismissed(&self) -> bool {
        self.is_closed() || self.dismissed.load(Ordering::Acquire)
    }

    pub(super) fn failures(&self) -> Vec<Failure> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn fail(&self, failure: Failure) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).push(failure);
    }
}

/// Messages that were received but are not yet visible: the simulated network delay.
#[derive(Debug)]
pub(super) struct Delayed<T> {
    heap: BinaryHeap<Waiting<T>>,
    count: u64,
}

#[derive(Debug)]
struct Waiting<T> {
    due: Time,
    count: u64,
    what: T,
}

impl<T> Delayed<T> {
    pub(super) const fn new() -> Self {
        Delayed { heap: BinaryHeap::new(), count: 0 }
    }

    pub(super) fn push(&mut self, due: Time, what: T) {
        self.count += 1;
        self.heap.push(Waiting { due, count: self.count, what });
    }

    /// The time at which the next one becomes visible.
    pub(super) fn next(&self) -> Option<Time> {
        self.heap.peek().map(|waiting| waiting.due)
    }

    /// Removes and returns the next one that is visible by now.
    pub(super) fn pop(&mut self, now: Time) -> Option<T> {
        self.next().filter(|due| *due <= now)?;
        self.heap.pop().map(|waiting| waiting.what)
    }

    /// Removes and returns everything, visible or not.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = T> + '_ {
        self.heap.drain().map(|waiting| waiting.what)
    }
}

impl<T> Ord for Waiting<T> {
    /// Reversed, because a heap yields the greatest first: the earliest compares as the greatest.
    fn cmp(&self, other: &Self) -> Order_ {
        (other.due, other.count).cmp(&(self.due, self.count))
    }
}

impl<T> PartialOrd for Waiting<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Order_> {
        Some(self.cmp(other))
    }
}

impl<T> PartialEq for Waiting<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<T> Eq for Waiting<T> {}
