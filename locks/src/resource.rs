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
    /// Token and lock under which the value was written, for guards that read first.
    pub(crate) author: Option<(Token, AttemptId)>,
    /// The value that was whole last, for the guard that takes writes back.
    committed: Option<Value>,
    /// Files by token, for the guard that puts the token into the name.
    pub(crate) files: BTreeMap<Token, Value>,
    /// Writes that wait for the lock service, or for their second step.
    pending: BTreeMap<RequestId, (NodeId, Write)>,
}

impl Resource {
    pub(crate) fn boot(disk: &Disk) -> Self {
        let Disk { highest, currlock, value, author, committed, files, .. } = disk.clone();
        Resource { highest, currlock, value, author, committed, files, pending: BTreeMap::new() }
    }

    /// The value that readers get.
    pub(crate) fn read_value(&self) -> Option<&Value> {
        self.files.last_key_value().map(|(_, value)| value).or(self.value.as_ref())
    }

    pub(crate) fn write(&mut self, cx: &Context<Lock>, from: NodeId, write: Write, out: &mut Out) {
        let guard = cx.config.guard_of(cx.me).unwrap_or(Guard::Unguarded);
        let mode = write.sequencer.as_ref().map(|sequencer| sequencer.mode).filter(|_| guard != Guard::Unguarded);
        if let Some(Refuse(rule)) = mode.map(|mode| cx.rules.may_write(mode)) {
            refuse(rule, from, &write, out);
            return;
        }
        match guard {
            Guard::Unguarded | Guard::CurrLockInTwoSteps => self.apply(LockRule::WriteUnguarded, from, write, out),
            guard @ (Guard::Fence
            | Guard::FenceInTwoSteps
            | Guard::FenceWithUndo
            | Guard::ReplicaFence
            | Guard::MarkFirst) => self.compare(cx, guard, from, write, out),
            Guard::CurrLock => match cx.rules.is_current(self.currlock, write.attempt) {
                Allow(rule) => self.apply(rule, from, write, out),
                Refuse(rule) => refuse(rule, from, &write, out),
            },
            Guard::FileName => self.write_file(from, write, out),
            Guard::AskService => self.ask_service(cx, from, write, out),
        }
    }

    /// Keeps a write until the lock service has said whether its writer holds the lock.
    fn ask_service(&mut self, cx: &Context<Lock>, from: NodeId, write: Write, out: &mut Out) {
        let attempt = write.attempt;
        let question = match write.sequencer.clone() {
            Some(sequencer) => Message::CheckSequencer { attempt, sequencer },
            None => Message::Ask { attempt, request: Request::Get { key: cx.config.key.clone() } },
        };
        self.pending.insert(write.ticket, (from, write));
        let mut because = out.because(LockRule::AskService);
        cx.config.servers.iter().for_each(|server| {
            because.send(*server, question.clone());
        });
    }

    /// Compares tokens, and writes at once or later.
    fn compare(&mut self, cx: &Context<Lock>, guard: Guard, from: NodeId, write: Write, out: &mut Out) {
        let shown = write.token;
        match cx.rules.admits(self.highest, shown) {
            Refuse(rule) => refuse(rule, from, &write, out),
            Allow(rule) => {
                self.undo_before(guard, shown, out);
                let mut because = out.because(rule);
                self.keep_highest(cx, shown, &mut because);
                if cx.rules.writes_at_once(guard) {
                    let attempt = write.attempt;
                    self.write_now(&mut because, guard.opens(), from, write);
                    // After the value: a torn step may leave a value without its author, which is
                    // an incomplete write, but no author without the value.
                    if let Some(token) = shown.filter(|_| guard.opens()) {
                        self.author = Some((token, attempt));
                        because.persist(Record::Author { token, attempt });
                    }
                } else {
                    let (attempt, ticket) = (write.attempt, write.ticket);
                    self.pending.insert(ticket, (from, write));
                    because.emit(Fact::WriteBegan { attempt }).arm(Timer::Write(ticket), cx.config.write_delay);
                }
            }
        }
    }

    fn keep_highest(&mut self, cx: &Context<Lock>, shown: Option<Token>, because: &mut Because<'_, Lock>) {
        self.highest = self.highest.max(shown);
        if let Some(token) = shown {
            because.why(format_args!("{token}"));
            if cx.rules.keeps_highest() {
                because.persist(Record::Seen { token });
            }
        }
    }

