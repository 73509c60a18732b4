//! Alternative Redlock: one table for both roles, disk records of its own, instances that answer a
//! repeated request as they did the first time, and clients that clear only where a key may be.

use std::collections::BTreeSet;

use quorate_exercises::build::*;
use quorate_exercises::lock::*;
use quorate_exercises::prelude::*;
use serde::{Deserialize, Serialize};

/// A durable write: the number of starts or attempts, or the key as it is now.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
enum Note {
    Counted(u64),
    Key(Option<(AttemptId, Time)>),
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Notes {
    count: u64,
    key: Option<(AttemptId, Time)>,
}

impl Disk for Notes {
    type Record = Note;

    fn apply(&mut self, note: &Note) {
        match note {
            Note::Counted(count) => self.count = *count,
            Note::Key(key) => self.key = *key,
        }
    }
}

/// Time to look at the clock: at answers that are overdue, at a validity, at an act.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
enum Alarm {
    GiveUp(u64),
    Again(u64),
    Act(u64),
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Notary {
    notes: Notes,
    /// Instance: no answer before.
    silent_until: Option<Time>,
    /// Client: the request, whether it waits, and the time before the first message of its attempt;
    /// `None` between two attempts.
    wanted: Option<(RequestId, bool, Option<Time>)>,
    yes: BTreeSet<NodeId>,
    no: BTreeSet<NodeId>,
    /// Client: the number of the attempt that holds the lock, and the end.
    held: Option<(u64, Time)>,
}

type Out = Outbox<Notary>;

impl Notary {
    fn id(&self, cx: &Context<Self>) -> AttemptId {
        AttemptId { owner: cx.me, number: self.notes.count }
    }

    fn serve(&mut self, cx: &Context<Self>, from: NodeId, by: AttemptId, request: Request, out: &mut Out) {
        let now = cx.now.monotonic;
        if self.silent_until.is_some_and(|until| now < until) {
            out.because(LockRule::StayAway);
            return;
        }
        let is_mine = |key: &Option<(AttemptId, Time)>| key.is_some_and(|(owner, _)| owner == by);
        let before = self.notes.key;
        self.notes.key = before.filter(|(_, end)| now < *end);
        let answer = match request {
            Request::SetIfAbsent { ttl: Some(ttl), .. } if self.notes.key.is_none() => {
                self.notes.key = Some((by, now + ttl));
                Answer::Set { token: Token(7) }
            }
            Request::SetIfAbsent { .. } if is_mine(&self.notes.key) => Answer::Set { token: Token(7) },
            Request::SetIfAbsent { .. } => Answer::Exists,
            _ if is_mine(&self.notes.key) => {
                self.notes.key = None;
                Answer::Deleted { deleted: true }
            }
            _ => Answer::Deleted { deleted: false },
        };
        let mut because = out.because(LockRule::ReportKey);
        if before != self.notes.key && cx.config.persistence == Persistence::Always {
            because.persist(Note::Key(self.notes.key));
        }
        because.send(from, Message::Told { attempt: by, answer });
    }

    fn begin(&mut self, cx: &Context<Self>, ticket: RequestId, waits: bool, out: &mut Out) {
        self.notes.count += 1;
        self.wanted = Some((ticket, waits, Some(cx.now.monotonic)));
        (self.yes, self.no) = (BTreeSet::new(), BTreeSet::new());
        let attempt = self.id(cx);
        let (key, value) = (cx.config.key.clone(), LockValue::Unique(attempt));
        let request = Request::SetIfAbsent { key, value, ttl: cx.config.ttl };
        let mut because = out.because(LockRule::AskInstances);
        because.persist(Note::Counted(self.notes.count));
        for server in cx.config.servers.iter().rev() {
            because.send(*server, Message::Ask { attempt, request: request.clone() });
        }
        because.arm(Alarm::GiveUp(self.notes.count), cx.config.answer_timeout);
    }

    /// Deletes the key of an attempt on all instances but those that have refused it.
    fn clear(&self, cx: &Context<Self>, attempt: AttemptId, but: &BTreeSet<NodeId>, out: &mut Out) {
        let (key, value) = (cx.config.key.clone(), LockValue::Unique(attempt));
        let request = Request::DeleteIfEqual { key, value };
        let mut because = out.because(LockRule::Clear);
        for server in cx.config.servers.iter().filter(|server| !but.contains(server)) {
            because.send(*server, Message::Ask { attempt, request: request.clone() });
        }
    }

    fn hear(&mut self, cx: &Context<Self>, from: NodeId, of: AttemptId, is_set: bool, out: &mut Out) {
        let Some((ticket, _, Some(begun))) = self.wanted.filter(|_| of == self.id(cx)) else {
            out.because(LockRule::LateAnswer);
            return;
        };
        if is_set { self.yes.insert(from) } else { self.no.insert(from) };
        let (all, now) = (cx.config.servers.len(), cx.now.monotonic);
        if 2 * self.no.len() >= all {
            return self.fail(cx, out);
        }
        if 2 * self.yes.len() <= all {
            out.because(LockRule::CountInstance);
            return;
        }
        let end = begun + cx.config.ttl.unwrap_or_default().saturating_sub(cx.config.allowance);
        if now >= end {
            return self.fail(cx, out);
        }
        self.wanted = None;
        self.held = Some((of.number, end));
        out.because(LockRule::TakeLock)
            .emit(Fact::LockHeld { attempt: of, until: Some(end) })
            .reply(ticket, Reply::Acquired { attempt: of, token: None })
            .arm(Alarm::Act(of.number), cx.config.act_every.unwrap_or(end.since(now)));
    }

