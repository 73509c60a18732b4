//! Errors for users of a cluster: failed nodes, and requests without an answer.

use std::fmt;

use quorate_protocol::{Duration, NodeId, RequestId};

use super::identity::REQUESTS_PER_RUN;
use super::storage_error::StorageError;

/// Failure of a node: its thread ended by itself.
#[derive(Clone, Debug)]
pub struct NodeFailure {
    /// The node.
    pub node: NodeId,
    /// The node's name in the run.
    pub name: String,
    /// The cause.
    pub cause: FailureCause,
}

/// The cause of a node's failure.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum FailureCause {
    /// It panicked, with this message.
    Panic(String),
    /// Its disk could not be used. No output that depended on the write has left the node.
    Storage(StorageError),
    /// The manifest of the directory is invalid or belongs elsewhere. No node has started.
    Manifest(StorageError),
    /// The system could not create a thread.
    Thread(String),
}

impl fmt::Display for NodeFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let NodeFailure { name, cause, .. } = self;
        match cause {
            FailureCause::Panic(message) => write!(f, "node {name} panicked: {message}"),
            FailureCause::Storage(error) => write!(f, "node {name} stopped: {error}"),
            FailureCause::Manifest(error) => write!(f, "the cluster cannot start: {error}"),
            FailureCause::Thread(error) => write!(f, "cannot start the thread of node {name}: {error}"),
        }
    }
}

impl std::error::Error for NodeFailure {}

/// The reason why a client has no answer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum AskError {
    /// Its deadline has passed. The request may or may not have taken effect, or may do so later.
    NoAnswer {
        /// The request.
        ticket: RequestId,
        /// Duration of the wait.
        after: Duration,
    },
    /// Every node has failed. The request may or may not be durable.
    AllFailed {
        /// The request.
        ticket: RequestId,
        /// The failures, node by node.
        failures: Vec<NodeFailure>,
    },
    /// The client has used all its request numbers of this run. The request was not sent.
    OutOfNumbers {
        /// The request.
        ticket: RequestId,
    },
    /// The cluster was shut down.
    ShutDown {
        /// The request.
        ticket: RequestId,
    },
}

impl AskError {
    /// The request.
    pub const fn ticket(&self) -> RequestId {
        match self {
            AskError::NoAnswer { ticket, .. }
            | AskError::AllFailed { ticket, .. }
            | AskError::OutOfNumbers { ticket }
            | AskError::ShutDown { ticket } => *ticket,
        }
    }
}

impl fmt::Display for AskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AskError::NoAnswer { ticket, after } => {
                write!(
                    f,
                    "no final reply to {ticket} within {after:?}; the request may or may not have been executed. Check that a majority of the nodes is up, or wait longer"
                )
            }
            AskError::AllFailed { ticket, failures } => {
                write!(f, "no node is running to answer {ticket}")?;
                failures.iter().try_for_each(|failure| write!(f, "; {failure}"))
            }
            AskError::OutOfNumbers { ticket } => write!(
                f,
                "{ticket} was not sent: a client sends at most {REQUESTS_PER_RUN} requests in a run; continue with another client"
            ),
            AskError::ShutDown { ticket } => write!(f, "the cluster was shut down before it answered {ticket}"),
        }
    }
}

impl std::error::Error for AskError {}
