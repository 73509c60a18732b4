//! The grader accepts the reference, and rejects its bugs.

use quorate_locks::{AttemptId, LockValue, Message, Request};
use quorate_protocol::{Duration, NodeId, Time};

use super::oracle::Oracle;
use super::*;
use crate::answer::grade;
use crate::course;
use crate::grading::GradingVerdict;

struct Under(NamedRulebook);

impl Answer for Under {
    fn grade(&self, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
        redlock(self.0, exercise, grading)
    }
}

fn verdict(rules: NamedRulebook) -> GradingVerdict {
    verdict_from(rules, 3)
}

fn verdict_from(rules: NamedRulebook, fresh: u64) -> GradingVerdict {
    let exercise = course::find("build-redlock").expect("the course has it");
    grade(exercise, &Under(rules), &mut Grading::new(fresh)).verdict
}

#[test]
fn the_reference_passes() {
    assert_eq!(verdict(NamedRulebook::default()), GradingVerdict::Passed);
}

#[test]
fn its_bugs_fail_and_a_trace_shows_how() {
    let exercise = course::find("build-redlock").expect("the course has it");
    let mut unshown = Vec::new();
    for (id, fresh) in exercise.bugs.iter().flat_map(|id| (0..4).map(move |fresh| (id, fresh))) {
        match verdict_from(NamedRulebook::named(id).expect("the zoo has it"), fresh) {
            GradingVerdict::Failed(broke) if broke.trace.is_some() && broke.what != "Progress" => {}
            other => unshown.push((id, fresh, other)),
        }
    }
    assert!(unshown.is_empty(), "{unshown:?}");
}

#[test]
fn no_correct_run_comes_near_its_bound_of_messages() {
    let reference = BuiltRedlock::<Lock>::new();
    for trial @ (title, ..) in cases::ALL {
        for seed in 0..5 {
            let (case, run) = reference.planned(trial, seed);
            let world = run.run(|world| RedlockSuite::reached(world, &case)).world;
            let sent = world.invariants().messages();
            assert!((1..case.messages_max / 3).contains(&sent), "{title}, seed {seed}: {sent} messages");
        }
    }
}

/// A value that was cleared, or was used before a restart, is never used again.
#[test]
fn a_value_is_used_for_one_attempt() {
    let (title, plan, _) = &cases::ALL[0];
    let config = plan(title, 0).config;
    let (instance, client) = (config.servers[0], config.holders[0]);
    let attempt = AttemptId { owner: client, number: 1 };
    let (key, value) = (config.key.clone(), LockValue::Unique(attempt));
    let set = |of: AttemptId| Message::Ask {
        attempt: of,
        request: Request::SetIfAbsent { key: key.clone(), value: LockValue::Unique(of), ttl: config.ttl },
    };
    let clear = Message::Ask { attempt, request: Request::DeleteIfEqual { key: key.clone(), value } };
    let at = Time::ZERO + Duration::from_millis(1);
    let mut oracle = Oracle::new(&config, 100);
    assert_eq!(oracle.message(client, at, instance, &set(attempt)), Ok(()));
    assert_eq!(oracle.message(client, at, instance, &set(attempt)), Ok(()), "it may be sent again");
    let others = AttemptId { owner: NodeId(9), number: 1 };
    let broken = |oracle: &Oracle, message| {
        oracle.clone().message(client, at, instance, &message).map_err(|broken| broken.invariant)
    };
    assert_eq!(broken(&oracle, set(others)), Err("ValuesAreUnique"));
    assert_eq!(broken(&oracle, set(AttemptId { number: 2, ..attempt })), Err("ClearsEverywhere"));
    for server in &config.servers {
        assert_eq!(oracle.message(client, at, *server, &clear), Ok(()));
    }
    assert_eq!(broken(&oracle, set(attempt)), Err("ValuesAreUnique"));
    assert_eq!(broken(&oracle, set(AttemptId { number: 2, ..attempt })), Ok(()));
    assert_eq!(oracle.takes(client, at, attempt).map_err(|broken| broken.invariant), Err("MajorityFirst"));
}
