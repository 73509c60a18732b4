//! Histories that cannot be judged.

use quorate_lab::consistency::{BadHistory, OPERATIONS_MAX};
use quorate_lab::linearizability::models::{RegisterOp, RegisterReturn};
use quorate_lab::linearizability::{CallId, ClientId, Misuse, Time};

use super::Script;

fn error(script: &Script) -> BadHistory {
    script.try_judge().unwrap_err()
}

#[test]
fn a_value_that_nobody_wrote_is_refused() {
    let mut script = Script::default();
    script.write(0, 'y', 7);
    let call = script.read(1, 'x', 7);
    assert_eq!(error(&script), BadHistory::NeverWritten { call, value: "7".into() });
    assert_eq!(error(&script).to_string(), "call 1 reads 7, which no write that took effect wrote; check the recorder");

    let mut script = Script::default();
    let failed = script.begin(0, 'x', RegisterOp::Write(7));
    script.0.fail(failed, Time::from_millis(1)).unwrap();
    let call = script.read(1, 'x', 7);
    assert_eq!(error(&script), BadHistory::NeverWritten { call, value: "7".into() });
}

#[test]
fn a_value_that_is_written_twice_is_refused() {
    let mut script = Script::default();
    let first = script.write(0, 'x', 7);
    script.write(0, 'y', 7);
    assert!(script.try_judge().is_ok(), "each register has values of its own");
    let second = script.write(1, 'x', 7);
    assert_eq!(error(&script), BadHistory::WrittenTwice { first, second, value: "7".into() });
}

#[test]
fn a_write_of_the_initial_value_is_refused() {
    let mut script = Script::default();
    let call = script.write(0, 'x', 0);
    assert_eq!(error(&script), BadHistory::WritesInitial { call, value: "0".into() });
}

#[test]
fn what_neither_reads_nor_writes_is_refused() {
    let mut script = Script::default();
    let call = script.begin(0, 'x', RegisterOp::Cas(0, 1));
    assert_eq!(error(&script), BadHistory::NotReadOrWrite { call, words: "cas 0 1".into() });
    let mut script = Script::default();
    let call = script.begin(0, 'x', RegisterOp::Read);
    script.end(call, RegisterReturn::Done);
    assert!(matches!(error(&script), BadHistory::NotReadOrWrite { .. }));
}

#[test]
fn a_history_beyond_the_limit_is_refused() {
    let mut script = Script::default();
    for value in 1..=OPERATIONS_MAX as u32 + 1 {
        script.write(0, 'x', value);
    }
    assert_eq!(error(&script), BadHistory::TooLong { calls: OPERATIONS_MAX + 1, max: OPERATIONS_MAX });
}

/// The recorder refuses it, so no such history reaches the judge.
#[test]
fn a_response_before_its_invocation_cannot_be_recorded() {
    let mut script = Script::default();
    let response = script.0.ok(CallId(0), RegisterReturn::Done, Time::ZERO);
    assert_eq!(response, Err(Misuse::NoSuchCall { call: CallId(0) }));
    let call = script.0.invoke(ClientId(0), super::KeyedOp { key: None, op: RegisterOp::Read }, Time::from_millis(2));
    let early = script.0.ok(call.unwrap(), RegisterReturn::Value(0), Time::from_millis(1));
    assert!(matches!(early, Err(Misuse::TimeGoesBackwards { .. })));
}
