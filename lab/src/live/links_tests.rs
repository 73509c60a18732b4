//! Tests of one thread's view of the network conditions. In a file of their own, because the tested
//! file is also compiled over other threads.

use quorate_protocol::{Duration, NodeId, Time};

use super::links::{LinkView, SendDecision, SharedLinks};
use crate::env::{Conditions, Latency, Ppm, Rng};
use crate::trace::DropReason;

const AB: (NodeId, NodeId) = (NodeId(0), NodeId(1));

#[test]
fn a_change_is_seen_at_the_next_look() {
    let links = SharedLinks::new(2, Conditions::steady(Duration::ZERO));
    let mut link_view = LinkView::new(&links, Rng::new(1, 0));
    assert!(link_view.is_clear());
    links.change(|links| links.partition(&[vec![AB.0]]));
    assert_eq!(link_view.between(AB.0, AB.1, Time::ZERO), SendDecision::Deliver(Time::ZERO, None));
    link_view.refresh(&links);
    assert_eq!(link_view.between(AB.0, AB.1, Time::ZERO), SendDecision::Drop(DropReason::Partition));
    assert_eq!(link_view.between(AB.0, AB.0, Time::ZERO), SendDecision::Deliver(Time::ZERO, None));
    links.change(|links| links.partition(&[]));
    link_view.refresh(&links);
    assert!(link_view.is_clear());
}

#[test]
fn a_cut_has_a_direction() {
    let links = SharedLinks::new(2, Conditions::steady(Duration::ZERO));
    links.change(|links| links.set_link(AB.0, AB.1, false));
    let link_view = LinkView::new(&links, Rng::new(1, 0));
    assert!(link_view.is_cut(AB.0, AB.1) && !link_view.is_cut(AB.1, AB.0));
}

#[test]
fn loss_and_repetition_come_as_often_as_asked_for() {
    let conditions = Conditions {
        loss: Ppm::percent(10),
        duplication: Ppm::percent(20),
        ..Conditions::steady(Duration::from_millis(2))
    };
    let mut link_view = LinkView::new(&SharedLinks::new(2, conditions), Rng::new(3, 0));
    let (mut lost, mut twice) = (0, 0);
    for _ in 0..10_000 {
        match link_view.between(AB.0, AB.1, Time::ZERO) {
            SendDecision::Drop(_) => lost += 1,
            SendDecision::Deliver(at, copy) => {
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
    let conditions = Conditions {
        extra_delay_rate: Ppm::percent(10),
        extra_delay: Latency::Exactly(late),
        ..Conditions::steady(soon)
    };
    let mut link_view = LinkView::new(&SharedLinks::new(2, conditions), Rng::new(3, 0));
    let arrivals = (0..10_000).map(|_| link_view.between(AB.0, AB.1, Time::ZERO));
    let stragglers: Vec<_> = arrivals.filter(|it| *it != SendDecision::Deliver(Time::ZERO + soon, None)).collect();
    assert!((900..1_100).contains(&stragglers.len()), "{} of 10,000 straggle", stragglers.len());
    assert!(stragglers.iter().all(|it| *it == SendDecision::Deliver(Time::ZERO + soon + late, None)));
}
