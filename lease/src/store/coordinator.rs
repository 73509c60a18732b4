//! Front (coordinator) of the fenced store: opens the store under a token, then writes one value at
//! a time.

mod symmetry;

use std::collections::BTreeSet;

use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{Context, NodeId, Outbox, RequestId};

use super::rules::StoreRule;
use super::{Command, Disk, Done, Fact, Fence, FencedStore, Message, Record, Reply, Timer, Version};
use crate::id::Token;
use crate::name::Value;
use crate::rulebook::RequestLookup;
use crate::rules::{CountRule, InputRule, RecordRule};

type Out = Outbox<FencedStore>;

/// Current activity of a front.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Stage {
    /// Marking replicas, and collecting the newest value that they report.
    Marking { newest: Option<Version> },
    /// Writing a value: the adopted one, or a client's.
    Putting { version: Version },
    /// No operation in progress.
    Idle,
}

/// A front's session under one token.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Session {
    fence: Fence,
    /// The request that opened the session.
    opener: RequestId,
    stage: Stage,
    /// The replicas that have answered in this stage.
    answered: BTreeSet<NodeId>,
    /// The client's write in progress.
    ticket: Option<RequestId>,
    /// Number of writes begun, not counting the adopted one.
    count: u64,
    /// The value found when the store was opened; `None` if the front does not serve yet.
    opened: Option<Option<Value>>,
    /// The requests executed up to its last complete write.
    done: Done,
}

impl Session {
    fn begin(fence: Fence, opener: RequestId, stage: Stage) -> Self {
        let (answered, done) = (BTreeSet::new(), Done::new());
        Session { fence, opener, stage, answered, ticket: None, count: 0, opened: None, done }
    }

    /// The client request in progress.
    fn waits(&self) -> Option<RequestId> {
        if self.opened.is_some() { self.ticket } else { Some(self.opener) }
    }

    /// Sends a value to all replicas.
    fn put(&mut self, cx: &Context<FencedStore>, rule: StoreRule, version: Version, out: &mut Out) {
        debug_assert_eq!(version.fence, self.fence, "a front writes under its own token alone");
        self.answered.clear();
        self.stage = Stage::Putting { version: version.clone() };
        let mut because = out.because(rule);
        because
            .why(format_args!("{} under {}", version.value.as_ref().map_or("nothing", Value::as_str), version.fence))
            .arm(Timer::Retry, cx.config.retry);
        for &replica in &cx.config.replicas {
            because.send(replica, Message::Put { version: version.clone() });
        }
    }

    /// Completes the write in progress: a majority has stored it.
    fn complete(&mut self, out: &mut Out) {
        // A faulty rulebook that counts every answer may reach a majority with nothing in progress.
        let Stage::Putting { version } = std::mem::replace(&mut self.stage, Stage::Idle) else { return };
        let Version { fence: Fence { token, .. }, value, done, .. } = version;
        self.done = done;
        match (self.ticket.take(), value) {
            (Some(ticket), Some(value)) => {
                out.because(StoreRule::WriteDone)
                    .disarm(Timer::Retry)
                    .emit(Fact::Completed { token, value, ticket })
                    .reply(ticket, Reply::Written);
            }
            (ticket, value) => {
                debug_assert!(ticket.is_none() && self.opened.is_none(), "what is no write is what was adopted");
                self.opened = Some(value.clone());
                out.because(StoreRule::ServeStore)
                    .disarm(Timer::Retry)
                    .emit(Fact::Opened { token, value: value.clone() })
                    .reply(self.opener, Reply::Opened { value });
            }
        }
    }
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Coordinator {
    /// The highest token that this front has used, before or after a restart.
    used: Option<Fence>,
    session: Option<Session>,
}

impl Coordinator {
    pub(crate) fn boot(disk: &Disk) -> Self {
        Coordinator { used: disk.used, session: None }
    }

    pub(crate) fn serves(&self) -> Option<Token> {
        self.session.as_ref().filter(|session| session.opened.is_some()).map(|session| session.fence.token)
    }

    pub(crate) fn done(&self) -> Option<&Done> {
        self.session.as_ref().filter(|session| session.opened.is_some()).map(|session| &session.done)
    }

    pub(crate) fn request(&mut self, cx: &Context<FencedStore>, ticket: RequestId, command: Command, out: &mut Out) {
        match command {
            Command::Open { token } => self.open(cx, ticket, token, out),
            Command::Write { value } => self.write(cx, ticket, value, out),
        }
    }

    fn open(&mut self, cx: &Context<FencedStore>, ticket: RequestId, token: Token, out: &mut Out) {
        let fence = Fence { token, front: cx.me };
        if let Some(used) = self.used.filter(|used| *used >= fence) {
            return self.used_up(ticket, used, out);
        }
        self.used = Some(fence);
        let marks = cx.rules.marks_first();
        let stage = if marks { Stage::Marking { newest: None } } else { Stage::Idle };
        let session = self.session.insert(Session::begin(fence, ticket, stage));
        let mut because = out.because(StoreRule::Open);
        because.why(format_args!("{fence}")).persist(Record::Used { fence });
        if !marks {
            session.opened = Some(None);
            because.emit(Fact::Opened { token, value: None }).reply(ticket, Reply::Opened { value: None });
            return;
        }
        because.arm(Timer::Retry, cx.config.retry);
        for &replica in &cx.config.replicas {
            because.send(replica, Message::Mark { fence });
        }
    }

