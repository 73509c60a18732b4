//! What clients ask of a cluster, and what they are answered (Raft §8, dissertation ch. 6).

use std::fmt;

use quorate_protocol::{Answer, NodeId};
use serde::{Deserialize, Serialize};

use crate::disk::DiskError;
use crate::membership::{Change, ChangeError, Membership};
use crate::position::LogIndex;
use crate::state_machine::StateMachine;

/// What clients ask for. Only the leader does it; any other node answers with a [redirect](Reply::Redirect).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub enum Command<S: StateMachine> {
    /// Replicate this command and apply it (Raft §5.3).
    Apply(S::Command),
    /// Answer this question about the newest state, without writing to the log (dissertation §6.4).
    Read(S::Query),
    /// Change who belongs to the cluster (dissertation ch. 4, Raft §6).
    ChangeMembership(Change),
    /// Hand the leadership to this node (dissertation §3.10).
    TransferLeadership(NodeId),
}

/// What clients are answered.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub enum Reply<S: StateMachine> {
    /// The command is committed and applied: the state machine's answer.
    Applied(S::Reply),
    /// The answer to a question, as of a moment after it was asked.
    Read(S::Reply),
    /// The change is committed: the members now.
    Changed(Box<Membership>),
    /// The leader has stepped aside for this node.
    SteppedAside(NodeId),
    /// This node does not lead. Nothing is known of the request's fate if it was under way; repeating it is safe.
    Redirect {
        /// The leader, as far as this node knows.
        leader: Option<NodeId>,
    },
    /// It was not done.
    Refused(Refusal),
}

/// Why a leader does not do what it is asked.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Refusal {
    /// The command is larger than the cluster takes.
    CommandTooLarge {
        /// Its size in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// The request is older than all that the client's session remembers; it may or may not have been applied.
    Forgotten {
        /// The request's number.
        number: u64,
    },
    /// Another change of membership is not committed yet.
    ChangeInProgress {
        /// The index of its entry.
        index: LogIndex,
    },
    /// The leader has not committed an entry of its own term yet (the 2015 fix to dissertation §4.1).
    NothingCommittedYet,
    /// The learner lacks too many entries to be made a voter.
    LearnerBehind {
        /// The learner.
        node: NodeId,
        /// How many entries it lacks.
        lacks: u64,
        /// How many it may lack.
        limit: u64,
    },
    /// The change makes no sense in the present configuration.
    Impossible(ChangeError),
    /// The leader is about to hand over, and takes no requests meanwhile.
    HandingOver {
        /// The next leader.
        to: NodeId,
    },
    /// The node to hand over to is not a voter.
    NotAVoter(NodeId),
    /// The node to hand over to has not taken over within an election timeout.
    TransferTimedOut {
        /// The node.
        to: NodeId,
    },
    /// The node's disk is damaged, and it takes no part.
    Damaged(DiskError),
}

impl<S: StateMachine> Reply<S> {
    /// What a client does about it: done, ask elsewhere, or ask again when the reason may be gone. The ticket stays the same.
    pub fn advice(&self) -> Answer {
        match self {
            Reply::Redirect { leader: Some(leader) } => Answer::Ask(*leader),
            Reply::Redirect { leader: None } => Answer::AskAgain,
            Reply::Refused(refusal) if refusal.passes() => Answer::AskAgain,
            Reply::Applied(_) | Reply::Read(_) | Reply::Changed(_) | Reply::SteppedAside(_) | Reply::Refused(_) => {
                Answer::Final
            }
        }
    }
}

impl Refusal {
    /// Whether the same request may succeed later, or at another node.
    pub const fn passes(&self) -> bool {
        match self {
            Refusal::ChangeInProgress { .. }
            | Refusal::NothingCommittedYet
            | Refusal::LearnerBehind { .. }
            | Refusal::HandingOver { .. }
            | Refusal::Damaged(_) => true,
            Refusal::CommandTooLarge { .. }
            | Refusal::Forgotten { .. }
            | Refusal::Impossible(_)
            | Refusal::NotAVoter(_)
            | Refusal::TransferTimedOut { .. } => false,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::CommandTooLarge { size, limit } => {
                write!(f, "the command has {size} bytes and the limit is {limit}: split it, or raise command_limit")
            }
            Refusal::Forgotten { number } => write!(
                f,
                "request {number} is older than all that the session remembers: keep fewer requests under way, or raise session_replies"
            ),
            Refusal::ChangeInProgress { index } => {
                write!(f, "the membership change at index {index} is not committed yet: try again when it is")
            }
            Refusal::NothingCommittedYet => {
                f.write_str("the leader has not committed an entry of its own term yet: try again in a moment")
            }
            Refusal::LearnerBehind { node, lacks, limit } => {
                write!(f, "{node} lacks {lacks} entries and may lack {limit}: try again when it has caught up")
            }
            Refusal::Impossible(error) => error.fmt(f),
            Refusal::HandingOver { to } => write!(f, "the leadership is being handed to {to}: ask there"),
            Refusal::NotAVoter(node) => write!(f, "{node} is not a voter and cannot lead: choose a voter"),
            Refusal::TransferTimedOut { to } => {
                write!(f, "{to} has not taken over within an election timeout: see whether it is reachable")
            }
            Refusal::Damaged(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Refusal {}
