//! Faults: crashes within a step, restarts, pauses and clocks.

use quorate_lab::env::{CrashPoint, Fault, InjectError, Status};
use quorate_lab::sim::RunError;
use quorate_lab::trace::{DropReason, TypedEvent};
use quorate_protocol::{NodeId, Time};

use crate::courier::{Command, Fact};
use crate::{CLIENT, ONE, THREE, TWO, at, drops, heard, ms, setup, write};

/// Crashes node 1 at that moment of its first write. Returns the content of its disk, the number of
/// messages that nodes 2 and 3 received, and the number of lost records according to the trace.
fn crash_in_write(moment: CrashPoint) -> (Vec<u32>, usize, u32) {
    let mut world = setup().start();
    world.inject(Fault::Crash { node: ONE, point: moment }).unwrap();
    write(&mut world, ONE, 7);
    world.run_for(ms(20)).unwrap();
    assert_eq!(world.status(ONE), Some(Status::Down));
    let lost = world.recording().unwrap().iter().find_map(|(_, event)| match event.what {
        TypedEvent::Crash { lost, .. } => Some(lost),
        _ => None,
    });
    let told = heard(&world, TWO).len() + heard(&world, THREE).len();
    (world.disk(ONE).unwrap().0.clone(), told, lost.unwrap())
}

#[test]
fn a_crash_before_the_persist_loses_the_records_and_tells_nobody() {
    assert_eq!(crash_in_write(CrashPoint::BeforePersist { kept: 0 }), (vec![], 0, 2));
}

#[test]
fn a_crash_during_the_persist_keeps_the_first_records() {
    assert_eq!(crash_in_write(CrashPoint::BeforePersist { kept: 1 }), (vec![7], 0, 1));
    assert_eq!(crash_in_write(CrashPoint::BeforePersist { kept: 9 }), (vec![7], 0, 1), "the last is never kept");
}

#[test]
fn a_crash_after_the_persist_keeps_the_records_and_tells_nobody() {
    assert_eq!(crash_in_write(CrashPoint::AfterPersist), (vec![7, 8], 0, 0));
}

#[test]
fn a_crash_between_two_sends_tells_some() {
    assert_eq!(crash_in_write(CrashPoint::AfterSends { sent: 0 }), (vec![7, 8], 0, 0));
    assert_eq!(crash_in_write(CrashPoint::AfterSends { sent: 1 }), (vec![7, 8], 1, 0));
}

#[test]
fn a_crash_waits_for_a_step_in_which_its_moment_matters() {
    let mut world = setup().start();
    for node in [ONE, TWO] {
        world.inject(Fault::Crash { node, point: CrashPoint::AfterPersist }).unwrap();
    }
    write(&mut world, ONE, 7);
    world.run_for(ms(20)).unwrap();
    assert_eq!(world.status(TWO), Some(Status::Up), "it had nothing to persist");
}

#[test]
fn a_restart_boots_from_the_disk_and_forgets_the_rest() {
    let mut world = setup().start();
    write(&mut world, ONE, 7);
    world.run_for(ms(20)).unwrap();
    assert_eq!(heard(&world, TWO), [7]);
    for node in [ONE, TWO] {
        world.inject(Fault::Crash { node, point: CrashPoint::BetweenSteps }).unwrap();
        assert!(world.machine(node).is_none());
        world.inject(Fault::Restart(node)).unwrap();
    }
    assert_eq!(world.machine(ONE).unwrap().written, [7, 8]);
    assert!(heard(&world, TWO).is_empty());
    let incarnations = world.recording().unwrap().iter().filter_map(|(_, event)| match event.what {
        TypedEvent::Boot { incarnation, .. } => Some(incarnation),
        _ => None,
    });
    assert_eq!(incarnations.collect::<Vec<_>>(), [1, 1, 1, 2, 2]);
}

#[test]
fn a_wiped_disk_is_blank() {
    let mut world = setup().start();
    write(&mut world, ONE, 7);
    world.run_for(ms(20)).unwrap();
    world.inject(Fault::Wipe(ONE)).unwrap();
    world.inject(Fault::Restart(ONE)).unwrap();
    assert!(world.machine(ONE).unwrap().written.is_empty());
}

