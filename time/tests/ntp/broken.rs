//! Each decision broken once: the schedule violates the invariant under the broken decision, and
//! none by the book.

use quorate_lab::sim::{Conditions, Fault};
use quorate_protocol::Duration;
use quorate_protocol::Ruling::Allow;
use quorate_time::Interval;
use quorate_time::ntp::{BY_THE_BOOK, Command, NtpRule, Offset, Rulebook};

use super::{A, ANN, Cluster, SOURCES, cut_off, jump, ms, secs, with_g};

/// Plays a schedule under a broken rulebook and by the book. Returns the first invariant that each
/// breaks.
fn breaks(rules: Rulebook, play: fn(&mut Cluster), wait: Duration, invariant: &str) {
    let outcome = [rules, BY_THE_BOOK].map(|rules| {
        let mut world = with_g(rules);
        play(&mut world);
        world.run_for(wait).err().map(|violation| violation.broken.invariant)
    });
    assert_eq!(outcome, [Some(invariant), None]);
}

fn ask_after(world: &mut Cluster, after: Duration, command: Command) {
    world.ask_at(world.now() + after, ANN, Some(A), command);
}

/// USNO time servers, 19 November 2012.
#[test]
fn one_source_believed() {
    let rules = Rulebook { trusted: |intervals, _| intervals.first().copied(), ..BY_THE_BOOK };
    let play: fn(&mut Cluster) = |world| {
        world.inject(jump(SOURCES[0], 7_200_000)).unwrap();
        ask_after(world, ms(10), Command::Time);
    };
    breaks(rules, play, secs(1), "BoundContainsTruth");
}

#[test]
fn half_the_delay_ignored() {
    let rules = Rulebook { distance: |_, dispersion, _, _| dispersion, ..BY_THE_BOOK };
    let play: fn(&mut Cluster) = |world| {
        // The requests of the boot are under way already, and take a millisecond.
        world.inject(Fault::SetConditions(Conditions::steady(ms(101)))).unwrap();
        ask_after(world, secs(60), Command::Time);
    };
    breaks(rules, play, secs(64), "BoundContainsTruth");
}

/// RFC 5905 §11.1.
#[test]
fn error_does_not_grow() {
    let aged =
        |reading: Interval, passed: Duration, _| Interval::new(reading.earliest + passed, reading.latest + passed);
    let play: fn(&mut Cluster) = |world| {
        world.run_for(ms(5)).unwrap();
        cut_off(world);
        world.inject(Fault::Drift { node: A, ppm: 15 }).unwrap();
        ask_after(world, secs(1000), Command::Time);
    };
    breaks(Rulebook { aged, ..BY_THE_BOOK }, play, secs(1100), "BoundContainsTruth");
}

/// systemd #13245.
#[test]
fn flag_instead_of_error() {
    let rules = Rulebook { synchronised: |_, _| Allow(NtpRule::TellTime), ..BY_THE_BOOK };
    let play: fn(&mut Cluster) = |world| {
        world.run_for(ms(5)).unwrap();
        cut_off(world);
        ask_after(world, secs(1_100_000), Command::Time);
    };
    breaks(rules, play, secs(1_100_010), "SynchronisedMeansExact");
}

#[test]
fn no_panic() {
    let discipline =
        |offset: Offset, _, _| Allow(if offset.magnitude() > ms(128) { NtpRule::Step } else { NtpRule::Slew });
    let play: fn(&mut Cluster) = |world| {
        world.run_for(ms(5)).unwrap();
        world.inject(jump(A, -7_200_000)).unwrap();
    };
    breaks(Rulebook { discipline, ..BY_THE_BOOK }, play, secs(100), "StepsStayBelowPanic");
}

/// Cloudflare DNS, 1 January 2017.
#[test]
fn negative_duration() {
    let rules = Rulebook { elapsed: |begun, now| Offset::between(begun.time, now.time), ..BY_THE_BOOK };
    let play: fn(&mut Cluster) = |world| {
        world.run_for(ms(5)).unwrap();
        ask_after(world, ms(1), Command::Start);
        world.run_for(ms(10)).unwrap();
        world.inject(jump(A, -1000)).unwrap();
        ask_after(world, ms(10), Command::Elapsed);
    };
    breaks(rules, play, secs(1), "DurationsAreReal");
}

/// golang #18455.
#[test]
fn waits_on_the_wall() {
    let rules = Rulebook { left_to_wait: |begun, span, now| (begun.time + span).since(now.time), ..BY_THE_BOOK };
    let play: fn(&mut Cluster) = |world| {
        ask_after(world, ms(1), Command::Wait { span: Offset::from(secs(1)) });
        world.run_for(ms(10)).unwrap();
        world.inject(jump(A, -3_600_000)).unwrap();
    };
    breaks(rules, play, secs(3), "WaitsEnd");
}
