//! Messages between nodes: the RPCs of Figure 2 and Figure 13 as one-way messages, and their
//! answers.
//!
//! | message | meaning | source |
//! |---|---|---|
//! | `RequestVote` → `VoteGranted`, `VoteRefused` | requests a vote in this term | Raft §5.2, §5.4.1 |
//! | `RequestPreVote` → `PreVoteGranted`, `PreVoteRefused` | asks for a vote in the next term, not binding | dissertation §9.6 |
//! | `AppendEntries` → `Appended`, `AppendRefused` | replicates entries; heartbeat | Raft §5.3 |
//! | `InstallSnapshot` → `ChunkStored`, at the end `Appended` | sends a chunk of a snapshot | Raft §7 |
//! | `TimeoutNow` | tells a node to start an election at once | dissertation §3.10 |

use std::fmt;

use quorate_protocol::NodeId;
use serde::{Deserialize, Serialize};

use crate::log::Batch;
use crate::membership::Membership;
use crate::position::{LogIndex, Position, Term};
use crate::snapshot::Piece;
use crate::state_machine::StateMachine;

/// Request for a vote or a pre-vote. The candidate is the sender.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct RequestVote {
    /// The term of the election. In a pre-vote, the term that the candidate *would* start.
    pub term: Term,
    /// The last entry of the candidate's log.
    #[serde(rename = "last_log")]
    pub last: Position,
    /// The leader itself started this election, so voters need not protect it (dissertation §3.10,
    /// §4.2.3). Serialized only if set.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub transfer: bool,
}

/// The leader's entries; without entries, a heartbeat.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct AppendEntries<S: StateMachine> {
    /// The leader's term.
    pub term: Term,
    /// The entry just before the new ones; the follower must have it.
    pub previous: Position,
    /// The new entries, in order.
    pub entries: Batch<S>,
    /// The leader's commit index.
    pub commit: LogIndex,
    /// The leader's count of rounds that confirm its leadership (dissertation §6.4); answers echo
    /// it. Serialized only once a round has begun.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub round: u64,
}

/// Acknowledgement: the follower's log agrees with the leader's up to `matched`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Appended {
    /// The follower's term.
    pub term: Term,
    /// The last entry known to agree.
    pub matched: LogIndex,
    /// The round of the message that this answers.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub round: u64,
}

/// Refusal: the follower lacks the entry before the new ones, or knows a later term.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct AppendRefused {
    /// The follower's term.
    pub term: Term,
    /// The index before the refused entries.
    pub previous: LogIndex,
    /// The hint for the leader's next attempt.
    pub conflict: Conflict,
    /// The round of the message that this answers; 0 if that message came in an earlier term.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub round: u64,
}

/// The follower's hint about a conflict, which lets the leader skip a whole term per round trip
/// instead of one entry (end of Raft §5.3).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Conflict {
    /// The term of the follower's entry at the refused index; `None` if its log ends before that
    /// index.
    pub term: Option<Term>,
    /// The follower's first entry of that term, or the index after its last entry.
    pub first: LogIndex,
}

/// A chunk of a snapshot, for a follower that needs entries the leader has discarded.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct InstallSnapshot<S: StateMachine> {
    /// The leader's term.
    pub term: Term,
    /// The last entry that the snapshot replaces.
    pub last: Position,
    /// Number of pieces before this chunk.
    pub offset: u64,
    /// The pieces of this chunk.
    pub pieces: Vec<Piece<S>>,
    /// Whether this is the last chunk.
    pub done: bool,
    /// The membership as of that entry.
    pub membership: Membership,
    /// The round, as in [`AppendEntries::round`].
    #[serde(default, skip_serializing_if = "is_zero")]
    pub round: u64,
}

/// Acknowledgement of a chunk; the follower waits for the next one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct ChunkStored {
    /// The follower's term.
    pub term: Term,
    /// The snapshot, identified by the last entry that it replaces.
    pub last: LogIndex,
    /// Number of pieces that the follower holds: the offset of the next chunk.
    pub stored: u64,
    /// The round of the message that this answers.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub round: u64,
}

/// A message between nodes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub enum Message<S: StateMachine> {
    /// Requests a vote (Raft §5.2).
    RequestVote(RequestVote),
    /// Grants a vote.
    VoteGranted {
        /// The term of the vote.
        term: Term,
    },
    /// Refuses a vote.
    VoteRefused {
        /// The voter's term.
        term: Term,
    },
    /// Asks whether the receiver would vote for the sender (dissertation §9.6).
    RequestPreVote(RequestVote),
    /// Grants a pre-vote.
    PreVoteGranted {
        /// The term of the request: the candidate's next term.
        term: Term,
    },
    /// Refuses a pre-vote.
    PreVoteRefused {
        /// The voter's own term.
        term: Term,
    },
    /// Replicates entries; without entries, a heartbeat (Raft §5.3).
    AppendEntries(AppendEntries<S>),
    /// Acknowledges entries.
    Appended(Appended),
    /// Refuses entries that fail the consistency check or come from a stale leader.
    AppendRefused(AppendRefused),
    /// Sends a chunk of a snapshot (Raft §7).
    InstallSnapshot(Box<InstallSnapshot<S>>),
    /// Acknowledges a chunk of a snapshot.
    ChunkStored(ChunkStored),
    /// Tells the receiver to start an election at once (dissertation §3.10).
    TimeoutNow {
        /// The leader's term.
        term: Term,
    },
}

impl<S: StateMachine> Message<S> {
    /// The term of the sender (Raft §5.1). `None` for a pre-vote request or grant, whose term has
    /// not begun.
    pub fn term(&self) -> Option<Term> {
        match self {
            Message::RequestVote(asked) => Some(asked.term),
            Message::AppendEntries(append) => Some(append.term),
            Message::Appended(appended) => Some(appended.term),
            Message::AppendRefused(refused) => Some(refused.term),
            Message::InstallSnapshot(install) => Some(install.term),
            Message::ChunkStored(stored) => Some(stored.term),
            Message::VoteGranted { term }
            | Message::VoteRefused { term }
            | Message::PreVoteRefused { term }
            | Message::TimeoutNow { term } => Some(*term),
            Message::RequestPreVote(_) | Message::PreVoteGranted { .. } => None,
        }
    }
}

/// The timers of a node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Timer {
    /// Election timeout of a follower or candidate, randomized so that candidates seldom collide
    /// (Raft §5.2).
    Election,
    /// Time until the leader's next heartbeat (Raft §5.2).
    Heartbeat,
    /// The minimum election timeout since the leader was last heard (Raft §6). Armed with PreVote
    /// or CheckQuorum.
    LeaderSilence,
    /// Time until the leader's next check that a majority still answers (dissertation §6.2).
    CheckQuorum,
    /// Time limit of a leadership transfer (dissertation §3.10).
    Transfer,
}

/// Whether to omit the round when serializing: there has been none yet.
fn is_zero(round: &u64) -> bool {
    *round == 0
}

/// Formats a node's name in a sentence, "nobody" for none.
pub(crate) fn shown(node: Option<NodeId>) -> impl fmt::Display {
    struct Shown(Option<NodeId>);
    impl fmt::Display for Shown {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            match self.0 {
                Some(node) => fmt::Display::fmt(&node, f),
                None => f.write_str("nobody"),
            }
        }
    }
    Shown(node)
}
