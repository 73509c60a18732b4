//! Claims about Snowflake ids by hand.

use quorate_lab::sim::{CrashPoint, Fault};
use quorate_protocol::{Duration, Time};
use quorate_time::snowflake::{BY_THE_BOOK, Backwards, Command, ConfigError, Layout, Reply, Settings, Slot};

use super::{A, ANN, B, BOB, R, TICKS, cluster, ids, jump, ms, next};

#[test]
fn an_id_says_when_and_where_it_was_made() {
    let mut world = cluster(BY_THE_BOOK, Settings::new(R));
    world.run_for(ms(20)).unwrap();
    let (one, two) = (next(&mut world, ANN, A).unwrap(), next(&mut world, BOB, B).unwrap());
    assert_eq!((one.slot, two.slot), (Slot { tick: TICKS + 20, sequence: 0 }, Slot { tick: TICKS + 30, sequence: 0 }));
    assert_eq!((one.worker, two.worker), (0, 1));
}

/// Snowflake README: the sequence rolls over every 4096, protected within the same millisecond.
#[test]
fn a_tick_has_4096_ids_and_then_waits() {
    let mut world = cluster(BY_THE_BOOK, Settings::new(R));
    world.run_for(ms(5)).unwrap();
    for _ in 0..5000 {
        world.inject_request(ANN, A, Command::Next).unwrap();
    }
    world.run_for(ms(10)).unwrap();
    let parts: Vec<_> = ids(&world, ANN).iter().map(|id| world.config().layout.split(*id).slot).collect();
    let in_tick = |tick| parts.iter().filter(|slot| slot.tick == tick).count();
    assert_eq!((in_tick(TICKS + 5), in_tick(TICKS + 6), parts.len()), (4096, 904, 5000));
}

/// SEEDS 45: roughly growing, not causal.
#[test]
fn an_id_that_was_caused_by_another_may_be_smaller() {
    let mut world = cluster(BY_THE_BOOK, Settings::new(R));
    // Within the error of 10 ms that these clocks have.
    world.inject(jump(A, 10)).unwrap();
    world.inject(jump(B, -10)).unwrap();
    world.run_for(ms(50)).unwrap();
    world.inject_request(ANN, A, Command::Next).unwrap();
    world.run_for(ms(2)).unwrap();
    let cause = ids(&world, ANN)[0];
    // Ann has her id, and tells Bob, who asks another generator.
    world.inject_request(BOB, B, Command::Next).unwrap();
    world.run_for(ms(2)).unwrap();
    let effect = ids(&world, BOB)[0];
    assert!(effect < cause, "{effect} was made after {cause} was seen");
    // After more than the error of both clocks the order is right again.
    world.run_for(ms(20)).unwrap();
    next(&mut world, BOB, B).unwrap();
    assert!(ids(&world, BOB)[1] > cause);
}

#[test]
fn a_clock_that_goes_back_by_little_is_waited_for() {
    let mut world = cluster(BY_THE_BOOK, Settings::new(R));
    world.run_for(ms(20)).unwrap();
    let before = next(&mut world, ANN, A).unwrap();
    world.inject(jump(A, -13)).unwrap();
    let after = next(&mut world, ANN, A).unwrap();
    assert_eq!(before.slot.tick, after.slot.tick, "it has waited for that tick, where the sequence goes on");
    assert_eq!((before.slot.sequence, after.slot.sequence), (0, 1));
}

#[test]
fn a_clock_that_goes_back_by_much_is_refused() {
    for backwards in [Backwards::Refuse, Backwards::Wait { ticks: 5 }] {
        let mut world = cluster(BY_THE_BOOK, Settings { backwards, ..Settings::new(R) });
        world.run_for(ms(20)).unwrap();
        assert!(next(&mut world, ANN, A).is_some());
        world.inject(jump(A, -100)).unwrap();
        assert_eq!(next(&mut world, ANN, A), None);
        let refused = |reply: &Reply| matches!(reply, Reply::ClockBack { ticks: 90 });
        assert!(world.heard().iter().any(|event| match &event.kind {
            quorate_protocol::ClientEventKind::Response { reply, .. } => refused(reply),
            _ => false,
        }));
        world.run_for(ms(80)).unwrap();
        assert!(next(&mut world, ANN, A).is_some(), "the clock is past the tick again");
    }
}

