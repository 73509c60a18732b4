//! Wire forms of the arguments and results of the decisions of a replicated register, which a
//! learner's process answers and the grader's process asks for.

use quorate_protocol::{Duration, Ruling, Time};
use quorate_replication::register::{Order, RegisterRule, Seen, Session, Version};
use quorate_replication::{Stamp, Tick};

use crate::wire::{WireForm, is_wire_form};

is_wire_form!(Seen, Stamp, Tick, Version);

/// Implements `WireForm` for an enum of plain variants: each is its place in the list.
macro_rules! by_place {
    ($type:ident: $($variant:ident),+) => {
        impl WireForm for $type {
            type As = usize;

            fn to_wire(&self) -> usize {
                [$($type::$variant),+].iter().position(|each| each == self).unwrap_or_default()
            }

            fn from_wire(form: usize) -> Option<Self> {
                [$($type::$variant),+].get(form).copied()
            }
        }
    };
}

by_place!(Order: Wall, Lamport, Hybrid, Vector);
by_place!(Session: Off, ReadYourWrites, MonotonicReads);

macro_rules! declare {
    ($($decisions:tt)+) => { super::rulebook! { {} $($decisions)+ } };
}
crate::register_decisions!(declare);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_sessions_and_stamps_come_back_as_they_were() {
        for order in [Order::Wall, Order::Lamport, Order::Hybrid, Order::Vector] {
            assert_eq!(Order::from_wire(order.to_wire()), Some(order));
        }
        for session in [Session::Off, Session::ReadYourWrites, Session::MonotonicReads] {
            assert_eq!(Session::from_wire(session.to_wire()), Some(session));
        }
        assert_eq!((Order::from_wire(4), Session::from_wire(3)), (None, None));
        for tick in [Tick::default(), Tick { wall: Time::from_nanos(u64::MAX), count: u64::MAX }, Tick::logical(7)] {
            let json = serde_json::to_string(&tick.to_wire()).unwrap();
            assert_eq!(Tick::from_wire(serde_json::from_str(&json).unwrap()), Some(tick), "{json}");
        }
    }
}
