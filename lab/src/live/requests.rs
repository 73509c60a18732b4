//! Pending requests of a client, by number.
//!
//! Numbers increase and most answers come in order, so the requests are kept in a queue that starts
//! with the oldest; a request that is settled before older ones leaves a gap.

use std::collections::VecDeque;
use std::ops::Range;

use quorate_protocol::{Machine, NodeId, Time};

use super::thread_trace::Cause;

/// The pending requests.
pub(super) struct Requests<M: Machine> {
    /// The number of the first request in the queue.
    first: u64,
    row: VecDeque<Option<Pending<M>>>,
}

/// A request without a final answer.
pub(super) struct Pending<M: Machine> {
    pub(super) command: M::Command,
    /// The node to which it was last sent.
    pub(super) to: NodeId,
    pub(super) begun: Time,
    /// The time of the next retry.
    pub(super) again: Time,
    /// Number of redirections in a row without a pause.
    pub(super) hops: usize,
    /// The cause that the trace gives for a retry.
    pub(super) wait: Cause,
}

impl<M: Machine> Requests<M> {
    /// An empty queue; the next request has this number.
    pub(super) const fn from(first: u64) -> Self {
        Requests { first, row: VecDeque::new() }
    }

    /// Adds the request with the next number.
    pub(super) fn push(&mut self, pending: Pending<M>) {
        self.row.push_back(Some(pending));
    }

    /// The number of the next request.
    pub(super) fn next_number(&self) -> u64 {
        self.first.saturating_add(self.row.len() as u64)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.row.is_empty()
    }

    /// The numbers of all pending requests and of the gaps.
    pub(super) fn numbers(&self) -> Range<u64> {
        self.first..self.next_number()
    }

    /// The request with this number, if it is pending.
    pub(super) fn get_mut(&mut self, number: u64) -> Option<&mut Pending<M>> {
        let index = number.checked_sub(self.first)?;
        self.row.get_mut(usize::try_from(index).ok()?)?.as_mut()
    }

    /// All pending requests, in the order of their numbers.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Pending<M>> {
        self.row.iter_mut().flatten()
    }

    /// Removes a request: answered or given up.
    pub(super) fn settle(&mut self, number: u64) {
        if let Some(index) = number.checked_sub(self.first)
            && let Some(place) = usize::try_from(index).ok().and_then(|index| self.row.get_mut(index))
        {
            *place = None;
        }
        while let Some(None) = self.row.front() {
            self.row.pop_front();
            self.first += 1;
        }
    }
}
