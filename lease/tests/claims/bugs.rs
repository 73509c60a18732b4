//! Each well-known bug is one wrong decision: it breaks an invariant under a schedule that the
//! correct rulebook survives.

use quorate_lab::sim::{CrashPoint, Delivery, Fault, RunError};
use quorate_lease::{BY_THE_BOOK, Command, LeaseId, LeaseState, Message, Rulebook, Settings, SingleRule, Token};
use quorate_protocol::Ruling::Allow;
use quorate_protocol::{Duration, Time};

use crate::common::{A, B, C, CLIENT, Cluster, Q, S, at, ms, settings, start, violated, write};

const HEARTBEAT_ONLY: Rulebook = Rulebook {
    grants: |state, asks| BY_THE_BOOK.grants(LeaseState { ended: state.ended || state.suspected, ..state }, asks),
    ..BY_THE_BOOK
};
const COUNTS_FROM_REPLY: Rulebook = Rulebook { counts_from: |_, received| received, ..BY_THE_BOOK };
const NO_DRIFT_MARGIN: Rulebook = Rulebook { holder_term: |terms| terms.granter(), ..BY_THE_BOOK };
const WALL_CLOCK: Rulebook = Rulebook { clock: |now| now.wall, ..BY_THE_BOOK };
const RESTART_GRANTS_AT_ONCE: Rulebook = Rulebook { quarantine: |_| Duration::ZERO, ..BY_THE_BOOK };
const CHECK_THEN_ACT: Rulebook = Rulebook { checks_again: || false, ..BY_THE_BOOK };
const TOKEN_NOT_CHECKED: Rulebook = Rulebook { admits: |_, _| Allow(SingleRule::AcceptWrite), ..BY_THE_BOOK };
const TOKEN_RANDOM: Rulebook =
    Rulebook { token: |grants| Token(grants.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40), ..BY_THE_BOOK };
const UNLOCK_OTHERS: Rulebook = Rulebook { releases: |_, _, _, _| Allow(SingleRule::TakeRelease), ..BY_THE_BOOK };
const RELEASE_IGNORES_RENEWAL: Rulebook = Rulebook {
    releases: |granted, _, named, sent| BY_THE_BOOK.releases(granted, Time::ZERO, named, sent),
    ..BY_THE_BOOK
};
const FAILED_RENEWAL_EXTENDS: Rulebook =
    Rulebook { until_after_denial: |until, now, terms| until.max(now + terms.holder()), ..BY_THE_BOOK };
const NO_LOCK_DELAY: Rulebook = Rulebook { lock_delay: |_| Duration::ZERO, ..BY_THE_BOOK };

/// Result of a schedule: the name of the invariant that broke, if any.
type End = Result<(), &'static str>;

/// Asks every running node to act, every 10 ms until the given time.
fn act_until(world: &mut Cluster, until: u64) -> Result<(), RunError> {
    while world.now() < at(until) {
        world.run_for(ms(10))?;
        for node in [A, B, C] {
            if world.status(node) == Some(quorate_lab::sim::Status::Up) {
                world.inject_request(CLIENT, node, Command::Act)?;
            }
        }
    }
    Ok(())
}

/// A is cut off from all others.
fn flash_cut(rules: Rulebook) -> End {
    let mut world = start(rules, settings());
    world.run_until(at(500)).unwrap();
    world.inject(Fault::Partition(vec![vec![A]])).unwrap();
    violated(act_until(&mut world, 1200))
}

/// Every reply to A takes 200 ms, and then A is cut off.
fn slow_answer(rules: Rulebook) -> End {
    let mut world = start(rules, settings());
    world.intercept(|passing| match passing.message {
        Message::Granted { lease: LeaseId::Primary, .. } if passing.to == A => Delivery::After(ms(200)),
        _ => Delivery::Random,
    });
    world.run_until(at(500)).unwrap();
    world.inject(Fault::Link { from: A, to: Q, up: false }).unwrap();
    violated(act_until(&mut world, 1200))
}

/// A's clock is as slow and Q's as fast as the bound allows.
fn drifting(rules: Rulebook) -> End {
    let mut world = start(rules, settings());
    world.inject(Fault::Drift { node: A, ppm: -10_000 }).unwrap();
    world.inject(Fault::Drift { node: Q, ppm: 10_000 }).unwrap();
    world.run_until(at(500)).unwrap();
    world.inject(Fault::Partition(vec![vec![A]])).unwrap();
    let mut result = world.run_until(at(740)).map_err(RunError::from);
    while result.is_ok() && world.now() < at(775) {
        result = world.run_for(Duration::from_micros(100)).map_err(RunError::from);
        for node in [A, B] {
            result = result.and_then(|()| world.inject_request(CLIENT, node, Command::Act));
        }
    }
    violated(result)
}

