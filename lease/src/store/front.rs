//! The front: opens the store under a token, then writes, one value after the other.

use std::collections::BTreeSet;

use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{NodeId, Outbox, Ticket};

use super::{Command, Config, Fact, Fence, FencedStore, Message, Record, Reply, Stable, Timer, Version};
use crate::{LeaseRule, Rulebook, Token, Value};

type Out<R> = Outbox<FencedStore<R>>;

/// What a front is at.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Stage {
    /// Marking replicas, and collecting the newest value that they report.
    Marking { newest: Option<Version> },
    /// Writing a value: what it adopted, or what a client asked for.
    Putting { version: Version },
    /// Nothing.
    Idle,
}

/// A front's time under one token.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Session {
    fence: Fence,
    stage: Stage,
    /// The replicas that have answered in this stage.
    heard: BTreeSet<NodeId>,
    /// Whose request it is at.
    ticket: Option<Ticket>,
    /// How many writes it has begun, the adopted one not counted.
    count: u64,
    serves: bool,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Front<R> {
    rules: R,
    config: Config,
    me: NodeId,
    /// The highest token that this front has used, in this life or an earlier one.
    used: Option<Fence>,
    session: Option<Session>,
}

impl<R: Rulebook> Front<R> {
    pub(crate) fn boot(rules: R, me: NodeId, config: &Config, disk: &Stable) -> Self {
        Front { rules, config: config.clone(), me, used: disk.used, session: None }
    }

    pub(crate) fn serves(&self) -> Option<Token> {
        self.session.as_ref().filter(|session| session.serves).map(|session| session.fence.token)
    }

    pub(crate) fn request(&mut self, ticket: Ticket, command: Command, out: &mut Out<R>) {
        match command {
            Command::Open { token } => self.open(ticket, token, out),
            Command::Write { value } => self.write(ticket, value, out),
        }
    }

    fn open(&mut self, ticket: Ticket, token: Token, out: &mut Out<R>) {
        let fence = Fence { token, front: self.me };
        if let Some(used) = self.used.filter(|used| *used >= fence) {
            let at_it = self.session.as_ref().is_some_and(|session| session.ticket == Some(ticket));
            let mut because = out.because(if at_it { LeaseRule::RepeatedRequest } else { LeaseRule::Deposed });
            because.why(format_args!("this front has used {used}"));
            if !at_it {
                because.reply(ticket, Reply::Deposed { mark: used });
            }
            return;
        }
        self.used = Some(fence);
        let marks = self.rules.marks_first();
        let (stage, waits) = if marks { (Stage::Marking { newest: None }, Some(ticket)) } else { (Stage::Idle, None) };
        self.session = Some(Session { fence, stage, heard: BTreeSet::new(), ticket: waits, count: 0, serves: !marks });
        let mut because = out.because(LeaseRule::Open);
        because.why(format_args!("{fence}")).persist(Record::Used { fence });
        if !marks {
            because.learn(Fact::Opened { token, value: None }).reply(ticket, Reply::Opened { value: None });
            return;
        }
        because.arm(Timer::Retry, self.config.retry);
        for &replica in &self.config.replicas {
            because.send(replica, Message::Mark { fence });
        }
    }

    fn write(&mut self, ticket: Ticket, value: Value, out: &mut Out<R>) {
        match &mut self.session {
            Some(session) if session.ticket == Some(ticket) && session.stage != Stage::Idle => {
                out.because(LeaseRule::RepeatedRequest).why(format_args!("{ticket} is under way"));
            }
            Some(session) if !session.serves => {
                out.because(LeaseRule::NotServing)
                    .why(format_args!("still opening under {}", session.fence))
                    .reply(ticket, Reply::NotServing);
            }
            Some(session) if session.stage != Stage::Idle => {
                out.because(LeaseRule::NotServing).why(format_args!("at another write")).reply(ticket, Reply::Busy);
            }
            Some(session) => {
                session.ticket = Some(ticket);
                session.count += 1;
                let version = Version { fence: session.fence, count: session.count, value: Some(value) };
                self.put(LeaseRule::Put, version, out);
            }
            None => {
                out.because(LeaseRule::NotServing).why(format_args!("not opened")).reply(ticket, Reply::NotServing);
            }
        }
    }

