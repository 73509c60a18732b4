//! The orchestrator: has the steps of a saga done one after the other, and undone from the last to
//! the first if it cannot go on. Its log says how far it is.

use std::collections::BTreeMap;

use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{Because, ClientId, Context, NodeId, Outbox, RequestId};

use super::disk::{Direction, Disk, Record, Running};
use super::message::{Fact, Message, Timer};
use super::node::Saga;
use super::rules::SagaRule;
use crate::command::{Change, Outcome, Reply};
use crate::id::Txn;
use crate::request::{Decided, Request, remember};

type Cx<'a> = Context<'a, Saga>;
type Out = Outbox<Saga>;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Orchestrator {
    /// The newest saga: the incarnation of this orchestrator, and the number begun in it.
    pub(crate) newest: Txn,
    pub(crate) running: BTreeMap<Txn, Running>,
    /// Sagas that have ended within their time.
    pub(crate) ended: BTreeMap<Txn, Running>,
    /// The newest ended request of each client.
    pub(crate) decided: BTreeMap<ClientId, Decided>,
}

impl Orchestrator {
    pub(crate) fn boot(cx: &Cx<'_>, disk: &Disk, out: &mut Out) -> Self {
        let newest = Txn { life: disk.life.saturating_add(1), number: 0 };
        let (running, decided) = (disk.running.clone(), disk.decided.clone());
        let role = Orchestrator { newest, running, ended: BTreeMap::new(), decided };
        for saga in disk.running.keys() {
            let mut because = out.because(SagaRule::Recall);
            because.why(format_args!("{saga} has not ended")).arm(Timer::Limit { saga: *saga }, cx.config.limit);
            role.send_next(cx, *saga, &mut because);
        }
        role
    }

    /// Begins a saga for a client.
    pub(crate) fn begin(&mut self, cx: &Cx<'_>, ticket: RequestId, changes: BTreeMap<NodeId, Change>, out: &mut Out) {
        let last = self.decided.get(&ticket.client).copied();
        let under_way = self.running.iter().find(|(_, running)| running.ticket == ticket).map(|(txn, _)| *txn);
        let request = Request {
            ticket,
            changes: &changes,
            places: (&cx.config.services, "service"),
            under_way: (under_way, "saga"),
            last,
        };
        let begins = cx.rules.begins(last.map(|last| last.number), ticket.number);
        if let Some(rule) = request.admit(begins, SagaRule::Invalid, SagaRule::RepeatedRequest, out) {
            self.start(cx, rule, ticket, changes, out);
        }
    }

    fn start(
        &mut self,
        cx: &Cx<'_>,
        rule: SagaRule,
        ticket: RequestId,
        mut changes: BTreeMap<NodeId, Change>,
        out: &mut Out,
    ) {
        self.newest.number += 1;
        let saga = self.newest;
        let steps: Vec<(NodeId, Change)> =
            cx.config.services.iter().filter_map(|node| Some((*node, changes.remove(node)?))).collect();
        let services = steps.iter().map(|(node, _)| *node).collect();
        let running = Running { ticket, steps, direction: Direction::Forward, done: vec![0] };
        let mut because = out.because(rule);
        because
            .why(format_args!("{ticket} becomes saga {saga}"))
            .persist(Record::Log { saga, running: running.clone() })
            .emit(Fact::Began { saga, ticket, services })
            .arm(Timer::Limit { saga }, cx.config.limit);
        self.running.insert(saga, running);
        self.send_next(cx, saga, &mut because);
    }

    /// Sends the step, or the compensation, that a saga waits for.
    fn send_next(&self, cx: &Cx<'_>, saga: Txn, because: &mut Because<'_, Saga>) {
        let Some(running) = self.running.get(&saga) else { return };
        let Some((node, Change { row, by })) = place(cx, running).and_then(|place| running.steps.get(place)) else {
            return;
        };
        let message = match running.direction {
            Direction::Forward => Message::Do { saga, row: row.clone(), by: *by },
            Direction::Backward => Message::Undo { saga },
        };
        because.send(*node, message).arm(Timer::Late { saga }, cx.config.step_timeout);
    }

    /// The service whose answer a saga waits for.
    fn awaited(&self, cx: &Cx<'_>, saga: Txn, direction: Direction) -> Option<(usize, NodeId)> {
        let running = self.running.get(&saga).filter(|running| running.direction == direction)?;
        let place = place(cx, running)?;
        Some((place, running.steps.get(place)?.0))
    }

    /// Whether the step of the pivot is done.
    fn pivot_done(&self, cx: &Cx<'_>, saga: Txn) -> bool {
        let Some(running) = self.running.get(&saga) else { return false };
        let before = running.steps.get(..running.current().unwrap_or_default()).unwrap_or_default();
        before.iter().any(|(node, _)| Some(*node) == cx.config.pivot)
    }