/// A is cut off, and its clock is set back.
fn jumping(rules: Rulebook) -> End {
    let mut world = start(rules, settings());
    world.run_until(at(500)).unwrap();
    world.inject(Fault::Partition(vec![vec![A]])).unwrap();
    world.inject(Fault::Jump { node: A, nanos: -300_000_000 }).unwrap();
    violated(act_until(&mut world, 1200))
}

/// Q restarts while A is cut off.
fn restart(rules: Rulebook) -> End {
    let mut world = start(rules, settings());
    world.run_until(at(500)).unwrap();
    world.inject(Fault::Partition(vec![vec![A]])).unwrap();
    world.inject(Fault::Crash { node: Q, point: CrashPoint::BetweenSteps }).unwrap();
    world.inject(Fault::Restart(Q)).unwrap();
    violated(act_until(&mut world, 1200))
}

/// A is paused while it works, for longer than its term.
fn paused(rules: Rulebook, command: &Command) -> End {
    let mut world = start(rules, Settings { work: ms(20), ..settings() });
    world.run_until(at(500)).unwrap();
    let run = |world: &mut Cluster| {
        world.inject_request(CLIENT, A, command.clone())?;
        world.inject(Fault::Pause(A))?;
        act_until(world, 900)?;
        world.inject_request(CLIENT, B, write("by B"))?;
        act_until(world, 1000)?;
        world.inject(Fault::Resume(A))?;
        act_until(world, 1100)
    };
    violated(run(&mut world))
}

/// A's write is checked just before B's arrives.
fn interleaved(rules: Rulebook) -> End {
    let mut world = start(rules, settings());
    world.run_until(at(500)).unwrap();
    world.intercept(|passing| match passing.message {
        Message::Write { .. } => Delivery::Hold,
        _ => Delivery::Random,
    });
    let run = |world: &mut Cluster| {
        world.inject_request(CLIENT, A, write("by A"))?;
        act_until(world, 510)?;
        world.inject(Fault::Partition(vec![vec![A]]))?;
        act_until(world, 900)?;
        world.inject_request(CLIENT, B, write("by B"))?;
        world.run_for(ms(5))?;
        world.inject(Fault::Heal)?;
        // Both arrive at the same instant, B's first: checks and writes may interleave.
        world.inject(Fault::Pause(S))?;
        world.release(|passing| passing.from == B);
        world.release(|_| true);
        world.run_for(ms(5))?;
        world.inject(Fault::Resume(S))?;
        act_until(world, 1000)
    };
    violated(run(&mut world))
}

/// B's release, delayed for long, arrives when A has been primary again for a while.
fn late_release(rules: Rulebook) -> End {
    let mut world = start(rules, settings());
    world.run_until(at(500)).unwrap();
    let run = |world: &mut Cluster| {
        world.intercept(|passing| match passing.message {
            Message::Release { .. } => Delivery::Hold,
            _ => Delivery::Random,
        });
        world.inject_request(CLIENT, A, Command::Release { successor: None })?;
        world.run_for(ms(2))?;
        world.intercept_none();
        act_until(world, 700)?;
        world.inject(Fault::Partition(vec![vec![B]]))?;
        world.release(|_| true);
        act_until(world, 1200)
    };
    violated(run(&mut world))
}

/// A releases, crashes at once, restarts, and is renewed before the release arrives.
fn release_overtaken(rules: Rulebook) -> End {
    let mut world = start(rules, settings());
    world.run_until(at(520)).unwrap();
    let run = |world: &mut Cluster| {
        world.intercept(|passing| match passing.message {
            Message::Release { .. } => Delivery::Hold,
            _ => Delivery::Random,
        });
        world.inject_request(CLIENT, A, Command::Release { successor: Some(B) })?;
        world.inject(Fault::Crash { node: A, point: CrashPoint::BetweenSteps })?;
        world.inject(Fault::Restart(A))?;
        world.run_for(ms(5))?;
        world.release(|_| true);
        act_until(world, 1200)
    };
    violated(run(&mut world))
}

/// Q denies A repeatedly, in replies to requests that A sent before its grant.
fn denied(rules: Rulebook) -> End {
    let mut world = start(rules, settings());
    world.run_until(at(500)).unwrap();
    let run = |world: &mut Cluster| {
        world.inject(Fault::Crash { node: Q, point: CrashPoint::BetweenSteps })?;
        world.inject(Fault::Restart(Q))?;
        act_until(world, 700)?;
        world.inject(Fault::Link { from: A, to: Q, up: false })?;
        act_until(world, 1200)
    };
    violated(run(&mut world))
}

