//! Effects of a step: queued for the end of the batch, and reported to the observer.

use quorate_protocol::{Effect, Machine, NodeId, Time};

use super::Node;
use crate::env::Survival;
use crate::trace::{DropReason, TypedEvent};

use super::super::thread_trace::Cause;
use super::super::wire::{Envelope, Response};

impl<M: Machine> Node<'_, M> {
    /// Queues the effects of a boot or a step for the end of the batch: nothing is sent before
    /// that.
    pub(super) fn conclude(&mut self, trigger: Cause) {
        if self.heard {
            self.error.push((self.common.target.state(&self.context(), &self.machine), self.out.clone()));
        }
        let mut out = std::mem::take(&mut self.out);
        if self.host.thread_trace.is_on() {
            for reason in out.reasons() {
                self.host.thread_trace.rule(self.now, trigger, reason.rule, reason.why);
                reason.effects.iter().for_each(|effect| self.effect(effect.clone(), trigger));
            }
            out.clear();
            self.show(trigger);
        } else {
            out.drain().for_each(|effect| self.effect(effect, trigger));
        }
        self.out = out;
    }

    /// Reports the batch's steps to the observer, as far as they survive.
    pub(super) fn tell(&mut self, mut survival: Survival) {
        for (state, out) in std::mem::take(&mut self.error) {
            survival.begin(out.records().count());
            self.common.target.step_later(self.host.id, state.as_ref(), &out, &mut survival);
        }
    }

    fn effect(&mut self, effect: Effect<M>, trigger: Cause) {
        let Node { host, now, .. } = self;
        let now = *now;
        match effect {
            Effect::Send { to, message } => self.send(to, message, trigger),
            Effect::Persist(record) => {
                host.thread_trace.note(now, trigger, || TypedEvent::Persist { record: record.clone() });
                self.records.push(record);
            }
            Effect::Arm { timer, after } => {
                let shown = host.clock.due(now, host.link_view.draw(after.min(), after.max()));
                let due = host.clock.when(shown).max(now);
                let cause = host.thread_trace.note(now, trigger, || TypedEvent::Arm { timer: timer.clone(), due });
                self.timers.arm(timer, shown, &host.clock, cause);
            }
            Effect::Disarm(timer) => {
                if self.timers.disarm(&timer) {
                    host.thread_trace.note(now, trigger, || TypedEvent::Disarm { timer });
                }
            }
            Effect::Emit(fact) => {
                host.thread_trace.note(now, trigger, || TypedEvent::Fact { fact });
            }
            Effect::Reply { ticket, reply } => {
                let msg = host.thread_trace.number();
                host.thread_trace.note(now, trigger, || TypedEvent::Reply { msg, ticket, reply: reply.clone() });
                let answer = Response { msg, due: Time::ZERO, ticket, reply };
                if self.outgoing.answer(ticket.client, answer).is_err() {
                    self.send_cx().lose(msg, DropReason::Unknown);
                }
            }
        }
    }

    fn send(&mut self, to: NodeId, message: M::Message, trigger: Cause) {
        let Node { host, outgoing, now, .. } = self;
        let msg = host.thread_trace.number();
        host.thread_trace.note(*now, trigger, || TypedEvent::Send { msg, to, message: message.clone() });
        if to == host.id {
            self.own.push_back((msg, message));
        } else if outgoing.envelope(to, Envelope { msg, due: Time::ZERO, message }).is_err() {
            // Unknown recipient: the message is dropped.
            self.send_cx().lose(msg, DropReason::Unknown);
        }
    }

    /// Records the view in the trace, if it has changed.
    fn show(&mut self, trigger: Cause) {
        let view = self.view();
        if self.shown.as_ref() != Some(&view) {
            self.shown = Some(view.clone());
            self.host.thread_trace.note(self.now, trigger, || TypedEvent::State { view });
        }
    }
}
