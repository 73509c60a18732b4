//! The node of Multi-Paxos: dispatches each input to its role.

use quorate_protocol::{Context, Disposition, Input, Leads, Machine, NodeId, Outbox};

use super::acceptor::Acceptor;
use super::config::Config;
use super::disk::{Disk, Record};
use super::learner::Learner;
use super::message::{Command, Fact, Message, Reply, Timer};
use super::proposer::Proposer;
use super::view::{AcceptorView, LearnerView, View, window};
use crate::ballot::{Ballot, DisplayBallot};
use crate::entry::{Entry, Slot};
use crate::roles::with_role;
use crate::rulebook::Rulebook;
use crate::rules::PaxosRule;

/// A node of Multi-Paxos, in the roles that its configuration assigns to it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct MultiPaxos {
    proposer: Option<Proposer>,
    acceptor: Option<Acceptor>,
    learner: Option<Learner>,
}

impl MultiPaxos {
    /// Whether this node leads: it has completed phase 1 and has not heard of a higher ballot.
    pub fn is_leader(&self) -> bool {
        self.proposer.as_ref().is_some_and(Proposer::is_leader)
    }

    /// The leader, as far as this node knows as a proposer.
    pub fn leader(&self) -> Option<NodeId> {
        self.proposer.as_ref()?.leader()
    }

    /// The entry chosen in a slot, if this node knows it as a learner.
    pub fn chosen(&self, slot: Slot) -> Option<&Entry> {
        Some(&self.learner.as_ref()?.log().get(&slot)?.value)
    }

    /// The gap-free prefix of the log that this node knows as a learner.
    pub fn log(&self) -> impl Iterator<Item = (Slot, &Entry)> {
        let known = self.learner.iter().flat_map(|learner| learner.log().range(..learner.open()));
        known.map(|(slot, proposal)| (*slot, &proposal.value))
    }

    /// The highest ballot that this node has promised as an acceptor.
    pub fn promised(&self) -> Option<Ballot> {
        self.acceptor.as_ref()?.promised()
    }

    /// The highest ballot that this node has used as a proposer.
    pub fn highest_ballot_used(&self) -> Option<Ballot> {
        self.proposer.as_ref()?.highest_ballot_used()
    }

    fn deliver(&mut self, cx: &Context<MultiPaxos>, from: NodeId, message: Message, out: &mut Outbox<Self>) {
        match message {
            Message::Prepare { ballot, from_slot } => {
                with_role(&mut self.acceptor, "acceptor", out, |role, out| {
                    role.prepare(cx, from, ballot, from_slot, out)
                });
            }
            Message::Accept { slot, ballot, entry } => {
                with_role(&mut self.acceptor, "acceptor", out, |role, out| {
                    role.accept(cx, from, slot, ballot, entry, out)
                });
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
            Message::Accepted { slot, ballot, entry } => {
                with_role(&mut self.learner, "learner", out, |role, out| role.vote(cx, from, slot, ballot, entry, out));
            }
            Message::AskChosen { from_slot } => {
                with_role(&mut self.learner, "learner", out, |role, out| role.on_ask_chosen(from, from_slot, out));
            }
            Message::Log { chosen } => {
                with_role(&mut self.learner, "learner", out, |role, out| role.catch_up(cx, from, chosen, out));
            }
            Message::Chosen { slot, ballot, entry } if from == cx.me => {
                with_role(&mut self.proposer, "proposer", out, |role, out| role.on_chosen(slot, ballot, entry, out));
            }
            Message::Chosen { slot, ballot, entry } => {
                with_role(&mut self.learner, "learner", out, |role, out| {
                    role.on_chosen(cx, from, slot, ballot, entry, out)
                });
            }
            Message::Heartbeat { ballot, open } => self.heartbeat(cx, from, ballot, open, out),
        }
    }

    /// Dispatches a heartbeat to the proposer, which stays passive, and to the learner, which sees
    /// how long the log is.
    fn heartbeat(
        &mut self,
        cx: &Context<MultiPaxos>,
        from: NodeId,
        ballot: Ballot,
        open: Slot,
        out: &mut Outbox<Self>,
    ) {
        if let Some(proposer) = &mut self.proposer {
            proposer.heartbeat(cx, ballot, out);
        }
        with_role(&mut self.learner, "learner", out, |role, out| role.heartbeat(cx, from, open, out));
    }
}

impl Machine for MultiPaxos {
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
        MultiPaxos {
            proposer: config.is_proposer(me).then(|| Proposer::boot(cx, disk, out)),
            acceptor: config.is_acceptor(me).then(|| Acceptor::boot(cx, disk)),
            learner: config.is_learner(me).then(|| Learner::boot(disk)),
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
                        .reply(ticket, Reply::NotLeader { leader: None });
                }
            },
            Input::Fire(Timer::Election) => {
                with_role(&mut self.proposer, "proposer", out, |role, out| role.election(cx, out));
            }
            Input::Fire(Timer::Heartbeat) => {
                with_role(&mut self.proposer, "proposer", out, |role, out| role.beat(cx, out))
            }
        }
    }

    fn disposition(reply: &Reply) -> Disposition {
        match reply {
            Reply::Chosen { .. } => Disposition::Final,
            Reply::NotLeader { leader: Some(leader) } => Disposition::Redirect(*leader),
            Reply::NotLeader { leader: None } => Disposition::Retry,
        }
    }

    fn view(&self, _: &Context<Self>) -> View {
        View {
            proposer: self.proposer.as_ref().map(Proposer::view),
            acceptor: self
                .acceptor
                .as_ref()
                .map(|role| AcceptorView { promised: role.promised(), accepted: window(role.accepted()) }),
            learner: self.learner.as_ref().map(|role| LearnerView { open: role.open(), chosen: window(role.log()) }),
        }
    }
}

impl Leads for MultiPaxos {
    type Epoch = Ballot;

    fn leads(&self, _: &Context<Self>) -> Option<Ballot> {
        self.proposer.as_ref()?.leads_in()
    }
}