    /// Takes back what an earlier holder has not committed, when a higher token comes.
    fn undo_before(&mut self, guard: Guard, shown: Option<Token>, out: &mut Out) {
        let Some((token, attempt)) = self.author else { return };
        if guard == Guard::FenceWithUndo && shown > Some(token) && self.value != self.committed {
            self.value.clone_from(&self.committed);
            let value = self.value.clone();
            out.because(LockRule::UndoWrites)
                .why(format_args!("of {attempt}, with {token}"))
                .persist(Record::Undone)
                .emit(Fact::WritesUndone { attempt, value });
        }
    }

    /// Tells a holder what there is, before it writes, and refuses lower tokens from then on.
    pub(crate) fn open(
        &mut self,
        cx: &Context<Lock>,
        from: NodeId,
        (attempt, token): (AttemptId, Option<Token>),
        ticket: RequestId,
        out: &mut Out,
    ) {
        let guard = cx.config.guard_of(cx.me).unwrap_or(Guard::Unguarded);
        if let Refuse(rule) = cx.rules.admits(self.highest, token) {
            refuse_ticket(rule, from, (attempt, token), ticket, out);
            return;
        }
        let marks = cx.rules.marks_when_read(guard);
        if marks {
            self.undo_before(guard, token, out);
        }
        let mut because = out.because(if marks { LockRule::MarkToken } else { LockRule::ReadUnmarked });
        if marks {
            self.keep_highest(cx, token, &mut because);
        }
        because.send(from, Message::Opened { attempt, ticket, author: self.author, value: self.value.clone() });
    }

    /// Keeps what was written under this token.
    pub(crate) fn commit(
        &mut self,
        cx: &Context<Lock>,
        from: NodeId,
        (attempt, token): (AttemptId, Option<Token>),
        ticket: RequestId,
        out: &mut Out,
    ) {
        match cx.rules.admits(self.highest, token) {
            Refuse(rule) => refuse_ticket(rule, from, (attempt, token), ticket, out),
            Allow(_) => {
                self.committed.clone_from(&self.value);
                out.because(LockRule::CommitWrites)
                    .persist(Record::Committed)
                    .emit(Fact::WritesCommitted { attempt })
                    .send(from, Message::Committed { ticket });
            }
        }
    }

    /// Writes the file of the token. It compares nothing: that there is a newer file matters to
    /// readers alone, and here to the rule that is cited.
    fn write_file(&mut self, from: NodeId, write: Write, out: &mut Out) {
        let Write { attempt, token, value, ticket, .. } = write;
        let token = token.unwrap_or_default();
        self.files.insert(token, value.clone());
        let is_newest = self.files.range(token..).nth(1).is_none();
        let mut because = out.because(if is_newest { LockRule::WriteFile } else { LockRule::WriteOlderFile });
        because.why(format_args!("{token}, of {} files", self.files.len()));
        because.persist(Record::File { token, value: value.clone() });
        because.emit(if is_newest {
            Fact::WriteAccepted { attempt, value }
        } else {
            Fact::OlderFileWritten { attempt, value }
        });
        because.send(from, Message::Written { ticket });
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
        self.checked(attempt, *answer == Answer::Value { value: Some(LockValue::Unique(attempt)) }, out);
    }

    /// Handles the lock service's word on whether that lock is held.
    pub(crate) fn checked(&mut self, attempt: AttemptId, confirmed: bool, out: &mut Out) {
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
        self.write_now(&mut out.because(rule), false, from, write);
    }

    fn write_now(&mut self, because: &mut Because<'_, Lock>, names_attempt: bool, from: NodeId, write: Write) {
        let written = match write {
            Write { attempt, ticket, .. } if names_attempt => Message::Stored { attempt, ticket },
            Write { ticket, .. } => Message::Written { ticket },
        };
        let Write { attempt, value, .. } = write;
        self.value = Some(value.clone());
        because
            .persist(Record::Wrote { value: value.clone() })
            .emit(Fact::WriteAccepted { attempt, value })
            .send(from, written);
    }
}

fn refuse(rule: LockRule, from: NodeId, write: &Write, out: &mut Out) {
    refuse_ticket(rule, from, (write.attempt, write.token), write.ticket, out);
}

fn refuse_ticket(
    rule: LockRule,
    from: NodeId,
    (attempt, token): (AttemptId, Option<Token>),
    ticket: RequestId,
    out: &mut Out,
) {
    let mut because = out.because(rule);
    if let Some(token) = token {
        because.why(format_args!("{attempt}, with {token}"));
    }
    because.emit(Fact::WriteRefused { attempt }).send(from, Message::WriteRefused { ticket });
}
