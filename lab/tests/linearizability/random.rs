//! Random histories: some of a real object, some with one wrong value, some noise.

use proptest::prelude::*;
use quorate_lab::linearizability::models::{KeyValue, KvOp, KvReturn, Queue, QueueOp, QueueReturn, Register};
use quorate_lab::linearizability::models::{RegisterOp, RegisterReturn};
use quorate_lab::linearizability::{CallId, ClientId, History, Model, Time};

/// A possible event: the client, an operation and a return value for an invocation, and the outcome
/// for a response.
#[derive(Clone, Debug)]
pub struct Act<O, R> {
    client: u32,
    op: O,
    returned: R,
    /// Outcome, out of ten: 0 is fail, 1 is info, all others are ok.
    end: u8,
}

/// Histories of at most `events` events. An idle client invokes a call; a waiting one receives its
/// response.
pub fn histories<M: Model + 'static>(
    ops: impl Strategy<Value = (M::Op, M::Return)>,
    clients: u32,
    events: usize,
) -> impl Strategy<Value = History<M>>
where
    M::Op: PartialEq,
{
    let act = (0..clients, ops, 0..10_u8).prop_map(|(client, (op, returned), end)| Act { client, op, returned, end });
    prop::collection::vec(act, 0..=events).prop_map(|acts| perform(&acts))
}

/// The return value is random; most fit, because each act holds an operation together with a return
/// value that fits it.
fn perform<M: Model>(acts: &[Act<M::Op, M::Return>]) -> History<M> {
    let mut history = History::new();
    let mut promised: Vec<&M::Return> = Vec::new();
    for (at, act) in acts.iter().enumerate() {
        let (client, at) = (ClientId(act.client), Time::from_millis(at as u64));
        match history.waiting(client) {
            Err(_) => {
                history.invoke(client, act.op.clone(), at).expect("the client is idle");
                promised.push(&act.returned);
            }
            Ok(call) => match act.end {
                0 => history.fail(call, at),
                1 => history.info(call, at),
                _ => history.ok(call, promised[call.index()].clone(), at),
            }
            .expect("the client waits"),
        }
    }
    history
}

pub fn register() -> impl Strategy<Value = History<Register<u8>>> {
    let ops = prop_oneof![
        (0..3_u8).prop_map(|value| (RegisterOp::Read, RegisterReturn::Value(value))),
        (0..3_u8).prop_map(|value| (RegisterOp::Write(value), RegisterReturn::Done)),
        (0..3_u8, 0..3_u8, any::<bool>())
            .prop_map(|(old, new, swapped)| (RegisterOp::Cas(old, new), RegisterReturn::Swapped(swapped))),
    ];
    histories(ops, 4, 13)
}

pub fn key_value() -> impl Strategy<Value = History<KeyValue>> {
    let text = || prop_oneof![Just(String::new()), Just("a".to_owned()), Just("b".to_owned()), Just("ab".to_owned())];
    let key = || prop_oneof![Just("x".to_owned()), Just("y".to_owned())];
    let ops = prop_oneof![
        2 => (key(), text()).prop_map(|(key, value)| (KvOp::Get { key }, KvReturn::Value(value))),
        1 => (key(), text()).prop_map(|(key, value)| (KvOp::Put { key, value }, KvReturn::Done)),
        1 => (key(), text()).prop_map(|(key, value)| (KvOp::Append { key, value }, KvReturn::Done)),
        1 => (key(), text(), text(), any::<bool>())
            .prop_map(|(key, old, new, swapped)| (KvOp::Cas { key, old, new }, KvReturn::Swapped(swapped))),
    ];
    histories(ops, 4, 13)
}

pub fn queue() -> impl Strategy<Value = History<Queue<u8>>> {
    let ops = prop_oneof![
        3 => (0..3_u8).prop_map(|item| (QueueOp::Enqueue(item), QueueReturn::Done)),
        2 => (0..3_u8).prop_map(|item| (QueueOp::Dequeue, QueueReturn::Item(item))),
        1 => Just((QueueOp::Dequeue, QueueReturn::Empty)),
    ];
    histories(ops, 4, 13)
}

/// Returns the calls of an order, each with whether it has returned a value within the first
/// `events` events.
pub fn with_answers<M: Model>(history: &History<M>, order: &[CallId], events: usize) -> Vec<(CallId, bool)> {
    let answered = |id: &CallId| {
        let call = history.call(*id);
        call.returned().is_some() && call.answered.is_some_and(|event| event.position < events)
    };
    order.iter().map(|id| (*id, answered(id))).collect()
}
