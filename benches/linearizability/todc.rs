//! The same register and histories for `todc-utils`, whose operations contain their own results.

use quorate_lab::linearizability::models::{Register, RegisterOp, RegisterReturn};
use quorate_lab::linearizability::{Call, History};
use todc_utils::linearizability::WGLChecker;
use todc_utils::linearizability::history::Action;
use todc_utils::specifications::Specification;

/// Specification of a register for `todc-utils`.
pub struct RegisterSpec;

/// An operation with its result.
#[derive(Clone, Copy, Debug)]
pub enum Answered {
    Read(u8),
    Write(u8),
    Cas(u8, u8, bool),
}

impl Specification for RegisterSpec {
    type State = u8;
    type Operation = Answered;

    fn init() -> u8 {
        0
    }

    fn apply(operation: &Answered, holds: &u8) -> (bool, u8) {
        match operation {
            Answered::Read(value) => (value == holds, *holds),
            Answered::Write(value) => (true, *value),
            Answered::Cas(old, new, swapped) => ((old == holds) == *swapped, if old == holds { *new } else { *holds }),
        }
    }
}

/// The events of a history.
pub type Actions = Vec<(usize, Action<Answered>)>;

/// Converts a history to these types.
pub fn actions(history: &History<Register<u8>>) -> Actions {
    let action = |(position, id): (usize, &_)| {
        let call = history.call(*id);
        let answered = answered(call);
        let action =
            if call.invoked.position == position { Action::Call(answered) } else { Action::Response(answered) };
        (call.client.index(), action)
    };
    history.events().iter().enumerate().map(action).collect()
}

fn answered(call: &Call<Register<u8>>) -> Answered {
    match (&call.op, call.returned()) {
        (RegisterOp::Read, Some(RegisterReturn::Value(value))) => Answered::Read(*value),
        (RegisterOp::Write(value), Some(RegisterReturn::Done)) => Answered::Write(*value),
        (RegisterOp::Cas(old, new), Some(RegisterReturn::Swapped(swapped))) => Answered::Cas(*old, *new, *swapped),
        other => unreachable!("the load has no {other:?}"),
    }
}

/// Returns the verdict of `todc-utils`.
pub fn is_linearizable(actions: Actions) -> bool {
    WGLChecker::<RegisterSpec>::is_linearizable(todc_utils::linearizability::history::History::from_actions(actions))
}
