//! Clocks that order writes. Read `quorate learn show register-clock` first.

use quorate_exercises::prelude::*;
use quorate_exercises::register::*;

/// RFC 677 §3, Lamport 1978 (IR1), Kulkarni 2014 §3: the tick of a new write.
fn stamp(order: Order, clock: Tick, wall: Time) -> Tick {
    unfinished!(order, clock, wall)
}

/// Lamport 1978 (IR2), Kulkarni 2014 §3: the own clock after a stamp was received.
fn on_receive(order: Order, clock: Tick, theirs: Tick) -> Tick {
    unfinished!(order, clock, theirs)
}

/// Kulkarni 2014 §4: whether a stamp from elsewhere is accepted.
fn accepts_stamp(order: Order, wall: Time, theirs: Tick, ahead: Duration) -> Ruling<RegisterRule> {
    unfinished!(order, wall, theirs, ahead)
}

hand_in!("register-clock", Rulebook { stamp, on_receive, accepts_stamp });
