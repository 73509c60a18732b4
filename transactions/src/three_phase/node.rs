//! The node of three-phase commit: dispatches each input to its role.

use quorate_protocol::{Context, Disposition, Input, Machine, NodeId, Outbox};

use super::config::Config;
use super::coordinator::{Coordinator, Stage};
use super::disk::{Disk, Record};
use super::message::{Fact, Message, Timer};
use super::participant::{Part, Participant};
use super::rulebook::Rulebook;
use super::rules::ThreePhaseRule;
use super::view::{self, View};
use crate::atomic::{AtomicCommit, CommitEvent};
use crate::command::{Change, Command, Outcome, Reply};
use crate::id::{Row, Txn};

/// A node of three-phase commit: the coordinator or a participant.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ThreePhase {
    pub(crate) coordinator: Option<Coordinator>,
    pub(crate) participant: Option<Participant>,
}

impl ThreePhase {
    /// The outcomes that this participant has reached, by transaction.
    pub fn outcomes(&self) -> impl Iterator<Item = (Txn, Outcome)> {
        self.participant.iter().flat_map(|role| role.outcomes.iter().map(|(txn, outcome)| (*txn, *outcome)))
    }

    /// The transactions that the coordinator has not decided.
    pub fn open(&self) -> impl Iterator<Item = Txn> {
        self.coordinator.iter().flat_map(|role| role.open.keys().copied())
    }

    /// Whether the coordinator is at work on a transaction: it has begun it and has neither decided
    /// nor restarted since.
    pub fn leads(&self, txn: Txn) -> bool {
        let open = self.coordinator.as_ref().and_then(|role| role.open.get(&txn));
        open.is_some_and(|open| open.stage != Stage::Recovering)
    }

    /// Whether this participant acts as the coordinator of a transaction.
    pub fn has_taken_over(&self, txn: Txn) -> bool {
        let doubt = self.participant.as_ref().and_then(|role| role.doubts.get(&txn));
        doubt.is_some_and(|doubt| matches!(doubt.part, Part::Asking(_) | Part::Moving(_)))
    }

    /// Whether this participant is in doubt on a transaction, and has restarted since its vote.
    pub fn is_recovering(&self, txn: Txn) -> bool {
        let doubt = self.participant.as_ref().and_then(|role| role.doubts.get(&txn));
        doubt.is_some_and(|doubt| matches!(doubt.part, Part::Recovering(_)))
    }

    fn deliver(&mut self, cx: &Context<Self>, from: NodeId, message: Message, out: &mut Outbox<Self>) {
        match (message, &mut self.coordinator, &mut self.participant) {
            (Message::Prepare { txn, row, by, participants }, _, Some(role)) => {
                role.prepare(cx, txn, Change { row, by }, participants, out);
            }
            (Message::PreCommit { txn }, _, Some(role)) => role.pre_commit(cx, from, txn, out),
            (Message::Commit { txn }, _, Some(role)) => role.told(cx, txn, Outcome::Commit, out),
            (Message::Abort { txn }, _, Some(role)) => role.told(cx, txn, Outcome::Abort, out),
            (Message::StateRequest { txn }, _, Some(role)) => role.state_request(cx, from, txn, out),
            (Message::State { txn, progress, restarted }, _, Some(role)) => {
                role.state(cx, from, txn, progress, restarted, out);
            }
            (Message::Ack { txn }, _, Some(role)) => role.ack(cx, from, txn, out),
            (Message::WhatBecame { txn }, _, Some(role)) => role.what_became(cx, from, txn, out),
            (Message::NorDoI { txn }, _, Some(role)) => role.nor_do_i(cx, from, txn, out),
            (Message::Yes { txn }, Some(role), _) => role.yes(cx, from, txn, out),
            (Message::No { txn }, Some(role), _) => role.no(from, txn, out),
            (Message::Ack { txn }, Some(role), _) => role.ack(cx, from, txn, out),
            (Message::WhatBecame { txn }, Some(role), _) => role.what_became(from, txn, out),
            (Message::Commit { txn }, Some(role), _) => role.told(from, txn, Outcome::Commit, out),
            (Message::Abort { txn }, Some(role), _) => role.told(from, txn, Outcome::Abort, out),
            (message, ..) => {
                out.because(ThreePhaseRule::NotMyRole).why(format_args!("{message:?} is for the other role"));
            }
        }
    }
}

impl AtomicCommit for ThreePhase {
    fn event(fact: &Fact) -> Option<CommitEvent<'_>> {
        Some(match fact {
            Fact::Began { txn, ticket, participants } => {
                CommitEvent::Began { txn: *txn, ticket: *ticket, participants }
            }
            Fact::Prepared { txn, row, by } => CommitEvent::Prepared { txn: *txn, row, by: *by },
            Fact::Decided { txn, outcome } => CommitEvent::Decided { txn: *txn, outcome: *outcome },
            Fact::Finished { txn, outcome } => CommitEvent::Finished { txn: *txn, outcome: *outcome },
            Fact::PreCommitted { .. } | Fact::TookOver { .. } => return None,
        })
    }

    fn outcome(&self, txn: Txn) -> Option<Outcome> {
        self.participant.as_ref()?.outcomes.get(&txn).copied()
    }

    fn in_doubt(&self) -> impl Iterator<Item = Txn> {
        self.participant.iter().flat_map(|role| role.doubts.keys().copied())
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

quorate_protocol::reference!(impl for ThreePhase);

impl Machine for ThreePhase {
    const FAMILY: &'static str = "transactions";

    type Config = Config;
    type Rulebook = Rulebook;
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = ThreePhaseRule;
    type Record = Record;
    type Disk = Disk;
    type Clock = ();
    type View = View;

    fn boot(cx: &Context<Self>, disk: &Disk, out: &mut Outbox<Self>) -> Self {
        let Context { me, config, .. } = *cx;
        ThreePhase {
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
                out.because(ThreePhaseRule::NotMyRole)
                    .why(format_args!("{coordinator} is the coordinator"))
                    .reply(ticket, Reply::NotTheCoordinator { coordinator });
            }
            (Input::Fire(Timer::Late { txn }), Some(role), _) => role.late(cx, txn, out),
            (Input::Fire(Timer::Silent { txn }), _, Some(role)) => role.silent(cx, txn, out),
            (Input::Fire(timer), ..) => {
                out.because(ThreePhaseRule::NotMyRole).why(format_args!("{timer:?} is for the other role"));
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
