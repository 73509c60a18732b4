//! Log compaction (Raft §7, dissertation ch. 5): taking, sending and installing
//! [snapshots](Snapshot).
//!
//! Each node replaces the applied head of its log by a snapshot of its state, sessions and
//! membership, on its own. A leader sends its snapshot to a follower that needs discarded entries,
//! in chunks; each chunk is acknowledged.

use std::sync::Arc;

use quorate_protocol::NodeId;
use quorate_protocol::Ruling::{Allow, Refuse};

use crate::disk::Record;
use crate::fact::Fact;
use crate::message::{Appended, ChunkStored, InstallSnapshot, Message};
use crate::node::{Cx, Out, Raft};
use crate::position::{LogIndex, Position};
use crate::replication::counted_progress;
use crate::role::{Progress, ReplicationState, RoleState};
use crate::rules::RaftRule;
use crate::snapshot::{Incoming, Snapshot};
use crate::state_machine::StateMachine;

impl<S: StateMachine> Raft<S> {
    /// Takes a snapshot and compacts the log, once enough entries have been applied since the last
    /// snapshot.
    pub(crate) fn compact(&mut self, cx: &Cx<S>, out: &mut Out<S>) {
        let Some(snapshots) = cx.config.snapshots else { return };
        let replaced = self.snapshot.as_ref().map_or(LogIndex(0), |snapshot| snapshot.last.index);
        if self.applied.since(replaced) < snapshots.every {
            return;
        }
        // Missing if the disk had a snapshot but not the log up to it, or if a rulebook has
        // installed one older than the base.
        let Some(term) = self.log.term_at(self.applied) else { return };
        let last = Position { index: self.applied, term };
        let membership = self.memberships.at(last.index).clone();
        let snapshot = Snapshot::take(last, membership, &self.state, &self.sessions);
        let base = LogIndex(last.index.0.saturating_sub(snapshots.keep)).max(self.log.base().index);
        let base = Position { index: base, term: self.log.term_of(base) };
        self.adopt_snapshot(RaftRule::TakeSnapshot, snapshot, base, Fact::SnapshotTaken { last }, out);
    }

    /// Makes a snapshot durable, and then compacts the log up to `base`.
    fn adopt_snapshot(
        &mut self,
        rule: RaftRule,
        snapshot: Snapshot<S>,
        base: Position,
        fact: Fact<S>,
        out: &mut Out<S>,
    ) {
        debug_assert!(base.index <= snapshot.last.index, "the log has all that the snapshot does not replace");
        let mut because = out.because(rule);
        because.why(format_args!("the snapshot replaces all up to {}, the log begins after {base}", snapshot.last));
        let record = Record::Snapshot { snapshot: Box::new(snapshot.clone()), base };
        because.persist(record);
        because.emit(fact);
        self.log.compact(base);
        self.memberships.settle(snapshot.last.index);
        self.snapshot = Some(Arc::new(snapshot));
    }

    /// Sends the snapshot to each follower whose next entry was discarded; on a heartbeat
    /// (`again`), also repeats the chunks that are not acknowledged yet.
    pub(crate) fn send_snapshots(&mut self, cx: &Cx<S>, again: bool, out: &mut Out<S>) {
        let base = self.log.base().index;
        // Committing may have ended the leadership.
        let RoleState::Leader(lead) = &self.role else { return };
        let due = |progress: &Progress<S>| match progress.state {
            ReplicationState::Snapshot { .. } => again,
            ReplicationState::Probe { .. } | ReplicationState::Replicate => progress.next <= base,
        };
        if !lead.followers.iter().any(|(_, progress)| due(progress)) {
            return;
        }
        let nodes: Vec<NodeId> =
            lead.followers.iter().filter(|(_, progress)| due(progress)).map(|(node, _)| *node).collect();
        nodes.into_iter().for_each(|node| self.send_chunk(cx, node, out));
    }

    /// Sends a follower its next chunk, of the newest snapshot if it is not receiving one already.
    fn send_chunk(&mut self, cx: &Cx<S>, node: NodeId, out: &mut Out<S>) {
        let most = cx.config.snapshots.map_or(usize::MAX, |snapshots| snapshots.chunk);
        debug_assert!(self.snapshot.is_some(), "entries are gone only behind a snapshot");
        let (Some(newest), Some(lead)) = (&self.snapshot, self.role.leadership_mut()) else { return };
        let round = lead.round;
        let progress = lead.follower_mut(node);
        debug_assert!(progress.is_some(), "only followers are sent chunks");
        let Some(progress) = progress else { return };
        let (snapshot, offset) = progress.install(newest);
        let (pieces, done) = snapshot.chunk(offset, most);
        let last = snapshot.last;
        let install = InstallSnapshot {
            term: self.term,
            last,
            membership: snapshot.membership.clone(),
            offset,
            pieces,
            done,
            round,
        };
        out.because(RaftRule::SendSnapshot)
            .why(format_args!("{node} needs the snapshot up to {last}, from piece {offset}"))
            .send(node, Message::InstallSnapshot(Box::new(install)));
    }

