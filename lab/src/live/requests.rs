//! The requests that a client has under way, by number.
//!
//! Numbers count up and most answers come in order, so the requests lie in a row that begins with the oldest; one that is
//! settled before older ones leaves a gap.

use std::collections::VecDeque;
use std::ops::Range;

use quorate_protocol::{Machine, NodeId, Time};

use super::tape::Cause;

/// What is under way.
pub(super) struct Requests<M: Machine> {
    /// The number of the first in the row.
    first: u64,
    row: VecDeque<Option<Pending<M>>>,
}

/// A request that has no final answer yet.
pub(super) struct Pending<M: Machine> {
    pub(super) command: M::Command,
    /// The node that was asked last.
    pub(super) to: NodeId,
    pub(super) begun: Time,
    /// When it is asked again.
    pub(super) again: Time,
    /// How often it was sent from one node to the next without a pause.
    pub(super) hops: usize,
    /// What the trace says of the waiting.
    pub(super) wait: Cause,
}

impl<M: Machine> Requests<M> {
    /// None so far; the next has this number.
    pub(super) const fn from(first: u64) -> Self {
        Requests { first, row: VecDeque::new() }
    }

    /// Adds the request with the next number.
    pub(super) fn push(&mut self, pending: Pending<M>) {
        self.row.push_back(Some(pending));
    }

    /// The number that the next request has.
    pub(super) fn next_number(&self) -> u64 {
        self.first.saturating_add(self.row.len() as u64)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.row.is_empty()
    }

    /// The numbers of all that is under way, and of the gaps.
    pub(super) fn numbers(&self) -> Range<u64> {
        self.first..self.next_number()
    }

    /// The request of that number, if it is under way.
    pub(super) fn get_mut(&mut self, number: u64) -> Option<&mut Pending<M>> {
        let index = number.checked_sub(self.first)?;
        self.row.get_mut(usize::try_from(index).ok()?)?.as_mut()
    }

    /// All that is under way, in the order of their numbers.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Pending<M>> {
        self.row.iter_mut().flatten()
    }

    /// A request is done with, one way or the other.
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
