//! Snapshots taken, sent and installed (Raft §7).

use std::collections::{BTreeMap, BTreeSet};

use quorate_protocol::{InvariantViolation, NodeId};
use quorate_raft::{
    AppendEntries, InstallSnapshot, KeyValue, LogIndex, Piece, Position, Snapshots as Rhythm, StateMachine,
};

use super::history::History;

/// Record of snapshots.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Snapshots {
    /// Number of entries after which a snapshot is due, and number of replaced entries that may be
    /// kept.
    every: Option<(u64, u64)>,
    /// Last index covered by each node's snapshot.
    newest: BTreeMap<NodeId, LogIndex>,
    installed: BTreeSet<NodeId>,
    /// Pieces of a snapshot sent to each node so far.
    under_way: BTreeMap<(NodeId, Position), Vec<Piece<KeyValue>>>,
}

impl Snapshots {
    pub(super) fn new(rhythm: Option<Rhythm>) -> Self {
        let (newest, installed, under_way) = Default::default();
        Snapshots { every: rhythm.map(|rhythm| (rhythm.every, rhythm.keep)), newest, installed, under_way }
    }

    pub(super) fn has_installed(&self, node: NodeId) -> bool {
        self.installed.contains(&node)
    }

    /// Last index covered by a node's snapshot.
    pub(super) fn newest(&self, node: NodeId) -> LogIndex {
        self.newest.get(&node).copied().unwrap_or_default()
    }

    /// Records that a node replaces the head of its log, which must not exceed its applied entries.
    pub(super) fn takes(
        &mut self,
        node: NodeId,
        last: Position,
        applied: Option<LogIndex>,
    ) -> Result<(), InvariantViolation> {
        // A node that has just started may have applied more than it has reported.
        if applied.is_some_and(|applied| applied < last.index) {
            let detail = format!("{node} takes a snapshot up to {last}, but has not applied all these entries");
            return Err(InvariantViolation::new("SnapshotsTellTheState", detail));
        }
        self.replaces(node, last.index);
        Ok(())
    }

    pub(super) fn installs(&mut self, node: NodeId, last: Position) {
        self.installed.insert(node);
        self.replaces(node, last.index);
    }

    fn replaces(&mut self, node: NodeId, upto: LogIndex) {
        let newest = self.newest.entry(node).or_default();
        *newest = upto.max(*newest);
    }

    /// Checks that a node compacts its log: up to twice the configured number of entries is
    /// allowed.
    pub(super) fn is_compact(&self, node: NodeId, applied: Option<LogIndex>) -> Result<(), InvariantViolation> {
        let (Some((every, _)), Some(applied)) = (self.every, applied) else { return Ok(()) };
        let since = applied.since(self.newest(node));
        if since <= 2 * every {
            return Ok(());
        }
        let detail = format!(
            "{node} has applied {since} entries since its last snapshot, but a snapshot is due every {every} entries"
        );
        Err(InvariantViolation::new("LogIsCompacted", detail))
    }

    /// Checks that a leader does not send entries that its snapshot should have replaced.
    pub(super) fn has_kept(&self, node: NodeId, append: &AppendEntries<KeyValue>) -> Result<(), InvariantViolation> {
        let Some((every, keep)) = self.every.filter(|_| !append.entries.is_empty()) else { return Ok(()) };
        let (first, newest) = (append.previous.index.next(), self.newest(node));
        if first.plus(keep + every) > newest {
            return Ok(());
        }
        let detail = format!("{node} sends entry {first}, which its snapshot up to {newest} must have replaced");
        Err(InvariantViolation::new("LogIsCompacted", detail))
    }

    /// Checks the pieces of a snapshot sent, which must add up to the state.
    pub(super) fn sends(
        &mut self,
        node: NodeId,
        to: NodeId,
        install: &InstallSnapshot<KeyValue>,
        history: &History,
    ) -> Result<(), InvariantViolation> {
        let sent = self.under_way.entry((to, install.last)).or_default();
        let Some(offset) = usize::try_from(install.offset).ok().filter(|offset| *offset <= sent.len()) else {
            let detail = format!(
                "{node} sends {to} chunks of its snapshot from {} on, after the first {}",
                install.offset,
                sent.len()
            );
            return Err(InvariantViolation::new("SnapshotsTellTheState", detail));
        };
        // Pieces may be sent again, after later ones.
        let again = install.pieces.len().min(sent.len() - offset);
        sent[offset..offset + again].clone_from_slice(&install.pieces[..again]);
        sent.extend_from_slice(&install.pieces[again..]);
        if !install.done {
            return Ok(());
        }
        let pieces = sent[..offset + install.pieces.len()].iter().filter_map(|piece| match piece {
            Piece::State(piece) => Some(piece.clone()),
            Piece::Session { .. } => None,
        });
        let (state, truth) = (KeyValue::assemble(pieces), history.store_at(install.last.index));
        if state == truth {
            return Ok(());
        }
        let detail =
            format!("the snapshot of {node} up to {} contains {state:?}, but the state is {truth:?}", install.last);
        Err(InvariantViolation::new("SnapshotsTellTheState", detail))
    }
}
