//! The service: does its step in a local transaction, and undoes it. Both are keyed by the saga, so
//! that they may come twice, and in any order.

use std::collections::BTreeMap;

use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{Context, NodeId, Outbox};

use super::disk::{Disk, Note, Record};
use super::message::{Fact, Message};
use super::node::Saga;
use super::rules::SagaRule;
use crate::command::Change;
use crate::id::{Row, Txn};

type Cx<'a> = Context<'a, Saga>;
type Out = Outbox<Saga>;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Service {
    /// The rows that were ever changed; all others have the opening amount.
    pub(crate) rows: BTreeMap<Row, i64>,
    pub(crate) notes: BTreeMap<Txn, Note>,
}

impl Service {
    pub(crate) fn boot(disk: &Disk) -> Self {
        Service { rows: disk.rows.clone(), notes: disk.notes.clone() }
    }

    pub(crate) fn amount(&self, row: &Row, opening: i64) -> i64 {
        self.rows.get(row).copied().unwrap_or(opening)
    }

    /// Handles a step.
    pub(crate) fn act(&mut self, cx: &Cx<'_>, from: NodeId, saga: Txn, change: Change, out: &mut Out) {
        let before = self.amount(&change.row, cx.config.opening);
        match self.notes.get(&saga) {
            Some(Note::Undone { .. }) => {
                if let Refuse(rule) = cx.rules.acts_after_undo() {
                    out.because(rule).why(format_args!("{saga} is undone here")).send(from, Message::Refused { saga });
                    return;
                }
            }
            Some(Note::Done { .. }) => {
                if let Refuse(rule) = cx.rules.acts_again() {
                    out.because(rule).why(format_args!("{saga} is done here")).send(from, Message::Done { saga });
                    return;
                }
            }
            None => {}
        }
        match cx.rules.acts(before, change.by) {
            Allow(rule) => {
                let (row, by, after) = (change.row.clone(), change.by, before.saturating_add(change.by));
                let note = Note::Done { change, before };
                let mut because = out.because(rule);
                because.why(format_args!("{row} is {after}"));
                for record in self.local(cx, row.clone(), after, saga, note) {
                    because.persist(record);
                }
                because.emit(Fact::Acted { saga, row, by }).send(from, Message::Done { saga });
            }
            Refuse(rule) => {
                out.because(rule)
                    .why(format_args!("{} is {before}, and cannot change by {:+}", change.row, change.by))
                    .send(from, Message::Refused { saga });
            }
        }
    }

    /// Handles a compensation.
    pub(crate) fn undo(&mut self, cx: &Cx<'_>, from: NodeId, saga: Txn, out: &mut Out) {
        let (rule, change, before) = match self.notes.get(&saga).cloned() {
            None => return self.mark(cx, from, saga, out),
            Some(Note::Done { change, before }) => (SagaRule::Undo, change, before),
            Some(Note::Undone { change }) => match (cx.rules.undoes_again(), change) {
                (Allow(rule), Some(change)) => {
                    let before = self.amount(&change.row, cx.config.opening);
                    (rule, change, before)
                }
                (Allow(rule) | Refuse(rule), _) => {
                    out.because(rule).why(format_args!("{saga} is undone")).send(from, Message::Undone { saga });
                    return;
                }
            },
        };
        let row = change.row.clone();
        let after = cx.rules.undone(self.amount(&row, cx.config.opening), change.by, before);
        let mut because = out.because(rule);
        because.why(format_args!("{row} is {after}"));
        for record in self.local(cx, row.clone(), after, saga, Note::Undone { change: Some(change) }) {
            because.persist(record);
        }
        because.emit(Fact::Compensated { saga, row }).send(from, Message::Undone { saga });
    }

    /// A compensation finds no step: it may not have come yet.
    fn mark(&mut self, cx: &Cx<'_>, from: NodeId, saga: Txn, out: &mut Out) {
        let mut because = out.because(SagaRule::LeaveMark);
        because.why(format_args!("{saga} has not come here"));
        if cx.rules.leaves_mark() {
            let note = Note::Undone { change: None };
            because.persist(Record::Local { row: None, note: Some((saga, note.clone())) });
            self.notes.insert(saga, note);
        }
        because.emit(Fact::Marked { saga }).send(from, Message::Undone { saga });
    }

    /// Changes a row and takes a note, in one local transaction.
    fn local(&mut self, cx: &Cx<'_>, row: Row, amount: i64, saga: Txn, note: Note) -> Vec<Record> {
        self.rows.insert(row.clone(), amount);
        self.notes.insert(saga, note.clone());
        let (row, note) = (Some((row, amount)), Some((saga, note)));
        if cx.rules.notes_in_one_write() {
            vec![Record::Local { row, note }]
        } else {
            vec![Record::Local { row, note: None }, Record::Local { row: None, note }]
        }
    }
}
