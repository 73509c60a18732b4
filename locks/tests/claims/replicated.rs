//! A resource that is read before it is written: on replicas, and with undo.

use quorate_lab::sim::{CrashPoint, Delivery, Fault};
use quorate_locks::{BY_THE_BOOK, Command, Guard, Message, Recipe, Reply, Settings};
use quorate_protocol::{Duration, NodeId};

use crate::common::{A, B, Cluster, S, ask, asked, at, broken, ms, settings, start, start_named, takes, value, write};

const Y: NodeId = NodeId(4);
const Z: NodeId = NodeId(5);

fn three(guard: Guard) -> Cluster {
    let settings = Settings { replicas: vec![Y, Z], guard, work: ms(5), ..settings(Recipe::SetNxPx) };
    start_named(&["R", "A", "B", "X", "Y", "Z"], BY_THE_BOOK, settings)
}

fn hold_writes_of_a(world: &mut Cluster) {
    world.intercept(|passing| match passing.message {
        Message::Write(_) if passing.from == A => Delivery::Hold,
        _ => Delivery::Random,
    });
}

/// A's write is late, and arrives when B has read the replicas and has not written yet.
fn late_between_read_and_write(guard: Guard) -> (Option<&'static str>, Cluster) {
    let mut world = three(guard);
    assert!(takes(&mut world, A));
    hold_writes_of_a(&mut world);
    ask(&mut world, A, write("A's, late"));
    world.run_until(at(11_000)).unwrap();
    assert!(takes(&mut world, B));
    ask(&mut world, B, write("B's"));
    world.run_for(ms(4)).unwrap();
    world.release(|_| true);
    (broken(world.run_for(ms(20))), world)
}

#[test]
fn without_a_mark_a_write_is_complete_and_lost() {
    assert_eq!(late_between_read_and_write(Guard::ReplicaFence).0, Some("NoLostWrite"));
}

#[test]
fn a_mark_on_a_majority_refuses_the_late_write() {
    let (broken, world) = late_between_read_and_write(Guard::MarkFirst);
    assert_eq!(broken, None);
    for replica in [S, Y, Z] {
        assert_eq!(value(&world, replica).as_deref(), Some("B's"));
    }
}

#[test]
fn a_majority_of_the_replicas_is_enough_and_less_is_not() {
    let crash = |node| Fault::Crash { node, point: CrashPoint::BetweenSteps };
    let mut world = three(Guard::MarkFirst);
    assert!(takes(&mut world, A));
    world.inject(crash(Z)).unwrap();
    ask(&mut world, A, write("w"));
    world.run_for(ms(20)).unwrap();
    assert_eq!(value(&world, Y).as_deref(), Some("w"));
    world.inject(crash(Y)).unwrap();
    ask(&mut world, A, write("v"));
    world.run_for(ms(20)).unwrap();
    assert_eq!(value(&world, S).as_deref(), Some("w"), "the first step had no majority");
}

#[test]
fn a_mark_survives_a_restart() {
    let mut world = three(Guard::MarkFirst);
    assert!(takes(&mut world, A));
    hold_writes_of_a(&mut world);
    ask(&mut world, A, write("A's, late"));
    world.run_until(at(11_000)).unwrap();
    assert!(takes(&mut world, B));
    ask(&mut world, B, write("B's"));
    world.run_for(ms(4)).unwrap();
    for replica in [S, Y, Z] {
        world.inject(Fault::Crash { node: replica, point: CrashPoint::BetweenSteps }).unwrap();
        world.inject(Fault::Restart(replica)).unwrap();
    }
    world.release(|_| true);
    assert_eq!(broken(world.run_for(ms(20))), None);
    assert_eq!(value(&world, S).as_deref(), Some("B's"));
}

#[test]
fn undo_takes_back_what_is_not_committed_and_keeps_what_is() {
    let mut world = start(BY_THE_BOOK, Settings { guard: Guard::FenceWithUndo, ..settings(Recipe::SetNxPx) });
    assert!(takes(&mut world, A));
    assert_eq!(asked(&mut world, A, write("whole")), Some(Reply::Written));
    assert_eq!(asked(&mut world, A, Command::Commit), Some(Reply::Committed));
    assert_eq!(asked(&mut world, A, write("half")), Some(Reply::Written));
    assert_eq!(value(&world, S).as_deref(), Some("half"));
    world.intercept(|passing| match passing.message {
        Message::Commit { .. } if passing.from == A => Delivery::Hold,
        Message::Write(_) if passing.from == B => Delivery::Hold,
        _ => Delivery::Random,
    });
    ask(&mut world, A, Command::Commit);
    world.run_until(at(11_000)).unwrap();
    assert!(takes(&mut world, B));
    ask(&mut world, B, write("B's"));
    world.run_for(ms(10)).unwrap();
    assert_eq!(value(&world, S).as_deref(), Some("whole"), "B's reading took A's half back");
    world.intercept_none();
    world.release(|_| true);
    assert_eq!(broken(world.run_for(Duration::from_millis(10))), None);
    assert_eq!(value(&world, S).as_deref(), Some("B's"), "A's commit was refused, and B's write was not");
}
