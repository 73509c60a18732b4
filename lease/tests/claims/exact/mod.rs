//! Terms exact to the nanosecond, durable records, and answers that must not count: one machine of
//! each kind, stepped directly.
//!
//! Random runs seldom come within a millisecond of a term's end, so a margin that is slightly too
//! short can survive thousands of them. Here the message arrives at the last tick at which it must
//! still be refused, and then one tick later.

mod cache;
mod granter;
mod holder;
mod majority;
mod resource;
mod servers;
mod store;
mod table;

use quorate_lease::{Drift, Terms};
use quorate_protocol::{
    ClientId, Clock, Constants, Context, Disk, Duration, Effect, Input, LocalTime, Machine, NodeId, Outbox, RequestId,
    Time,
};

use crate::common::ms;

/// Granters count 300 ms. With clocks that may be wrong by half, holders could count up to 100 ms
/// and count 60 ms, so that a granter without memory waits for 180 ms. All durations differ, so
/// none can be mistaken for another.
fn terms() -> Terms {
    Terms::new(ms(300), ms(60), ms(20), Drift::from_ppm(500_000).unwrap()).unwrap()
}

const GRANTER_TERM: Duration = ms(300);
const HOLDER_TERM: Duration = ms(60);
const QUARANTINE: Duration = ms(180);
const TICK: Duration = Duration::from_nanos(1);

/// The tick before a time.
fn before(time: Time) -> Time {
    Time::from_nanos(time.as_nanos() - 1)
}

/// A reading of a node's clocks. The wall clock always shows the same meaningless time.
fn reading(monotonic: Time) -> LocalTime {
    LocalTime { monotonic, wall: Time::ZERO }
}

/// A machine with its disk, stepped by a test. Its records are on the disk at the end of the step.
struct Hand<M: Machine> {
    me: NodeId,
    constants: Constants<M>,
    disk: M::Disk,
    machine: M,
    out: Outbox<M>,
}

impl<M: Machine> Hand<M> {
    fn boot(me: NodeId, config: M::Config, now: Time) -> Self {
        Self::boot_with(me, config, M::Disk::default(), now)
    }

    fn boot_with(me: NodeId, config: M::Config, disk: M::Disk, now: Time) -> Self {
        let constants = Constants::new(config);
        let mut out = Outbox::new();
        let machine = M::boot(&constants.of(me, M::Clock::read(reading(now))), &disk, &mut out);
        let mut hand = Hand { me, constants, disk, machine, out };
        hand.keep();
        hand
    }

    /// Context of a step at a time.
    fn context(&self, now: Time) -> Context<'_, M> {
        self.constants.of(self.me, M::Clock::read(reading(now)))
    }

    fn keep(&mut self) {
        self.out.records().for_each(|record| self.disk.apply(record));
    }

    /// Crashes after the last step, and boots from the disk.
    fn restart(&mut self, now: Time) {
        self.out.clear();
        let cx = self.constants.of(self.me, M::Clock::read(reading(now)));
        self.machine = M::boot(&cx, &self.disk, &mut self.out);
        self.keep();
    }

    fn step(&mut self, now: Time, input: Input<M>) -> &mut Self {
        self.out.clear();
        let cx = self.constants.of(self.me, M::Clock::read(reading(now)));
        self.machine.step(&cx, input, &mut self.out);
        self.keep();
        self
    }

    fn deliver(&mut self, now: Time, from: NodeId, message: M::Message) -> &mut Self {
        self.step(now, Input::Deliver { from, message })
    }

    fn fire(&mut self, now: Time, timer: M::Timer) -> &mut Self {
        self.step(now, Input::Fire(timer))
    }

    fn ask(&mut self, now: Time, number: u64, command: M::Command) -> &mut Self {
        self.step(now, Input::Request { ticket: ticket(number), command })
    }

    // Messages, replies and facts of the last step.

    fn sent(&self) -> Vec<M::Message> {
        let message = |effect: &Effect<M>| match effect {
            Effect::Send { message, .. } => Some(message.clone()),
            _ => None,
        };
        self.out.effects().iter().filter_map(message).collect()
    }

    fn replies(&self) -> Vec<M::Reply> {
        let reply = |effect: &Effect<M>| match effect {
            Effect::Reply { reply, .. } => Some(reply.clone()),
            _ => None,
        };
        self.out.effects().iter().filter_map(reply).collect()
    }

    fn facts(&self) -> Vec<M::Fact> {
        self.out.facts().cloned().collect()
    }
}

fn ticket(number: u64) -> RequestId {
    RequestId { client: ClientId(0), number }
}