    fn fail(&mut self, cx: &Context<Self>, out: &mut Out) {
        let Some((ticket, waits, _)) = self.wanted else { return };
        self.clear(cx, self.id(cx), &self.no.clone(), out);
        let mut because = out.because(LockRule::NoMajority);
        if waits {
            because.arm(Alarm::Again(self.notes.count), cx.config.retry);
            self.wanted = Some((ticket, true, None));
        } else {
            because.reply(ticket, Reply::NotAcquired);
            self.wanted = None;
        }
    }

    /// The lock that is valid now. One that is over is given up.
    fn valid(&mut self, cx: &Context<Self>, out: &mut Out) -> Option<AttemptId> {
        let (number, end) = self.held?;
        let attempt = AttemptId { owner: cx.me, number };
        if cx.now.monotonic < end {
            return Some(attempt);
        }
        self.held = None;
        out.because(LockRule::Lapse).emit(Fact::LockLost { attempt, reason: Loss::Expired });
        None
    }

    fn request(&mut self, cx: &Context<Self>, ticket: RequestId, command: Command, out: &mut Out) {
        let valid = self.valid(cx, out);
        match (command, valid) {
            (Command::Try | Command::Acquire, _) if self.wanted.is_some_and(|(same, ..)| same == ticket) => {
                out.because(LockRule::RepeatedRequest);
            }
            (Command::Try | Command::Acquire, _) if self.wanted.is_some() => {
                out.because(LockRule::RepeatedRequest).reply(ticket, Reply::Busy);
            }
            // It has the lock already, which is as good as taking it.
            (Command::Try | Command::Acquire, Some(attempt)) => {
                out.because(LockRule::EnterAgain).reply(ticket, Reply::Acquired { attempt, token: None });
            }
            (command @ (Command::Try | Command::Acquire), None) => {
                self.begin(cx, ticket, command == Command::Acquire, out);
            }
            (Command::Act, Some(attempt)) => {
                out.because(LockRule::ActInTime).emit(Fact::Acted { attempt }).reply(ticket, Reply::Acted);
            }
            (Command::Release, Some(attempt)) => {
                self.held = None;
                out.because(LockRule::Unlock)
                    .emit(Fact::LockLost { attempt, reason: Loss::Released })
                    .reply(ticket, Reply::Released);
                self.clear(cx, attempt, &BTreeSet::new(), out);
            }
            _ => {
                out.because(LockRule::LockOver).reply(ticket, Reply::NotHeld);
            }
        }
    }
}

impl Machine for Notary {
    type Config = Config;
    type Rulebook = ();
    type Message = Message;
    type Timer = Alarm;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = LockRule;
    type Record = Note;
    type Disk = Notes;
    type Clock = LocalTime;
    type View = String;

    fn boot(cx: &Context<Self>, disk: &Notes, out: &mut Outbox<Self>) -> Self {
        let mut notary = Notary { notes: disk.clone(), ..Notary::default() };
        if cx.config.servers.contains(&cx.me) {
            let again = disk.count > 0;
            notary.silent_until = again.then_some(cx.now.monotonic + cx.config.restart_delay);
            out.because(LockRule::StayAway).persist(Note::Counted(disk.count + 1));
        }
        notary
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match input {
            Input::Request { ticket, command } => self.request(cx, ticket, command, out),
            Input::Deliver { from, message: Message::Ask { attempt, request } } => {
                self.serve(cx, from, attempt, request, out);
            }
            Input::Deliver { from, message: Message::Told { attempt, answer } } => match answer {
                Answer::Set { .. } => self.hear(cx, from, attempt, true, out),
                Answer::Exists => self.hear(cx, from, attempt, false, out),
                _ => {
                    out.because(LockRule::UnlockHeard);
                }
            },
            Input::Fire(Alarm::GiveUp(number))
                if number == self.notes.count && self.wanted.is_some_and(|(.., begun)| begun.is_some()) =>
            {
                self.fail(cx, out);
            }
            Input::Fire(Alarm::Again(number)) if number == self.notes.count => match self.wanted {
                Some((ticket, waits, _)) => self.begin(cx, ticket, waits, out),
                None => {
                    out.because(LockRule::NotMyRole);
                }
            },
            Input::Fire(Alarm::Act(number)) if self.held.is_some_and(|(held, _)| held == number) => {
                if let (Some(attempt), Some(every)) = (self.valid(cx, out), cx.config.act_every) {
                    out.because(LockRule::ActInTime).emit(Fact::Acted { attempt }).arm(Alarm::Act(number), every);
                }
            }
            _ => {
                out.because(LockRule::NotMyRole);
            }
        }
    }

    fn view(&self, _: &Context<Self>) -> String {
        format!("{self:?}")
    }
}

hand_in!("build-redlock", BuiltRedlock::<Notary>::new());
