//! What passes between the threads, and what all of them share.

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

/// What reaches a node's thread: one channel operation for all that a sender had for it.
#[derive(Debug)]
pub(super) enum Parcel<M: Machine> {
    /// Messages of another node.
    Letters { from: NodeId, letters: Vec<Letter<M>> },
    /// Requests of a client, with the way back.
    Petitions { client: ClientId, back: Sender<Word<M>>, petitions: Vec<Petition<M>> },
    /// What the cluster wants of the thread.
    Order(Order<M>),
}

impl<M: Machine> Parcel<M> {
    /// The messages in it, each with its sender.
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

/// A message, and when it may arrive.
#[derive(Clone, Debug)]
pub(super) struct Letter<M: Machine> {
    pub(super) msg: MessageId,
    pub(super) due: Time,
    pub(super) message: M::Message,
}

/// A request, and when it may arrive.
#[derive(Clone, Debug)]
pub(super) struct Petition<M: Machine> {
    pub(super) msg: MessageId,
    pub(super) due: Time,
    pub(super) ticket: Ticket,
    pub(super) command: M::Command,
}

/// What the cluster wants of a node's thread.
#[derive(Debug)]
pub(super) enum Order<M: Machine> {
    /// End as if the machine had lost its power.
    Crash,
    /// End: the run is over.
    Retire,
    /// Run into this crash as soon as it makes a difference; or no longer into any.
    Doom(Option<CrashMoment>),
    Pause,
    Resume,
    Drift(i32),
    Jump(i64),
    /// Show the state.
    Look(Sender<M::View>),
    /// Hand over what was recorded.
    Report(Sender<Reel<M>>),
}

/// What reaches a client's thread.
#[derive(Debug)]
pub(super) enum Word<M: Machine> {
    /// Answers of a node.
    Answers { from: NodeId, answers: Vec<Answered<M>> },
    /// The node is down: it will not answer what it was asked.
    Down(NodeId),
}

/// An answer, and when it may arrive.
#[derive(Clone, Debug)]
pub(super) struct Answered<M: Machine> {
    pub(super) msg: MessageId,
    pub(super) due: Time,
    pub(super) ticket: Ticket,
    pub(super) reply: M::Reply,
}

/// What every thread of a cluster knows.
#[derive(Debug)]
pub(super) struct Common<M: Machine> {
    pub(super) names: Names,
    pub(super) constants: Constants<M>,
    pub(super) target: Target,
    pub(super) traced: bool,
    pub(super) seed: u64,
    pub(super) epoch: Instant,
    /// Which run this is of a cluster whose disks outlive it.
    pub(super) run: u64,
    pub(super) weather: Weather,
    pub(super) posts: Vec<Post<M>>,
    /// Where clients leave their tapes.
    pub(super) reels: Sender<Reel<M>>,
    pub(super) failures: Mutex<Vec<Failure>>,
    pub(super) closed: AtomicBool,
    /// Clients are to wait no longer.
    pub(super) dismissed: AtomicBool,
}

/// Where a node is reached.
#[derive(Debug)]
pub(super) struct Post<M: Machine> {
    pub(super) door: Sender<Parcel<M>>,
    /// The other end. It outlives the node's thread, so that a restarted one is reached by the same way.
    pub(super) inbox: Receiver<Parcel<M>>,
    pub(super) up: AtomicBool,
}

impl<M: Machine> Common<M> {
    /// The time since the start.
    pub(super) fn now(&self) -> Time {
        Time::ZERO + self.epoch.elapsed()
    }

    /// The instant of a time.
    pub(super) fn instant(&self, at: Time) -> Instant {
        let span = at.since(Time::ZERO);
        // What lies beyond the clock's range is waited for as long as anything can be.
        self.epoch.checked_add(span).unwrap_or_else(|| self.epoch + quorate_protocol::Duration::from_secs(1 << 30))
    }

    pub(super) fn is_up(&self, node: NodeId) -> bool {
        self.posts.get(node.index()).is_some_and(|post| post.up.load(Ordering::Acquire))
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Whether clients need not wait any longer: nobody will answer, or nobody wants to know.
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

/// What has come but may not be seen yet: the network's delays.
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

    /// When the next may be seen.
    pub(super) fn next(&self) -> Option<Time> {
        self.heap.peek().map(|waiting| waiting.due)
    }

    /// The next that may be seen by now.
    pub(super) fn pop(&mut self, now: Time) -> Option<T> {
        self.next().filter(|due| *due <= now)?;
        self.heap.pop().map(|waiting| waiting.what)
    }

    /// Everything, whenever it may be seen.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = T> + '_ {
        self.heap.drain().map(|waiting| waiting.what)
    }
}

impl<T> Ord for Waiting<T> {
    /// The earliest is the greatest, which is the one that a heap gives first.
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
