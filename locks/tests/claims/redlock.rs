//! Redlock: a majority of independent servers, step by step.

use quorate_lab::sim::{CrashPoint, Delivery, Fault};
use quorate_locks::{BY_THE_BOOK, Command, Message, Persistence, Recipe, Reply, Request, Settings};
use quorate_protocol::{Duration, NodeId};

use crate::common::{Cluster, acts, ask, asked, at, broken_by_act, ms, start_named, takes};

const A: NodeId = NodeId(5);
const B: NodeId = NodeId(6);

/// Five instances, 1 to 5, and clients A and B.
fn settings() -> Settings {
    Settings::new(Recipe::Redlock, (0..5).map(NodeId), [A, B], Some(Duration::from_secs(10)))
}

fn start(settings: Settings) -> Cluster {
    start_named(&["R1", "R2", "R3", "R4", "R5", "A", "B"], BY_THE_BOOK, settings)
}

fn crash(instance: u32) -> Fault {
    Fault::Crash { node: NodeId(instance), point: CrashPoint::BetweenSteps }
}

/// Instances on which the key stands.
fn keys(world: &Cluster) -> Vec<u32> {
    let config = world.config().clone();
    (0..5).filter(|&node| world.machine(NodeId(node)).is_some_and(|lock| lock.key(&config).is_some())).collect()
}

#[test]
fn with_two_of_five_down_the_lock_is_taken_and_with_three_it_is_not() {
    let mut world = start(settings());
    world.inject(crash(0)).unwrap();
    world.inject(crash(1)).unwrap();
    assert!(takes(&mut world, A) && acts(&mut world, A));
    assert_eq!(keys(&world), [2, 3, 4]);
    let mut world = start(settings());
    (0..3).for_each(|instance| world.inject(crash(instance)).unwrap());
    assert!(!takes(&mut world, A));
    assert_eq!(keys(&world), [3, 4], "it waits for the others");
    world.run_for(ms(60)).unwrap();
    assert_eq!(keys(&world), [0; 0], "and then clears what it has set");
}

#[test]
fn a_failed_attempt_is_cleared_also_where_no_answer_came_from() {
    let mut world = start(settings());
    assert!(takes(&mut world, B));
    asked(&mut world, B, Command::Release);
    // A's request reaches R1 and R2, and their answers are lost.
    world.intercept(|passing| match passing.message {
        Message::Told { .. } => Delivery::Drop,
        Message::Ask { request: Request::SetIfAbsent { .. }, .. } if passing.to.0 > 1 => Delivery::Drop,
        _ => Delivery::Random,
    });
    assert_eq!(asked(&mut world, A, Command::Try), None);
    assert_eq!(keys(&world), [0, 1]);
    world.run_for(ms(60)).unwrap();
    assert_eq!(keys(&world), [0; 0]);
    world.intercept_none();
    assert!(takes(&mut world, B), "nobody has to wait for a time to live");
}

#[test]
fn when_the_keys_are_split_nobody_has_a_majority_and_both_try_again() {
    let mut world = start(settings());
    world.intercept(|passing| match passing.message {
        Message::Ask { request: Request::SetIfAbsent { .. }, .. } => {
            let late = (passing.from == A) == (passing.to.0 >= 2);
            if late { Delivery::After(ms(3)) } else { Delivery::Random }
        }
        _ => Delivery::Random,
    });
    world.inject(crash(4)).unwrap();
    ask(&mut world, A, Command::Acquire);
    ask(&mut world, B, Command::Acquire);
    world.run_for(ms(10)).unwrap();
    assert!(!acts(&mut world, A) && !acts(&mut world, B));
    world.intercept_none();
    world.run_for(ms(600)).unwrap();
    assert!(acts(&mut world, A) != acts(&mut world, B));
}

#[test]
fn a_clock_that_jumps_on_one_instance_gives_the_lock_twice() {
    let mut world = start(settings());
    world.inject(Fault::Partition(vec![vec![NodeId(3), NodeId(4)]])).unwrap();
    assert!(takes(&mut world, A));
    assert_eq!(keys(&world), [0, 1, 2]);
    world.inject(Fault::Heal).unwrap();
    world.inject(Fault::Jump { node: NodeId(2), nanos: 11_000_000_000 }).unwrap();
    assert!(takes(&mut world, B), "R3, R4 and R5");
    assert_eq!(broken_by_act(&mut world, A), Some("AtMostOneHolder"));
}

/// R3 crashes after it has set A's key, keeps nothing, and starts again.
#[test]
fn an_instance_that_forgets_gives_the_lock_twice_unless_its_restart_is_delayed() {
    for (restart_delay, takes_it) in [(ms(0), true), (ms(10_000), false)] {
        let mut world = start(Settings { persistence: Persistence::Never, restart_delay, ..settings() });
        world.inject(Fault::Partition(vec![vec![NodeId(3), NodeId(4)]])).unwrap();
        assert!(takes(&mut world, A));
        world.inject(crash(2)).unwrap();
        world.inject(Fault::Restart(NodeId(2))).unwrap();
        world.inject(Fault::Heal).unwrap();
        world.run_for(ms(1)).unwrap();
        assert_eq!(takes(&mut world, B), takes_it);
    }
}

/// "Rough accuracy is enough": five seconds that are counted as 4.5 or 5.5 must fit the allowance.
#[test]
fn clocks_that_are_a_tenth_wrong_need_a_tenth_of_allowance_each() {
    for (allowance, holders) in [(ms(52), 2), (ms(1000), 1)] {
        let settings = Settings { ttl: Some(ms(5000)), allowance, ..settings() };
        let mut world = start(settings);
        (0..5).for_each(|node| world.inject(Fault::Drift { node: NodeId(node), ppm: 100_000 }).unwrap());
        world.inject(Fault::Drift { node: A, ppm: -100_000 }).unwrap();
        assert!(takes(&mut world, A));
        world.run_until(at(4560)).unwrap();
        assert!(takes(&mut world, B), "5 s by the instances' clocks");
        assert_eq!(broken_by_act(&mut world, A).map_or(1, |_| 2), holders, "{allowance:?}");
    }
}

#[test]
fn a_pause_before_step_3_is_caught_and_so_are_slow_answers() {
    let mut world = start(settings());
    ask(&mut world, A, Command::Try);
    world.inject(Fault::Pause(A)).unwrap();
    world.run_until(at(11_000)).unwrap();
    assert!(takes(&mut world, B));
    world.inject(Fault::Resume(A)).unwrap();
    world.run_for(ms(10)).unwrap();
    assert!(!acts(&mut world, A) && acts(&mut world, B));

    let mut world = start(Settings { answer_timeout: Duration::from_secs(60), ..settings() });
    world.intercept(|passing| match passing.message {
        Message::Told { .. } if passing.to == A => Delivery::After(Duration::from_secs(11)),
        _ => Delivery::Random,
    });
    ask(&mut world, A, Command::Try);
    world.run_until(at(10_500)).unwrap();
    assert!(takes(&mut world, B));
    world.run_until(at(11_100)).unwrap();
    assert!(!acts(&mut world, A) && acts(&mut world, B));
    assert_eq!(ask(&mut world, B, Command::Release), Some(Reply::Released));
}
