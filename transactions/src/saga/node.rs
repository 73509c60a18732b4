//! The node of a saga: dispatches each input to its role.

use std::collections::BTreeMap;

use quorate_protocol::{Context, Disposition, Input, Machine, NodeId, Outbox};
use serde::Serialize;

use super::config::Config;
use super::disk::{Direction, Disk, Note, Record};
use super::message::{Fact, Message, Timer};
use super::orchestrator::Orchestrator;
use super::rulebook::Rulebook;
use super::rules::SagaRule;
use super::service::Service;
use crate::command::{Change, Command, Reply};
use crate::id::{Row, Txn};

/// A node of sagas: the orchestrator or a service.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Saga {
    pub(crate) orchestrator: Option<Orchestrator>,
    pub(crate) service: Option<Service>,
}

impl Saga {
    /// The amount of a row, given the amount at which rows begin; `None` at a node without rows. It
    /// counts the steps of sagas that have not ended.
    pub fn amount(&self, row: &Row, opening: i64) -> Option<i64> {
        self.service.as_ref().map(|role| role.amount(row, opening))
    }

    /// The sagas that the orchestrator has begun and that have not ended.
    pub fn running(&self) -> impl Iterator<Item = Txn> {
        self.orchestrator.iter().flat_map(|role| role.running.keys().copied())
    }

    /// Whether this service has done its step of a saga, and not undone it.
    pub fn has_done(&self, saga: Txn) -> bool {
        let note = self.service.as_ref().and_then(|role| role.notes.get(&saga));
        matches!(note, Some(Note::Done { .. }))
    }

    /// The changes of steps that are done at this service, and not undone.
    pub fn changes(&self) -> impl Iterator<Item = &Change> {
        self.service.iter().flat_map(|role| role.notes.values()).filter_map(|note| match note {
            Note::Done { change, .. } => Some(change),
            Note::Undone { .. } => None,
        })
    }

    /// The rows of this service that were ever changed, with their amounts.
    pub fn rows(&self) -> impl Iterator<Item = (&Row, i64)> {
        self.service.iter().flat_map(|role| role.rows.iter().map(|(row, amount)| (row, *amount)))
    }

    fn deliver(&mut self, cx: &Context<Self>, from: NodeId, message: Message, out: &mut Outbox<Self>) {
        match (message, &mut self.orchestrator, &mut self.service) {
            (Message::Do { saga, row, by }, _, Some(role)) => role.act(cx, from, saga, Change { row, by }, out),
            (Message::Undo { saga }, _, Some(role)) => role.undo(cx, from, saga, out),
            (Message::Done { saga }, Some(role), _) => role.done(cx, from, saga, out),
            (Message::Refused { saga }, Some(role), _) => role.refused(cx, from, saga, out),
            (Message::Undone { saga }, Some(role), _) => role.undone(cx, from, saga, out),
            (message, ..) => {
                out.because(SagaRule::NotMyRole).why(format_args!("{message:?} is for the other role"));
            }
        }
    }
}

quorate_protocol::reference!(impl for Saga);

impl Machine for Saga {
    const FAMILY: &'static str = "transactions";

    type Config = Config;
    type Rulebook = Rulebook;
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = SagaRule;
    type Record = Record;
    type Disk = Disk;
    type Clock = ();
    type View = View;

    fn boot(cx: &Context<Self>, disk: &Disk, out: &mut Outbox<Self>) -> Self {
        let Context { me, config, .. } = *cx;
        Saga {
            orchestrator: (config.orchestrator == me).then(|| Orchestrator::boot(cx, disk, out)),
            service: config.services.contains(&me).then(|| Service::boot(disk)),
        }
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match (input, &mut self.orchestrator) {
            (Input::Deliver { from, message }, _) => self.deliver(cx, from, message, out),
            (Input::Request { ticket, command: Command::Transact { changes } }, Some(role)) => {
                role.begin(cx, ticket, changes, out);
            }
            (Input::Request { ticket, .. }, None) => {
                let coordinator = cx.config.orchestrator;
                out.because(SagaRule::NotMyRole)
                    .why(format_args!("{coordinator} is the orchestrator"))
                    .reply(ticket, Reply::NotTheCoordinator { coordinator });
            }
            (Input::Fire(Timer::Late { saga }), Some(role)) => role.late(cx, saga, out),
            (Input::Fire(Timer::Limit { saga }), Some(role)) => role.limit(cx, saga, out),
            (Input::Fire(timer), None) => {
                out.because(SagaRule::NotMyRole).why(format_args!("{timer:?} is for the other role"));
            }
        }
    }

    fn disposition(reply: &Reply) -> Disposition {
        match reply {
            Reply::NotTheCoordinator { coordinator } => Disposition::Redirect(*coordinator),
            _ => Disposition::Final,
        }
    }

    fn view(&self, _: &Context<Self>) -> View {
        let running = self.orchestrator.iter().flat_map(|role| &role.running);
        View {
            sagas: running.map(|(saga, running)| (*saga, running.direction)).collect(),
            rows: self.rows().map(|(row, amount)| (row.clone(), amount)).collect(),
        }
    }
}

/// State of a node, for display. A part that belongs to the other role is empty.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct View {
    /// At the orchestrator: the sagas that have not ended.
    pub sagas: BTreeMap<Txn, Direction>,
    /// At a service: the rows that were changed.
    pub rows: BTreeMap<Row, i64>,
}
