//! A generator: a worker number, the last place in time, and requests that wait.

use std::collections::VecDeque;

use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{Duration, RequestId};

use super::config::TICK;
use super::disk::{Disk, Record};
use super::id::{Parts, Slot};
use super::message::{Fact, Lease, Message, Reply, Timer};
use super::node::{Cx, Out};
use super::rulebook::Next;
use super::rules::SnowflakeRule;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Generator {
    pub(crate) lease: Option<Lease>,
    /// The last place that was used.
    pub(crate) last: Option<Slot>,
    /// The last tick that is reserved on disk.
    reserved: Option<u64>,
    /// The tick that makes no more ids, until one of a later tick is made.
    exhausted: Option<u64>,
    /// Requests that wait for a tick or a lease, in order.
    pub(crate) waiting: VecDeque<RequestId>,
}

impl Generator {
    pub(crate) fn boot(cx: &Cx<'_>, disk: &Disk, out: &mut Out) -> Self {
        let last = cx.rules.resumes(disk.reserved, cx.config.layout.last_sequence());
        if let Some(last) = last {
            out.because(SnowflakeRule::Resume).why(format_args!("ticks up to {} count as used", last.tick));
        }
        let lease = cx.rules.own_lease(cx.me).or(disk.held);
        let generator = Generator { lease, last, reserved: disk.reserved, exhausted: None, waiting: VecDeque::new() };
        generator.claim(cx, out);
        generator
    }

    /// Claims a worker number, or renews the lease.
    pub(crate) fn claim(&self, cx: &Cx<'_>, out: &mut Out) {
        let tick = cx.config.tick(cx.now.wall).unwrap_or(0);
        out.because(SnowflakeRule::Claim)
            .send(cx.config.registry, Message::Claim { tick })
            .arm(Timer::Renew, cx.config.renew);
    }

    /// Takes a lease of the registry.
    pub(crate) fn granted(&mut self, cx: &Cx<'_>, lease: Lease, out: &mut Out) {
        if self.lease.is_some_and(|held| held.through >= lease.through) {
            out.because(SnowflakeRule::OldLease).why(format_args!("{lease:?}"));
            return;
        }
        self.end_tick(cx, lease);
        self.lease = Some(lease);
        out.because(SnowflakeRule::Hold).why(format_args!("{lease:?}")).persist(Record::Held { lease });
        self.serve(cx, out);
    }

    /// Ends the last tick if the next lease has a smaller worker number: another id of that tick
    /// would be smaller than the last one.
    fn end_tick(&mut self, cx: &Cx<'_>, next: Lease) {
        if self.lease.is_some_and(|held| cx.rules.ends_tick(held.worker, next.worker)) {
            self.exhausted = self.last.map(|last| last.tick);
        }
    }

    /// Handles a request for an id.
    pub(crate) fn asked(&mut self, cx: &Cx<'_>, ticket: RequestId, out: &mut Out) {
        if self.waiting.contains(&ticket) {
            out.because(SnowflakeRule::AwaitTurn).why(format_args!("{ticket} waits already"));
            return;
        }
        out.because(SnowflakeRule::AwaitTurn).why(format_args!("{} wait before it", self.waiting.len()));
        self.waiting.push_back(ticket);
        self.serve(cx, out);
    }

    /// Serves the requests in order, up to the first that must wait.
    pub(crate) fn serve(&mut self, cx: &Cx<'_>, out: &mut Out) {
        while let Some(ticket) = self.waiting.front().copied() {
            if !self.serve_one(cx, ticket, out) {
                break;
            }
            self.waiting.pop_front();
        }
    }

    /// Answers a request, unless it must wait.
    fn serve_one(&mut self, cx: &Cx<'_>, ticket: RequestId, out: &mut Out) -> bool {
        let Some(tick) = cx.config.tick(cx.now.wall).filter(|tick| *tick <= cx.config.layout.last_tick()) else {
            out.because(SnowflakeRule::OutOfTicks).reply(ticket, Reply::OutOfTicks);
            return true;
        };
        if let Some(tick) = self.exhausted.and_then(|full| cx.rules.after_wait(full, tick)) {
            return self.issue(cx, ticket, Slot { tick, sequence: 0 }, SnowflakeRule::FirstOfTick, out);
        }
        let next = match self.exhausted {
            Some(full) if full == tick => Next::Exhausted,
            _ => cx.rules.next(self.last, tick, cx.config.layout.last_sequence()),
        };
        match next {
            Next::Take { slot, rule } => return self.issue(cx, ticket, slot, rule, out),
            Next::Exhausted => {
                self.exhausted = Some(tick);
                let wait = cx.config.until(cx.now.wall, tick + 1);
                out.because(SnowflakeRule::TickExhausted)
                    .why(format_args!("tick {tick} is used up"))
                    .arm(Timer::Tick, wait.max(Duration::from_nanos(1)));
            }
            Next::Behind { ticks } => match cx.rules.on_clock_back(ticks, cx.config.backwards) {
                Refuse(rule) => {
                    out.because(rule)
                        .why(format_args!("the clock is {ticks} ticks behind"))
                        .reply(ticket, Reply::ClockBack { ticks });
                    return true;
                }
                Allow(rule) => {
                    out.because(rule)
                        .why(format_args!("the clock is {ticks} ticks behind"))
                        .arm(Timer::Tick, cx.config.until(cx.now.wall, tick + ticks).max(TICK));
                }
            },
        }
        false
    }

    /// Issues the id of a place in time, if the lease covers it.
    fn issue(&mut self, cx: &Cx<'_>, ticket: RequestId, slot: Slot, rule: SnowflakeRule, out: &mut Out) -> bool {
        match (cx.rules.covers(self.lease, slot.tick), self.lease) {
            (Allow(_), Some(Lease { worker, .. })) => {
                let Some(id) = cx.config.layout.join(Parts { slot, worker }) else {
                    out.because(SnowflakeRule::OutOfTicks).reply(ticket, Reply::OutOfTicks);
                    return true;
                };
                if let Some(tick) = cx.rules.reserves(self.reserved, slot.tick, cx.config.reserve) {
                    self.reserved = Some(tick);
                    out.because(SnowflakeRule::Reserve)
                        .why(format_args!("up to {tick}"))
                        .persist(Record::Reserved { tick });
                }
                self.last = Some(slot);
                self.exhausted = None;
                out.because(rule)
                    .why(format_args!("{} {worker} {}", slot.tick, slot.sequence))
                    .emit(Fact::Issued { id })
                    .reply(ticket, Reply::Issued { id });
                true
            }
            (Refuse(SnowflakeRule::BeforeLease), Some(Lease { above, .. })) => {
                let wait = cx.config.until(cx.now.wall, above.saturating_add(1));
                // A rule may have chosen an earlier tick than the clock's: no wait makes it later.
                let wait = if wait == Duration::ZERO { TICK } else { wait };
                out.because(SnowflakeRule::BeforeLease)
                    .why(format_args!("tick {} is not above {above}", slot.tick))
                    .arm(Timer::Tick, wait);
                false
            }
            _ => {
                out.because(SnowflakeRule::NoLease).why(format_args!("tick {}, {:?}", slot.tick, self.lease));
                self.claim(cx, out);
                false
            }
        }
    }
}