    fn put(&mut self, rule: LeaseRule, version: Version, out: &mut Out<R>) {
        let Some(session) = &mut self.session else { return };
        session.heard.clear();
        session.stage = Stage::Putting { version: version.clone() };
        let mut because = out.because(rule);
        because
            .why(format_args!("{} under {}", version.value.as_ref().map_or("nothing", Value::as_str), version.fence))
            .arm(Timer::Retry, self.config.retry);
        for &replica in &self.config.replicas {
            because.send(replica, Message::Put { version: version.clone() });
        }
    }

    pub(crate) fn marked(&mut self, from: NodeId, fence: Fence, reported: Option<Version>, out: &mut Out<R>) {
        let (rules, all) = (self.rules, self.config.replicas.len());
        let session = self.session.as_mut().filter(|session| session.fence == fence);
        let Some(Session { stage: Stage::Marking { newest }, heard, .. }) = session else {
            out.because(LeaseRule::StaleAnswer).why(format_args!("{from} answers an earlier question"));
            return;
        };
        if let Refuse(rule) = rules.counts(true, heard.contains(&from)) {
            out.because(rule).why(format_args!("{from} has answered before"));
            return;
        }
        heard.insert(from);
        if reported > *newest {
            *newest = reported;
        }
        if rules.majority(heard.len(), all) {
            let value = newest.take().and_then(|version| version.value);
            self.put(LeaseRule::Adopt, Version { fence, count: 0, value }, out);
        } else {
            out.because(LeaseRule::CountReplica).why(format_args!("{} of {all} are marked", heard.len()));
        }
    }

    pub(crate) fn stored(&mut self, from: NodeId, fence: Fence, count: u64, out: &mut Out<R>) {
        let (rules, all) = (self.rules, self.config.replicas.len());
        let session = self.session.as_mut().filter(|session| session.fence == fence);
        let current = session
            .as_ref()
            .is_some_and(|session| matches!(&session.stage, Stage::Putting { version } if version.count == count));
        let heard_before = session.as_ref().is_some_and(|session| session.heard.contains(&from));
        let (Allow(_), Some(session)) = (rules.counts(current, heard_before), session) else {
            out.because(LeaseRule::StaleAnswer).why(format_args!("{from} answers an earlier question"));
            return;
        };
        session.heard.insert(from);
        let heard = session.heard.len();
        if rules.majority(heard, all) {
            self.complete(out);
        } else {
            out.because(LeaseRule::CountReplica).why(format_args!("{heard} of {all} have stored it"));
        }
    }

    /// A majority has stored what was put.
    fn complete(&mut self, out: &mut Out<R>) {
        let Some(session) = &mut self.session else { return };
        let Stage::Putting { version } = std::mem::replace(&mut session.stage, Stage::Idle) else { return };
        let (token, ticket, opens) = (version.fence.token, session.ticket.take(), !session.serves);
        session.serves = true;
        let (rule, reply, fact) = match version.value {
            value if opens => {
                (LeaseRule::ServeStore, Reply::Opened { value: value.clone() }, Some(Fact::Opened { token, value }))
            }
            Some(value) => (LeaseRule::WriteDone, Reply::Written, Some(Fact::Completed { token, value })),
            None => (LeaseRule::WriteDone, Reply::Written, None),
        };
        let mut because = out.because(rule);
        because.disarm(Timer::Retry);
        if let Some(fact) = fact {
            because.learn(fact);
        }
        if let Some(ticket) = ticket {
            because.reply(ticket, reply);
        }
    }

    pub(crate) fn refused(&mut self, fence: Fence, mark: Fence, out: &mut Out<R>) {
        match self.session.take() {
            Some(session) if session.fence == fence && mark > fence => {
                let mut because = out.because(LeaseRule::Deposed);
                because.why(format_args!("{mark} is above {fence}")).disarm(Timer::Retry);
                if let Some(ticket) = session.ticket {
                    because.reply(ticket, Reply::Deposed { mark });
                }
            }
            session => {
                self.session = session;
                out.because(LeaseRule::StaleAnswer).why(format_args!("{fence} is not what this front is at"));
            }
        }
    }

    pub(crate) fn retry(&mut self, out: &mut Out<R>) {
        let mut because = out.because(LeaseRule::SendAgain);
        let Some(session) = &self.session else { return };
        let message = match &session.stage {
            Stage::Idle => return,
            Stage::Marking { .. } => Message::Mark { fence: session.fence },
            Stage::Putting { version } => Message::Put { version: version.clone() },
        };
        because.arm(Timer::Retry, self.config.retry);
        for &replica in self.config.replicas.iter().filter(|replica| !session.heard.contains(replica)) {
            because.send(replica, message.clone());
        }
    }
}
