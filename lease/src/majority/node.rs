//! The node: acceptor, proposer or both; brings each input to the role that it is for.

use quorate_protocol::{Input, LocalTime, Machine, NodeId, Outbox, Ruled, Time};
use serde::Serialize;

use super::acceptor::Acceptor;
use super::proposer::Proposer;
use super::{Ballot, Command, Config, Message, Record, Stable, Timer};
use crate::invariants::{Deed, Witnessed};
use crate::{ByTheBook, Fact, Lease, LeaseId, LeaseRule, Reply, Rulebook, Token};

/// A node of a cluster with majority leases, under a rulebook.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct MajorityLease<R: Rulebook = ByTheBook> {
    rules: R,
    acceptor: Option<Acceptor<R>>,
    proposer: Option<Proposer<R>>,
}

impl<R: Rulebook> MajorityLease<R> {
    /// The grant under which this node may act at that reading of its clocks, if it may.
    pub fn acts(&self, now: LocalTime) -> Option<Token> {
        let won = self.proposer.as_ref()?.won?;
        self.rules.may_act(won.until, self.rules.clock(now)).allows().then_some(won.token)
    }

    fn deliver(&mut self, from: NodeId, message: Message, now: Time, out: &mut Outbox<Self>) {
        match (message, &mut self.acceptor, &mut self.proposer) {
            (Message::Prepare { ballot }, Some(role), _) => role.prepare(from, ballot, now, out),
            (Message::Propose { ballot }, Some(role), _) => role.propose(from, ballot, now, out),
            (Message::Release { ballot }, Some(role), _) => role.release(from, ballot, out),
            (Message::Promise { ballot, owner }, _, Some(role)) => role.promised(from, ballot, owner, now, out),
            (Message::Accepted { ballot }, _, Some(role)) => role.accepted(from, ballot, now, out),
            (Message::Refused { ballot, promised }, _, Some(role)) => role.refused(from, ballot, promised, out),
            (message, ..) => {
                out.because(LeaseRule::NotMyRole).why(format_args!("{message:?} is for another role"));
            }
        }
    }
}

impl<R: Rulebook> Machine for MajorityLease<R> {
    const FAMILY: &'static str = "lease";

    type Config = Ruled<Config, R>;
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = LeaseRule;
    type Record = Record;
    type Disk = Stable;
    type Clock = LocalTime;
    type View = View;

    fn boot(me: NodeId, config: &Self::Config, disk: &Stable, now: LocalTime, out: &mut Outbox<Self>) -> Self {
        let Ruled { config, rules } = config;
        let rules = *rules;
        let now = rules.clock(now);
        let life = disk.lives.saturating_add(1);
        out.because(LeaseRule::Restarted).why(format_args!("start number {life}")).persist(Record::Started { life });
        MajorityLease {
            rules,
            acceptor: config.acceptors.contains(&me).then(|| Acceptor::boot(rules, config, now, out)),
            proposer: config.proposers.contains(&me).then(|| Proposer::boot(rules, me, config, life, out)),
        }
    }

    fn step(&mut self, now: LocalTime, input: Input<Self>, out: &mut Outbox<Self>) {
        let now = self.rules.clock(now);
        match (input, &mut self.acceptor, &mut self.proposer) {
            (Input::Deliver { from, message }, ..) => self.deliver(from, message, now, out),
            (Input::Request { ticket, command }, _, Some(role)) => role.request(ticket, command, now, out),
            (Input::Request { ticket, .. }, ..) => {
                out.because(LeaseRule::NotMyRole).reply(ticket, Reply::NotAHolder);
            }
            (Input::Fire(Timer::Begin), _, Some(role)) => role.begin(now, out),
            (Input::Fire(Timer::Lapse), _, Some(role)) => role.lapse(now, out),
            (Input::Fire(Timer::Act), _, Some(role)) => role.act(None, now, out),
            (Input::Fire(Timer::Forget), Some(role), _) => role.forget(now, out),
            (Input::Fire(timer), ..) => {
                out.because(LeaseRule::NotMyRole).why(format_args!("{timer:?} is for another role"));
            }
        }
    }

    fn view(&self) -> View {
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

impl<R: Rulebook> Witnessed for MajorityLease<R> {
    type Name = LeaseId;

    fn testimony(fact: &Fact) -> Option<(LeaseId, Token, Deed)> {
        Lease::<R>::testimony(fact)
    }
}

/// What a state panel shows of a node. Times are those of its own clock.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct View {
    /// The acceptor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acceptor: Option<AcceptorView>,
    /// The proposer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposer: Option<ProposerView>,
}

/// The state of an acceptor.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct AcceptorView {
    /// The highest ballot that it has promised.
    pub promised: Option<Ballot>,
    /// What it has accepted.
    pub accepted: Option<Ballot>,
    /// Until when that binds it.
    pub expires: Option<Time>,
    /// Until when it says nothing, after a start.
    pub silent_until: Option<Time>,
}

/// The state of a proposer.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ProposerView {
    /// The ballot of the attempt that is under way.
    pub attempt: Option<Ballot>,
    /// The end of its lease.
    pub acts_until: Option<Time>,
    /// The grant of that.
    pub token: Option<Token>,
}
