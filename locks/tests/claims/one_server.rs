//! Locks on one server: what each recipe gives, and the trouble that it is known for.

use quorate_lab::sim::{CrashPoint, Delivery, Fault};
use quorate_locks::{BY_THE_BOOK, Command, ExpiryClock, Message, Persistence, Recipe, Reply, Request, Settings};

use crate::common::{A, B, R, acts, ask, asked, at, broken, broken_by_act, ms, settings, start, takes};

fn crash(node: quorate_protocol::NodeId) -> Fault {
    Fault::Crash { node, point: CrashPoint::BetweenSteps }
}

#[test]
fn every_recipe_excludes_and_hands_over() {
    for recipe in Recipe::ALL {
        let mut world = start(BY_THE_BOOK, settings(recipe));
        assert!(takes(&mut world, A) && acts(&mut world, A), "{recipe}");
        assert!(!takes(&mut world, B) && !acts(&mut world, B), "{recipe}");
        assert_eq!(asked(&mut world, A, Command::Release), Some(Reply::Released), "{recipe}");
        assert!(!acts(&mut world, A), "{recipe}: it stops before it says so");
        assert!(takes(&mut world, B), "{recipe}");
    }
}

#[test]
fn a_lock_without_expiry_stays_with_its_dead_owner() {
    for recipe in [Recipe::UniqueIndex, Recipe::SetNx] {
        let mut world = start(BY_THE_BOOK, settings(recipe));
        assert!(takes(&mut world, A));
        world.inject(crash(A)).unwrap();
        world.run_until(at(3_600_000)).unwrap();
        assert!(!takes(&mut world, B), "{recipe}: an hour later");
        world.inject(Fault::Restart(A)).unwrap();
        world.run_for(ms(10)).unwrap();
        assert!(!takes(&mut world, A), "{recipe}: not even its owner gets it again");
    }
}

#[test]
fn an_owner_that_deletes_its_old_rows_when_it_starts_frees_the_lock() {
    let mut world = start(BY_THE_BOOK, Settings { cleans_up: true, ..settings(Recipe::UniqueIndex) });
    assert!(takes(&mut world, A));
    world.inject(crash(A)).unwrap();
    world.inject(Fault::Restart(A)).unwrap();
    world.run_for(ms(10)).unwrap();
    assert!(takes(&mut world, B));
    world.inject(crash(A)).unwrap();
    world.inject(Fault::Restart(A)).unwrap();
    world.run_for(ms(10)).unwrap();
    assert!(acts(&mut world, B) && !takes(&mut world, A), "it deletes no row of others");
}

#[test]
fn a_lock_that_is_taken_fails_at_once_and_who_waits_asks_again() {
    let mut world = start(BY_THE_BOOK, settings(Recipe::UniqueIndex));
    assert!(takes(&mut world, A));
    let before = world.now();
    assert_eq!(asked(&mut world, B, Command::Try), Some(Reply::NotAcquired));
    assert_eq!(asked(&mut world, B, Command::Acquire), None, "it polls");
    world.run_until(before + ms(1000)).unwrap();
    assert_eq!(ask(&mut world, B, Command::Try), Some(Reply::Busy), "one request after the other");
    assert_eq!(asked(&mut world, A, Command::Release), Some(Reply::Released));
    world.run_for(ms(250)).unwrap();
    assert!(acts(&mut world, B));
}

#[test]
fn who_holds_the_lock_is_refused_like_everybody_unless_it_counts() {
    let mut world = start(BY_THE_BOOK, settings(Recipe::UniqueIndex));
    assert!(takes(&mut world, A) && !takes(&mut world, A));
    let mut world = start(BY_THE_BOOK, Settings { reentrant: true, ..settings(Recipe::UniqueIndex) });
    assert!(takes(&mut world, A) && takes(&mut world, A));
    ask(&mut world, A, Command::Release);
    world.run_for(ms(10)).unwrap();
    assert!(acts(&mut world, A) && !takes(&mut world, B), "it is inside once more");
    ask(&mut world, A, Command::Release);
    world.run_for(ms(10)).unwrap();
    assert!(!acts(&mut world, A) && takes(&mut world, B));
}

