//! Claims of Spanner §3 and §4 by hand, with the numbers of the paper.

use quorate_lab::sim::{CrashPoint, Fault};
use quorate_protocol::{Duration, NodeId};
use quorate_time::Drift;
use quorate_time::true_time::{BY_THE_BOOK, Command, ConfigError, Reply, Settings, safety};

use super::{A, ANN, B, BOB, MASTERS, START, ask, cluster, cut_off, error, jump, ms};

/// Spanner §3: the error is a sawtooth, which rises by 200 microseconds in a second between polls.
#[test]
fn the_error_grows_from_poll_to_poll() {
    let mut world = cluster(BY_THE_BOOK, safety(START));
    world.run_for(ms(5)).unwrap();
    // A master's error of 1 ms, and a round trip of 2 ms, of which either half may be the delay.
    assert_eq!(error(&world, A).unwrap().as_micros(), 2000);
    world.run_for(ms(29_990)).unwrap();
    assert_eq!(error(&world, A).unwrap().as_micros(), 2000 + 5998);
    world.run_for(ms(10)).unwrap();
    assert_eq!(error(&world, A).unwrap().as_micros(), 2000, "after the next poll it is small again");
}

/// Spanner §4.1.2: the wait is at least twice the average error.
#[test]
fn a_commit_waits_out_the_error() {
    let mut world = cluster(BY_THE_BOOK, safety(START));
    world.run_for(ms(25_000)).unwrap();
    let width = error(&world, A).unwrap() * 2;
    assert_eq!(width.as_micros(), 4000 + 9999);
    // The answer takes a millisecond.
    assert_eq!(ask(&mut world, ANN, A, Command::Commit, width), None);
    world.run_for(ms(2)).unwrap();
    assert!(matches!(world.answers(ANN), [(_, Reply::Committed { .. })]));
    assert_eq!(world.machine(A).unwrap().pending(), 0);
}

#[test]
fn intervals_that_overlap_are_not_ordered() {
    let mut world = cluster(BY_THE_BOOK, safety(START));
    world.run_for(ms(20_000)).unwrap();
    let mut read = |client, node| match ask(&mut world, client, node, Command::Now, ms(2)) {
        Some(Reply::Now { interval }) => interval,
        other => panic!("{other:?}"),
    };
    let (first, second) = (read(ANN, A), read(BOB, B));
    assert!(first.meets(second) && !second.after(first.latest), "two milliseconds apart, within the error");
    world.run_for(ms(30)).unwrap();
    let third = match ask(&mut world, ANN, A, Command::Now, ms(2)) {
        Some(Reply::Now { interval }) => interval,
        other => panic!("{other:?}"),
    };
    assert!(third.after(second.latest) && second.before(third.earliest));
}

/// SEEDS 36: time servers that are wrong by hours.
#[test]
fn a_master_that_is_wrong_by_hours_is_outvoted() {
    let mut world = cluster(BY_THE_BOOK, safety(START));
    world.inject(jump(MASTERS[1], 7_200_000)).unwrap();
    world.run_for(ms(5)).unwrap();
    assert_eq!(error(&world, A).unwrap().as_micros(), 2000);
    assert!(matches!(ask(&mut world, ANN, A, Command::Commit, ms(10)), Some(Reply::Committed { .. })));
    // A second liar is one too many, but does not agree with the first one.
    world.inject(jump(MASTERS[2], -7_200_000)).unwrap();
    world.run_for(ms(35_000)).unwrap();
    assert!(error(&world, A).unwrap() > ms(8), "no poll has had an agreement since");
}

/// SEEDS 34 and 38: cut off from the time, a server notices by its own error.
#[test]
fn a_server_that_is_cut_off_stops_by_itself() {
    let mut world = cluster(BY_THE_BOOK, safety(START));
    world.run_for(ms(1000)).unwrap();
    cut_off(&mut world, A);
    world.run_for(ms(38_000)).unwrap();
    assert!(matches!(ask(&mut world, ANN, A, Command::Now, ms(2)), Some(Reply::Now { .. })));
    world.run_for(ms(2_000)).unwrap();
    assert_eq!(ask(&mut world, ANN, A, Command::Now, ms(2)), None, "8 ms of drift after 40 s: more than 10 ms");
    assert!(matches!(ask(&mut world, BOB, B, Command::Now, ms(2)), Some(Reply::Now { .. })));
    world.inject(Fault::Heal).unwrap();
    world.run_for(ms(30_000)).unwrap();
    assert!(matches!(ask(&mut world, ANN, A, Command::Now, ms(2)), Some(Reply::Now { .. })));
}

/// Spanner §3: machines whose clock leaves the worst-case bound are evicted.
#[test]
fn a_clock_that_breaks_its_bound_is_found_out() {
    let mut world = cluster(BY_THE_BOOK, safety(START));
    world.run_for(ms(5)).unwrap();
    world.inject(Fault::Drift { node: A, ppm: 1000 }).unwrap();
    world.run_for(ms(30_005)).unwrap();
    assert!(world.machine(A).unwrap().has_left());
    assert_eq!(ask(&mut world, ANN, A, Command::Now, ms(2)), None);
    world.inject(Fault::Drift { node: A, ppm: 0 }).unwrap();
    world.inject(Fault::Crash { node: A, point: CrashPoint::BetweenSteps }).unwrap();
    world.inject(Fault::Restart(A)).unwrap();
    world.run_for(ms(5)).unwrap();
    assert!(matches!(ask(&mut world, ANN, A, Command::Now, ms(2)), Some(Reply::Now { .. })));
}

#[test]
fn a_stamp_survives_a_crash() {
    let mut world = cluster(BY_THE_BOOK, safety(START));
    world.run_for(ms(20_000)).unwrap();
    assert_eq!(ask(&mut world, ANN, A, Command::Commit, ms(3)), None, "it waits");
    let stamp = *world.disk(A).unwrap().stamps.values().next().unwrap();
    world.inject(Fault::Crash { node: A, point: CrashPoint::BetweenSteps }).unwrap();
    world.inject(Fault::Restart(A)).unwrap();
    world.run_for(ms(5)).unwrap();
    let ticket = world.disk(A).unwrap().stamps.keys().next().copied().unwrap();
    world.inject_request_as(ticket, A, Command::Commit).unwrap();
    world.run_for(ms(20)).unwrap();
    assert_eq!(world.answers(ANN), [(ticket, Reply::Committed { timestamp: stamp })]);
}

#[test]
fn settings_that_make_no_sense_are_refused_with_the_value() {
    let usual = Settings::new(MASTERS);
    assert_eq!((usual.faulty, usual.drift), (1, Drift::ppm(200).unwrap()));
    let refused = |settings: Settings| settings.build().unwrap_err();
    assert_eq!(refused(Settings::new([])), ConfigError::TooFew { masters: 0, faulty: 0 });
    let twice = Settings { masters: vec![NodeId(1), NodeId(1), NodeId(2)], ..usual.clone() };
    assert_eq!(refused(twice), ConfigError::NamedTwice { node: NodeId(1) });
    assert_eq!(refused(Settings { poll: Duration::ZERO, ..usual.clone() }), ConfigError::NoTime);
    let error = refused(Settings { faulty: 2, ..usual.clone() }).to_string();
    assert_eq!(error, "2 of 3 masters may lie: name at least 5 masters");
    let error = refused(Settings { max_error: Duration::from_micros(10), ..usual }).to_string();
    assert_eq!(error, "a master is wrong by 1ms, and 10µs are allowed: choose a larger error");
}
