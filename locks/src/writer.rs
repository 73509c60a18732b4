//! A client's writes to the resource: check the lock, perhaps set `currlock`, work, and send.

use std::collections::BTreeMap;

use quorate_lease::Value;
use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{Context, NodeId, Outbox, RequestId, Time};

use crate::client::{Client, Held, Job};
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
        (to, value): (Option<NodeId>, Value),
        now: Time,
        out: &mut Out,
    ) {
        let Some((resource, guard)) = to.and_then(|to| Some((to, cx.config.guard_of(to)?))) else {
            out.because(LockRule::NotMyRole)
                .why(format_args!("no such resource is configured"))
                .reply(ticket, Reply::NoResource);
            return;
        };
        if self.jobs.contains_key(&ticket) {
            out.because(LockRule::RepeatedRequest).why(format_args!("{ticket} is under way"));
            return;
        }
        let Some(Held { attempt, token, .. }) = self.valid(cx, ticket, now, out) else { return };
        let answers = BTreeMap::new();
        self.jobs.insert(ticket, Job { resource, guard, attempt, token, value, answers, found: None, is_sent: false });
        if guard.marks() {
            out.because(LockRule::MarkCurrLock).send(resource, Message::Mark { attempt, ticket });
        } else if guard.opens() {
            let mut because = out.because(LockRule::OpenFirst);
            for replica in cx.config.replicas_of(resource) {
                because.send(replica, Message::Open { attempt, token, ticket });
            }
        } else {
            self.work(cx, ticket, LockRule::BeginWork, out);
        }
    }

    /// The lock, if it is valid; otherwise the caller is told that it is not.
    fn valid(&self, cx: &Context<Lock>, ticket: RequestId, now: Time, out: &mut Out) -> Option<Held> {
        let rule = match self.held.map(|held| (held, cx.rules.may_act(held.until, now))) {
            Some((held, Allow(_))) => return Some(held),
            Some((_, Refuse(rule))) => rule,
            None => LockRule::LockOver,
        };
        out.because(rule).reply(ticket, Reply::NotHeld);
        None
    }

    /// Declares the writes under the lock to be whole.
    pub(crate) fn commit(&self, cx: &Context<Lock>, ticket: RequestId, now: Time, out: &mut Out) {
        let Some(resource) = cx.config.resource else {
            out.because(LockRule::NotMyRole)
                .why(format_args!("no such resource is configured"))
                .reply(ticket, Reply::NoResource);
            return;
        };
        let Some(Held { attempt, token, .. }) = self.valid(cx, ticket, now, out) else { return };
        out.because(LockRule::AskToCommit).send(resource, Message::Commit { attempt, token, ticket });
    }

    pub(crate) fn work(&mut self, cx: &Context<Lock>, ticket: RequestId, rule: LockRule, out: &mut Out) {
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
        let Some(job) = self.jobs.get_mut(&ticket) else {
            out.because(LockRule::RepeatedRequest).why(format_args!("{ticket} is done"));
            return;
        };
        let Job { resource, guard, attempt, token, ref value, .. } = *job;
        let write = Write { attempt, token, sequencer: None, value: value.clone(), ticket };
        let mut because = out.because(LockRule::SendWrite);
        if guard.opens() {
            job.is_sent = true;
            job.answers.clear();
            for replica in cx.config.replicas_of(resource) {
                because.send(replica, Message::Write(write.clone()));
            }
        } else {
            self.jobs.remove(&ticket);
            because.send(resource, Message::Write(write));
        }
    }

    /// Handles the resource's word that `currlock` is set.
    pub(crate) fn marked(&mut self, ticket: RequestId, out: &mut Out) {
        match self.jobs.get(&ticket) {
            Some(job) => {
                out.because(LockRule::ReadMarked).send(job.resource, Message::Read { ticket });
            }
            None => {
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
        if job.guard != Guard::CurrLockInTwoSteps {
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

    /// Passes the resource's answer on to the caller, or counts it, if there are replicas.
    pub(crate) fn wrote(&mut self, cx: &Context<Lock>, from: NodeId, ticket: RequestId, reply: Reply, out: &mut Out) {
        let is_one_of_several = cx.config.replicas_of(from).len() > 1 || cx.config.replicas.contains(&from);
        if self.jobs.get(&ticket).is_some_and(|job| job.guard.opens()) {
            self.replica_wrote(cx, from, ticket, reply == Reply::Written, out);
        } else if is_one_of_several {
            out.because(LockRule::LateAnswer).why(format_args!("{ticket} is done"));
        } else {
            self.pass_on(ticket, reply, out);
        }
    }

    /// Passes the resource's answer on to the caller.
    pub(crate) fn pass_on(&self, ticket: RequestId, reply: Reply, out: &mut Out) {
        out.because(LockRule::AnswerWriter).reply(ticket, reply);
    }
}
