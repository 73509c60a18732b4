//! Redlock, complete: an instance, or a client of the lock, depending on the configuration.

use std::collections::BTreeMap;

use quorate_exercises::build::*;
use quorate_exercises::lock::*;
use quorate_exercises::prelude::*;

/// A node, which has exactly one role.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct MyRedlock {
    role: Role,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Role {
    Instance { key: Option<Entry>, away_until: Option<Time> },
    Client { attempts: u64, wanted: Option<Wanted>, held: Option<Held> },
}

/// A request for the lock, and the attempt that is under way for it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Wanted {
    ticket: RequestId,
    waits: bool,
    attempt: Option<Attempt>,
}

/// An attempt: when it began, and which instances have set the key.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Attempt {
    id: AttemptId,
    begun: Time,
    answers: BTreeMap<NodeId, bool>,
}

/// A lock that is held: the right to act while the client's clock is before `until`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Held {
    id: AttemptId,
    until: Time,
    ticket: RequestId,
}

type Out = Outbox<MyRedlock>;

fn ttl(cx: &Context<MyRedlock>) -> Duration {
    cx.config.ttl.unwrap_or_default()
}

fn ask_all(because: &mut Because<'_, MyRedlock>, cx: &Context<MyRedlock>, id: AttemptId, request: &Request) {
    for instance in &cx.config.servers {
        because.send(*instance, Message::Ask { attempt: id, request: request.clone() });
    }
}

fn deletion(cx: &Context<MyRedlock>, id: AttemptId) -> Request {
    Request::DeleteIfEqual { key: cx.config.key.clone(), value: LockValue::Unique(id) }
}

impl MyRedlock {
    // The instance.

    fn asked(&mut self, cx: &Context<Self>, from: NodeId, by: AttemptId, request: Request, out: &mut Out) {
        let now = clock(cx);
        let Role::Instance { key, away_until } = &mut self.role else { return not_mine(out) };
        if away_until.is_some_and(|until| now < until) {
            out.because(LockRule::StayAway);
            return;
        }
        if key.and_then(|entry| entry.expires).is_some_and(|end| now >= end) {
            *key = None;
        }
        let name = cx.config.key.clone();
        let durable = cx.config.persistence == Persistence::Always;
        match (request, *key) {
            (Request::SetIfAbsent { .. }, Some(_)) => {
                out.because(LockRule::KeyExists).send(from, Message::Told { attempt: by, answer: Answer::Exists });
            }
            (Request::SetIfAbsent { value, ttl, .. }, None) => {
                let entry = Entry { value, by, expires: ttl.map(|ttl| now + ttl) };
                *key = Some(entry);
                let mut because = out.because(LockRule::SetIfAbsent);
                if durable {
                    because.persist(Record::Stored { key: name.clone(), entry });
                }
                let token = Token(by.number);
                because
                    .emit(Fact::KeySet { key: name, attempt: by, expires: entry.expires })
                    .send(from, Message::Told { attempt: by, answer: Answer::Set { token } });
            }
            (Request::DeleteIfEqual { value, .. }, Some(entry)) if entry.value == value => {
                *key = None;
                let mut because = out.because(LockRule::CompareAndDelete);
                if durable {
                    because.persist(Record::Deleted { key: name.clone() });
                }
                because
                    .emit(Fact::KeyDeleted { key: name, attempt: entry.by, by })
                    .send(from, Message::Told { attempt: by, answer: Answer::Deleted { deleted: true } });
            }
            _ => {
                let answer = Answer::Deleted { deleted: false };
                out.because(LockRule::KeepOthersKey).send(from, Message::Told { attempt: by, answer });
            }
        }
    }

    // The client.

    fn want(&mut self, cx: &Context<Self>, ticket: RequestId, waits: bool, out: &mut Out) {
        let Role::Client { wanted, held, .. } = &mut self.role else { return not_a_client(ticket, out) };
        match (wanted.as_ref(), held) {
            (Some(before), _) if before.ticket == ticket => {
                out.because(LockRule::RepeatedRequest);
            }
            (Some(_), _) => {
                out.because(LockRule::RepeatedRequest).reply(ticket, Reply::Busy);
            }
            (None, Some(held)) if held.ticket == ticket => {
                let reply = Reply::Acquired { attempt: held.id, token: None };
                out.because(LockRule::RepeatedRequest).reply(ticket, reply);
            }
            (None, _) => {
                *wanted = Some(Wanted { ticket, waits, attempt: None });
                self.begin(cx, out);
            }
        }
    }

