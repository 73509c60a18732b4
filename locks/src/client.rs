//! Client of the lock: takes it by the configured recipe, acts while it is valid, and unlocks.

use std::collections::BTreeMap;

use quorate_lease::{Token, Value};
use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{Because, Context, NodeId, Outbox, RequestId, Time};

use crate::acquisition::{Acquisition, Progress, unlock};
use crate::config::Guard;
use crate::disk::Disk;
use crate::extension::Extension;
use crate::id::AttemptId;
use crate::message::{Command, Fact, Loss, Message, Record, Reply, Timer};
use crate::node::Lock;
use crate::rules::LockRule;
use crate::service::{Answer, Request};

type Out = Outbox<Lock>;

/// The lock as seen by its holder.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Held {
    pub(crate) attempt: AttemptId,
    /// End of the validity on this node's clock: the first tick at which the client may not act.
    pub(crate) until: Option<Time>,
    pub(crate) token: Option<Token>,
    /// The request that it was taken for.
    ticket: RequestId,
    /// Number of entries, for a client that counts its own.
    entries: u32,
    /// Number of extensions asked for.
    pub(crate) extensions: u32,
}

/// A request for the lock.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Wanted {
    ticket: RequestId,
    /// Whether it is repeated until it succeeds.
    waits: bool,
    /// The current attempt; `None` between two.
    attempt: Option<Acquisition>,
}

/// A write for a caller, until it is sent.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Job {
    /// The resource; its first replica, if it has several.
    pub(crate) resource: NodeId,
    pub(crate) guard: Guard,
    pub(crate) attempt: AttemptId,
    pub(crate) token: Option<Token>,
    pub(crate) value: Value,
    /// Replicas that have answered the current step, and whether they did as they were asked.
    pub(crate) answers: BTreeMap<NodeId, bool>,
    /// The newest write that they know.
    pub(crate) found: Option<(Token, AttemptId)>,
    /// Whether the write itself is sent, to guards that are read first.
    pub(crate) is_sent: bool,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Client {
    pub(crate) attempts: u64,
    wanted: Option<Wanted>,
    pub(crate) held: Option<Held>,
    pub(crate) jobs: BTreeMap<RequestId, Job>,
    /// The extension that is under way.
    pub(crate) extension: Option<Extension>,
}

impl Client {
    pub(crate) fn boot(cx: &Context<Lock>, disk: &Disk, out: &mut Out) -> Self {
        if disk.attempts > 0 && cx.config.cleans_up {
            let last = AttemptId { owner: cx.me, number: disk.attempts };
            let key = cx.config.key.clone();
            let because = &mut out.because(LockRule::DeleteOwnRows);
            ask_all(because, cx, last, &Request::DeleteOwn { key, last });
        }
        Client { attempts: disk.attempts, wanted: None, held: None, jobs: BTreeMap::new(), extension: None }
    }

    pub(crate) fn request(
        &mut self,
        cx: &Context<Lock>,
        ticket: RequestId,
        command: Command,
        now: Time,
        out: &mut Out,
    ) {
        match command {
            Command::Try => self.want(cx, ticket, false, now, out),
            Command::Acquire => self.want(cx, ticket, true, now, out),
            Command::Act => self.act(cx, Some(ticket), now, out),
            Command::Write { value } => self.begin_write(cx, ticket, (cx.config.resource, value), now, out),
            Command::WriteTo { resource, value } => self.begin_write(cx, ticket, (Some(resource), value), now, out),
            Command::Commit => self.commit(cx, ticket, now, out),
            Command::Release => self.release(cx, ticket, out),
        }
    }

    fn want(&mut self, cx: &Context<Lock>, ticket: RequestId, waits: bool, now: Time, out: &mut Out) {
        if let Some(wanted) = &self.wanted {
            let mut because = out.because(LockRule::RepeatedRequest);
            if wanted.ticket != ticket {
                because.why(format_args!("it is being taken for {}", wanted.ticket)).reply(ticket, Reply::Busy);
            }
            return;
        }
        if let Some(held) = &mut self.held {
            let Held { attempt, token, .. } = *held;
            if held.ticket == ticket {
                out.because(LockRule::RepeatedRequest).reply(ticket, Reply::Acquired { attempt, token });
                return;
            }
            if cx.config.reentrant {
                held.entries = held.entries.saturating_add(1);
                out.because(LockRule::EnterAgain)
                    .why(format_args!("entries: {}", held.entries))
                    .reply(ticket, Reply::Acquired { attempt, token });
                return;
            }
        }
        self.wanted = Some(Wanted { ticket, waits, attempt: None });
        self.begin_attempt(cx, now, out);
    }