    /// Handles the end of a step.
    pub(crate) fn done(&mut self, cx: &Cx<'_>, from: NodeId, saga: Txn, out: &mut Out) {
        let place = match self.awaited(cx, saga, Direction::Forward) {
            Some((place, node)) if node == from => place,
            _ => return late(from, saga, out),
        };
        let Some(running) = self.running.get_mut(&saga) else { return };
        if place + 1 >= running.steps.len() {
            return self.end(SagaRule::EndSaga, saga, Outcome::Commit, out);
        }
        running.done.push(place + 1);
        let mut because = out.because(SagaRule::NextStep);
        because
            .why(format_args!("{} of {} steps of {saga} are done", place + 1, running.steps.len()))
            .persist(Record::Log { saga, running: running.clone() });
        self.send_next(cx, saga, &mut because);
    }

    /// Handles the refusal of a step.
    pub(crate) fn refused(&mut self, cx: &Cx<'_>, from: NodeId, saga: Txn, out: &mut Out) {
        if self.awaited(cx, saga, Direction::Forward).is_none_or(|(_, node)| node != from) {
            return late(from, saga, out);
        }
        match cx.rules.on_step_timeout(self.pivot_done(cx, saga)) {
            Allow(rule) => self.compensate(cx, rule, saga, out),
            Refuse(rule) => {
                out.because(rule).why(format_args!("{from} cannot do its step of {saga} yet"));
            }
        }
    }

    /// Turns round.
    fn compensate(&mut self, cx: &Cx<'_>, rule: SagaRule, saga: Txn, out: &mut Out) {
        let Some(running) = self.running.get_mut(&saga) else { return };
        running.direction = Direction::Backward;
        let mut because = out.because(rule);
        because
            .why(format_args!("{saga} is undone, {} steps", running.done.len()))
            .persist(Record::Log { saga, running: running.clone() });
        self.send_next(cx, saga, &mut because);
    }

    /// Handles the end of a compensation.
    pub(crate) fn undone(&mut self, cx: &Cx<'_>, from: NodeId, saga: Txn, out: &mut Out) {
        let place = match self.awaited(cx, saga, Direction::Backward) {
            Some((place, node)) if node == from => place,
            _ => return late(from, saga, out),
        };
        let Some(running) = self.running.get_mut(&saga) else { return };
        running.done.retain(|done| *done != place);
        if running.done.is_empty() {
            return self.end(SagaRule::EndUndone, saga, Outcome::Abort, out);
        }
        let mut because = out.because(SagaRule::NextUndo);
        because
            .why(format_args!("{} steps of {saga} are left", running.done.len()))
            .persist(Record::Log { saga, running: running.clone() });
        self.send_next(cx, saga, &mut because);
    }

    fn end(&mut self, rule: SagaRule, saga: Txn, outcome: Outcome, out: &mut Out) {
        let Some(running) = self.running.remove(&saga) else { return };
        let ticket = running.ticket;
        remember(&mut self.decided, ticket, saga, outcome);
        self.ended.insert(saga, running);
        out.because(rule)
            .why(format_args!("{saga} is {outcome}"))
            .persist(Record::Ended { saga, ticket, outcome })
            .emit(Fact::Ended { saga, outcome })
            .disarm(Timer::Late { saga })
            .reply(ticket, Reply::of(outcome, saga));
    }

    /// Handles the timer of a step.
    pub(crate) fn late(&mut self, cx: &Cx<'_>, saga: Txn, out: &mut Out) {
        match self.running.get(&saga).map(|running| running.direction) {
            Some(Direction::Forward) => match cx.rules.on_step_timeout(self.pivot_done(cx, saga)) {
                Allow(rule) => self.compensate(cx, rule, saga, out),
                Refuse(rule) => self.send_again(cx, rule, saga, out),
            },
            Some(Direction::Backward) => self.send_again(cx, SagaRule::UndoUntilDone, saga, out),
            None => {
                out.because(SagaRule::LateAnswer).why(format_args!("{saga} has ended"));
            }
        }
    }

    fn send_again(&self, cx: &Cx<'_>, rule: SagaRule, saga: Txn, out: &mut Out) {
        let mut because = out.because(rule);
        because.why(format_args!("{saga} waits for an answer"));
        self.send_next(cx, saga, &mut because);
    }

    /// Handles the time limit of a saga.
    pub(crate) fn limit(&mut self, cx: &Cx<'_>, saga: Txn, out: &mut Out) {
        let direction = self.running.get(&saga).map(|running| running.direction);
        let ended = self.ended.remove(&saga);
        match cx.rules.on_saga_timeout(ended.is_some(), self.pivot_done(cx, saga)) {
            Allow(rule) if direction != Some(Direction::Backward) => {
                self.running.extend(ended.map(|running| (saga, running)));
                self.compensate(cx, rule, saga, out);
            }
            Allow(_) | Refuse(_) => {
                out.because(SagaRule::LimitPassed)
                    .why(format_args!("{saga} has ended, or is undone, or past its pivot"));
            }
        }
    }
}

/// Place of the step that a saga waits for.
fn place(cx: &Cx<'_>, running: &Running) -> Option<usize> {
    match running.direction {
        Direction::Forward => running.current(),
        Direction::Backward => cx.rules.undoes_next(&running.done),
    }
}

fn late(from: NodeId, saga: Txn, out: &mut Out) {
    out.because(SagaRule::LateAnswer).why(format_args!("nobody waits for {from} in {saga}"));
}
