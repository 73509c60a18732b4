//! Decomposition of a history into the calls on each object, as the search needs them.

use std::collections::BTreeMap;

use super::{CallId, CallOutcome, History, Model};

/// The calls on one object that an order must explain, by invocation.
pub(super) struct Part<K> {
    pub key: K,
    pub spans: Vec<Span>,
}

/// A call's place in the history, in positions of events.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub call: CallId,
    pub invoked: usize,
    /// `None` if no answer is known: then an order may leave the call out.
    pub answered: Option<usize>,
}

/// Splits a history by object, those with the fewest calls first, so that a hard one does not use
/// up the limits for all.
///
/// Calls that failed are left out, and so are calls that only read and never returned: neither can
/// be distinguished from no call.
pub(super) fn parts<M: Model>(model: &M, history: &History<M>) -> Vec<Part<M::Key>> {
    let mut parts: BTreeMap<M::Key, Vec<Span>> = BTreeMap::new();
    for (index, call) in history.calls().iter().enumerate() {
        let answered = match &call.outcome {
            CallOutcome::Fail => continue,
            CallOutcome::Ok(_) => call.answered.map(|event| event.position),
            CallOutcome::Waiting | CallOutcome::Info => None,
        };
        if answered.is_none() && model.only_reads(&call.op, None) {
            continue;
        }
        let span = Span { call: CallId(index as u32), invoked: call.invoked.position, answered };
        parts.entry(model.key(&call.op)).or_default().push(span);
    }
    let mut parts: Vec<_> = parts.into_iter().map(|(key, spans)| Part { key, spans }).collect();
    parts.sort_by_key(|part| part.spans.len());
    parts
}

impl<K> Part<K> {
    /// The calls as of just before the event at `end`: some had not begun, some had not been
    /// answered.
    pub fn before(&self, end: usize) -> Vec<Span> {
        let begun = self.spans.iter().take_while(|span| span.invoked < end);
        begun.map(|span| Span { answered: span.answered.filter(|answered| *answered < end), ..*span }).collect()
    }
}

/// Assigns every call a slot, as low as possible, that no other call has while both are under way;
/// returns also the number of slots.
///
/// A call without an answer keeps its slot until the end.
pub(super) fn slots(spans: &[Span]) -> (Vec<u32>, usize) {
    let mut ends: BTreeMap<usize, u32> = BTreeMap::new();
    let mut free: std::collections::BTreeSet<u32> = std::collections::BTreeSet::new();
    let mut used = 0;
    let slots = spans.iter().map(|span| {
        while let Some(end) = ends.first_entry().filter(|end| *end.key() < span.invoked) {
            free.insert(end.remove());
        }
        let slot = free.pop_first().unwrap_or_else(|| {
            used += 1;
            used - 1
        });
        if let Some(answered) = span.answered {
            ends.insert(answered, slot);
        }
        slot
    });
    let slots = slots.collect();
    (slots, used as usize)
}
