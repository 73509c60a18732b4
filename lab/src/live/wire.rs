//! Messages between threads, and the state that all of them share.

use std::cmp::Ordering as Order_;
use std::collections::BinaryHeap;

use quorate_protocol::{ClientId, Constants, Machine, Names, NodeId, RequestId, Time};

use super::error::NodeFailure;
use super::links::SharedLinks;
use super::thread_trace::TraceChunk;
use super::threads::{AtomicBool, Instant, Mutex, Ordering, PoisonError, Receiver, Sender};
use crate::env::CrashPoint;
use crate::trace::{Lane, MessageId};
use crate::tracing_events::Target;

/// Input of a node's thread: one channel operation for everything that a sender had for it.
#[derive(Debug)]
pub(super) enum NodeInput<M: Machine> {
    /// Messages of another node.
    Messages { from: NodeId, envelopes: Vec<Envelope<M>> },
    /// Requests of a client, with its reply channel.
    Requests { client: ClientId, back: Sender<ClientInput<M>>, requests: Vec<Request<M>> },
    /// A control message of the cluster.
    Control(Control<M>),
}

impl<M: Machine> NodeInput<M> {
    /// Calls `each` with the messages in it and their senders.
    pub(super) fn messages(&self, mut each: impl FnMut(Lane, MessageId)) {
        match self {
            NodeInput::Messages { from, envelopes } => {
                envelopes.iter().for_each(|envelope| each((*from).into(), envelope.msg))
            }
            NodeInput::Requests { client, requests, .. } => {
                requests.iter().for_each(|request| each((*client).into(), request.msg));
            }
            NodeInput::Control(_) => {}
        }
    }
}

/// A message, with its earliest delivery time.
#[derive(Clone, Debug)]
pub(super) struct Envelope<M: Machine> {
    pub(super) msg: MessageId,
    pub(super) due: Time,
    pub(super) message: M::Message,
}

/// A request, with its earliest delivery time.
#[derive(Clone, Debug)]
pub(super) struct Request<M: Machine> {
    pub(super) msg: MessageId,
    pub(super) due: Time,
    pub(super) ticket: RequestId,
    pub(super) command: M::Command,
}

/// A control message of the cluster to a node's thread.
#[derive(Debug)]
pub(super) enum Control<M: Machine> {
    /// Crash, as by a loss of power.
    Crash,
    /// Shut down: the run is over.
    Shutdown,
    /// Crash at this moment of a step as soon as it applies; `None` cancels a pending crash.
    CrashAt(Option<CrashPoint>),
    Pause,
    /// Pause, and stop the monotonic clock.
    Suspend,
    Resume,
    Drift(i32),
    Jump(i64),
    /// Send the state.
    ReadView(Sender<M::View>),
    /// Send the recorded trace events.
    TakeTrace(Sender<TraceChunk<M>>),
}

/// Input of a client.
#[derive(Debug)]
pub(super) enum ClientInput<M: Machine> {
    /// Answers of a node.
    Responses { from: NodeId, responses: Vec<Response<M>> },
    /// The node is down: it will not answer pending requests.
    Down(NodeId),
}

/// An answer, with its earliest delivery time.
#[derive(Clone, Debug)]
pub(super) struct Response<M: Machine> {
    pub(super) msg: MessageId,
    pub(super) due: Time,
    pub(super) ticket: RequestId,
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
    pub(super) links: SharedLinks,
    pub(super) inboxes: Vec<NodeInbox<M>>,
    /// The channel for the traces of clients.
    pub(super) chunks: Sender<TraceChunk<M>>,
    pub(super) failures: Mutex<Vec<NodeFailure>>,
    pub(super) closed: AtomicBool,
    /// Whether clients should stop waiting.
    pub(super) dismissed: AtomicBool,
}

/// Channel and status of a node.
#[derive(Debug)]
pub(super) struct NodeInbox<M: Machine> {
    pub(super) sender: Sender<NodeInput<M>>,
    /// The receiving end. It outlives the node's thread, so that a restarted one keeps the same
    /// channel.
    pub(super) receiver: Receiver<NodeInput<M>>,
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
        self.inboxes.get(node.index()).is_some_and(|post| post.up.load(Ordering::Acquire))
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Whether clients may stop waiting: no answer will come, or the caller has dismissed them.
    pub(super) fn has_dismissed(&self) -> bool {
        self.is_closed() || self.dismissed.load(Ordering::Acquire)
    }

    pub(super) fn failures(&self) -> Vec<NodeFailure> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn fail(&self, failure: NodeFailure) {
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
