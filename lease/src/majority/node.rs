//! Node with majority leases: an acceptor, a proposer or both. Dispatches each input to its role.

use quorate_protocol::{Context, Input, Leads, LocalTime, Machine, NodeId, Outbox, Time};
use serde::Serialize;

use super::acceptor::Acceptor;
use super::proposer::Proposer;
use super::rules::MajorityRule;
use super::{Ballot, Command, Config, Disk, Message, Record, Timer};
use crate::exclusion::{self, LeaseEvent, Observable};
use crate::id::{LeaseId, Token};
use crate::primary::{Fact, Reply};
use crate::rulebook::Rulebook;

/// Node of a cluster with majority leases, under a rulebook.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct MajorityLease {
    acceptor: Option<Acceptor>,
    proposer: Option<Proposer>,
}

impl MajorityLease {
    /// Ballot that the acceptor of this node has accepted last.
    pub fn accepted(&self) -> Option<Ballot> {
        Some(self.acceptor.as_ref()?.accepted?.ballot)
    }

    /// Grant that the proposer of this node believes it holds; it may have expired.
    pub fn held(&self) -> Option<Token> {
        Some(self.proposer.as_ref()?.won?.token)
    }

    /// Grant under which this node may act at that reading of its clocks, if any.
    pub fn acts(&self, cx: &Context<Self>) -> Option<Token> {
        let won = self.proposer.as_ref()?.won?;
        cx.rules.may_act(won.until, cx.rules.clock(cx.now)).allows().then_some(won.token)
    }

    /// Whether this node is the primary at that reading of its clocks.
    pub fn is_leader(&self, cx: &Context<Self>) -> bool {
        self.acts(cx).is_some()
    }

    fn deliver(
        &mut self,
        cx: &Context<MajorityLease>,
        from: NodeId,
        message: Message,
        now: Time,
        out: &mut Outbox<Self>,
    ) {
        match (message, &mut self.acceptor, &mut self.proposer) {
            (Message::Prepare { ballot }, Some(role), _) => role.prepare(cx, from, ballot, now, out),
            (Message::Propose { ballot }, Some(role), _) => role.propose(cx, from, ballot, now, out),
            (Message::Release { ballot }, Some(role), _) => role.release(cx, from, ballot, out),
            (Message::Promise { ballot, owner }, _, Some(role)) => role.promised(cx, from, ballot, owner, now, out),
            (Message::Accepted { ballot }, _, Some(role)) => role.accepted(cx, from, ballot, now, out),
            (Message::Refused { ballot, promised }, _, Some(role)) => role.refused(cx, from, ballot, promised, out),
            (message, ..) => {
                out.because(MajorityRule::NotMyRole).why(format_args!("{message:?} is for another role"));
            }
        }
    }
}

impl Leads for MajorityLease {
    type Epoch = Token;

    fn leads(&self, cx: &Context<Self>) -> Option<Token> {
        self.acts(cx)
    }
}

impl Machine for MajorityLease {
    const FAMILY: &'static str = "lease";

    type Config = Config;
    type Rulebook = Rulebook;
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = MajorityRule;
    type Record = Record;
    type Disk = Disk;
    type Clock = LocalTime;
    type View = View;

    fn boot(cx: &Context<Self>, disk: &Disk, out: &mut Outbox<Self>) -> Self {
        let Context { me, config, .. } = *cx;
        let now = cx.rules.clock(cx.now);
        let life = disk.lives.saturating_add(1);
        out.because(MajorityRule::Restarted).why(format_args!("start number {life}")).persist(Record::Started { life });
        MajorityLease {
            acceptor: config.acceptors.contains(&me).then(|| Acceptor::boot(cx, now, out)),
            proposer: config.proposers.contains(&me).then(|| Proposer::boot(cx, life, out)),
        }
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        let now = cx.rules.clock(cx.now);
        match (input, &mut self.acceptor, &mut self.proposer) {
            (Input::Deliver { from, message }, ..) => self.deliver(cx, from, message, now, out),
            (Input::Request { ticket, command }, _, Some(role)) => role.request(cx, ticket, command, now, out),
            (Input::Request { ticket, .. }, ..) => {
                out.because(MajorityRule::NotMyRole).reply(ticket, Reply::NotAHolder);
            }
            (Input::Fire(Timer::Begin), _, Some(role)) => role.begin(cx, now, out),
            (Input::Fire(Timer::Lapse), _, Some(role)) => role.expire(cx, now, out),
            (Input::Fire(Timer::Act), _, Some(role)) => role.act(cx, None, now, out),
            (Input::Fire(Timer::Forget), Some(role), _) => role.forget(cx, now, out),
            (Input::Fire(timer), ..) => {
                out.because(MajorityRule::NotMyRole).why(format_args!("{timer:?} is for another role"));
            }
        }
    }

    fn view(&self, _: &Context<Self>) -> View {
        View {
            acceptor: self.acceptor.as_ref().map(|role| AcceptorView {
                promised: role.promised,
                accepted: role.accepted.map(|granted| granted.ballot),
                expires: role.accepted.map(|granted| granted.expires),
                silent_until: role.silent_until,
            }),
            proposer: self.proposer.as_ref().map(|role| ProposerView {
                attempt: role.ballot(),
                acts_until: role.won.map(|won| won.until),
                token: role.won.map(|won| won.token),
            }),
        }
    }
}

impl Observable for MajorityLease {
    type Name = LeaseId;

    fn observe(fact: &Fact) -> Option<(LeaseId, Token, LeaseEvent)> {
        exclusion::observe(fact)
    }
}

/// State of a node, for display. Times are those of its own clock.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct View {
    /// The acceptor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acceptor: Option<AcceptorView>,
    /// The proposer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposer: Option<ProposerView>,
}

/// State of an acceptor.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct AcceptorView {
    /// Highest ballot promised.
    pub promised: Option<Ballot>,
    /// Ballot accepted.
    pub accepted: Option<Ballot>,
    /// End of the accepted lease.
    pub expires: Option<Time>,
    /// End of the quarantine after a start.
    pub silent_until: Option<Time>,
}

/// State of a proposer.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ProposerView {
    /// Ballot of the current attempt.
    pub attempt: Option<Ballot>,
    /// End of its lease.
    pub acts_until: Option<Time>,
    /// Grant of its lease.
    pub token: Option<Token>,
}