#[test]
fn a_restored_disk_is_that_of_the_backup_and_the_trace_says_which() {
    let mut world = setup().start();
    assert_eq!(world.restore(ONE), Err(RunError::Refused(InjectError::NoBackup(ONE))));
    write(&mut world, ONE, 7);
    world.run_for(ms(20)).unwrap();
    world.back_up(ONE).unwrap();
    write(&mut world, ONE, 9);
    world.run_for(ms(20)).unwrap();
    assert_eq!(world.disk(ONE).unwrap().0, [7, 8, 9, 10]);
    // Also of a node that is up: it crashes.
    world.restore(ONE).unwrap();
    assert_eq!((world.status(ONE), world.disk(ONE).unwrap().0.clone()), (Some(Status::Down), vec![7, 8]));
    world.inject(Fault::Restart(ONE)).unwrap();
    assert_eq!(world.machine(ONE).unwrap().written, [7, 8]);
    let recording = world.recording().unwrap();
    let noted = recording.iter().find_map(|(id, event)| match &event.what {
        TypedEvent::Note(text) => Some((id, text.clone())),
        _ => None,
    });
    let restored = recording.iter().find_map(|(_, event)| match event.what {
        TypedEvent::Crash { restored, .. } => restored,
        _ => None,
    });
    let (id, text) = noted.unwrap();
    assert_eq!((restored, &*text), (Some(id), "The disk of n1 is backed up."));
    assert_eq!(world.back_up(NodeId(9)), Err(InjectError::NoSuchNode(NodeId(9))));
}

#[test]
fn messages_to_a_node_that_is_down_are_dropped() {
    let mut world = setup().start();
    world.inject(Fault::Crash { node: TWO, point: CrashPoint::BetweenSteps }).unwrap();
    write(&mut world, ONE, 7);
    world.run_for(ms(20)).unwrap();
    assert_eq!(drops(&world), [DropReason::Crashed]);
    assert_eq!(heard(&world, THREE), [7]);
}

#[test]
fn timers_die_with_their_node() {
    let mut world = setup().start();
    world.ask(CLIENT, Some(ONE), Command::Wake(Some(50)));
    world.run_for(ms(10)).unwrap();
    world.inject(Fault::Crash { node: ONE, point: CrashPoint::BetweenSteps }).unwrap();
    world.inject(Fault::Restart(ONE)).unwrap();
    world.run_for(ms(200)).unwrap();
    assert!(woke(&world).is_empty());
}

#[test]
fn a_paused_node_finds_everything_when_it_resumes() {
    let mut world = setup().start();
    world.ask(CLIENT, Some(TWO), Command::Wake(Some(50)));
    world.run_for(ms(10)).unwrap();
    world.inject(Fault::Pause(TWO)).unwrap();
    write(&mut world, ONE, 7);
    world.run_until(at(500)).unwrap();
    assert_eq!((heard(&world, TWO).len(), woke(&world).len()), (0, 0));
    world.inject(Fault::Resume(TWO)).unwrap();
    world.run_until(at(501)).unwrap();
    assert_eq!(heard(&world, TWO), [7]);
    assert_eq!(woke(&world), [(at(500), at(500))], "its clock went on during the pause");
}

#[test]
fn a_suspended_node_does_not_count_the_time() {
    let mut world = setup().start();
    world.ask(CLIENT, Some(TWO), Command::Wake(Some(50)));
    world.run_for(ms(10)).unwrap();
    world.inject(Fault::Suspend(TWO)).unwrap();
    write(&mut world, ONE, 7);
    world.run_until(at(500)).unwrap();
    let clock = world.clock(TWO).unwrap();
    assert_eq!((clock.monotonic, clock.wall), (at(10), at(500)));
    world.inject(Fault::Resume(TWO)).unwrap();
    world.run_until(at(501)).unwrap();
    assert_eq!((heard(&world, TWO), woke(&world)), (vec![7], vec![]));
    world.run_until(at(600)).unwrap();
    assert_eq!(woke(&world), [(at(51), at(541))], "41 ms were left, and 490 ms passed in its sleep");
}

