//! One late write against every guard of the resource.

use quorate_lab::sim::{Delivery, Fault};
use quorate_locks::{BY_THE_BOOK, Command, Guard, Message, Recipe, Reply, Settings};
use quorate_protocol::NodeId;

use crate::common::{A, B, S, ask, asked, at, broken, ms, settings, start, takes, value, write};

/// A checks its lock, begins to work, and is paused for longer than its key lives. B takes the lock
/// and writes. A goes on.
fn late_write(recipe: Recipe, guard: Guard) -> (Option<&'static str>, Option<String>) {
    let mut world = start(BY_THE_BOOK, Settings { guard, work: ms(5), ..settings(recipe) });
    assert!(takes(&mut world, A));
    ask(&mut world, A, write("A's, late"));
    world.run_for(ms(4)).unwrap();
    world.inject(Fault::Pause(A)).unwrap();
    world.run_until(at(11_000)).unwrap();
    assert!(takes(&mut world, B));
    ask(&mut world, B, write("B's"));
    world.run_for(ms(20)).unwrap();
    assert_eq!(value(&world, S).as_deref(), Some("B's"));
    world.inject(Fault::Resume(A)).unwrap();
    let broken = broken(world.run_for(ms(10)));
    (broken, value(&world, S))
}

#[test]
fn a_pause_after_step_3_is_for_the_resource_to_catch() {
    let late = || Some("A's, late".to_owned());
    let new = || Some("B's".to_owned());
    for (guard, expected) in [
        (Guard::Unguarded, (Some("TokensNeverDecrease"), late())),
        (Guard::Fence, (None, new())),
        (Guard::AskService, (None, new())),
        (Guard::CurrLock, (None, new())),
        (Guard::CurrLockInTwoSteps, (Some("TokensNeverDecrease"), late())),
        (Guard::FileName, (None, new())),
        (Guard::FenceWithUndo, (None, new())),
        (Guard::ReplicaFence, (None, new())),
        (Guard::MarkFirst, (None, new())),
    ] {
        assert_eq!(late_write(Recipe::SetNxPx, guard), expected, "{guard:?}");
    }
}

/// Row 83: A announces itself after B has, and writes after it, alone and in place of B.
#[test]
fn with_currlock_the_late_one_may_win_exclusively() {
    let mut world = start(BY_THE_BOOK, Settings { guard: Guard::CurrLock, ..settings(Recipe::SetNxPx) });
    assert!(takes(&mut world, A));
    world.intercept(|passing| match passing.message {
        Message::Mark { .. } if passing.from == A => Delivery::Hold,
        _ => Delivery::Random,
    });
    ask(&mut world, A, write("A's, late"));
    world.run_until(at(11_000)).unwrap();
    assert!(takes(&mut world, B));
    assert_eq!(asked(&mut world, B, write("B's")), Some(Reply::Written));
    world.release(|_| true);
    assert_eq!(broken(world.run_for(ms(10))), Some("TokensNeverDecrease"));
    assert_eq!(value(&world, S).as_deref(), Some("A's, late"));
}

/// The service has confirmed A. Before the resource hears of that, A unlocks, B locks and writes.
#[test]
fn an_answer_of_the_service_is_as_old_as_its_way() {
    let mut world = start(BY_THE_BOOK, Settings { guard: Guard::AskService, ..settings(Recipe::SetNxPx) });
    assert!(takes(&mut world, A));
    let mut first = true;
    world.intercept(move |passing| match passing.message {
        Message::Told { .. } if passing.to == S && std::mem::take(&mut first) => Delivery::Hold,
        _ => Delivery::Random,
    });
    ask(&mut world, A, write("A's, late"));
    world.run_for(ms(5)).unwrap();
    assert_eq!(asked(&mut world, A, Command::Release), Some(Reply::Released));
    assert!(takes(&mut world, B));
    assert_eq!(asked(&mut world, B, write("B's")), Some(Reply::Written));
    world.release(|_| true);
    assert_eq!(broken(world.run_for(ms(10))), Some("TokensNeverDecrease"));
}