#[test]
fn a_restart_begins_above_the_reserved_ticks() {
    let mut world = cluster(BY_THE_BOOK, Settings { backwards: Backwards::Wait { ticks: 20 }, ..Settings::new(R) });
    world.run_for(ms(20)).unwrap();
    let before = next(&mut world, ANN, A).unwrap();
    world.inject(Fault::Crash { node: A, point: CrashPoint::BetweenSteps }).unwrap();
    world.inject(Fault::Restart(A)).unwrap();
    world.inject(jump(A, -9)).unwrap();
    world.inject_request(ANN, A, Command::Next).unwrap();
    world.run_for(ms(30)).unwrap();
    let after = world.config().layout.split(*ids(&world, ANN).last().unwrap());
    assert_eq!((before.slot.tick, after.slot.tick), (TICKS + 20, TICKS + 31), "ten ticks were reserved");
}

#[test]
fn a_number_that_changes_hands_is_fenced_by_a_tick() {
    let layout = Layout { worker_bits: 0, sequence_bits: 12 };
    let settings = Settings { layout, lease: 100, renew: ms(10), recycle_after: ms(50), ..Settings::new(R) };
    let mut world = cluster(BY_THE_BOOK, settings);
    world.run_for(ms(20)).unwrap();
    let mine = next(&mut world, ANN, A).unwrap();
    assert_eq!(next(&mut world, BOB, B), None, "there is one number, and A has it");
    world.inject(Fault::Partition(vec![vec![A], vec![R, B]])).unwrap();
    world.run_for(ms(100)).unwrap();
    let lease = world.machine(B).unwrap().lease().expect("A was silent for long enough");
    let former = world.machine(A).unwrap().lease().unwrap();
    assert_eq!((lease.worker, lease.above), (mine.worker, former.through), "B begins where A must end");
    world.run_for(ms(100)).unwrap();
    assert!(next(&mut world, BOB, B).unwrap().slot.tick > former.through);
    assert_eq!(next(&mut world, ANN, A), None, "the lease of A is over by its own ticks");
}

#[test]
fn a_clock_outside_of_the_ticks_makes_no_id() {
    let mut world = cluster(BY_THE_BOOK, Settings::new(R));
    world.run_for(ms(20)).unwrap();
    world.inject(jump(A, -1_000_100)).unwrap();
    assert_eq!(next(&mut world, ANN, A), None);
    assert!(matches!(world.answers(ANN), [(_, Reply::OutOfTicks)]), "before the epoch");
    world.inject(jump(A, 70 * 365 * 24 * 3_600_000)).unwrap();
    assert_eq!(next(&mut world, BOB, A), None);
    assert!(matches!(world.answers(BOB), [(_, Reply::OutOfTicks)]), "70 years later");
}

#[test]
fn settings_that_make_no_sense_are_refused_with_the_value() {
    let usual = Settings::new(R);
    let refused = |settings: Settings| settings.build().unwrap_err();
    assert_eq!(refused(Settings { lease: 0, ..usual.clone() }), ConfigError::NoLease);
    assert_eq!(refused(Settings { renew: Duration::ZERO, ..usual.clone() }), ConfigError::NoTime);
    let layout = Layout { worker_bits: 31, sequence_bits: 32 };
    let error = refused(Settings { layout, ..usual.clone() }).to_string();
    assert!(error.starts_with("31 bits of the worker and 32 of the sequence leave none of 63"), "{error}");
    let config = usual.build().unwrap();
    assert_eq!((config.tick(Time::ZERO), config.tick(config.epoch + ms(7))), (None, Some(7)));
}
