//! Loss, duplication, delay, reordering, partitions, and messages held by a script.

use quorate_lab::env::{Conditions, Fault, Latency, Ppm};
use quorate_lab::sim::Delivery;
use quorate_lab::trace::DropReason;

use crate::courier::{Command, Courier, Message};
use crate::{CLIENT, ONE, THREE, TWO, drops, heard, ms, setup, write};

fn conditions(change: impl FnOnce(&mut Conditions)) -> Conditions {
    let mut conditions = Conditions::steady(ms(1));
    change(&mut conditions);
    conditions
}

/// Returns those of 2,000 messages from node 1 that arrive at node 2 under these conditions, in
/// order of arrival.
fn heard_of_a_flood(conditions: Conditions) -> Vec<u32> {
    let mut world = setup().start();
    world.ask(CLIENT, Some(ONE), Command::Flood(2_000));
    world.step().unwrap();
    world.inject(Fault::SetConditions(conditions)).unwrap();
    world.run_for(ms(10_000)).unwrap();
    heard(&world, TWO)
}

/// Returns the number of messages that arrive, and whether they are in order.
fn arrivals(conditions: Conditions) -> (usize, bool) {
    let heard = heard_of_a_flood(conditions);
    (heard.len(), heard.is_sorted())
}

#[test]
fn steady_conditions_deliver_everything_once_and_in_order() {
    assert_eq!(arrivals(Conditions::steady(ms(1))), (2_000, true));
}

#[test]
fn loss_loses_its_share() {
    let (arrived, _) = arrivals(conditions(|it| it.loss = Ppm::percent(25)));
    assert!((1_400..1_600).contains(&arrived), "{arrived}");
}

#[test]
fn duplication_repeats_its_share() {
    let (arrived, _) = arrivals(conditions(|it| it.duplication = Ppm::percent(25)));
    assert!((2_400..2_600).contains(&arrived), "{arrived}");
}

#[test]
fn uneven_latency_reorders() {
    let latency = Latency::Uniform { min: ms(1), max: ms(9) };
    assert_eq!(arrivals(conditions(|it| it.latency = latency)), (2_000, false));
}

#[test]
fn stragglers_are_overtaken() {
    let (extra_delay_rate, extra_delay) = (Ppm::percent(10), Latency::Exactly(ms(50)));
    let heard =
        heard_of_a_flood(conditions(|it| (it.extra_delay_rate, it.extra_delay) = (extra_delay_rate, extra_delay)));
    // All are sent at once: first the others arrive together, and then the stragglers, each group
    // in order.
    let others = heard.iter().zip(&heard[1..]).take_while(|(one, next)| one < next).count() + 1;
    assert_eq!(heard.len(), 2_000);
    assert!((1_700..1_900).contains(&others), "{} of 2,000 straggle", 2_000 - others);
    assert!(heard[others..].is_sorted());
}

#[test]
fn a_partition_stops_messages_both_ways_until_it_heals() {
    let mut world = setup().start();
    world.inject(Fault::Partition(vec![vec![ONE], vec![TWO, THREE]])).unwrap();
    write(&mut world, ONE, 1);
    write(&mut world, TWO, 2);
    world.run_for(ms(20)).unwrap();
    assert_eq!((heard(&world, ONE), heard(&world, TWO), heard(&world, THREE)), (vec![], vec![], vec![2]));
    assert_eq!(drops(&world), [DropReason::Partition; 3]);
    world.inject(Fault::Heal).unwrap();
    write(&mut world, ONE, 3);
    world.run_for(ms(20)).unwrap();
    assert_eq!(heard(&world, TWO), [3]);
}

#[test]
fn nodes_that_a_partition_does_not_name_stay_together() {
    let mut world = setup().start();
    world.inject(Fault::Partition(vec![vec![ONE]])).unwrap();
    write(&mut world, TWO, 2);
    world.run_for(ms(20)).unwrap();
    assert_eq!((heard(&world, ONE), heard(&world, THREE)), (vec![], vec![2]));
}

#[test]
fn a_cut_stops_one_direction_of_one_link() {
    let mut world = setup().start();
    world.inject(Fault::Link { from: ONE, to: TWO, up: false }).unwrap();
    write(&mut world, ONE, 1);
    write(&mut world, TWO, 2);
    world.run_for(ms(20)).unwrap();
    assert_eq!((heard(&world, ONE), heard(&world, TWO), heard(&world, THREE)), (vec![2], vec![], vec![1, 2]));
    world.inject(Fault::Link { from: ONE, to: TWO, up: true }).unwrap();
    write(&mut world, ONE, 3);
    world.run_for(ms(20)).unwrap();
    assert_eq!(heard(&world, TWO), [3]);
}

#[test]
fn a_cut_also_catches_what_is_on_its_way() {
    let mut world = setup().start();
    write(&mut world, ONE, 1);
    world.run_while(crate::at(10), |world| world.machine(ONE).is_none_or(|one| one.written.is_empty())).unwrap();
    world.inject(Fault::Partition(vec![vec![ONE]])).unwrap();
    world.run_for(ms(20)).unwrap();
    assert!(heard(&world, TWO).is_empty());
}

#[test]
fn a_script_decides_the_fate_of_single_messages() {
    let mut world = setup().start();
    world.intercept(|passing| match (passing.to, passing.message) {
        (TWO, Message::Wrote(1)) => Delivery::Drop,
        (TWO, Message::Wrote(3)) => Delivery::Hold,
        (TWO, Message::Wrote(5)) => Delivery::Duplicate(ms(1)),
        (TWO, Message::Wrote(7)) => Delivery::After(ms(100)),
        _ => Delivery::Random,
    });
    for number in [1, 3, 5, 7, 9] {
        write(&mut world, ONE, number);
    }
    world.run_for(ms(50)).unwrap();
    assert_eq!(heard(&world, TWO), [5, 5, 9]);
    assert_eq!(heard(&world, THREE), [1, 3, 5, 7, 9]);
    assert_eq!((world.held(), drops(&world)), (1, vec![DropReason::Script]));
    assert_eq!(world.release(|passing| passing.to == THREE), 0);
    assert_eq!(world.release(|passing| passing.to == TWO), 1);
    world.run_for(ms(100)).unwrap();
    assert_eq!(heard(&world, TWO), [5, 5, 9, 3, 7]);
    world.intercept_none();
    write(&mut world, ONE, 1);
    world.run_for(ms(50)).unwrap();
    assert_eq!(heard(&world, TWO), [5, 5, 9, 3, 7, 1]);
}

#[test]
fn a_message_to_nobody_is_lost_and_not_a_panic() {
    let names = quorate_protocol::Names::new(["n1"], ["c1"]);
    let mut world = quorate_lab::sim::Setup::<Courier>::new("courier", names, 3u32).traced().start();
    write(&mut world, ONE, 1);
    world.run_for(ms(20)).unwrap();
    assert_eq!(drops(&world), [DropReason::Unknown; 2]);
}
