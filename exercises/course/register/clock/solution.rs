//! Clocks that order writes.

use quorate_exercises::prelude::*;
use quorate_exercises::register::*;

/// RFC 677 §3; Lamport 1978, IR1; Kulkarni 2014 §3; Preguiça 2010 §3.
fn stamp(order: Order, clock: Tick, wall: Time) -> Tick {
    match order {
        Order::Wall => Tick::wall(wall.max(clock.wall + Duration::from_nanos(1))),
        Order::Hybrid if wall > clock.wall => Tick::wall(wall),
        Order::Lamport | Order::Vector | Order::Hybrid => clock.next(),
    }
}

/// Lamport 1978, IR2; Kulkarni 2014 §3.
fn on_receive(order: Order, clock: Tick, theirs: Tick) -> Tick {
    match order {
        Order::Lamport | Order::Hybrid => clock.max(theirs),
        Order::Wall | Order::Vector => clock,
    }
}

/// Kulkarni 2014 §4.
fn accepts_stamp(order: Order, wall: Time, theirs: Tick, ahead: Duration) -> Ruling<RegisterRule> {
    let reads_time = matches!(order, Order::Wall | Order::Hybrid);
    if reads_time && theirs.wall > wall + ahead {
        Refuse(RegisterRule::FutureStamp)
    } else {
        Allow(RegisterRule::LastWriterWins)
    }
}

hand_in!("register-clock", Rulebook { stamp, on_receive, accepts_stamp });
