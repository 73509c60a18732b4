//! Snapshots (log compaction, §7): the resulting state replaces the applied entries, on this node
//! and on followers that lag behind.

use quorate_exercises::build::Context;
use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

use super::{MyRaft, Out, Record, Role, State};

type Install = InstallSnapshot<KeyValue>;

impl MyRaft {
    /// Takes a snapshot of the state, which replaces the applied entries in the log.
    pub(super) fn compact(&mut self, cx: &Context<Self>, out: &mut Out) {
        let Some(rhythm) = cx.config.snapshots else { return };
        let Some(term) = self.stable.term_at(self.applied) else { return };
        if self.applied.since(self.stable.base().index) < rhythm.every {
            return;
        }
        let last = Position { index: self.applied, term };
        let sessions =
            self.sessions.iter().map(|(client, session)| Piece::Session { client, session: session.clone() });
        let pieces = sessions.chain(self.store.pieces().into_iter().map(Piece::State)).collect();
        let snapshot = Box::new(Snapshot { last, membership: cx.config.first_membership(), pieces });
        let mut because = out.because(RaftRule::TakeSnapshot);
        self.keep(Record::Snapshot { snapshot }, &mut because);
        because.emit(Fact::SnapshotTaken { last });
    }

    /// Sends a follower the next pieces of the snapshot that it is receiving, or the first of the
    /// newest snapshot.
    pub(super) fn send_pieces(&mut self, cx: &Context<Self>, to: NodeId, out: &mut Out) {
        let Some(newest) = self.stable.snapshot.clone() else { return };
        let most = cx.config.snapshots.map_or(usize::MAX, |rhythm| rhythm.chunk);
        let Role::Leader { followers } = &mut self.role else { return };
        let Some(progress) = followers.get_mut(&to) else { return };
        let (snapshot, offset) = progress.sending.get_or_insert((newest, 0));
        let pieces: Vec<_> = snapshot.pieces.iter().skip(*offset as usize).take(most).cloned().collect();
        let install = InstallSnapshot {
            term: self.stable.term,
            last: snapshot.last,
            offset: *offset,
            done: *offset as usize + pieces.len() == snapshot.pieces.len(),
            pieces,
            membership: snapshot.membership.clone(),
            round: 0,
        };
        out.because(RaftRule::SendSnapshot).send(to, Message::InstallSnapshot(Box::new(install)));
    }

    pub(super) fn pieces_stored(&mut self, cx: &Context<Self>, from: NodeId, stored: ChunkStored, out: &mut Out) {
        out.because(RaftRule::CountAck);
        match self.follower(from).and_then(|progress| progress.sending.as_mut()) {
            Some((snapshot, offset)) if snapshot.last.index == stored.last && *offset != stored.stored => {
                *offset = stored.stored;
                self.send_pieces(cx, from, out);
            }
            _ => {}
        }
    }

    pub(super) fn asked_to_install(&mut self, cx: &Context<Self>, from: NodeId, install: Install, out: &mut Out) {
        let last = install.last;
        if !self.hears(cx, from, install.term, last.index, out) {
            return;
        }
        let term = self.stable.term;
        let acknowledged = Message::Appended(Appended { term, matched: last.index, round: 0 });
        if last.index <= self.commit {
            out.because(RaftRule::IgnoreOldSnapshot).send(from, acknowledged);
            return;
        }
        let Install { membership, offset, pieces, done, .. } = install;
        let mut incoming = self.incoming.take().filter(|incoming| incoming.last == last);
        let snapshot = incoming.get_or_insert(Snapshot { last, membership, pieces: Vec::new() });
        let fits = offset == snapshot.pieces.len() as u64;
        if fits {
            snapshot.pieces.extend(pieces);
        }
        if fits && done {
            self.install(snapshot.clone(), out);
            out.because(RaftRule::InstallSnapshot).send(from, acknowledged);
        } else {
            let stored = ChunkStored { term, last: last.index, stored: snapshot.pieces.len() as u64, round: 0 };
            out.because(RaftRule::StoreChunk).send(from, Message::ChunkStored(stored));
            self.incoming = incoming;
        }
    }

    fn install(&mut self, snapshot: State, out: &mut Out) {
        let last = snapshot.last;
        let mut because = out.because(RaftRule::InstallSnapshot);
        self.keep(Record::Snapshot { snapshot: Box::new(snapshot) }, &mut because);
        because.emit(Fact::SnapshotInstalled { last });
        self.restore();
    }

    /// Restores the state from the snapshot on disk.
    pub(super) fn restore(&mut self) {
        let Some(snapshot) = &self.stable.snapshot else { return };
        (self.commit, self.applied) = (snapshot.last.index, snapshot.last.index);
        self.sessions = Sessions::default();
        let mut state = Vec::new();
        for piece in snapshot.pieces.clone() {
            match piece {
                Piece::Session { client, session } => self.sessions.restore(client, session),
                Piece::State(piece) => state.push(piece),
            }
        }
        self.store = KeyValue::assemble(state.into_iter());
    }
}