/// The resource does not check tokens: A's write is late by less than the lock-delay.
fn in_flight(rules: Rulebook) -> (End, Option<String>) {
    let mut world = start(rules, Settings { lock_delay: ms(400), ..settings() });
    world.run_until(at(500)).unwrap();
    world.intercept(|passing| match passing.message {
        Message::Write { .. } if passing.from == A => Delivery::After(ms(500)),
        _ => Delivery::Random,
    });
    let run = |world: &mut Cluster| {
        world.inject_request(CLIENT, A, write("by A"))?;
        world.run_for(ms(1))?;
        world.inject(Fault::Crash { node: A, point: CrashPoint::BetweenSteps })?;
        // Fewer writes reach the resource before A's than it remembers of a client, so A's is not
        // refused as overtaken.
        for _ in 0..20 {
            world.run_for(ms(50))?;
            world.inject_request(CLIENT, B, write("by B"))?;
        }
        Ok(())
    };
    let result = run(&mut world);
    (violated(result), world.machine(S).unwrap().value().map(ToString::to_string))
}

const DUAL: End = Err("AtMostOnePrimary");
const LATE: End = Err("TokensNeverDecrease");

#[test]
fn a_flash_cut_makes_two_primaries_without_leases() {
    assert_eq!((flash_cut(HEARTBEAT_ONLY), flash_cut(BY_THE_BOOK)), (DUAL, Ok(())));
}

#[test]
fn a_term_counts_from_the_question() {
    assert_eq!((slow_answer(COUNTS_FROM_REPLY), slow_answer(BY_THE_BOOK)), (DUAL, Ok(())));
}

#[test]
fn equal_terms_are_broken_by_drift() {
    assert_eq!((drifting(NO_DRIFT_MARGIN), drifting(BY_THE_BOOK)), (DUAL, Ok(())));
}

#[test]
fn the_wall_clock_makes_two_primaries() {
    assert_eq!((jumping(WALL_CLOCK), jumping(BY_THE_BOOK)), (DUAL, Ok(())));
}

#[test]
fn a_restarted_granter_waits() {
    assert_eq!((restart(RESTART_GRANTS_AT_ONCE), restart(BY_THE_BOOK)), (DUAL, Ok(())));
}

#[test]
fn a_check_before_a_pause_is_no_check() {
    let work = Command::WorkAndAct;
    assert_eq!((paused(CHECK_THEN_ACT, &work), paused(BY_THE_BOOK, &work)), (DUAL, Ok(())));
}

#[test]
fn a_late_write_needs_a_fence_with_ordered_tokens() {
    let late = write("by A");
    assert_eq!((paused(TOKEN_NOT_CHECKED, &late), paused(BY_THE_BOOK, &late)), (LATE, Ok(())));
    assert_eq!(paused(TOKEN_RANDOM, &late), LATE);
}

#[test]
fn a_fence_checks_and_writes_in_one_step() {
    assert_eq!(interleaved(BY_THE_BOOK), Ok(()));
}

#[test]
fn a_release_frees_only_its_own_grant() {
    assert_eq!((late_release(UNLOCK_OTHERS), late_release(BY_THE_BOOK)), (DUAL, Ok(())));
}

#[test]
fn a_release_that_was_overtaken_by_a_renewal_frees_nothing() {
    assert_eq!((release_overtaken(RELEASE_IGNORES_RENEWAL), release_overtaken(BY_THE_BOOK)), (DUAL, Ok(())));
}

#[test]
fn a_refused_renewal_extends_nothing() {
    assert_eq!((denied(FAILED_RENEWAL_EXTENDS), denied(BY_THE_BOOK)), (DUAL, Ok(())));
}

#[test]
fn a_lock_delay_lets_late_writes_arrive_first() {
    const CANNOT_CHECK: Rulebook = Rulebook { admits: |_, _| Allow(SingleRule::AcceptWrite), ..BY_THE_BOOK };
    const CANNOT_CHECK_NOR_WAIT: Rulebook =
        Rulebook { admits: |_, _| Allow(SingleRule::AcceptWrite), lock_delay: |_| Duration::ZERO, ..BY_THE_BOOK };
    assert_eq!(in_flight(CANNOT_CHECK), (Ok(()), Some("by B".into())));
    assert_eq!(in_flight(CANNOT_CHECK_NOR_WAIT).0, LATE);
    assert_eq!(in_flight(NO_LOCK_DELAY).0, Ok(()), "a resource that checks needs no delay");
}
