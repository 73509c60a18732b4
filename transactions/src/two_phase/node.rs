//! The node of two-phase commit: dispatches each input to its role.

use quorate_protocol::{Context, Disposition, Input, Machine, NodeId, Outbox};

use super::config::Config;
use super::coordinator::Coordinator;
use super::disk::{Disk, Record};
use super::message::{Fact, Message, Timer};
use super::participant::{Part, Participant};
use super::rulebook::Rulebook;
use super::rules::TwoPhaseRule;
use super::view::{self, View};
use crate::atomic::{AtomicCommit, CommitEvent};
use crate::command::{Change, Command, Outcome, Reply};
use crate::id::{Row, Txn};

/// A node of two-phase commit: the coordinator or a participant.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct TwoPhase {
    pub(crate) coordinator: Option<Coordinator>,
    pub(crate) participant: Option<Participant>,
}

impl TwoPhase {
    /// The committed amount of a row, given the amount at which rows begin; `None` at a node
    /// without rows.
    pub fn amount(&self, row: &Row, opening: i64) -> Option<i64> {
        self.participant.as_ref().map(|role| role.amount(row, opening))
    }

    /// The transaction that has locked a row of this participant.
    pub fn holder(&self, row: &Row) -> Option<Txn> {
        self.participant.as_ref()?.locks.get(row).copied()
    }

    /// The transactions for which this participant voted yes, and of which it does not know the
    /// outcome.
    pub fn in_doubt(&self) -> impl Iterator<Item = Txn> {
        self.participant.iter().flat_map(|role| role.prepared.keys().copied())
    }

    /// The outcome that this participant has reached.
    pub fn outcome(&self, txn: Txn) -> Option<Outcome> {
        self.participant.as_ref()?.outcomes.get(&txn).copied()
    }

    /// The outcomes that this participant has reached, by transaction.
    pub fn outcomes(&self) -> impl Iterator<Item = (Txn, Outcome)> {
        self.participant.iter().flat_map(|role| role.outcomes.iter().map(|(txn, outcome)| (*txn, *outcome)))
    }

    /// The transactions that the coordinator has not forgotten.
    pub fn open(&self) -> impl Iterator<Item = Txn> {
        self.coordinator.iter().flat_map(|role| role.open.keys().copied())
    }

    fn deliver(&mut self, cx: &Context<Self>, from: NodeId, message: Message, out: &mut Outbox<Self>) {
        match (message, &mut self.coordinator, &mut self.participant) {
            (Message::Prepare { txn, row, by, participants }, _, Some(role)) => {
                role.prepare(cx, Part { txn, change: Change { row, by }, participants }, out);
            }
            (Message::Commit { txn }, _, Some(role)) => role.told(cx, txn, Outcome::Commit, out),
            (Message::Abort { txn }, _, Some(role)) => role.told(cx, txn, Outcome::Abort, out),
            (Message::WhatBecame { txn }, _, Some(role)) => role.what_became(cx, from, txn, out),
            (Message::WhatBecame { txn }, Some(role), _) => role.what_became(cx, from, txn, out),
            (Message::Yes { txn }, Some(role), _) => role.yes(cx, from, txn, out),
            (Message::No { txn }, Some(role), _) => role.no(from, txn, out),
            (Message::Done { txn }, Some(role), _) => role.done(cx, from, txn, out),
            (message, ..) => {
                out.because(TwoPhaseRule::NotMyRole).why(format_args!("{message:?} is for the other role"));
            }
        }
    }
}

impl AtomicCommit for TwoPhase {
    fn event(fact: &Fact) -> Option<CommitEvent<'_>> {
        Some(match fact {
            Fact::Began { txn, ticket, participants } => {
                CommitEvent::Began { txn: *txn, ticket: *ticket, participants }
            }
            Fact::Prepared { txn, row, by } => CommitEvent::Prepared { txn: *txn, row, by: *by },
            Fact::Decided { txn, outcome } => CommitEvent::Decided { txn: *txn, outcome: *outcome },
            Fact::Finished { txn, outcome } => CommitEvent::Finished { txn: *txn, outcome: *outcome },
            Fact::Blocked { .. } => return None,
        })
    }

    fn outcome(&self, txn: Txn) -> Option<Outcome> {
        TwoPhase::outcome(self, txn)
    }

    fn in_doubt(&self) -> impl Iterator<Item = Txn> {
        TwoPhase::in_doubt(self)
    }

    fn amount(&self, row: &Row, opening: i64) -> Option<i64> {
        TwoPhase::amount(self, row, opening)
    }

    fn holder(&self, row: &Row) -> Option<Txn> {
        TwoPhase::holder(self, row)
    }

    fn opening(config: &Config) -> i64 {
        config.opening
    }
}

quorate_protocol::reference!(impl for TwoPhase);

impl Machine for TwoPhase {
    const FAMILY: &'static str = "transactions";

    type Config = Config;
    type Rulebook = Rulebook;
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = TwoPhaseRule;
    type Record = Record;
    type Disk = Disk;
    type Clock = ();
    type View = View;

    fn boot(cx: &Context<Self>, disk: &Disk, out: &mut Outbox<Self>) -> Self {
        let Context { me, config, .. } = *cx;
        TwoPhase {
            coordinator: (config.coordinator == me).then(|| Coordinator::boot(cx, disk, out)),
            participant: config.participants.contains(&me).then(|| Participant::boot(cx, disk, out)),
        }
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match (input, &mut self.coordinator, &mut self.participant) {
            (Input::Deliver { from, message }, ..) => self.deliver(cx, from, message, out),
            (Input::Request { ticket, command: Command::Transact { changes } }, Some(role), _) => {
                role.begin(cx, ticket, changes, out);
            }
            (Input::Request { ticket, .. }, ..) => {
                let coordinator = cx.config.coordinator;
                out.because(TwoPhaseRule::NotMyRole)
                    .why(format_args!("{coordinator} is the coordinator"))
                    .reply(ticket, Reply::NotTheCoordinator { coordinator });
            }
            (Input::Fire(Timer::Late { txn }), Some(role), _) => role.late(cx, txn, out),
            (Input::Fire(Timer::Ask), _, Some(role)) => role.ask(cx, out),
            (Input::Fire(timer), ..) => {
                out.because(TwoPhaseRule::NotMyRole).why(format_args!("{timer:?} is for the other role"));
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
        view::view(self.coordinator.as_ref(), self.participant.as_ref(), cx.config.opening)
    }
}
