//! Queues of links: each serves one message at a time, so a message waits for those before it.

use std::collections::{BTreeMap, VecDeque};

use quorate_protocol::{Duration, NodeId, Time, nanos};

use crate::env::{Queue, QueueOf};
use crate::trace::Lane;

/// The queues of all links, and the messages in them.
#[derive(Clone, Default, Debug)]
pub(super) struct LinkQueues {
    settings: BTreeMap<QueueOf, Queue>,
    /// Times at which the messages in each queue leave it, in order. The first one is served.
    leaving: BTreeMap<Line, VecDeque<Time>>,
}

/// One queue.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Line {
    Link(Lane, Lane),
    Port(NodeId),
}

/// Admission of one message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Admission {
    /// There is no queue on its way.
    Free,
    /// It is in the queue.
    Queued {
        /// Time until it has left the queue, in nanoseconds.
        nanos: u64,
        /// Number of messages before it.
        before: usize,
        /// Time until it is served.
        wait: Duration,
    },
    /// The queue is full.
    Overflow,
}

impl LinkQueues {
    /// Sets the queue of these links from now on, or takes it away. Messages that are in it already
    /// leave it at their time. No queue of [all](QueueOf::All) links leaves no queue at all.
    pub(super) fn set(&mut self, of: QueueOf, queue: Option<Queue>) {
        match queue {
            Some(queue) => drop(self.settings.insert(of, queue)),
            None if of == QueueOf::All => self.settings.clear(),
            None => drop(self.settings.remove(&of)),
        }
    }

    /// Lets a message into the queue on its way.
    pub(super) fn admit(&mut self, from: Lane, to: Lane, now: Time) -> Admission {
        let Some((line, queue)) = self.on_the_way(from, to) else { return Admission::Free };
        let leaving = self.leaving.entry(line).or_default();
        while leaving.front().is_some_and(|leaves| *leaves <= now) {
            leaving.pop_front();
        }
        let before = leaving.len();
        if before > 0 && !queue.has_room(before - 1) {
            return Admission::Overflow;
        }
        let start = leaving.back().map_or(now, |last| (*last).max(now));
        let leaves = start + queue.service_time();
        leaving.push_back(leaves);
        Admission::Queued { nanos: nanos(leaves.since(now)), before, wait: start.since(now) }
    }

    /// The queue that a message passes: the most specific one.
    fn on_the_way(&self, from: Lane, to: Lane) -> Option<(Line, Queue)> {
        if self.settings.is_empty() {
            return None;
        }
        let link = Line::Link(from, to);
        if let (Lane::Node(from), Lane::Node(to)) = (from, to)
            && let Some(queue) = self.settings.get(&QueueOf::Between { from, to })
        {
            return Some((link, *queue));
        }
        if let Lane::Node(node) = to
            && let Some(queue) = self.settings.get(&QueueOf::Into(node))
        {
            return Some((Line::Port(node), *queue));
        }
        self.settings.get(&QueueOf::All).map(|queue| (link, *queue))
    }
}
