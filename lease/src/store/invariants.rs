//! Invariants of the fenced store, checked from outside.

mod symmetry;

use std::collections::{BTreeMap, BTreeSet};

use quorate_protocol::{Invariant, InvariantSummary, InvariantViolation, NodeId, RequestId, StepView};

use super::{Command, Done, Fact, FencedStore};
use crate::id::Token;
use crate::name::Value;

/// No completed write is lost: the next holder opens with the value written last, or with one whose
/// write was in progress; and once it has opened, no value that it did not adopt completes under an
/// older token.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct NoLostWrite {
    /// The highest token that has opened, with its front: fronts that share a token come one after
    /// the other, in the order of their [`Fence`](super::Fence)s.
    opened: Option<(Token, NodeId)>,
    /// The last value that took effect.
    last: Option<Value>,
    /// All values that took effect: their completion may be reported late.
    effective: BTreeSet<Value>,
    /// Values requested since the last opening, each of which may or may not take effect.
    wanted: BTreeSet<Value>,
}

impl NoLostWrite {
    fn completed(&mut self, node: NodeId, token: Token, value: &Value) -> Result<(), String> {
        match self.opened.filter(|opened| *opened > (token, node)) {
            Some(_) if self.effective.contains(value) => Ok(()),
            Some((opened, by)) => {
                Err(format!("{node} completed '{value}' under {token}, and {by} had opened with {opened} without it"))
            }
            None => {
                self.last = Some(value.clone());
                self.effective.insert(value.clone());
                Ok(())
            }
        }
    }

    fn open(&mut self, node: NodeId, token: Token, value: Option<&Value>) -> Result<(), String> {
        if self.opened.is_some_and(|opened| opened > (token, node)) {
            // A majority answered it before the other front began, and it learns of that late. The
            // history of client operations checks the visible effect.
            return Ok(());
        }
        if value != self.last.as_ref() && !value.is_some_and(|value| self.wanted.contains(value)) {
            let shown = |value: Option<&Value>| value.map_or("nothing", Value::as_str).to_owned();
            let (found, last) = (shown(value), shown(self.last.as_ref()));
            return Err(format!("{node} opened with '{found}', and '{last}' was written last"));
        }
        self.opened = Some((token, node));
        self.wanted.clear();
        self.last = value.cloned();
        self.effective.extend(value.cloned());
        Ok(())
    }
}

impl Invariant<FencedStore> for NoLostWrite {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new("NoLostWrite", "No completed write is lost when another holder takes over.")]
    }

    fn requested(&mut self, _: NodeId, command: &Command) {
        if let Command::Write { value } = command {
            self.wanted.insert(value.clone());
        }
    }

    fn check(&mut self, step: &StepView<'_, FencedStore>) -> Result<(), InvariantViolation> {
        for fact in step.facts() {
            match fact {
                Fact::Completed { token, value, .. } => self.completed(step.node, *token, value),
                Fact::Opened { token, value } => self.open(step.node, *token, value.as_ref()),
                Fact::WriteAccepted { .. } | Fact::WriteRefused { .. } => Ok(()),
            }
            .map_err(|detail| InvariantViolation::new("NoLostWrite", detail))?;
        }
        Ok(())
    }
}

/// A write is executed once: none completes twice, and none that the serving front had adopted
/// completes under its token again.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct EachWriteOnce {
    completed: BTreeSet<RequestId>,
    /// The front that opened the store under the highest token, with that token and the requests
    /// executed by then.
    opened: Option<(Token, NodeId, Done)>,
}

impl EachWriteOnce {
    fn completed(&mut self, node: NodeId, token: Token, ticket: RequestId) -> Result<(), String> {
        if !self.completed.insert(ticket) {
            return Err(format!("{node} completed {ticket} under {token}, and it had been completed before"));
        }
        match &self.opened {
            // The front that began an adopted write may learn of its completion late: that is not a
            // second execution.
            Some((opened, by, done)) if (*opened, *by) <= (token, node) => match done.get(&ticket.client) {
                Some(number) if *number >= ticket.number => {
                    Err(format!("{node} completed {ticket} under {token}, and {by} had adopted number {number}"))
                }
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }
}

impl Invariant<FencedStore> for EachWriteOnce {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new("EachWriteOnce", "No write completes twice.")]
    }

    fn check(&mut self, step: &StepView<'_, FencedStore>) -> Result<(), InvariantViolation> {
        for fact in step.facts() {
            match fact {
                Fact::Completed { token, ticket, .. } => self
                    .completed(step.node, *token, *ticket)
                    .map_err(|detail| InvariantViolation::new("EachWriteOnce", detail))?,
                Fact::Opened { token, .. }
                    if self.opened.as_ref().is_none_or(|(opened, by, _)| (*opened, *by) <= (*token, step.node)) =>
                {
                    let done = step.machine().and_then(FencedStore::done).cloned().unwrap_or_default();
                    self.opened = Some((*token, step.node, done));
                }
                Fact::Opened { .. } | Fact::WriteAccepted { .. } | Fact::WriteRefused { .. } => {}
            }
        }
        Ok(())
    }
}

/// A replica never stores a write under a lower token than before, even across its crashes.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct MarksHold {
    highest: BTreeMap<NodeId, Token>,
}

impl Invariant<FencedStore> for MarksHold {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new(
            "MarksHold",
            "A replica never stores a write under a lower token than before, even across its crashes.",
        )]
    }

    fn check(&mut self, step: &StepView<'_, FencedStore>) -> Result<(), InvariantViolation> {
        for fact in step.facts() {
            let Fact::WriteAccepted { token, .. } = fact else { continue };
            let before = self.highest.insert(step.node, *token);
            if let Some(before) = before.filter(|before| before > token) {
                let detail = format!("{} stored a write under {token} after one under {before}", step.node);
                return Err(InvariantViolation::new("MarksHold", detail));
            }
        }
        Ok(())
    }
}
