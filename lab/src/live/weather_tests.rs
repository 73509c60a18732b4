//! Tests of one thread's view of the network conditions. In a file of their own, because the tested
//! file is also compiled over other threads.

use quorate_protocol::{Duration, NodeId, Time};

use super::weather::{Outlook, Passage, Weather};
use crate::env::{Conditions, Dice, Latency, Ppm};
use crate::trace::DropReason;

const AB: (NodeId, NodeId) = (NodeId(0), NodeId(1));

#[test]
fn a_change_is_seen_at_the_next_look() {
    let weather = Weather::new(2, Conditions::steady(Duration::ZERO));
    let mut outlook = Outlook::new(&weather, Dice::new(1, 0));
    assert!(outlook.is_calm());
    weather.change(|links| links.partition(&[vec![AB.0]]));
    assert_eq!(outlook.between(AB.0, AB.1, Time::ZERO), Passage::Arrives(Time::ZERO, None));
    outlook.look(&weather);
    assert_eq!(outlook.between(AB.0, AB.1, Time::ZERO), Passage::Lost(DropReason::Partition));
    assert_eq!(outlook.between(AB.0, AB.0, Time::ZERO), Passage::Arrives(Time::ZERO, None));
    weather.change(|links| links.partition(&[]));
    outlook.look(&weather);
    assert!(outlook.is_calm());
}

#[test]
fn a_cut_has_a_direction() {
    let weather = Weather::new(2, Conditions::steady(Duration::ZERO));
    weather.change(|links| links.set_link(AB.0, AB.1, false));
    let outlook = Outlook::new(&weather, Dice::new(1, 0));
    assert!(outlook.is_cut(AB.0, AB.1) && !outlook.is_cut(AB.1, AB.0));
}

#[test]
fn loss_and_repetition_come_as_often_as_asked_for() {
    let conditions = Conditions {
        loss: Ppm::percent(10),
        duplication: Ppm::percent(20),
        ..Conditions::steady(Duration::from_millis(2))
    };
    let mut outlook = Outlook::new(&Weather::new(2, conditions), Dice::new(3, 0));
    let (mut lost, mut twice) = (0, 0);
    for _ in 0..10_000 {
        match outlook.between(AB.0, AB.1, Time::ZERO) {
            Passage::Lost(_) => lost += 1,
            Passage::Arrives(at, copy) => {
                assert_eq!(at, Time::from_millis(2));
                twice += u32::from(copy.is_some());
            }
        }
    }
    assert!((900..1_100).contains(&lost) && (1_650..1_950).contains(&twice), "{lost} lost, {twice} repeated");
}

#[test]
fn stragglers_are_late_and_as_many_as_asked_for() {
    let (soon, late) = (Duration::from_millis(2), Duration::from_millis(30));
    let conditions =
        Conditions { straggling: Ppm::percent(10), straggle: Latency::Exactly(late), ..Conditions::steady(soon) };
    let mut outlook = Outlook::new(&Weather::new(2, conditions), Dice::new(3, 0));
    let arrivals = (0..10_000).map(|_| outlook.between(AB.0, AB.1, Time::ZERO));
    let stragglers: Vec<_> = arrivals.filter(|it| *it != Passage::Arrives(Time::ZERO + soon, None)).collect();
    assert!((900..1_100).contains(&stragglers.len()), "{} of 10,000 straggle", stragglers.len());
    assert!(stragglers.iter().all(|it| *it == Passage::Arrives(Time::ZERO + soon + late, None)));
}
