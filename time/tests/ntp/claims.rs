//! Claims of RFC 5905 by hand, with its numbers.

use quorate_lab::sim::Fault;
use quorate_lab::trace::TypedEvent;
use quorate_protocol::{Duration, NodeId};
use quorate_time::ntp::{BY_THE_BOOK, Command, ConfigError, Fact, Offset, Reply, Rulebook, Settings, Thresholds};

use super::{SOURCES, ask, cluster, cut_off, error, is_synchronised, jump, ms, off, restart, secs, with, with_g};

/// RFC 5905 §11.3: 50 ms are slewed in 100 s, and the clock never goes back.
#[test]
fn a_small_offset_is_slewed() {
    let mut world = cluster(BY_THE_BOOK);
    for source in SOURCES {
        world.inject(jump(source, -50)).unwrap();
    }
    world.run_for(ms(5)).unwrap();
    let reading = |reply| match reply {
        Some(Reply::Time { timestamp, .. }) => timestamp,
        other => panic!("{other:?}"),
    };
    let first = reading(ask(&mut world, Command::Time));
    world.run_for(secs(50)).unwrap();
    let moved = off(&world).magnitude();
    assert!(moved > ms(24) && moved < ms(26), "{moved:?}");
    let second = reading(ask(&mut world, Command::Time));
    assert!(second > first);
    for _ in 0..10 {
        let before = reading(ask(&mut world, Command::Time));
        world.run_for(ms(1)).unwrap();
        assert!(reading(ask(&mut world, Command::Time)) > before, "in a slew, the clock goes slower, but not back");
    }
    world.run_for(secs(51)).unwrap();
    assert_eq!(off(&world), Offset::from_nanos(-50_000_000), "the sources are 50 ms behind, and so is the host");
}

/// RFC 5905 §11.3: 128 ms, 900 s, 1000 s.
#[test]
fn a_large_offset_is_stepped_after_it_has_stayed() {
    let mut world = cluster(BY_THE_BOOK);
    world.run_for(ms(5)).unwrap();
    world.inject(jump(super::A, -5_000)).unwrap();
    world.run_for(secs(800)).unwrap();
    assert_eq!(off(&world), Offset::from_nanos(-5_000_000_000));
    world.run_for(secs(300)).unwrap();
    assert!(off(&world).magnitude() < ms(1), "{}", off(&world));
    restart(&mut world);
    assert!(off(&world).magnitude() > secs(4), "the correction does not survive");
    world.run_for(ms(5)).unwrap();
    assert!(off(&world).magnitude() < ms(1), "at the start it is stepped at once");
}

#[test]
fn an_offset_beyond_the_panic_threshold_ends_the_daemon() {
    for (mut world, stops) in [(cluster(BY_THE_BOOK), true), (with_g(BY_THE_BOOK), false)] {
        world.inject(jump(super::A, -2_000_000)).unwrap();
        restart(&mut world);
        world.run_for(ms(5)).unwrap();
        assert_eq!(world.machine(super::A).unwrap().has_stopped(), stops);
        assert_eq!(is_synchronised(&world), !stops);
        assert_eq!(off(&world).magnitude() < ms(1), !stops);
    }
}

/// SEEDS 36: one server that is wrong by hours.
#[test]
fn a_majority_outvotes_a_falseticker() {
    let mut world = with_g(BY_THE_BOOK);
    world.inject(jump(SOURCES[0], 7_200_000)).unwrap();
    world.run_for(ms(5)).unwrap();
    assert_eq!(off(&world), Offset::ZERO);
    assert!(matches!(ask(&mut world, Command::Time), Some(Reply::Time { synchronised: true, stratum: 2, .. })));
}

/// RFC 5905 §10 and §11.2.2: the offset is that of one sample, and not the middle of a bound on
/// which several sources have a part.
#[test]
fn the_offset_is_that_of_the_best_sample() {
    let middle = Rulebook { preferred: |_| None, ..BY_THE_BOOK };
    for (rules, expected) in [(BY_THE_BOOK, 0), (middle, 499_999)] {
        let mut world = cluster(rules);
        for (source, nanos) in [(SOURCES[1], 999_999), (SOURCES[2], 499_999)] {
            world.inject(Fault::Jump { node: source, nanos }).unwrap();
        }
        world.run_for(secs(5)).unwrap();
        assert_eq!(off(&world), Offset::from_nanos(expected));
        assert!(error(&world).unwrap() < ms(4), "{:?}", error(&world));
    }
}

