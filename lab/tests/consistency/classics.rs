//! Examples of the papers, above the session guarantees.

use quorate_lab::consistency::{BadHistory, Level, Outcome, Pattern, SEQUENTIAL_MAX, Undecided, judge};
use quorate_lab::linearizability::models::{KeyValue, KvOp, KvReturn, RegisterOp, RegisterReturn};
use quorate_lab::linearizability::{ClientId, History, Limits, StopReason, Time};

use super::{Script, broken, registers};

/// Lamport 1979: both processes of Dekker's algorithm read what was before the other's write.
#[test]
fn dekker_is_causal_and_not_sequential() {
    let mut script = Script::default();
    let write = script.write(0, 'x', 1);
    script.write(1, 'y', 2);
    script.read(0, 'y', 0);
    let read = script.read(1, 'x', 0);
    let judgement = script.judge();
    assert_eq!(broken(&judgement), [Level::Linearizable, Level::Sequential]);
    let witness = judgement.witness(Level::Sequential).unwrap();
    assert_eq!((witness.first, witness.second, witness.pattern), (write, read, Pattern::NoOrder));
    assert_eq!(judgement.strongest(), Some(Level::CausalMemory));
}

/// Herlihy & Wing 1990, §2: a stale read has its place in an order that is not in real time.
#[test]
fn a_stale_read_is_sequential_and_not_linearizable() {
    let mut script = Script::default();
    let write = script.write(0, 'x', 1);
    let read = script.read(1, 'x', 0);
    script.read(1, 'x', 1);
    let judgement = script.judge();
    assert_eq!(broken(&judgement), [Level::Linearizable]);
    let witness = judgement.witness(Level::Linearizable).unwrap();
    assert_eq!((witness.first, witness.second), (write, read));
    assert_eq!(
        witness.why,
        "in real time, client 0's write of 1 to x comes before client 1's read of 0 from x, which returns the \
         initial value"
    );
}

/// Ahamad et al. 1995: two processes may see concurrent writes in different orders.
#[test]
fn readers_may_disagree_about_concurrent_writes() {
    let mut script = Script::default();
    script.write(0, 'x', 1);
    script.write(1, 'x', 2);
    script.read(2, 'x', 1);
    script.read(2, 'x', 2);
    script.read(3, 'x', 2);
    script.read(3, 'x', 1);
    let judgement = script.judge();
    assert_eq!(broken(&judgement), [Level::Linearizable, Level::Sequential, Level::Convergent]);
    assert_eq!(judgement.strongest(), Some(Level::CausalMemory));
}

/// Bouajjani et al. 2017: one process may not change its mind about them; causal consistency alone
/// allows it.
#[test]
fn a_session_that_changes_its_mind_has_no_causal_memory() {
    let mut script = Script::default();
    script.write(0, 'x', 1);
    script.write(1, 'x', 2);
    script.read(2, 'x', 1);
    script.read(2, 'x', 2);
    script.read(2, 'x', 1);
    let judgement = script.judge();
    assert_eq!(
        broken(&judgement),
        [Level::Linearizable, Level::Sequential, Level::CausalMemory, Level::MonotonicReads]
    );
    assert_eq!(judgement.witness(Level::CausalMemory).unwrap().pattern, Pattern::CyclicHB);
    assert_eq!(judgement.strongest(), Some(Level::Causal));
}

/// Bouajjani et al. 2017, `WriteCORead`: the answer to a question is seen, the question is not.
#[test]
fn a_value_that_was_overwritten_in_the_causal_past_is_not_causal() {
    let mut script = Script::default();
    script.write(0, 'x', 1);
    script.write(0, 'x', 2);
    script.read(1, 'x', 2);
    script.write(1, 'y', 3);
    script.read(2, 'y', 3);
    script.read(2, 'x', 1);
    let judgement = script.judge();
    let witness = judgement.witness(Level::Causal).unwrap();
    assert_eq!(witness.pattern, Pattern::WriteCORead);
    assert_eq!(
        witness.why,
        "client 2's read of 1 from x causally follows client 0's write of 2 to x, but returns what client 0's write \
         of 1 to x wrote before that"
    );
    assert_eq!(judgement.strongest(), None);
    assert!(judgement.witness(Level::WritesFollowReads).is_some());
}

/// Bouajjani et al. 2017, `WriteCOInitRead` and `CyclicCO`.
#[test]
fn the_other_patterns_of_causal_consistency_are_named() {
    let mut script = Script::default();
    script.write(0, 'x', 1);
    script.read(0, 'x', 0);
    assert_eq!(script.judge().witness(Level::Causal).unwrap().pattern, Pattern::WriteCOInitRead);

    let mut script = Script::default();
    let early = script.read(0, 'x', 1);
    let write = script.write(0, 'x', 1);
    let judgement = script.judge();
    let witness = judgement.witness(Level::Causal).unwrap();
    assert_eq!((witness.first, witness.second, witness.pattern), (write, early, Pattern::CyclicCO));
}

/// Bouajjani et al. 2017, `WriteHBInitRead`: the initial value is read after a write that can only
/// have come before.
#[test]
fn the_initial_value_may_be_lost_to_one_session_only() {
    let mut script = Script::default();
    let write = script.write(0, 'x', 1);
    script.write(0, 'y', 2);
    script.write(0, 'z', 3);
    script.write(2, 'y', 4);
    script.read(1, 'y', 4);
    let read = script.read(1, 'x', 0);
    script.read(1, 'z', 3);
    script.read(1, 'y', 4);
    let judgement = script.judge();
    assert_eq!(broken(&judgement), [Level::Linearizable, Level::Sequential, Level::CausalMemory]);
    let witness = judgement.witness(Level::CausalMemory).unwrap();
    assert_eq!((witness.first, witness.second, witness.pattern), (write, read, Pattern::WriteHBInitRead));
}

