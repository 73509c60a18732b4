//! The node of Paxos Commit: dispatches each input to its role.

use quorate_protocol::{Context, Disposition, Input, Machine, NodeId, Outbox};

use super::acceptor::Acceptor;
use super::config::Config;
use super::disk::{Disk, Record};
use super::leader::Leader;
use super::message::{Fact, Message, Timer};
use super::participant::Participant;
use super::rulebook::Rulebook;
use super::rules::PaxosCommitRule;
use super::view::{self, View};
use crate::atomic::{AtomicCommit, CommitEvent};
use crate::command::{Change, Command, Outcome, Reply};
use crate::id::{Row, Txn};

/// A node of Paxos Commit: a leader, a participant or an acceptor.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct PaxosCommit {
    pub(crate) leader: Option<Leader>,
    pub(crate) participant: Option<Participant>,
    pub(crate) acceptor: Option<Acceptor>,
}

impl PaxosCommit {
    /// The outcomes that this participant has reached, by transaction.
    pub fn outcomes(&self) -> impl Iterator<Item = (Txn, Outcome)> {
        self.participant.iter().flat_map(|role| role.outcomes.iter().map(|(txn, outcome)| (*txn, *outcome)))
    }

    /// The transactions that this leader is at work on.
    pub fn open(&self) -> impl Iterator<Item = Txn> {
        self.leader.iter().flat_map(|role| role.open.keys().copied())
    }

    fn deliver(&mut self, cx: &Context<Self>, from: NodeId, message: Message, out: &mut Outbox<Self>) {
        match (message, &mut self.leader, &mut self.participant, &mut self.acceptor) {
            (Message::Prepare { txn, row, by, participants }, _, Some(role), _) => {
                role.prepare(cx, txn, Change { row, by }, participants, out);
            }
            (Message::Commit { txn }, _, Some(role), _) => role.told(cx, txn, Outcome::Commit, out),
            (Message::Abort { txn }, _, Some(role), _) => role.told(cx, txn, Outcome::Abort, out),
            (Message::Vote { txn, vote }, _, _, Some(role)) => role.vote(cx, from, txn, vote, out),
            (Message::NewBallot { txn, ballot }, _, _, Some(role)) => role.new_ballot(cx, from, txn, ballot, out),
            (Message::Propose { txn, ballot, votes }, _, _, Some(role)) => {
                role.accept(cx, from, txn, ballot, votes, out);
            }
            (Message::Promise { txn, ballot, accepted }, Some(role), ..) => {
                role.promise(cx, from, txn, ballot, accepted, out);
            }
            (Message::Accepted { txn, ballot, votes }, Some(role), ..) => {
                role.accepted(cx, from, txn, ballot, votes, out);
            }
            (Message::Refused { txn, ballot, promised }, Some(role), ..) => {
                role.refused(from, txn, ballot, promised, out);
            }
            (Message::WhatBecame { txn, participants }, Some(role), ..) => {
                role.what_became(cx, from, txn, participants, out);
            }
            (message, ..) => {
                out.because(PaxosCommitRule::NotMyRole).why(format_args!("{message:?} is for another role"));
            }
        }
    }
}

impl AtomicCommit for PaxosCommit {
    fn event(fact: &Fact) -> Option<CommitEvent<'_>> {
        Some(match fact {
            Fact::Began { txn, ticket, participants } => {
                CommitEvent::Began { txn: *txn, ticket: *ticket, participants }
            }
            Fact::Prepared { txn, row, by } => CommitEvent::Prepared { txn: *txn, row, by: *by },
            Fact::Decided { txn, outcome } => CommitEvent::Decided { txn: *txn, outcome: *outcome },
            Fact::Finished { txn, outcome } => CommitEvent::Finished { txn: *txn, outcome: *outcome },
            Fact::Accepted { .. } => return None,
        })
    }

    fn outcome(&self, txn: Txn) -> Option<Outcome> {
        self.participant.as_ref()?.outcomes.get(&txn).copied()
    }

    fn in_doubt(&self) -> impl Iterator<Item = Txn> {
        self.participant.iter().flat_map(|role| role.prepared.keys().copied())
    }

    fn amount(&self, row: &Row, opening: i64) -> Option<i64> {
        self.participant.as_ref().map(|role| role.amount(row, opening))
    }

    fn holder(&self, row: &Row) -> Option<Txn> {
        self.participant.as_ref()?.holder(row)
    }

    fn opening(config: &Config) -> i64 {
        config.opening
    }
}

quorate_protocol::reference!(impl for PaxosCommit);

impl Machine for PaxosCommit {
    const FAMILY: &'static str = "transactions";

    type Config = Config;
    type Rulebook = Rulebook;
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = PaxosCommitRule;
    type Record = Record;
    type Disk = Disk;
    type Clock = ();
    type View = View;

    fn boot(cx: &Context<Self>, disk: &Disk, out: &mut Outbox<Self>) -> Self {
        let Context { me, config, .. } = *cx;
        PaxosCommit {
            leader: config.leaders.contains(&me).then(|| Leader::boot(cx, disk, out)),
            participant: config.participants.contains(&me).then(|| Participant::boot(cx, disk, out)),
            acceptor: config.acceptors.contains(&me).then(|| Acceptor::boot(disk)),
        }
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        let first = cx.config.first_leader();
        match (input, &mut self.leader, &mut self.participant) {
            (Input::Deliver { from, message }, ..) => self.deliver(cx, from, message, out),
            (Input::Request { ticket, command: Command::Transact { changes } }, Some(role), _) if cx.me == first => {
                role.begin(cx, ticket, changes, out);
            }
            (Input::Request { ticket, .. }, ..) => {
                out.because(PaxosCommitRule::NotMyRole)
                    .why(format_args!("{first} is the first leader"))
                    .reply(ticket, Reply::NotTheCoordinator { coordinator: first });
            }
            (Input::Fire(Timer::Late { txn }), Some(role), _) => role.late(cx, txn, out),
            (Input::Fire(Timer::Ask), _, Some(role)) => role.ask(cx, out),
            (Input::Fire(timer), ..) => {
                out.because(PaxosCommitRule::NotMyRole).why(format_args!("{timer:?} is for another role"));
            }
        }
    }

    fn disposition(reply: &Reply) -> Disposition {
        match reply {
            Reply::NotTheCoordinator { coordinator } => Disposition::Redirect(*coordinator),
            _ => Disposition::Final,
        }
    }

    fn view(&self, cx: &Context<Self>) -> View {
        view::view(self, cx.config.opening)
    }
}