    /// Answers a request to open under a token that is not above the highest used here. Only a
    /// duplicate of the request that opened the session succeeds.
    fn used_up(&self, ticket: RequestId, used: Fence, out: &mut Out) {
        let session = self.session.as_ref().filter(|session| session.opener == ticket);
        match session.map(|session| &session.opened) {
            None => {
                out.because(StoreRule::Deposed)
                    .why(format_args!("this front has used {used}"))
                    .reply(ticket, Reply::Deposed { mark: used });
            }
            Some(None) => {
                out.because(InputRule::RepeatedRequest).why(format_args!("{ticket} is under way"));
            }
            Some(Some(value)) => {
                out.because(RecordRule::AnswerFromRecord)
                    .why(format_args!("{ticket} has opened it"))
                    .reply(ticket, Reply::Opened { value: value.clone() });
            }
        }
    }

    fn write(&mut self, cx: &Context<FencedStore>, ticket: RequestId, value: Value, out: &mut Out) {
        let Some(session) = &mut self.session else {
            out.because(StoreRule::NotServing).why(format_args!("not opened")).reply(ticket, Reply::NotServing);
            return;
        };
        if session.opened.is_none() {
            out.because(StoreRule::NotServing)
                .why(format_args!("still opening under {}", session.fence))
                .reply(ticket, Reply::NotServing);
            return;
        }
        match cx.rules.known(session.done.get(&ticket.client).copied(), ticket.number) {
            RequestLookup::Done => {
                out.because(RecordRule::AnswerFromRecord)
                    .why(format_args!("{ticket} was carried out"))
                    .reply(ticket, Reply::Written);
            }
            RequestLookup::Overtaken => {
                out.because(RecordRule::Overtaken)
                    .why(format_args!("{ticket} is older than what was carried out"))
                    .reply(ticket, Reply::Overtaken);
            }
            RequestLookup::New if session.ticket == Some(ticket) => {
                out.because(InputRule::RepeatedRequest).why(format_args!("{ticket} is under way"));
            }
            RequestLookup::New if session.ticket.is_some() => {
                out.because(StoreRule::NotServing).why(format_args!("at another write")).reply(ticket, Reply::Busy);
            }
            RequestLookup::New => {
                session.ticket = Some(ticket);
                session.count += 1;
                let mut done = session.done.clone();
                done.insert(ticket.client, ticket.number);
                let version = Version { fence: session.fence, count: session.count, value: Some(value), done };
                session.put(cx, StoreRule::Put, version, out);
            }
        }
    }

    pub(crate) fn marked(
        &mut self,
        cx: &Context<FencedStore>,
        from: NodeId,
        fence: Fence,
        reported: Option<Version>,
        out: &mut Out,
    ) {
        let (rules, all) = (cx.rules, cx.config.replicas.len());
        let Some(session) = self.session.as_mut().filter(|session| session.fence == fence) else {
            return stale(from, out);
        };
        let Stage::Marking { newest } = &mut session.stage else { return stale(from, out) };
        if let Refuse(rule) = rules.counts(true, session.answered.contains(&from)) {
            out.because(rule).why(format_args!("{from} has answered before"));
            return;
        }
        session.answered.insert(from);
        if reported > *newest {
            *newest = reported;
        }
        let answered = session.answered.len();
        if rules.majority(answered, all) {
            let (value, done) = newest.take().map(|version| (version.value, version.done)).unwrap_or_default();
            session.put(cx, StoreRule::Adopt, Version { fence, count: 0, value, done }, out);
        } else {
            out.because(StoreRule::CountReplica).why(format_args!("{answered} of {all} are marked"));
        }
    }

    pub(crate) fn stored(&mut self, cx: &Context<FencedStore>, from: NodeId, fence: Fence, count: u64, out: &mut Out) {
        let (rules, all) = (cx.rules, cx.config.replicas.len());
        let session = self.session.as_mut().filter(|session| session.fence == fence);
        let current = session
            .as_ref()
            .is_some_and(|session| matches!(&session.stage, Stage::Putting { version } if version.count == count));
        let answered_before = session.as_ref().is_some_and(|session| session.answered.contains(&from));
        let (Allow(_), Some(session)) = (rules.counts(current, answered_before), session) else {
            return stale(from, out);
        };
        session.answered.insert(from);
        let answered = session.answered.len();
        if rules.majority(answered, all) {
            session.complete(out);
        } else {
            out.because(StoreRule::CountReplica).why(format_args!("{answered} of {all} have stored it"));
        }
    }

    pub(crate) fn refused(&mut self, fence: Fence, mark: Fence, out: &mut Out) {
        match self.session.take() {
            Some(session) if session.fence == fence && mark > fence => {
                let mut because = out.because(StoreRule::Deposed);
                because.why(format_args!("{mark} is above {fence}")).disarm(Timer::Retry);
                if let Some(ticket) = session.waits() {
                    because.reply(ticket, Reply::Deposed { mark });
                }
            }
            session => {
                self.session = session;
                out.because(CountRule::StaleAnswer).why(format_args!("{fence} is not what this front is at"));
            }
        }
    }

    pub(crate) fn retry(&mut self, cx: &Context<FencedStore>, out: &mut Out) {
        let mut because = out.because(StoreRule::SendAgain);
        let Some(session) = &self.session else { return };
        let message = match &session.stage {
            Stage::Idle => return,
            Stage::Marking { .. } => Message::Mark { fence: session.fence },
            Stage::Putting { version } => Message::Put { version: version.clone() },
        };
        because.arm(Timer::Retry, cx.config.retry);
        for &replica in cx.config.replicas.iter().filter(|replica| !session.answered.contains(replica)) {
            because.send(replica, message.clone());
        }
    }
}

fn stale(from: NodeId, out: &mut Out) {
    out.because(CountRule::StaleAnswer).why(format_args!("{from} answers an earlier question"));
}
