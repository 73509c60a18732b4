//! The definition of linearizability by brute force: every order of every subset. Slow, and too
//! simple to be wrong.

use quorate_lab::linearizability::{CallId, CallOutcome, History, Model};

/// Interval of a call: its invocation, and its response if there is one.
struct Span {
    call: CallId,
    invoked: usize,
    answered: Option<usize>,
}

/// Whether the first `events` events of a history are linearizable: all objects together, without
/// memoization or pruning. Calls that fail, even later, are excluded.
pub fn is_linearizable<M: Model>(model: &M, history: &History<M>, events: usize) -> bool {
    let calls = history.calls().iter().enumerate();
    let spans: Vec<Span> = calls
        .filter(|(_, call)| call.invoked.position < events)
        .filter_map(|(index, call)| {
            let answered = call.answered.map(|event| event.position).filter(|position| *position < events);
            let answered = match (&call.outcome, answered) {
                (CallOutcome::Fail, _) => return None,
                (CallOutcome::Ok(_), answered) => answered,
                _ => None,
            };
            Some(Span { call: CallId(index as u32), invoked: call.invoked.position, answered })
        })
        .collect();
    extend(model, history, &spans, &mut Vec::new())
}

/// Whether an order with this prefix can be completed.
fn extend<M: Model>(model: &M, history: &History<M>, spans: &[Span], order: &mut Vec<usize>) -> bool {
    let left: Vec<usize> = (0..spans.len()).filter(|index| !order.contains(index)).collect();
    if left.iter().all(|index| spans[*index].answered.is_none()) && explains(model, history, spans, order) {
        return true;
    }
    left.iter().any(|&next| {
        let precedes_next = |other: usize| spans[other].answered.is_some_and(|answered| answered < spans[next].invoked);
        if left.iter().any(|&other| precedes_next(other)) {
            return false;
        }
        order.push(next);
        let completes = extend(model, history, spans, order);
        order.pop();
        completes
    })
}

fn explains<M: Model>(model: &M, history: &History<M>, spans: &[Span], order: &[usize]) -> bool {
    let order = order.iter().map(|&index| (spans[index].call, spans[index].answered.is_some()));
    is_an_execution(model, history, order)
}

/// Whether the objects may execute these calls in sequence. Each call says whether its return value
/// counts.
pub fn is_an_execution<M: Model>(
    model: &M,
    history: &History<M>,
    order: impl IntoIterator<Item = (CallId, bool)>,
) -> bool {
    let mut states = std::collections::BTreeMap::new();
    order.into_iter().all(|(id, answered)| {
        let call = history.call(id);
        let key = model.key(&call.op);
        let state = states.entry(key.clone()).or_insert_with(|| model.initial(&key));
        match model.apply(state, &call.op, call.returned().filter(|_| answered)) {
            Some(next) => {
                *state = next;
                true
            }
            None => false,
        }
    })
}