/// The client dies after SETNX and before EXPIRE.
#[test]
fn between_setnx_and_expire_a_client_can_die() {
    let mut world = start(BY_THE_BOOK, settings(Recipe::SetNxExpire));
    ask(&mut world, A, Command::Try);
    world.run_for(ms(1)).unwrap();
    world.inject(crash(A)).unwrap();
    world.run_until(at(3_600_000)).unwrap();
    assert!(!takes(&mut world, B));
    let mut world = start(BY_THE_BOOK, settings(Recipe::SetNxPx));
    ask(&mut world, A, Command::Try);
    world.run_for(ms(1)).unwrap();
    world.inject(crash(A)).unwrap();
    world.run_until(at(10_010)).unwrap();
    assert!(takes(&mut world, B), "in one command there is no between");
}

#[test]
fn a_late_unlock_by_name_alone_deletes_anothers_lock() {
    for (recipe, expected) in [(Recipe::SetNxExpire, Some("OwnLockOnly")), (Recipe::SetNxPx, None)] {
        let mut world = start(BY_THE_BOOK, settings(recipe));
        assert!(takes(&mut world, A));
        world.intercept(|passing| match passing.message {
            Message::Ask { request: Request::Delete { .. } | Request::DeleteIfEqual { .. }, .. } => Delivery::Hold,
            _ => Delivery::Random,
        });
        ask(&mut world, A, Command::Release);
        world.run_until(at(10_100)).unwrap();
        world.intercept_none();
        assert!(takes(&mut world, B), "{recipe}");
        world.release(|_| true);
        assert_eq!(broken(world.run_for(ms(5))), expected, "{recipe}");
    }
}

#[test]
fn a_client_stops_before_its_key_expires_and_counts_from_before_it_asked() {
    let mut world = start(BY_THE_BOOK, settings(Recipe::SetNxPx));
    assert!(takes(&mut world, A));
    world.run_until(at(9_897)).unwrap();
    assert!(acts(&mut world, A) && !takes(&mut world, B));
    let mut world = start(BY_THE_BOOK, settings(Recipe::SetNxPx));
    assert!(takes(&mut world, A));
    world.run_until(at(9_898)).unwrap();
    assert!(!acts(&mut world, A) && !takes(&mut world, B));
    world.run_until(at(10_002)).unwrap();
    assert!(takes(&mut world, B));
}

/// A server that expires keys on its wall clock is set forwards.
#[test]
fn a_wall_clock_that_is_set_makes_two_holders() {
    for (expiry, takes_it) in [(ExpiryClock::Wall, true), (ExpiryClock::Monotonic, false)] {
        let mut world = start(BY_THE_BOOK, Settings { expiry, ..settings(Recipe::SetNxPx) });
        assert!(takes(&mut world, A));
        world.inject(Fault::Jump { node: R, nanos: 11_000_000_000 }).unwrap();
        assert_eq!(takes(&mut world, B), takes_it, "{expiry:?}");
        assert_eq!(broken_by_act(&mut world, A), takes_it.then_some("AtMostOneHolder"), "{expiry:?}");
    }
}

#[test]
fn a_server_that_forgets_makes_two_holders_unless_it_stays_away() {
    let forgets =
        |restart_delay| Settings { persistence: Persistence::Never, restart_delay, ..settings(Recipe::SetNxPx) };
    for (settings, takes_it) in
        [(settings(Recipe::SetNxPx), false), (forgets(ms(0)), true), (forgets(ms(10_000)), false)]
    {
        let mut world = start(BY_THE_BOOK, settings);
        assert!(takes(&mut world, A));
        world.inject(crash(R)).unwrap();
        world.inject(Fault::Restart(R)).unwrap();
        world.run_for(ms(1)).unwrap();
        assert_eq!(takes(&mut world, B), takes_it);
        world.run_until(at(10_200)).unwrap();
        assert!(takes_it || takes(&mut world, B), "it comes back");
    }
}