    fn begin(&mut self, cx: &Context<Self>, out: &mut Out) {
        let Role::Client { attempts, wanted: Some(wanted), .. } = &mut self.role else { return not_mine(out) };
        *attempts += 1;
        let id = AttemptId { owner: cx.me, number: *attempts };
        wanted.attempt = Some(Attempt { id, begun: cx.now.monotonic, answers: BTreeMap::new() });
        let (key, value) = (cx.config.key.clone(), LockValue::Unique(id));
        let mut because = out.because(LockRule::AskInstances);
        because.persist(Record::Began { number: *attempts });
        ask_all(&mut because, cx, id, &Request::SetIfAbsent { key, value, ttl: cx.config.ttl });
        because.arm(Timer::Answers, cx.config.answer_timeout);
    }

    fn told(&mut self, cx: &Context<Self>, from: NodeId, of: AttemptId, answer: &Answer, out: &mut Out) {
        let done = match answer {
            Answer::Set { .. } => true,
            Answer::Exists => false,
            _ => {
                out.because(LockRule::UnlockHeard);
                return;
            }
        };
        let Role::Client { wanted, .. } = &mut self.role else { return not_mine(out) };
        let attempt = wanted.as_mut().and_then(|wanted| wanted.attempt.as_mut()).filter(|attempt| attempt.id == of);
        let Some(attempt) = attempt else {
            out.because(LockRule::LateAnswer);
            return;
        };
        attempt.answers.entry(from).or_insert(done);
        let (all, set) = (cx.config.servers.len(), attempt.answers.values().filter(|done| **done).count());
        let quorum = all / 2 + 1;
        let until = attempt.begun + ttl(cx).saturating_sub(cx.config.allowance);
        if set >= quorum && cx.now.monotonic < until {
            self.hold(cx, of, until, out);
        } else if set >= quorum {
            self.fail(cx, LockRule::TooLate, out);
        } else if attempt.answers.len() - set > all - quorum {
            self.fail(cx, LockRule::NoMajority, out);
        } else {
            out.because(LockRule::CountInstance);
        }
    }

    fn hold(&mut self, cx: &Context<Self>, id: AttemptId, until: Time, out: &mut Out) {
        let Role::Client { wanted, held, .. } = &mut self.role else { return not_mine(out) };
        let Some(Wanted { ticket, .. }) = wanted.take() else { return not_mine(out) };
        *held = Some(Held { id, until, ticket });
        let mut because = out.because(LockRule::TakeLock);
        because
            .emit(Fact::LockHeld { attempt: id, until: Some(until) })
            .disarm(Timer::Answers)
            .reply(ticket, Reply::Acquired { attempt: id, token: None })
            .arm(Timer::Lapse, until.since(cx.now.monotonic));
        if let Some(interval) = cx.config.act_every {
            because.arm(Timer::Act, interval);
        }
    }

    fn fail(&mut self, cx: &Context<Self>, rule: LockRule, out: &mut Out) {
        let Role::Client { wanted, .. } = &mut self.role else { return not_mine(out) };
        let Some((ticket, waits, Some(attempt))) =
            wanted.as_mut().map(|wanted| (wanted.ticket, wanted.waits, wanted.attempt.take()))
        else {
            return not_mine(out);
        };
        let mut because = out.because(rule);
        because.disarm(Timer::Answers);
        ask_all(&mut because, cx, attempt.id, &deletion(cx, attempt.id));
        if waits {
            because.arm(Timer::Retry, cx.config.retry);
        } else {
            because.reply(ticket, Reply::NotAcquired);
            *wanted = None;
        }
    }

    /// Gives up a lock whose validity is over. Says whether one is left.
    fn checked(&mut self, cx: &Context<Self>, out: &mut Out) -> Option<Held> {
        let Role::Client { held, .. } = &mut self.role else { return None };
        let over = held.take_if(|held| cx.now.monotonic >= held.until);
        if let Some(over) = over {
            let fact = Fact::LockLost { attempt: over.id, reason: Loss::Expired };
            out.because(LockRule::Lapse).emit(fact).disarm(Timer::Act).disarm(Timer::Lapse);
        }
        *held
    }

