//! The checker agrees with the definition on thousands of small random histories, and its evidence
//! is valid.

use std::cell::Cell;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use quorate_lab::linearizability::models::{KeyValue, Queue, Register};
use quorate_lab::linearizability::{CallId, CallOutcome, History, Limits, Model, Refutation, Verdict, check};

use super::brute_force::{is_an_execution, is_linearizable};
use super::random::{self, with_answers};

const CASES: u32 = 4_000;

/// Number of histories for each verdict: a test in which one of them is rare proves little.
#[derive(Default)]
struct Tally {
    linearizable: Cell<u32>,
    not: Cell<u32>,
}

fn agrees<M: Model + 'static>(model: M, histories: impl Strategy<Value = History<M>>) {
    let tally = Tally::default();
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, proptest::test_runner::TestRng::deterministic_rng(Default::default()))
        .run(&histories, |history| {
            let all = history.events().len();
            match check(&model, &history, Limits::default()).verdict {
                Verdict::Linearizable { order } => {
                    prop_assert!(is_linearizable(&model, &history, all), "there is no order");
                    explains_all(&model, &history, &order)?;
                    tally.linearizable.update(|count| count + 1);
                }
                Verdict::NotLinearizable(refutation) => {
                    prop_assert!(!is_linearizable(&model, &history, all), "there is an order");
                    refutes(&model, &history, &refutation)?;
                    tally.not.update(|count| count + 1);
                }
                Verdict::Unknown { stop, .. } => prop_assert!(false, "{stop} on a small history"),
            }
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
    let (linearizable, not) = (tally.linearizable.get(), tally.not.get());
    assert!(linearizable > CASES / 10 && not > CASES / 10, "{linearizable} linearizable, {not} not");
}

/// Every call that returned is in the order exactly once; the order respects real time and is a
/// legal execution.
fn explains_all<M: Model>(model: &M, history: &History<M>, order: &[CallId]) -> Result<(), TestCaseError> {
    let mut sorted = order.to_vec();
    sorted.sort();
    sorted.dedup();
    prop_assert_eq!(sorted.len(), order.len(), "a call is listed twice");
    for (index, call) in history.calls().iter().enumerate() {
        let listed = order.contains(&CallId(index as u32));
        prop_assert!(!matches!(call.outcome, CallOutcome::Fail) || !listed, "call {} failed", index);
        prop_assert!(!matches!(call.outcome, CallOutcome::Ok(_)) || listed, "call {} is missing", index);
    }
    respects_time(history, order)?;
    prop_assert!(is_an_execution(model, history, with_answers(history, order, usize::MAX)), "no object would do that");
    Ok(())
}

fn respects_time<M: Model>(history: &History<M>, order: &[CallId]) -> Result<(), TestCaseError> {
    for (index, later) in order.iter().enumerate() {
        for earlier in &order[..index] {
            let (earlier, later) = (history.call(*earlier), history.call(*later));
            let ended = later.returned().and(later.answered).map_or(usize::MAX, |event| event.position);
            prop_assert!(ended > earlier.invoked.position, "{:?} was over before {:?}", later.op, earlier.op);
        }
    }
    Ok(())
}

/// The prefix has a linearization, one event more has none, and the order given is a legal
/// execution.
fn refutes<M: Model>(model: &M, history: &History<M>, refutation: &Refutation) -> Result<(), TestCaseError> {
    let Refutation { prefix, order, unplaced, exact } = refutation;
    prop_assert!(exact, "no limit was met");
    prop_assert!(is_linearizable(model, history, *prefix), "the prefix is too long");
    prop_assert!(!is_linearizable(model, history, prefix + 1), "the prefix is too short");
    let culprit = history.events()[*prefix];
    prop_assert_eq!(unplaced.first(), Some(&culprit));
    let key = |call: CallId| model.key(&history.call(call).op);
    prop_assert!(order.iter().chain(unplaced).all(|call| key(*call) == key(culprit)), "calls on other objects");
    prop_assert!(is_an_execution(model, history, with_answers(history, order, *prefix)), "no object would do that");
    for (index, call) in history.calls().iter().enumerate() {
        let id = CallId(index as u32);
        let answered = call.answered.is_some_and(|event| event.position < *prefix);
        if matches!(call.outcome, CallOutcome::Ok(_)) && answered && key(id) == key(culprit) {
            prop_assert!(order.contains(&id), "call {} is missing", index);
        }
        if order.contains(&id) && id != culprit {
            prop_assert!(!unplaced.contains(&id), "call {} is placed and is not", index);
        }
    }
    Ok(())
}

#[test]
fn on_registers() {
    agrees(Register::new(0), random::register());
}

#[test]
fn on_stores() {
    agrees(KeyValue, random::key_value());
}

#[test]
fn on_queues() {
    agrees(Queue::new(), random::queue());
}
