//! A client's writes to the resource: check the lock, perhaps set `currlock`, work, and send.

use quorate_lease::Value;
use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{Context, Outbox, RequestId, Time};

use crate::client::{Client, Job};
use crate::config::Guard;
use crate::id::AttemptId;
use crate::message::{Message, Reply, Timer, Write};
use crate::node::Lock;
use crate::rules::LockRule;

type Out = Outbox<Lock>;

impl Client {
    pub(crate) fn begin_write(
        &mut self,
        cx: &Context<Lock>,
        ticket: RequestId,
        value: Value,
        now: Time,
        out: &mut Out,
    ) {
        let Some(resource) = cx.config.resource else {
            out.because(LockRule::NotMyRole)
                .why(format_args!("no resource is configured"))
                .reply(ticket, Reply::NoResource);
            return;
        };
        if self.jobs.contains_key(&ticket) {
            out.because(LockRule::RepeatedRequest).why(format_args!("{ticket} is under way"));
            return;
        }
        let held = self.held.map(|held| (held, cx.rules.may_act(held.until, now)));
        let held = match held {
            Some((held, Allow(_))) => held,
            Some((_, Refuse(rule))) => {
                out.because(rule).reply(ticket, Reply::NotHeld);
                return;
            }
            None => {
                out.because(LockRule::LockOver).reply(ticket, Reply::NotHeld);
                return;
            }
        };
        self.jobs.insert(ticket, Job { attempt: held.attempt, token: held.token, value });
        if cx.config.guard.marks() {
            out.because(LockRule::MarkCurrLock).send(resource, Message::Mark { attempt: held.attempt, ticket });
        } else {
            self.work(cx, ticket, LockRule::BeginWork, out);
        }
    }

    fn work(&mut self, cx: &Context<Lock>, ticket: RequestId, rule: LockRule, out: &mut Out) {
        let mut because = out.because(rule);
        if cx.config.work.is_zero() {
            self.send_write(cx, ticket, out);
        } else {
            because.arm(Timer::Work(ticket), cx.config.work);
        }
    }

    /// Sends a write whose work is done. The lock is not looked at again: however late that look,
    /// the write would be later.
    pub(crate) fn send_write(&mut self, cx: &Context<Lock>, ticket: RequestId, out: &mut Out) {
        let (Some(resource), Some(job)) = (cx.config.resource, self.jobs.remove(&ticket)) else {
            out.because(LockRule::RepeatedRequest).why(format_args!("{ticket} is done"));
            return;
        };
        let Job { attempt, token, value } = job;
        out.because(LockRule::SendWrite).send(resource, Message::Write(Write { attempt, token, value, ticket }));
    }

    /// Handles the resource's word that `currlock` is set.
    pub(crate) fn marked(&mut self, cx: &Context<Lock>, ticket: RequestId, out: &mut Out) {
        match (self.jobs.contains_key(&ticket), cx.config.resource) {
            (true, Some(resource)) => {
                out.because(LockRule::ReadMarked).send(resource, Message::Read { ticket });
            }
            _ => {
                out.because(LockRule::LateAnswer).why(format_args!("{ticket} is done"));
            }
        }
    }

    /// Handles what the resource contains, after `currlock` was set.
    pub(crate) fn data(&mut self, cx: &Context<Lock>, ticket: RequestId, currlock: Option<AttemptId>, out: &mut Out) {
        let Some(job) = self.jobs.get(&ticket) else {
            out.because(LockRule::LateAnswer).why(format_args!("{ticket} is done"));
            return;
        };
        if cx.config.guard != Guard::CurrLockInTwoSteps {
            self.work(cx, ticket, LockRule::BeginWork, out);
            return;
        }
        match cx.rules.is_current(currlock, job.attempt) {
            Allow(_) => self.work(cx, ticket, LockRule::CompareHere, out),
            Refuse(rule) => {
                self.jobs.remove(&ticket);
                out.because(rule).reply(ticket, Reply::WriteRefused);
            }
        }
    }

    /// Passes the resource's answer on to the caller.
    pub(crate) fn wrote(&self, ticket: RequestId, reply: Reply, out: &mut Out) {
        out.because(LockRule::AnswerWriter).reply(ticket, reply);
    }
}
