//! What nodes say to each other: the RPCs of Figure 2 and Figure 13 as one-way messages, and their answers.
//!
//! | message | asks or says | source |
//! |---|---|---|
//! | `RequestVote` → `VoteGranted`, `VoteRefused` | your vote in this term | Raft §5.2, §5.4.1 |
//! | `RequestPreVote` → `PreVoteGranted`, `PreVoteRefused` | would you vote for me in the next term? | dissertation §9.6 |
//! | `AppendEntries` → `Appended`, `AppendRefused` | store these entries; I lead | Raft §5.3 |
//! | `InstallSnapshot` → `ChunkStored`, at the end `Appended` | store this piece of a snapshot | Raft §7 |
//! | `TimeoutNow` | stand for election at once | dissertation §3.10 |

use std::fmt;

use quorate_protocol::NodeId;
use serde::{Deserialize, Serialize};

use crate::log::Batch;
use crate::membership::Membership;
use crate::position::{LogIndex, Position, Term};
use crate::snapshot::Piece;
use crate::state_machine::StateMachine;

/// A candidate asks for a vote, or asks whether it would get one. The candidate is the sender.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct RequestVote {
    /// The term that the candidate stands for. In a pre-vote, the one that it *would* stand for.
    pub term: Term,
    /// The last entry of the candidate's log.
    #[serde(rename = "last_log")]
    pub last: Position,
    /// The leader itself asked for this election, so a voter need not protect it (dissertation §3.10, §4.2.3). Written only if so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub transfer: bool,
}

/// The leader's entries, or with none of them its heartbeat.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct AppendEntries<S: StateMachine> {
    /// The leader's term.
    pub term: Term,
    /// The entry just before the new ones: the follower must have it.
    pub previous: Position,
    /// The new entries, in order.
    pub entries: Batch<S>,
    /// The leader's commit index.
    pub commit: LogIndex,
    /// The leader's count of the rounds in which it makes sure that it still leads (dissertation §6.4); answers echo it. Written
    /// once there was one.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub round: u64,
}

/// The follower's log agrees with the leader's up to here.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Appended {
    /// The follower's term.
    pub term: Term,
    /// The last entry that is known to agree.
    pub matched: LogIndex,
    /// The round of the message that this answers.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub round: u64,
}

/// The follower lacks the entry before the new ones, or knows of a later term.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct AppendRefused {
    /// The follower's term.
    pub term: Term,
    /// The index that the follower was asked to have and has not.
    pub previous: LogIndex,
    /// Where the leader should try next.
    pub conflict: Conflict,
    /// The round of the message that this answers; none if that came in an earlier term.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub round: u64,
}

/// The follower's hint, which spares the leader one round trip per conflicting entry (end of Raft §5.3).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Conflict {
    /// The term of the follower's entry at the refused index; `None` if its log ends before.
    pub term: Option<Term>,
    /// The follower's first entry of that term, or the index after its last entry.
    pub first: LogIndex,
}

/// A chunk of a snapshot, for a follower that needs entries which the leader has discarded.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct InstallSnapshot<S: StateMachine> {
    /// The leader's term.
    pub term: Term,
    /// The last entry that the snapshot replaces.
    pub last: Position,
    /// How many pieces come before this chunk.
    pub offset: u64,
    /// The chunk.
    pub pieces: Vec<Piece<S>>,
    /// Whether this is the last chunk.
    pub done: bool,
    /// The members as of that entry.
    pub membership: Membership,
    /// As in [`AppendEntries::round`].
    #[serde(default, skip_serializing_if = "is_zero")]
    pub round: u64,
}

/// The follower has the snapshot up to here, and waits for the rest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct ChunkStored {
    /// The follower's term.
    pub term: Term,
    /// The snapshot, by the last entry that it replaces.
    pub last: LogIndex,
    /// How many pieces of it the follower holds: the offset of the chunk it wants.
    pub stored: u64,
    /// The round of the message that this answers.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub round: u64,
}

/// What nodes say to each other.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub enum Message<S: StateMachine> {
    /// Vote for me (Raft §5.2).
    RequestVote(RequestVote),
    /// You have my vote.
    VoteGranted {
        /// The term of the vote.
        term: Term,
    },
    /// You do not have my vote.
    VoteRefused {
        /// The voter's term.
        term: Term,
    },
    /// Would you vote for me (dissertation §9.6)?
    RequestPreVote(RequestVote),
    /// I would vote for you.
    PreVoteGranted {
        /// The term that was asked about: the candidate's next.
        term: Term,
    },
    /// I would not vote for you.
    PreVoteRefused {
        /// The voter's own term.
        term: Term,
    },
    /// Store these entries (Raft §5.3).
    AppendEntries(AppendEntries<S>),
    /// I have stored them.
    Appended(Appended),
    /// They do not fit.
    AppendRefused(AppendRefused),
    /// Take this snapshot (Raft §7).
    InstallSnapshot(Box<InstallSnapshot<S>>),
    /// I have this much of the snapshot.
    ChunkStored(ChunkStored),
    /// Stand for election at once (dissertation §3.10).
    TimeoutNow {
        /// The leader's term.
        term: Term,
    },
}

impl<S: StateMachine> Message<S> {
    /// The term in which its sender speaks (Raft §5.1). A pre-vote, asked for or given, speaks of a term that has not begun: none.
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

/// The names of the timers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Timer {
    /// A follower's or candidate's patience; drawn from a range, so that candidates seldom collide (Raft §5.2).
    Election,
    /// The leader's next heartbeat (Raft §5.2).
    Heartbeat,
    /// The minimum election timeout since the leader was last heard (Raft §6). Armed with PreVote or CheckQuorum.
    LeaderSilence,
    /// The leader's next look at who still answers (dissertation §6.2).
    CheckQuorum,
    /// The end of a leadership transfer that did not come about (dissertation §3.10).
    Transfer,
}

/// A message need not speak of rounds before there was any.
fn is_zero(round: &u64) -> bool {
    *round == 0
}

/// How the cluster finds a leader's name in a sentence.
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
