//! Extension of a lock while it is held (Redlock, §Extending the lock).

use quorate_lab::sim::{Delivery, Fault};
use quorate_locks::{BY_THE_BOOK, Message, Recipe, Rulebook, Settings};
use quorate_protocol::Duration;

use crate::common::{A, B, Cluster, R, acts, at, broken, settings, start, takes};

/// SET NX PX for ten seconds, extended every three.
fn watched(rules: Rulebook, extensions: u32) -> Cluster {
    let extend_every = Some(Duration::from_secs(3));
    start(rules, Settings { extend_every, extensions, ..settings(Recipe::SetNxPx) })
}

#[test]
fn a_watchdog_keeps_the_lock_for_as_often_as_it_may() {
    let mut world = watched(BY_THE_BOOK, 2);
    assert!(takes(&mut world, A));
    world.run_until(at(15_800)).unwrap();
    assert!(acts(&mut world, A), "extended at 3 s and at 6 s");
    assert!(!takes(&mut world, B));
    world.run_until(at(16_100)).unwrap();
    assert!(!acts(&mut world, A));
    assert!(takes(&mut world, B));
}

#[test]
fn an_extension_counts_from_before_the_question() {
    let mut world = watched(BY_THE_BOOK, 1);
    assert!(takes(&mut world, A));
    world.run_until(at(2_999)).unwrap();
    world.intercept(|passing| match passing.message {
        Message::Told { .. } if passing.to == A => Delivery::After(Duration::from_secs(5)),
        _ => Delivery::Random,
    });
    // Asked at 3.002 s and answered at 8.003 s: valid until 12.9 s, and not 17.9 s.
    world.run_until(at(12_850)).unwrap();
    assert!(acts(&mut world, A));
    world.run_until(at(12_950)).unwrap();
    assert!(!acts(&mut world, A));
}

#[test]
fn an_answer_after_the_validity_does_not_bring_the_lock_back() {
    let mut world = watched(BY_THE_BOOK, 1);
    assert!(takes(&mut world, A));
    world.intercept(|passing| match passing.message {
        Message::Told { .. } if passing.to == A => Delivery::After(Duration::from_secs(8)),
        _ => Delivery::Random,
    });
    world.run_until(at(11_500)).unwrap();
    assert!(!acts(&mut world, A), "the answer came at 11 s, the validity ended at 9.9 s");
}

/// A's question arrives when its key has expired, and B has set it.
fn late_extension(rules: Rulebook) -> Option<&'static str> {
    let mut world = watched(rules, 1);
    assert!(takes(&mut world, A));
    world.intercept(|passing| match passing.message {
        Message::Ask { .. } if passing.from == A => Delivery::Hold,
        _ => Delivery::Random,
    });
    world.run_until(at(11_000)).unwrap();
    assert!(takes(&mut world, B));
    world.intercept_none();
    world.release(|_| true);
    let broken = broken(world.run_for(Duration::from_millis(10)));
    assert!(broken.is_some() || acts(&mut world, B));
    broken
}

#[test]
fn a_late_extension_leaves_anothers_key_alone_if_it_compares_the_value() {
    assert_eq!(late_extension(BY_THE_BOOK), None);
    assert_eq!(late_extension(Rulebook { extends_by_value: || false, ..BY_THE_BOOK }), Some("OwnLockOnly"));
}

#[test]
fn a_key_that_is_gone_is_not_extended() {
    let mut world = watched(BY_THE_BOOK, u32::MAX);
    assert!(takes(&mut world, A));
    world.inject(Fault::Jump { node: R, nanos: 60_000_000_000 }).unwrap();
    world.run_until(at(9_850)).unwrap();
    assert!(acts(&mut world, A));
    world.run_until(at(9_950)).unwrap();
    assert!(!acts(&mut world, A), "nothing was extended");
}