    /// Begins the next attempt, under a number that was never used before.
    pub(crate) fn begin_attempt(&mut self, cx: &Context<Lock>, now: Time, out: &mut Out) {
        let Some(wanted) = &mut self.wanted else {
            out.because(LockRule::RepeatedRequest).why(format_args!("nobody waits for the lock any more"));
            return;
        };
        self.attempts += 1;
        let id = AttemptId { owner: cx.me, number: self.attempts };
        let attempt = Acquisition::begin(id, now);
        let mut because = out.because(LockRule::AskInstances);
        because.why(format_args!("attempt {id}, at {now}")).persist(Record::Began { number: id.number });
        ask_all(&mut because, cx, id, &attempt.request(cx.rules, cx.config));
        because.arm(Timer::Answers, cx.config.answer_timeout);
        wanted.attempt = Some(attempt);
    }

    /// Handles the answer of a server.
    pub(crate) fn told(
        &mut self,
        cx: &Context<Lock>,
        from: NodeId,
        of: AttemptId,
        answer: &Answer,
        now: Time,
        out: &mut Out,
    ) {
        if let Answer::Deleted { deleted } = answer {
            let what = if *deleted { "deleted" } else { "not deleted" };
            out.because(LockRule::UnlockHeard).why(format_args!("{of}: {what}"));
            return;
        }
        let instance = cx.config.servers.iter().position(|server| *server == from);
        if let (Some(instance), Some(true)) = (instance, self.extension.as_ref().map(|round| round.is(of))) {
            self.extended(cx, instance, answer, now, out);
            return;
        }
        let attempt = self.wanted.as_mut().and_then(|wanted| wanted.attempt.as_mut());
        let (Some(instance), Some(attempt)) = (instance, attempt) else {
            out.because(LockRule::LateAnswer).why(format_args!("about {of}"));
            return;
        };
        match attempt.answered(cx.rules, cx.config, instance, (of, answer), now) {
            Progress::Ignored => {
                out.because(LockRule::LateAnswer).why(format_args!("about {of}, the attempt is {}", attempt.id()));
            }
            Progress::Waits => {
                let (granted, quorum) = (attempt.granted(), cx.rules.quorum(cx.config.servers.len()));
                out.because(LockRule::CountInstance).why(format_args!("{granted} of {quorum}"));
            }
            Progress::Goes(rule) => {
                let (id, request) = (attempt.id(), attempt.request(cx.rules, cx.config));
                let mut because = out.because(rule);
                ask_all(&mut because, cx, id, &request);
                because.arm(Timer::Answers, cx.config.answer_timeout);
            }
            Progress::Holds { until, token } => self.hold(until, token, cx, now, out),
            Progress::Fails(rule) => self.fail(rule, cx, now, out),
        }
    }

    fn hold(&mut self, until: Option<Time>, token: Option<Token>, cx: &Context<Lock>, now: Time, out: &mut Out) {
        let Some(Wanted { ticket, attempt: Some(attempt), .. }) = self.wanted.take() else { return };
        let id = attempt.id();
        self.held = Some(Held { attempt: id, until, token, ticket, entries: 1, extensions: 0 });
        self.extension = None;
        let mut because = out.because(LockRule::TakeLock);
        match until {
            Some(until) => {
                because.why(format_args!("begun at {}, valid for {:?} from now", attempt.begun(), until.since(now)))
            }
            None => because.why(format_args!("it does not expire")),
        };
        because
            .emit(Fact::LockHeld { attempt: id, until })
            .disarm(Timer::Answers)
            .reply(ticket, Reply::Acquired { attempt: id, token });
        if let Some(until) = until {
            because.arm(Timer::Lapse, until.since(now));
        }
        if let Some(interval) = cx.config.act_every {
            because.arm(Timer::Act, interval);
        }
        if let Some(interval) = cx.config.extend_every {
            because.arm(Timer::Extend, interval);
        }
    }

    /// Handles the timer for overdue answers.
    pub(crate) fn overdue(&mut self, cx: &Context<Lock>, now: Time, out: &mut Out) {
        if self.wanted.as_ref().is_some_and(|wanted| wanted.attempt.is_some()) {
            self.fail(LockRule::NoAnswer, cx, now, out);
        } else {
            out.because(LockRule::NoAnswer).why(format_args!("no attempt is under way"));
        }
    }