/// SEEDS 34: nobody notices but the bound of the error.
#[test]
fn a_host_that_is_cut_off_runs_on() {
    let mut world = cluster(BY_THE_BOOK);
    world.run_for(ms(5)).unwrap();
    let fresh = error(&world).unwrap();
    assert!(fresh > ms(2) && fresh < ms(3), "a millisecond of the source, and half of 2 ms: {fresh:?}");
    cut_off(&mut world);
    world.inject(Fault::Drift { node: super::A, ppm: 15 }).unwrap();
    world.run_for(secs(10_000)).unwrap();
    assert!(off(&world).magnitude() > ms(149) && error(&world).unwrap() > ms(151));
    assert_eq!(world.machine(super::A).unwrap().reach(SOURCES[0]), Some(0));
    assert!(matches!(ask(&mut world, Command::Time), Some(Reply::Time { synchronised: true, stratum: 2, .. })));
    world.run_for(secs(1_100_000)).unwrap();
    assert!(!is_synchronised(&world), "after twelve days at 15 microseconds in a second: {:?}", error(&world));
}

/// RFC 5905 §13: polls become rare while the clock is steady.
#[test]
fn the_interval_of_polls_doubles_up_to_its_limit() {
    let mut world = cluster(BY_THE_BOOK);
    let interval = |world: &super::Cluster| world.machine(super::A).unwrap().poll_interval().unwrap();
    assert_eq!(interval(&world), secs(64));
    world.run_for(secs(5 * 64)).unwrap();
    assert_eq!(interval(&world), secs(128));
    world.run_for(secs(20_000)).unwrap();
    assert_eq!(interval(&world), secs(1024));
    world.inject(jump(super::A, -500)).unwrap();
    world.run_for(secs(1100)).unwrap();
    assert_eq!(interval(&world), secs(64), "an offset makes them frequent again");
}

#[test]
fn an_alarm_tells_that_the_error_has_grown() {
    let mut world = with(BY_THE_BOOK, Settings { alarm: Some(ms(10)), ..Settings::new(SOURCES) });
    world.run_for(ms(5)).unwrap();
    cut_off(&mut world);
    let alarms = |world: &super::Cluster| {
        let facts = world.recording().unwrap().iter();
        facts.filter(|(_, event)| matches!(event.what, TypedEvent::Fact { fact: Fact::Alarm { .. } })).count()
    };
    world.run_for(secs(300)).unwrap();
    assert!(error(&world).unwrap() < ms(10) && alarms(&world) == 0);
    world.run_for(secs(2_000)).unwrap();
    assert!(error(&world).unwrap() > ms(30) && is_synchronised(&world));
    assert_eq!(alarms(&world), 1, "it tells that once");
}

/// Another sets the clock oftener than the host polls.
#[test]
fn a_clock_that_is_set_again_and_again_is_still_corrected() {
    let mut world = cluster(BY_THE_BOOK);
    world.run_for(ms(5)).unwrap();
    for _ in 0..20 {
        world.inject(jump(super::A, 10)).unwrap();
        world.run_for(secs(60)).unwrap();
        ask(&mut world, Command::Time);
    }
    assert!(off(&world).magnitude() < ms(60), "without polls it would be 200 ms: {:?}", off(&world));
}

#[test]
fn settings_that_make_no_sense_are_refused_with_the_value() {
    let usual = Settings::new(SOURCES);
    let refused = |settings: Settings| settings.build().unwrap_err();
    assert_eq!(refused(Settings::new([])), ConfigError::NoSource);
    let twice = Settings { sources: vec![NodeId(1), NodeId(1)], ..usual.clone() };
    assert_eq!(refused(twice), ConfigError::NamedTwice { node: NodeId(1) });
    let error = refused(Settings { stratum: 15, ..usual.clone() }).to_string();
    assert_eq!(error, "stratum 15 is not one of a server: choose 1 to 14, since hosts are one below");
    let error = refused(Settings { poll: Duration::ZERO, ..usual.clone() }).to_string();
    assert!(error.starts_with("polls of 0ns to 1024s: "), "{error}");
    let thresholds = Thresholds { panic: ms(100), ..Thresholds::default() };
    let error = refused(Settings { thresholds, ..usual.clone() }).to_string();
    assert_eq!(error, "a step is above 128ms, and a panic above 100ms: choose a larger panic threshold");
    let thresholds = Thresholds { panic_at_boot: ms(1), ..Thresholds::default() };
    let error = refused(Settings { thresholds, ..usual }).to_string();
    assert_eq!(error, "a step is above 128ms, and a panic above 1ms: choose a larger panic threshold");
}
