//! Client requests and replies (Raft §8, dissertation ch. 6).

use std::fmt;

use quorate_protocol::{Disposition, NodeId};
use serde::{Deserialize, Serialize};

use crate::disk::DiskError;
use crate::membership::{ChangeError, ConfigChange, Membership};
use crate::position::LogIndex;
use crate::state_machine::StateMachine;

/// A client request. Only the leader serves it; any other node replies with a
/// [redirect](Reply::Redirect).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub enum Command<S: StateMachine> {
    /// Replicates a command and applies it (Raft §5.3).
    Apply(S::Command),
    /// Answers a query from the newest state, without writing to the log (dissertation §6.4).
    Read(S::Query),
    /// Changes the members of the cluster (dissertation ch. 4, Raft §6).
    ChangeMembership(ConfigChange),
    /// Transfers leadership to this node (dissertation §3.10).
    TransferLeadership(NodeId),
}

/// The reply to a client.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub enum Reply<S: StateMachine> {
    /// The command is committed and applied: the state machine's reply.
    Applied(S::Reply),
    /// The answer to a query, as of a moment after the query was sent.
    Read(S::Reply),
    /// The change is committed: the new membership.
    Changed(Box<Membership>),
    /// The leader has stepped down in favor of this node.
    SteppedAside(NodeId),
    /// This node does not lead. If the request was in progress, its outcome is unknown; repeating
    /// it is safe.
    Redirect {
        /// The leader, as far as this node knows.
        leader: Option<NodeId>,
    },
    /// The request was refused.
    Refused(Refusal),
}

/// The reason that a node refuses a request.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Refusal {
    /// The command is larger than the limit.
    CommandTooLarge {
        /// Its size in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// The request is older than everything the client's session remembers; it may or may not have
    /// been applied.
    Forgotten {
        /// The request's number.
        number: u64,
    },
    /// Another membership change is not committed yet.
    ChangeInProgress {
        /// The index of its entry.
        index: LogIndex,
    },
    /// The leader has not committed an entry of its own term yet (the 2015 fix to
    /// dissertation §4.1).
    NothingCommittedYet,
    /// The learner lacks too many entries to be made a voter.
    LearnerBehind {
        /// The learner.
        node: NodeId,
        /// Number of entries it lacks.
        lacks: u64,
        /// Maximum number of entries it may lack.
        limit: u64,
    },
    /// The change is invalid in the current configuration.
    Impossible(ChangeError),
    /// A leadership transfer is in progress; the leader accepts no requests meanwhile.
    HandingOver {
        /// The successor.
        to: NodeId,
    },
    /// The successor is not a voter.
    NotAVoter(NodeId),
    /// The successor has not taken over within an election timeout.
    TransferTimedOut {
        /// The successor.
        to: NodeId,
    },
    /// The node's disk is damaged, and the node takes no part.
    Damaged(DiskError),
}

impl<S: StateMachine> Reply<S> {
    /// The client's next action: done, ask another node, or retry later. The ticket stays the same.
    pub fn disposition(&self) -> Disposition {
        match self {
            Reply::Redirect { leader: Some(leader) } => Disposition::Redirect(*leader),
            Reply::Redirect { leader: None } => Disposition::Retry,
            Reply::Refused(refusal) if refusal.is_transient() => Disposition::Retry,
            Reply::Applied(_) | Reply::Read(_) | Reply::Changed(_) | Reply::SteppedAside(_) | Reply::Refused(_) => {
                Disposition::Final
            }
        }
    }
}

impl Refusal {
    /// Whether the same request may succeed later, or at another node.
    pub const fn is_transient(&self) -> bool {
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