    /// Ends an attempt that has failed: clears what it may have set, and tries again later or not.
    fn fail(&mut self, rule: LockRule, cx: &Context<Lock>, now: Time, out: &mut Out) {
        let Some(wanted) = &mut self.wanted else { return };
        let Some(attempt) = wanted.attempt.take() else { return };
        out.because(rule)
            .why(format_args!(
                "{} of {}, begun at {}, now {now}",
                attempt.granted(),
                cx.config.servers.len(),
                attempt.begun()
            ))
            .disarm(Timer::Answers);
        let (instances, request) = attempt.to_clear(cx.rules, cx.config);
        let mut because = out.because(if instances.is_empty() { LockRule::LeaveStanding } else { LockRule::Clear });
        for server in instances.into_iter().filter_map(|instance| cx.config.servers.get(instance)) {
            because.send(*server, Message::Ask { attempt: attempt.id(), request: request.clone() });
        }
        if wanted.waits {
            out.because(LockRule::RetryLater).arm(Timer::Retry, cx.config.retry);
        } else {
            let ticket = wanted.ticket;
            self.wanted = None;
            out.because(LockRule::FailAtOnce).reply(ticket, Reply::NotAcquired);
        }
    }

    /// Checks the lock and acts, for a caller or by itself.
    pub(crate) fn act(&mut self, cx: &Context<Lock>, ticket: Option<RequestId>, now: Time, out: &mut Out) {
        let acts = self.held.map(|held| (held, cx.rules.may_act(held.until, now)));
        match acts {
            Some((Held { attempt, .. }, Allow(rule))) => {
                let mut because = out.because(rule);
                because.emit(Fact::Acted { attempt });
                if let Some(ticket) = ticket {
                    because.reply(ticket, Reply::Acted);
                } else if let Some(interval) = cx.config.act_every {
                    because.arm(Timer::Act, interval);
                }
            }
            Some((held, Refuse(rule))) => {
                self.lose(held, rule, cx, out);
                self.not_held(ticket, out);
            }
            None => self.not_held(ticket, out),
        }
    }

    fn not_held(&self, ticket: Option<RequestId>, out: &mut Out) {
        let mut because = out.because(LockRule::LockOver);
        if let Some(ticket) = ticket {
            because.reply(ticket, Reply::NotHeld);
        }
    }

    fn lose(&mut self, held: Held, rule: LockRule, cx: &Context<Lock>, out: &mut Out) {
        self.held = None;
        self.extension = None;
        let mut because = out.because(rule);
        because.emit(Fact::LockLost { attempt: held.attempt, reason: Loss::Expired }).disarm(Timer::Act);
        if cx.config.extend_every.is_some() {
            because.disarm(Timer::Extend);
        }
    }

    /// Handles the timer for the end of the validity.
    pub(crate) fn lapse(&mut self, cx: &Context<Lock>, now: Time, out: &mut Out) {
        match self.held {
            Some(held) if !cx.rules.may_act(held.until, now).allows() => self.lose(held, LockRule::Lapse, cx, out),
            Some(Held { until: Some(until), .. }) => {
                let mut because = out.because(LockRule::ActInTime);
                because.why(format_args!("the lock is valid until {until}"));
                if until > now {
                    because.arm(Timer::Lapse, until.since(now));
                }
            }
            _ => {
                out.because(LockRule::LockOver).why(format_args!("no lock is held"));
            }
        }
    }

    /// Unlocks: stops acting, and has the key deleted.
    fn release(&mut self, cx: &Context<Lock>, ticket: RequestId, out: &mut Out) {
        let Some(held) = &mut self.held else {
            self.not_held(Some(ticket), out);
            return;
        };
        if held.entries > 1 {
            held.entries -= 1;
            out.because(LockRule::LeaveOnce)
                .why(format_args!("entries: {}", held.entries))
                .reply(ticket, Reply::Released);
            return;
        }
        let Held { attempt, .. } = *held;
        self.held = None;
        self.extension = None;
        let mut because = out.because(LockRule::Unlock);
        because.emit(Fact::LockLost { attempt, reason: Loss::Released }).disarm(Timer::Lapse).disarm(Timer::Act);
        if cx.config.extend_every.is_some() {
            because.disarm(Timer::Extend);
        }
        ask_all(&mut because, cx, attempt, &unlock(cx.rules, cx.config, attempt));
        because.reply(ticket, Reply::Released);
    }
}

/// Sends a request to every instance.
pub(crate) fn ask_all(because: &mut Because<'_, Lock>, cx: &Context<Lock>, attempt: AttemptId, request: &Request) {
    for server in &cx.config.servers {
        because.send(*server, Message::Ask { attempt, request: request.clone() });
    }
}
