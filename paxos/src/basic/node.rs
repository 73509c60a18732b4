//! The node of Basic Paxos: dispatches each input to its role.

use quorate_protocol::{Context, Input, Machine, NodeId, Outbox};

use super::acceptor::Acceptor;
use super::disk::{Disk, Record};
use super::learner::Learner;
use super::message::{Command, Fact, Message, Reply, Timer};
use super::proposer::Proposer;
use super::view::{AcceptorView, View};
use crate::ballot::{Ballot, DisplayBallot};
use crate::config::Config;
use crate::roles::with_role;
use crate::rulebook::Rulebook;
use crate::rules::PaxosRule;
use crate::value::{Proposal, Value};

/// A node of Basic Paxos, in the roles that its configuration assigns to it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Paxos {
    pub(crate) proposer: Option<Proposer>,
    pub(crate) acceptor: Option<Acceptor>,
    pub(crate) learner: Option<Learner>,
}

impl Paxos {
    /// The chosen value, if this node knows it as a learner or as a proposer.
    pub fn chosen(&self) -> Option<&Value> {
        let learner = self.learner.as_ref().and_then(Learner::chosen);
        learner.or_else(|| self.proposer.as_ref().and_then(Proposer::decided)).map(|proposal| &proposal.value)
    }

    /// The highest ballot that this node has promised as an acceptor.
    pub fn promised(&self) -> Option<Ballot> {
        self.acceptor.as_ref()?.promised()
    }

    /// The proposal that this node has accepted last as an acceptor.
    pub fn accepted(&self) -> Option<&Proposal> {
        self.acceptor.as_ref()?.accepted()
    }

    /// The highest ballot that this node has used as a proposer.
    pub fn highest_ballot_used(&self) -> Option<Ballot> {
        self.proposer.as_ref()?.highest_ballot_used()
    }

    /// Dispatches a message to its role.
    fn deliver(&mut self, cx: &Context<Paxos>, from: NodeId, message: Message, out: &mut Outbox<Self>) {
        match message {
            Message::Prepare { ballot } => {
                with_role(&mut self.acceptor, "acceptor", out, |role, out| role.prepare(cx, from, ballot, out));
            }
            Message::Accept { ballot, value } => {
                with_role(&mut self.acceptor, "acceptor", out, |role, out| role.accept(cx, from, ballot, value, out));
            }
            Message::AskAccepted => {
                with_role(&mut self.acceptor, "acceptor", out, |role, out| role.on_ask_accepted(from, out))
            }
            Message::Promise { ballot, accepted } => {
                with_role(&mut self.proposer, "proposer", out, |role, out| {
                    role.promised(cx, from, ballot, accepted, out)
                });
            }
            Message::Refused { ballot, promised } => {
                with_role(&mut self.proposer, "proposer", out, |role, out| {
                    role.refused(cx, from, ballot, promised, out)
                });
            }
            Message::Accepted { ballot, value } => {
                with_role(&mut self.learner, "learner", out, |role, out| role.vote(cx, from, ballot, value, out));
            }
            Message::AskChosen => {
                with_role(&mut self.learner, "learner", out, |role, out| role.on_ask_chosen(from, out))
            }
            Message::Chosen { ballot, value } => self.on_chosen(cx, from, ballot, value, out),
        }
    }

    /// Dispatches the announcement of a chosen value: to learner and proposer, or from the node's
    /// own learner to its proposer alone.
    fn on_chosen(&mut self, cx: &Context<Paxos>, from: NodeId, ballot: Ballot, value: Value, out: &mut Outbox<Self>) {
        if self.learner.is_none() && self.proposer.is_none() {
            out.because(PaxosRule::NotMyRole).why(format_args!("this node is neither a learner nor a proposer"));
        }
        if let Some(learner) = self.learner.as_mut().filter(|_| from != cx.me) {
            learner.on_chosen(cx, from, ballot, value.clone(), out);
        }
        if let Some(proposer) = &mut self.proposer {
            proposer.on_chosen(cx, ballot, value, out);
        }
    }
}

quorate_protocol::reference!(impl for Paxos);

impl Machine for Paxos {
    const FAMILY: &'static str = "paxos";

    type Config = Config;
    type Rulebook = Rulebook;
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = PaxosRule;
    type Record = Record;
    type Disk = Disk;
    type Clock = ();
    type View = View;

    fn boot(cx: &Context<Self>, disk: &Disk, out: &mut Outbox<Self>) -> Self {
        let Context { me, config, .. } = *cx;
        if *disk != Disk::default() {
            let (tried, promised) = (DisplayBallot(disk.tried), DisplayBallot(disk.promised));
            out.because(PaxosRule::Recall).why(format_args!("used {tried}, promised {promised}"));
        }
        Paxos {
            proposer: config.is_proposer(me).then(|| Proposer::boot(cx, disk)),
            acceptor: config.is_acceptor(me).then(|| Acceptor::boot(cx, disk)),
            learner: config.is_learner(me).then(|| Learner::boot(cx, out)),
        }
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match input {
            Input::Deliver { from, message } => self.deliver(cx, from, message, out),
            Input::Request { ticket, command } => match &mut self.proposer {
                Some(proposer) => proposer.request(cx, ticket, command, out),
                None => {
                    out.because(PaxosRule::NotMyRole)
                        .why(format_args!("this node is not a proposer"))
                        .reply(ticket, Reply::NotAProposer);
                }
            },
            Input::Fire(Timer::Retry) => {
                with_role(&mut self.proposer, "proposer", out, |role, out| role.retry(cx, out))
            }
            Input::Fire(Timer::CatchUp) => with_role(&mut self.learner, "learner", out, |role, out| role.ask(cx, out)),
        }
    }

    fn view(&self, _: &Context<Self>) -> View {
        View {
            proposer: self.proposer.as_ref().map(Proposer::view),
            acceptor: self
                .acceptor
                .as_ref()
                .map(|role| AcceptorView { promised: role.promised(), accepted: role.accepted().cloned() }),
            learner: self.learner.as_ref().map(Learner::view),
        }
    }
}
