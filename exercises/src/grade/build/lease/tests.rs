//! The grader accepts the reference, and rejects its bugs.

use quorate_lease::{LeaseId, Message, Token};
use quorate_protocol::{Duration, Time};

use super::oracle::Oracle;
use super::*;
use crate::answer::grade;
use crate::course;
use crate::grading::GradingVerdict;

struct Under(NamedRulebook);

impl Answer for Under {
    fn grade(&self, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
        lease(self.0, exercise, grading)
    }
}

fn verdict(rules: NamedRulebook) -> GradingVerdict {
    let exercise = course::find("build-lease").expect("the course has it");
    grade(exercise, &Under(rules), &mut Grading::new(3)).verdict
}

#[test]
fn the_reference_passes() {
    assert_eq!(verdict(NamedRulebook::default()), GradingVerdict::Passed);
}

#[test]
fn its_bugs_fail_and_a_trace_shows_how() {
    let exercise = course::find("build-lease").expect("the course has it");
    for id in exercise.bugs {
        let GradingVerdict::Failed(broke) = verdict(NamedRulebook::named(id).expect("the zoo has it")) else {
            panic!("{id} passes")
        };
        assert!(broke.trace.is_some() && broke.what != "Progress", "{id}: {broke:?}");
    }
}

#[test]
fn no_correct_run_comes_near_its_bound_of_messages() {
    let reference = BuiltLease::<Lease>::new();
    for trial @ (title, ..) in cases::ALL {
        for seed in 0..5 {
            let (case, run) = reference.planned(trial, seed);
            let world = run.run(|world| LeaseSuite::reached(world, &case)).world;
            let sent = world.invariants().messages();
            assert!((1..case.messages_max / 3).contains(&sent), "{title}, seed {seed}: {sent} messages");
        }
    }
}

/// A holder releases, crashes before the release arrives, and asks again: it is granted the same
/// lease, and may hold it.
#[test]
fn a_holder_whose_release_is_in_flight_may_ask_again() {
    let (title, plan, _) = &cases::ALL[0];
    let config = plan(title, 0).config;
    let (granter, holder) = (config.granter, config.holders.first().copied().expect("somebody may be primary"));
    let at = |ms| Time::ZERO + Duration::from_millis(ms);
    let granted = |sent| Message::Granted { lease: LeaseId::Primary, token: Token(1), sent };
    let run = |asks_again: bool| {
        let mut oracle = Oracle::new(&config, 100);
        oracle.message(holder, at(1), granter, &Message::Heartbeat { sent: at(1) })?;
        oracle.message(granter, at(2), holder, &granted(at(1)))?;
        oracle.message(holder, at(3), granter, &Message::Release { token: Token(1), sent: at(3), successor: None })?;
        if asks_again {
            oracle.message(holder, at(4), granter, &Message::Heartbeat { sent: at(4) })?;
        }
        oracle.message(granter, at(5), holder, &granted(if asks_again { at(4) } else { at(1) }))?;
        oracle.check_primary(holder, at(6), Token(1), "acts")
    };
    assert_eq!(run(true), Ok(()));
    assert_eq!(run(false).map_err(|broken| broken.invariant), Err("AtMostOnePrimary"), "it was given back");
}
