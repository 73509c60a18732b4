//! Snapshots: the state as of an entry, which replaces the log up to it (Raft §7, dissertation
//! ch. 5).
//!
//! The paper measures chunks in bytes; here they are counted in [pieces](StateMachine::Piece), so
//! that a trace shows their contents.

use quorate_protocol::ClientId;
use serde::{Deserialize, Serialize};

use crate::membership::Membership;
use crate::position::{Position, Term};
use crate::session::{Session, Sessions};
use crate::state_machine::StateMachine;

/// The state as of an entry, which replaces the log up to it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Snapshot<S: StateMachine> {
    /// The last entry that it replaces.
    pub last: Position,
    /// The membership as of that entry.
    pub membership: Membership,
    /// The state and the sessions.
    pub pieces: Vec<Piece<S>>,
}

/// A piece of a snapshot.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub enum Piece<S: StateMachine> {
    /// A client's session (dissertation §6.3).
    Session {
        /// The client.
        client: ClientId,
        /// Its session.
        session: Session<S>,
    },
    /// A piece of the state machine.
    State(S::Piece),
}

impl<S: StateMachine> Snapshot<S> {
    pub(crate) fn take(last: Position, membership: Membership, state: &S, sessions: &Sessions<S>) -> Self {
        let sessions = sessions.iter().map(|(client, session)| Piece::Session { client, session: session.clone() });
        let pieces = sessions.chain(state.pieces().into_iter().map(Piece::State)).collect();
        Snapshot { last, membership, pieces }
    }

    /// Rebuilds the state and the sessions.
    pub(crate) fn unpack(&self) -> (S, Sessions<S>) {
        let mut sessions = Sessions::default();
        let state = self.pieces.iter().filter_map(|piece| match piece {
            Piece::State(piece) => Some(piece.clone()),
            Piece::Session { client, session } => {
                sessions.restore(*client, session.clone());
                None
            }
        });
        (S::assemble(state), sessions)
    }

    /// The chunk at an offset, and whether it is the last.
    pub(crate) fn chunk(&self, offset: u64, pieces: usize) -> (Vec<Piece<S>>, bool) {
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(self.pieces.len());
        let end = start.saturating_add(pieces).min(self.pieces.len());
        (self.pieces[start..end].to_vec(), end == self.pieces.len())
    }
}

/// A snapshot of which not all chunks have arrived yet.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Incoming<S: StateMachine> {
    pub(crate) term: Term,
    pub(crate) snapshot: Snapshot<S>,
}