/// Gibbons & Korach 1997: where each of two registers may take either of two orders and every
/// combination fails, no single precedence shows it, and only the search does.
#[test]
fn a_search_refutes_what_no_precedence_does() {
    let mut script = Script::default();
    for (client, key, value) in [(0, 'x', 1), (1, 'x', 2), (2, 'y', 1), (3, 'y', 2)] {
        script.write(client, key, value);
        // A flag, by which readers know that the write before it has happened.
        script.write(client, ['a', 'b', 'c', 'd'][client as usize], 1);
    }
    for (client, flags, key, value) in
        [(4, ['a', 'b'], 'y', 1), (5, ['a', 'b'], 'y', 2), (6, ['c', 'd'], 'x', 1), (7, ['c', 'd'], 'x', 2)]
    {
        for flag in flags {
            script.read(client, flag, 1);
        }
        script.read(client, key, value);
    }
    let judgement = script.judge();
    let witness = judgement.witness(Level::Sequential).unwrap();
    assert_eq!(witness.pattern, Pattern::Exhausted);
    assert!(witness.why.starts_with("no order of all operations explains them"), "{}", witness.why);
    assert!(judgement.holds(Level::CausalMemory), "{judgement}");
}

/// A write without an answer may take effect late, or never.
#[test]
fn an_unanswered_write_may_take_effect_at_any_time() {
    let mut script = Script::default();
    let late = script.begin(0, 'x', RegisterOp::Write(1));
    script.0.info(late, Time::from_millis(1)).unwrap();
    script.read(0, 'x', 0);
    script.read(0, 'x', 1);
    let lost = script.begin(1, 'x', RegisterOp::Write(2));
    script.0.info(lost, script.now()).unwrap();
    script.read(1, 'x', 1);
    let judgement = script.judge();
    assert!(broken(&judgement).is_empty(), "{judgement}");
    assert_eq!(judgement.outcome(Level::Convergent), &Outcome::Undecided(Undecided::NoLastReads));
}

#[test]
fn a_long_history_leaves_the_sequential_search_undecided() {
    let mut script = Script::default();
    for value in 1..=SEQUENTIAL_MAX as u32 {
        script.write(value % 2, 'x', value);
    }
    assert!(script.judge().holds(Level::Sequential));
    script.read(2, 'x', SEQUENTIAL_MAX as u32);
    let undecided = Undecided::TooLong { operations: SEQUENTIAL_MAX + 1, max: SEQUENTIAL_MAX };
    assert_eq!(script.judge().outcome(Level::Sequential), &Outcome::Undecided(undecided));
    assert_eq!(undecided.to_string(), "too long: 65 operations, and the search takes at most 64");
    // A contradiction is found in histories of any length.
    script.read(0, 'x', 2);
    assert!(script.judge().witness(Level::Sequential).is_some());
}

#[test]
fn a_limit_of_the_checker_leaves_linearizability_undecided() {
    let mut script = Script::default();
    script.write(0, 'x', 1);
    script.write(0, 'x', 2);
    let limits = Limits { steps: std::num::NonZeroU64::MIN, ..Limits::default() };
    let judgement = judge(&registers(), &script.0, limits).unwrap();
    assert_eq!(judgement.outcome(Level::Linearizable), &Outcome::Undecided(Undecided::Stopped(StopReason::Steps)));
}

#[test]
fn a_judgement_is_printed_within_eighty_columns() {
    let mut script = Script::default();
    let call = script.begin(0, 'x', RegisterOp::Write(1));
    script.read(1, 'x', 1);
    script.read(1, 'x', 0);
    script.end(call, RegisterReturn::Done);
    let text = script.judge().to_string();
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(
        text.starts_with("linearizable         broken: in real time, client 0's write of 1 to x comes\n"),
        "{text}"
    );
    assert!(text.contains("\nread your writes     holds\n"), "{text}");
}

/// Every model of registers can be judged: here a store of strings.
#[test]
fn a_key_value_store_is_judged_by_its_gets_and_puts() {
    let mut history = History::<KeyValue>::new();
    let key = || "x".to_owned();
    let calls = [
        (0, KvOp::Put { key: key(), value: "a".into() }, KvReturn::Done),
        (1, KvOp::Get { key: key() }, KvReturn::Value("a".into())),
        (1, KvOp::Get { key: key() }, KvReturn::Value(String::new())),
    ];
    for (client, op, returned) in calls {
        let call = history.invoke(ClientId(client), op, Time::ZERO).unwrap();
        history.ok(call, returned, Time::ZERO).unwrap();
    }
    let judgement = judge(&KeyValue, &history, Limits::default()).unwrap();
    assert!(judgement.witness(Level::MonotonicReads).is_some() && judgement.holds(Level::ReadYourWrites));

    let append = KvOp::Append { key: key(), value: "b".into() };
    let call = history.invoke(ClientId(0), append, Time::ZERO).unwrap();
    let error = judge(&KeyValue, &history, Limits::default()).unwrap_err();
    assert!(matches!(error, BadHistory::NotReadOrWrite { call: refused, .. } if refused == call));
}
