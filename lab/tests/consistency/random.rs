//! Random histories: stronger levels imply weaker ones, and the sequential search agrees with its
//! definition.

use proptest::prelude::*;
use quorate_lab::consistency::{Level, Outcome, Pattern};
use quorate_lab::linearizability::models::{RegisterOp, RegisterReturn};
use quorate_lab::linearizability::{ClientId, History};

use super::brute_force::is_sequential;
use super::{Registers, Script};

/// A possible event: a client, whether it writes, the register, a number that picks the value of a
/// read, and the outcome out of ten: 0 is a write of unknown outcome or a read that fails.
type Act = (u32, bool, bool, usize, u8);

/// Histories of at most `calls` calls of three clients on two registers. A read returns the initial
/// value, or one whose write has begun.
fn histories(calls: usize) -> impl Strategy<Value = Script> {
    let act = (0..3_u32, any::<bool>(), any::<bool>(), 0..1000_usize, 0..10_u8);
    prop::collection::vec(act, 0..=3 * calls).prop_map(move |acts| perform(&acts, calls))
}

fn perform(acts: &[Act], calls: usize) -> Script {
    let mut script = Script::default();
    let key = |second: bool| if second { 'y' } else { 'x' };
    let mut picks = Vec::new();
    for &(client, writes, second, pick, end) in acts {
        match script.0.waiting(ClientId(client)) {
            Ok(call) => {
                let at = script.now();
                match (script.0.call(call).op.op.clone(), end) {
                    (RegisterOp::Write(_), 0) => script.0.info(call, at).unwrap(),
                    (RegisterOp::Write(_), _) => script.end(call, RegisterReturn::Done),
                    (_, 0) => script.0.fail(call, at).unwrap(),
                    _ => {
                        let value = readable(&script.0, script.0.call(call).op.key, picks[call.index()]);
                        script.end(call, RegisterReturn::Value(value));
                    }
                }
            }
            Err(_) if script.0.calls().len() < calls => {
                let value = script.0.calls().len() as u32 + 1;
                let op = if writes { RegisterOp::Write(value) } else { RegisterOp::Read };
                script.begin(client, key(second), op);
                picks.push(pick);
            }
            Err(_) => {}
        }
    }
    script
}

/// Returns one of the newest two values of a register, or the initial value, or any.
fn readable(history: &History<Registers>, key: Option<char>, pick: usize) -> u32 {
    let writes = history.calls().iter().filter(|call| call.op.key == key);
    let values = writes.filter_map(|call| match call.op.op {
        RegisterOp::Write(value) => Some(value),
        _ => None,
    });
    let mut values: Vec<u32> = std::iter::once(0).chain(values).collect();
    values.reverse();
    let recent = if pick.is_multiple_of(2) { values.len().min(2) } else { values.len() };
    values[pick / 2 % recent]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_stronger_level_implies_the_weaker_ones(script in histories(12)) {
        let judgement = script.judge();
        let chain = [Level::Linearizable, Level::Sequential, Level::CausalMemory];
        for (index, level) in chain.into_iter().enumerate().filter(|(_, level)| judgement.holds(*level)) {
            let weaker = chain[index..].iter().chain(&[Level::Causal]).chain(&Level::SESSION);
            for weaker in weaker {
                prop_assert!(judgement.holds(*weaker), "{level:?} without {weaker:?}:\n{judgement}");
            }
        }
        // The checker and the precedences that answers imply are two ways to the same verdict.
        if let Some(witness) = judgement.witness(Level::Linearizable) {
            prop_assert_eq!(witness.pattern, Pattern::NoOrder, "{}", judgement);
        }
        if judgement.holds(Level::Linearizable) {
            prop_assert!(judgement.witness(Level::Convergent).is_none(), "{judgement}");
        }
    }

    #[test]
    fn the_sequential_search_agrees_with_the_definition(script in histories(6)) {
        let judgement = script.judge();
        prop_assert!(!matches!(judgement.outcome(Level::Sequential), Outcome::Undecided(_)));
        prop_assert_eq!(judgement.holds(Level::Sequential), is_sequential(&script.0), "{}", judgement);
    }
}

/// The random histories break every level, and have every level: the properties above are not
/// empty.
#[test]
fn random_histories_have_and_break_every_level() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let judgements: Vec<_> =
        (0..2000).map(|_| histories(12).new_tree(&mut runner).unwrap().current().judge()).collect();
    for level in Level::ALL {
        let holding = judgements.iter().filter(|judgement| judgement.holds(level)).count();
        let breaking = judgements.iter().filter(|judgement| judgement.witness(level).is_some()).count();
        assert!(holding >= 5 && breaking >= 5, "{level:?} holds in {holding}, is broken in {breaking}");
    }
}
