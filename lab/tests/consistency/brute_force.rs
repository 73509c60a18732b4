//! The definition of sequential consistency by brute force: every order of all operations.

use quorate_lab::linearizability::models::{RegisterOp, RegisterReturn};
use quorate_lab::linearizability::{CallOutcome, History};

use super::Registers;

/// Whether some order of the operations respects each session's order and explains each answer.
/// Writes of unknown outcome may be left out, and may come at any place after their predecessors.
pub fn is_sequential(history: &History<Registers>) -> bool {
    let calls = history.calls();
    let counts = |index: &usize| match (&calls[*index].op.op, &calls[*index].outcome) {
        (_, CallOutcome::Fail) => false,
        (RegisterOp::Read, outcome) => matches!(outcome, CallOutcome::Ok(_)),
        _ => true,
    };
    extend(history, &(0..calls.len()).filter(counts).collect::<Vec<_>>(), &mut Vec::new())
}

fn extend(history: &History<Registers>, operations: &[usize], order: &mut Vec<usize>) -> bool {
    let answered = |index: usize| history.calls()[index].returned().is_some();
    let left: Vec<usize> = operations.iter().copied().filter(|index| !order.contains(index)).collect();
    if left.iter().all(|index| !answered(*index)) && explains(history, order) {
        return true;
    }
    left.iter().any(|&next| {
        let client = |index: usize| history.calls()[index].client;
        if left.iter().any(|&other| other < next && client(other) == client(next) && answered(other)) {
            return false;
        }
        order.push(next);
        let completes = extend(history, operations, order);
        order.pop();
        completes
    })
}

fn explains(history: &History<Registers>, order: &[usize]) -> bool {
    let mut values = std::collections::BTreeMap::new();
    order.iter().all(|&index| {
        let call = &history.calls()[index];
        match (&call.op.op, call.returned()) {
            (RegisterOp::Write(value), _) => {
                values.insert(call.op.key, *value);
                true
            }
            (_, Some(RegisterReturn::Value(value))) => values.get(&call.op.key).unwrap_or(&0) == value,
            _ => false,
        }
    })
}
