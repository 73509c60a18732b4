//! A client's writes to the resource: check the lock, work, and send.

use quorate_lease::{Token, Value};
use quorate_protocol::{Context, Outbox, RequestId, Time};

use super::client::Client;
use super::message::{Message, Reply, Timer};
use super::node::Coordination;
use crate::id::AttemptId;
use crate::message::{self as lock, Write};
use crate::rules::LockRule;
use crate::sequencer::Sequencer;

type Out = Outbox<Coordination>;

/// A write for a caller, until it is sent.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Job {
    attempt: AttemptId,
    token: Token,
    sequencer: Option<Sequencer>,
    value: Value,
}

impl Client {
    pub(crate) fn begin_write(
        &mut self,
        cx: &Context<Coordination>,
        ticket: RequestId,
        value: Value,
        now: Time,
        out: &mut Out,
    ) {
        if cx.config.resource.is_none() {
            out.because(LockRule::NotMyRole)
                .why(format_args!("no resource is configured"))
                .reply(ticket, Reply::NoResource);
            return;
        }
        if self.jobs.contains_key(&ticket) {
            out.because(LockRule::RepeatedRequest).why(format_args!("{ticket} is under way"));
            return;
        }
        let Some(held) = self.holds(cx, now) else { return self.not_held(Some(ticket), out) };
        let (token, sequencer) = (held.holding.token(cx.rules), held.holding.sequencer().cloned());
        let job = Job { attempt: held.attempt, token, sequencer, value };
        self.jobs.insert(ticket, job);
        let mut because = out.because(LockRule::BeginWork);
        if cx.config.work.is_zero() {
            self.send_write(cx, ticket, out);
        } else {
            because.arm(Timer::Work(ticket), cx.config.work);
        }
    }

    /// Sends a write whose work is done. The lock is not looked at again: however late that look,
    /// the write would be later.
    pub(crate) fn send_write(&mut self, cx: &Context<Coordination>, ticket: RequestId, out: &mut Out) {
        let (Some(resource), Some(job)) = (cx.config.resource, self.jobs.remove(&ticket)) else {
            out.because(LockRule::RepeatedRequest).why(format_args!("{ticket} is done"));
            return;
        };
        let Job { attempt, token, sequencer, value } = job;
        let write = lock::Message::Write(Write { attempt, token: Some(token), sequencer, value, ticket });
        out.because(LockRule::SendWrite).send(resource, Message::Resource(write));
    }

    /// Passes the resource's answer on to the caller.
    pub(crate) fn wrote(&self, message: &lock::Message, out: &mut Out) {
        let (ticket, reply) = match message {
            lock::Message::Written { ticket } => (*ticket, Reply::Written),
            lock::Message::WriteRefused { ticket } => (*ticket, Reply::WriteRefused),
            other => {
                out.because(LockRule::NotMyRole).why(format_args!("{other:?} is for another role"));
                return;
            }
        };
        out.because(LockRule::AnswerWriter).reply(ticket, reply);
    }
}