/// reza_n: both writes are late and arrive in order, the older first. A check that is a step of its
/// own lets both in at once; in one step both succeed, one after the other.
#[test]
fn two_late_writes_that_arrive_in_order_pass_the_fence() {
    for (guard, expected) in [(Guard::FenceInTwoSteps, Some("OneWriteAtATime")), (Guard::Fence, None)] {
        let mut world = start(BY_THE_BOOK, Settings { guard, write_delay: ms(5), ..settings(Recipe::SetNxPx) });
        world.intercept(|passing| match passing.message {
            Message::Write { .. } => Delivery::Hold,
            _ => Delivery::Random,
        });
        for (node, text, until) in [(A, "A's", 10_100), (B, "B's", 20_300)] {
            assert!(takes(&mut world, node));
            ask(&mut world, node, write(text));
            world.run_until(at(until)).unwrap();
        }
        world.intercept_none();
        world.release(|_| true);
        assert_eq!(broken(world.run_for(ms(10))), expected, "{guard:?}");
        if guard == Guard::Fence {
            assert_eq!(value(&world, S).as_deref(), Some("B's"));
        }
    }
}

#[test]
fn the_fence_remembers_the_highest_token_over_a_restart() {
    let mut world = start(BY_THE_BOOK, Settings { guard: Guard::Fence, ..settings(Recipe::SetNxPx) });
    assert!(takes(&mut world, A));
    world.intercept(|passing| match passing.message {
        Message::Write { .. } if passing.from == A => Delivery::Hold,
        _ => Delivery::Random,
    });
    ask(&mut world, A, write("A's, late"));
    world.run_until(at(11_000)).unwrap();
    assert!(takes(&mut world, B));
    assert_eq!(asked(&mut world, B, write("B's")), Some(Reply::Written));
    let crash = |node: NodeId| Fault::Crash { node, point: quorate_lab::sim::CrashPoint::BetweenSteps };
    world.inject(crash(S)).unwrap();
    world.inject(Fault::Restart(S)).unwrap();
    world.release(|_| true);
    assert_eq!(broken(world.run_for(ms(10))), None);
    assert_eq!(value(&world, S).as_deref(), Some("B's"));
}

#[test]
fn without_the_lock_or_a_resource_nothing_is_written() {
    let mut world = start(BY_THE_BOOK, settings(Recipe::SetNxPx));
    assert_eq!(ask(&mut world, A, write("w")), Some(Reply::NotHeld));
    assert_eq!(ask(&mut world, S, write("w")), Some(Reply::NotAClient));
    let mut world = start(BY_THE_BOOK, Settings { resource: None, ..settings(Recipe::SetNxPx) });
    assert!(takes(&mut world, A));
    assert_eq!(ask(&mut world, A, write("w")), Some(Reply::NoResource));
}

/// The late write of A to two resources, of which the second may promise that it compares.
#[test]
fn a_comparison_of_guards_still_holds_each_to_its_promise() {
    use quorate_lab::sim::Setup;
    use quorate_locks::invariants::promised_invariants;
    use quorate_locks::{Lock, LockRule, Rulebook};
    use quorate_protocol::{ClientId, Names, Ruling};

    const OTHER: NodeId = NodeId(4);
    const NO_FENCE: Rulebook = Rulebook { admits: |_, _| Ruling::Allow(LockRule::AdmitToken), ..BY_THE_BOOK };
    for (guard, rules, expected) in [
        (Guard::Fence, BY_THE_BOOK, None),
        (Guard::Fence, NO_FENCE, Some("TokensNeverDecrease")),
        (Guard::Unguarded, NO_FENCE, None),
    ] {
        let others = vec![(OTHER, guard)];
        let config = Settings { others, work: ms(5), ..settings(Recipe::SetNxPx) }.build().unwrap();
        let (names, safety) = (Names::new(["R", "A", "B", "S", "T"], ["c"]), promised_invariants(&config));
        let mut world = Setup::<Lock>::new("lock", names, config).under(rules).start_under(safety);
        let ask = |world: &mut quorate_lab::sim::World<Lock, _>, node, command| {
            world.inject_request(ClientId(0), node, command).unwrap();
        };
        let to = |resource, value: &str| Command::WriteTo { resource, value: value.into() };
        ask(&mut world, A, Command::Try);
        world.run_for(ms(4)).unwrap();
        [S, OTHER].into_iter().for_each(|resource| ask(&mut world, A, to(resource, "A's, late")));
        world.inject(Fault::Pause(A)).unwrap();
        world.run_until(at(11_000)).unwrap();
        ask(&mut world, B, Command::Try);
        world.run_for(ms(4)).unwrap();
        [S, OTHER].into_iter().for_each(|resource| ask(&mut world, B, to(resource, "B's")));
        world.run_for(ms(20)).unwrap();
        world.inject(Fault::Resume(A)).unwrap();
        assert_eq!(broken(world.run_for(ms(10))), expected, "{guard:?}");
        let unguarded = world.machine(S).and_then(Lock::value).map(ToString::to_string);
        assert_eq!(unguarded.as_deref(), Some("A's, late"));
    }
}