#[test]
fn a_crash_ends_a_suspension() {
    let mut world = setup().start();
    world.inject(Fault::Suspend(TWO)).unwrap();
    world.run_until(at(100)).unwrap();
    world.inject(Fault::Crash { node: TWO, point: CrashPoint::BetweenSteps }).unwrap();
    world.inject(Fault::Restart(TWO)).unwrap();
    world.ask(CLIENT, Some(TWO), Command::Wake(Some(50)));
    world.run_until(at(200)).unwrap();
    assert_eq!(woke(&world), [(at(51), at(151))]);
}

#[test]
fn a_node_that_crashes_while_paused_loses_what_had_arrived() {
    let mut world = setup().start();
    world.inject(Fault::Pause(TWO)).unwrap();
    write(&mut world, ONE, 7);
    world.run_for(ms(20)).unwrap();
    world.inject(Fault::Crash { node: TWO, point: CrashPoint::BetweenSteps }).unwrap();
    world.inject(Fault::Restart(TWO)).unwrap();
    world.run_for(ms(20)).unwrap();
    assert_eq!(drops(&world), [DropReason::Crashed]);
    assert_eq!((heard(&world, TWO), world.in_flight()), (vec![], 0));
}

/// Returns the readings of the clocks when a timer fired.
fn woke(world: &quorate_lab::sim::World<crate::Courier>) -> Vec<(Time, Time)> {
    let recording = world.recording().unwrap();
    let facts = recording.iter().filter_map(|(_, event)| match event.what.clone() {
        TypedEvent::Fact { fact: Fact::Woke { monotonic, wall } } => Some((monotonic, wall)),
        _ => None,
    });
    facts.collect()
}

#[test]
fn a_fast_clock_wakes_its_node_early() {
    let mut world = setup().start();
    world.inject(Fault::Drift { node: ONE, ppm: 1_000_000 }).unwrap();
    world.ask(CLIENT, Some(ONE), Command::Wake(Some(100)));
    world.run_until(at(51)).unwrap();
    assert_eq!(woke(&world), [(at(102), at(102))], "the request came at 1 ms, when the clock showed 2 ms");
}

#[test]
fn a_change_of_drift_moves_what_is_armed() {
    let mut world = setup().start();
    world.ask(CLIENT, Some(ONE), Command::Wake(Some(99)));
    world.run_until(at(50)).unwrap();
    world.inject(Fault::Drift { node: ONE, ppm: -500_000 }).unwrap();
    world.run_until(at(149)).unwrap();
    assert!(woke(&world).is_empty());
    world.run_until(at(150)).unwrap();
    assert_eq!(woke(&world), [(at(100), at(100))]);
}

#[test]
fn a_jump_moves_the_wall_clock_and_no_timer() {
    let mut world = setup().start();
    world.ask(CLIENT, Some(ONE), Command::Wake(Some(99)));
    world.inject(Fault::Jump { node: ONE, nanos: 5_000_000 }).unwrap();
    world.run_until(at(100)).unwrap();
    assert_eq!(woke(&world), [(at(100), at(105))]);
}

#[test]
fn faults_that_make_no_sense_are_refused_and_change_nothing() {
    let mut world = setup().start();
    let before = world.recording().unwrap().len();
    let misfits = [
        (Fault::Restart(ONE), InjectError::WrongStatus { node: ONE, status: Status::Up }),
        (Fault::Resume(ONE), InjectError::WrongStatus { node: ONE, status: Status::Up }),
        (Fault::Pause(NodeId(9)), InjectError::NoSuchNode(NodeId(9))),
        (Fault::Partition(vec![vec![NodeId(9)]]), InjectError::NoSuchNode(NodeId(9))),
        (Fault::Link { from: ONE, to: ONE, up: false }, InjectError::LinkToItself(ONE)),
        (Fault::Drift { node: ONE, ppm: -1_000_000 }, InjectError::DriftOutOfRange(-1_000_000)),
    ];
    for (fault, refused) in misfits {
        assert_eq!(world.inject(fault), Err(RunError::Refused(refused)));
    }
    assert_eq!(world.recording().unwrap().len(), before);
}
