//! Invariants of a primary with a backup, checked from outside.

use std::collections::BTreeMap;

use quorate_protocol::{Invariant, InvariantSummary, InvariantViolation, NodeId, RequestId, StepView};

use super::config::Mode;
use super::message::{Fact, View};
use super::node::PrimaryBackup;

type Step<'a> = StepView<'a, PrimaryBackup>;
type Checked = Result<(), InvariantViolation>;

/// In each view one server takes office, and no other.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct OnePrimaryPerView(BTreeMap<u64, NodeId>);

impl Invariant<PrimaryBackup> for OnePrimaryPerView {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new("OnePrimaryPerView", "No two servers take office in one view.")]
    }

    fn check(&mut self, seen: &Step<'_>) -> Checked {
        for fact in seen.facts() {
            let Fact::TookOffice { view } = fact else { continue };
            let first = *self.0.entry(*view).or_insert(seen.node);
            if first != seen.node {
                let detail = format!("{first} and {} are primaries of view {view}", seen.node);
                return Err(InvariantViolation::new("OnePrimaryPerView", detail));
            }
        }
        Ok(())
    }
}

/// The primary of a view was the primary or the backup of the view before.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Succession(Option<View>);

impl Invariant<PrimaryBackup> for Succession {
    fn summaries(&self) -> Vec<InvariantSummary> {
        let says = "Views are numbered one by one, and a primary was primary or backup in the view before.";
        vec![InvariantSummary::new("Succession", says)]
    }

    fn check(&mut self, seen: &Step<'_>) -> Checked {
        for fact in seen.facts() {
            let Fact::Named { view } = fact else { continue };
            if let Some(before) = self.0.replace(*view)
                && (view.number != before.number + 1 || !before.has(view.primary))
            {
                let detail = format!("view {} with {} follows {before:?}", view.number, view.primary);
                return Err(InvariantViolation::new("Succession", detail));
            }
        }
        Ok(())
    }
}

/// In synchronous mode, a write that was acknowledged, or shown to a reader, is in the state of the
/// primary of that view and of all later ones.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct NoLostWrite {
    /// The writes to be kept, with the first view in which each was acknowledged or shown.
    kept: BTreeMap<RequestId, u64>,
}

impl NoLostWrite {
    /// The first primary that lacks a write, with the write.
    fn lacking(&self, seen: &Step<'_>) -> Option<(NodeId, u64, RequestId)> {
        seen.up().find_map(|(node, machine)| {
            let view = machine.view_known().filter(|view| view.primary == node)?.number;
            let state = machine.state()?;
            let lost = self.kept.iter().find(|(ticket, since)| **since <= view && !state.has(**ticket))?;
            Some((node, view, *lost.0))
        })
    }
}

impl Invariant<PrimaryBackup> for NoLostWrite {
    fn summaries(&self) -> Vec<InvariantSummary> {
        let says = "In synchronous mode, a write that was acknowledged or read is in the state of every later primary.";
        vec![InvariantSummary::new("NoLostWrite", says)]
    }

    fn check(&mut self, seen: &Step<'_>) -> Checked {
        if seen.constants.config().mode == Mode::Asynchronous {
            return Ok(());
        }
        for fact in seen.facts() {
            let (write, view) = match fact {
                Fact::Acknowledged { ticket, view } => (Some(*ticket), *view),
                Fact::Returned { writer, view, .. } => (*writer, *view),
                _ => continue,
            };
            if let Some(write) = write {
                let since = self.kept.entry(write).or_insert(view);
                *since = (*since).min(view);
            }
        }
        match self.lacking(seen) {
            None => Ok(()),
            Some((node, view, write)) => {
                let detail = format!("{write} was acknowledged or shown, and {node}, primary of view {view}, lacks it");
                Err(InvariantViolation::new("NoLostWrite", detail))
            }
        }
    }
}

/// All invariants of a primary with a backup.
pub type Safety = (OnePrimaryPerView, Succession, NoLostWrite);