    /// InstallSnapshot, receiver (Raft Figure 13).
    pub(crate) fn on_install_snapshot(
        &mut self,
        cx: &Cx<S>,
        from: NodeId,
        install: InstallSnapshot<S>,
        out: &mut Out<S>,
    ) {
        if install.term < self.term {
            return self.refuse_stale_leader(cx, from, install.term, install.last.index, out);
        }
        self.note_leader_contact(cx, from, install.term, out);
        let (last, round) = (install.last, install.round);
        let acknowledged = Message::Appended(Appended { term: self.term, matched: last.index, round });
        match cx.rules.installs(last.index, self.commit) {
            Refuse(rule) => {
                out.because(rule)
                    .why(format_args!("all up to {} is committed here", self.commit))
                    .send(from, acknowledged);
            }
            Allow(rule) => {
                if let Some(snapshot) = self.store_chunk(from, install, out) {
                    self.install(cx, rule, snapshot, out);
                    out.because(rule).why(format_args!("the log agrees up to {last}")).send(from, acknowledged);
                }
            }
        }
    }

    /// Adds a chunk to those that have arrived. Returns the snapshot if this was the last chunk.
    fn store_chunk(&mut self, from: NodeId, install: InstallSnapshot<S>, out: &mut Out<S>) -> Option<Snapshot<S>> {
        let InstallSnapshot { term, last, membership, offset, pieces, done, round } = install;
        let incoming = match &mut self.incoming {
            Some(incoming) if incoming.term == term && incoming.snapshot.last == last => incoming,
            other => other.insert(Incoming { term, snapshot: Snapshot { last, membership, pieces: Vec::new() } }),
        };
        let fits = offset == incoming.snapshot.pieces.len() as u64;
        if fits {
            incoming.snapshot.pieces.extend(pieces);
        }
        let stored = incoming.snapshot.pieces.len() as u64;
        if fits && done {
            out.because(RaftRule::StoreChunk).why(format_args!("all {stored} pieces are here"));
            return self.incoming.take().map(|incoming| incoming.snapshot);
        }
        let answer = ChunkStored { term: self.term, last: last.index, stored, round };
        out.because(if fits { RaftRule::StoreChunk } else { RaftRule::RefuseChunk })
            .why(format_args!("{stored} pieces are here, this chunk begins at {offset}"))
            .send(from, Message::ChunkStored(answer));
        None
    }

    /// Replaces the state by a complete snapshot. Log entries that follow it stay (Raft Figure 13,
    /// 6 to 8).
    fn install(&mut self, cx: &Cx<S>, rule: RaftRule, snapshot: Snapshot<S>, out: &mut Out<S>) {
        let last = snapshot.last;
        (self.state, self.sessions) = snapshot.unpack();
        (self.commit, self.applied) = (last.index, last.index);
        let mine = self.log.term_at(last.index);
        // The log begins after an entry of its own, which is the snapshot's if their terms agree.
        let base = match mine.filter(|_| cx.rules.keeps_log_behind_snapshot(last, mine)) {
            Some(term) => Position { index: last.index, term },
            None => {
                self.memberships.truncate(LogIndex(0));
                last
            }
        };
        self.memberships.rebase(last.index, snapshot.membership.clone());
        self.term = cx.rules.term_after_snapshot(self.term, last.term);
        self.adopt_snapshot(rule, snapshot, base, Fact::SnapshotInstalled { last }, out);
    }

    /// Handles the acknowledgement of a chunk: sends the next one.
    pub(crate) fn on_chunk_stored(&mut self, cx: &Cx<S>, from: NodeId, stored: ChunkStored, out: &mut Out<S>) {
        if stored.term > self.term {
            return self.adopt_term(cx, stored.term, out);
        }
        let Some(progress) =
            counted_progress(cx.rules, &mut self.role, (from, stored.term, stored.round), self.term, out)
        else {
            return;
        };
        match &mut progress.state {
            ReplicationState::Snapshot { snapshot, offset }
                if snapshot.last.index == stored.last && *offset != stored.stored =>
            {
                *offset = stored.stored;
                self.send_chunk(cx, from, out);
            }
            _ => {
                let ChunkStored { last, stored, .. } = stored;
                out.because(RaftRule::IgnoreStale)
                    .why(format_args!("that {from} has {stored} pieces of the snapshot up to {last} is known"));
            }
        }
        self.serve_reads(cx, out);
    }
}
