//! The resource that the lock protects, with one of several guards.
//!
//! A lock keeps two clients from *beginning* at the same time. A write that is sent cannot be taken
//! back, so a paused process or a slow network makes a write late by any amount. Whether that does
//! harm is decided here: by a token that only increases (Kleppmann), by asking the lock service
//! (Chubby's `CheckSequencer`), by antirez's `currlock`, or not at all.

use std::collections::BTreeMap;

use quorate_lease::{Token, Value};
use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{Because, Context, NodeId, Outbox, RequestId};

use crate::config::Guard;
use crate::disk::Disk;
use crate::id::{AttemptId, LockValue};
use crate::message::{Fact, Message, Record, Timer, Write};
use crate::node::Lock;
use crate::rules::LockRule;
use crate::service::{Answer, Request};

type Out = Outbox<Lock>;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Resource {
    pub(crate) highest: Option<Token>,
    pub(crate) currlock: Option<AttemptId>,
    pub(crate) value: Option<Value>,
    /// Writes that wait for the lock service, or for their second step.
    pending: BTreeMap<RequestId, (NodeId, Write)>,
}

impl Resource {
    pub(crate) fn boot(disk: &Disk) -> Self {
        let Disk { highest, currlock, value, .. } = disk.clone();
        Resource { highest, currlock, value, pending: BTreeMap::new() }
    }

    pub(crate) fn write(&mut self, cx: &Context<Lock>, from: NodeId, write: Write, out: &mut Out) {
        match cx.config.guard {
            Guard::Unguarded | Guard::CurrLockInTwoSteps => self.apply(LockRule::WriteUnguarded, from, write, out),
            Guard::Fence | Guard::FenceInTwoSteps => self.compare(cx, from, write, out),
            Guard::CurrLock => match cx.rules.is_current(self.currlock, write.attempt) {
                Allow(rule) => self.apply(rule, from, write, out),
                Refuse(rule) => refuse(rule, from, &write, out),
            },
            Guard::AskService => {
                let (attempt, key) = (write.attempt, cx.config.key.clone());
                self.pending.insert(write.ticket, (from, write));
                let mut because = out.because(LockRule::AskService);
                cx.config.servers.iter().for_each(|server| {
                    because.send(*server, Message::Ask { attempt, request: Request::Get { key: key.clone() } });
                });
            }
        }
    }

    /// Compares tokens, and writes at once or later.
    fn compare(&mut self, cx: &Context<Lock>, from: NodeId, write: Write, out: &mut Out) {
        let (shown, highest) = (write.token, self.highest);
        match cx.rules.admits(highest, shown) {
            Refuse(rule) => refuse(rule, from, &write, out),
            Allow(rule) => {
                self.highest = highest.max(shown);
                let mut because = out.because(rule);
                if let Some(token) = shown {
                    because.why(format_args!("{token}"));
                    if cx.rules.keeps_highest() {
                        because.persist(Record::Seen { token });
                    }
                }
                if cx.rules.writes_at_once(cx.config.guard) {
                    self.write_now(&mut because, from, write);
                } else {
                    let (attempt, ticket) = (write.attempt, write.ticket);
                    self.pending.insert(ticket, (from, write));
                    because.emit(Fact::WriteBegan { attempt }).arm(Timer::Write(ticket), cx.config.write_delay);
                }
            }
        }
    }

    /// Does a write that was checked in an earlier step.
    pub(crate) fn write_later(&mut self, ticket: RequestId, out: &mut Out) {
        match self.pending.remove(&ticket) {
            Some((from, write)) => self.apply(LockRule::WriteLater, from, write, out),
            None => {
                out.because(LockRule::RepeatedRequest).why(format_args!("{ticket} is done"));
            }
        }
    }

    /// Handles the answer of the lock service, for all writes of that lock that wait for it.
    pub(crate) fn told(&mut self, attempt: AttemptId, answer: &Answer, out: &mut Out) {
        let confirmed = *answer == Answer::Value { value: Some(LockValue::Unique(attempt)) };
        let waits =
            |(ticket, (_, write)): (&RequestId, &(NodeId, Write))| (write.attempt == attempt).then_some(*ticket);
        let waiting: Vec<RequestId> = self.pending.iter().filter_map(waits).collect();
        if waiting.is_empty() {
            out.because(LockRule::LateAnswer).why(format_args!("no write of {attempt} waits for it"));
        }
        for (from, write) in waiting.iter().filter_map(|ticket| self.pending.remove(ticket)).collect::<Vec<_>>() {
            if confirmed {
                self.apply(LockRule::ServiceConfirms, from, write, out);
            } else {
                refuse(LockRule::ServiceDenies, from, &write, out);
            }
        }
    }

    pub(crate) fn mark(&mut self, from: NodeId, attempt: AttemptId, ticket: RequestId, out: &mut Out) {
        let mut because = out.because(LockRule::SetCurrLock);
        match self.currlock.replace(attempt) {
            Some(before) => because.why(format_args!("{attempt}, after {before}")),
            None => because.why(format_args!("{attempt}")),
        };
        because.persist(Record::CurrLock { attempt }).send(from, Message::Marked { ticket });
    }

    pub(crate) fn read(&self, from: NodeId, ticket: RequestId, out: &mut Out) {
        let (value, currlock) = (self.value.clone(), self.currlock);
        out.because(LockRule::ReadData).send(from, Message::Data { ticket, value, currlock });
    }

    fn apply(&mut self, rule: LockRule, from: NodeId, write: Write, out: &mut Out) {
        self.write_now(&mut out.because(rule), from, write);
    }

    fn write_now(&mut self, because: &mut Because<'_, Lock>, from: NodeId, write: Write) {
        let Write { attempt, value, ticket, .. } = write;
        self.value = Some(value.clone());
        because
            .persist(Record::Wrote { value: value.clone() })
            .emit(Fact::WriteAccepted { attempt, value })
            .send(from, Message::Written { ticket });
    }
}

fn refuse(rule: LockRule, from: NodeId, write: &Write, out: &mut Out) {
    let mut because = out.because(rule);
    if let Some(token) = write.token {
        because.why(format_args!("{}, with {token}", write.attempt));
    }
    because
        .emit(Fact::WriteRefused { attempt: write.attempt })
        .send(from, Message::WriteRefused { ticket: write.ticket });
}