    fn act(&mut self, cx: &Context<Self>, ticket: Option<RequestId>, out: &mut Out) {
        let held = self.checked(cx, out);
        let mut because = out.because(if held.is_some() { LockRule::ActInTime } else { LockRule::LockOver });
        if let Some(held) = held {
            because.emit(Fact::Acted { attempt: held.id });
        }
        match (ticket, held, cx.config.act_every) {
            (Some(ticket), Some(_), _) => because.reply(ticket, Reply::Acted),
            (Some(ticket), None, _) => because.reply(ticket, Reply::NotHeld),
            (None, Some(_), Some(interval)) => because.arm(Timer::Act, interval),
            (None, ..) => &mut because,
        };
    }

    fn unlock(&mut self, cx: &Context<Self>, ticket: RequestId, out: &mut Out) {
        let Role::Client { held, .. } = &mut self.role else { return not_a_client(ticket, out) };
        let Some(held) = held.take() else {
            out.because(LockRule::LockOver).reply(ticket, Reply::NotHeld);
            return;
        };
        let mut because = out.because(LockRule::Unlock);
        because
            .emit(Fact::LockLost { attempt: held.id, reason: Loss::Released })
            .disarm(Timer::Lapse)
            .disarm(Timer::Act);
        ask_all(&mut because, cx, held.id, &deletion(cx, held.id));
        because.reply(ticket, Reply::Released);
    }
}

/// The time by which an instance counts.
fn clock(cx: &Context<MyRedlock>) -> Time {
    match cx.config.expiry {
        ExpiryClock::Monotonic => cx.now.monotonic,
        ExpiryClock::Wall => cx.now.wall,
    }
}

fn not_mine(out: &mut Out) {
    out.because(LockRule::NotMyRole);
}

fn not_a_client(ticket: RequestId, out: &mut Out) {
    out.because(LockRule::NotMyRole).reply(ticket, Reply::NotAClient);
}

impl Machine for MyRedlock {
    type Config = Config;
    type Rulebook = ();
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = LockRule;
    type Record = Record;
    type Disk = Stable;
    type Clock = LocalTime;
    type View = View;

    fn boot(cx: &Context<Self>, disk: &Stable, out: &mut Outbox<Self>) -> Self {
        if !cx.config.servers.contains(&cx.me) {
            return MyRedlock { role: Role::Client { attempts: disk.attempts, wanted: None, held: None } };
        }
        let away_until = disk.started.then(|| clock(cx) + cx.config.restart_delay);
        if !disk.started {
            out.because(LockRule::StayAway).persist(Record::Started);
        }
        MyRedlock { role: Role::Instance { key: disk.keys.get(&cx.config.key).copied(), away_until } }
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match input {
            Input::Request { ticket, command: Command::Try } => self.want(cx, ticket, false, out),
            Input::Request { ticket, command: Command::Acquire } => self.want(cx, ticket, true, out),
            Input::Request { ticket, command: Command::Act } => self.act(cx, Some(ticket), out),
            Input::Request { ticket, command: Command::Release } => self.unlock(cx, ticket, out),
            Input::Request { ticket, command: Command::Write { .. } | Command::WriteTo { .. } | Command::Commit } => {
                out.because(LockRule::NotMyRole).reply(ticket, Reply::NoResource);
            }
            Input::Deliver { from, message: Message::Ask { attempt, request } } => {
                self.asked(cx, from, attempt, request, out);
            }
            Input::Deliver { from, message: Message::Told { attempt, answer } } => {
                self.told(cx, from, attempt, &answer, out);
            }
            Input::Deliver { .. } => not_mine(out),
            Input::Fire(Timer::Answers) => self.fail(cx, LockRule::NoAnswer, out),
            Input::Fire(Timer::Retry) => self.begin(cx, out),
            Input::Fire(Timer::Act) => self.act(cx, None, out),
            Input::Fire(_) => {
                if self.checked(cx, out).is_some() {
                    out.because(LockRule::ActInTime);
                } else {
                    out.because(LockRule::LockOver);
                }
            }
        }
    }

    fn view(&self, _: &Context<Self>) -> View {
        match &self.role {
            Role::Instance { key, away_until } => View::Server {
                value: key.map(|entry| entry.value),
                expires: key.and_then(|entry| entry.expires),
                away_until: *away_until,
            },
            Role::Client { held, .. } => View::Client {
                holds: held.map(|held| held.id),
                until: held.map(|held| held.until),
                token: None,
            },
        }
    }
}

hand_in!("build-redlock", BuiltRedlock::<MyRedlock>::new());
