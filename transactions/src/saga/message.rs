//! Messages, timers and facts of sagas. Commands and answers are those of [two-phase
//! commit](crate::two_phase).

use quorate_protocol::{NodeId, RequestId};
use serde::{Deserialize, Serialize};

use crate::command::Outcome;
use crate::id::{Row, Txn};

/// A message between nodes. The saga is the key under which a service remembers its step.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Message {
    /// Orchestrator to service: do this step.
    Do {
        /// The saga.
        saga: Txn,
        /// The row to change.
        row: Row,
        /// The amount that is added to it.
        by: i64,
    },
    /// Service to orchestrator: the step is done, and seen by all.
    Done {
        /// The saga.
        saga: Txn,
    },
    /// Service to orchestrator: the step cannot be done.
    Refused {
        /// The saga.
        saga: Txn,
    },
    /// Orchestrator to service: undo the step, whether or not it was done.
    Undo {
        /// The saga.
        saga: Txn,
    },
    /// Service to orchestrator: the step is undone, or will never be done.
    Undone {
        /// The saga.
        saga: Txn,
    },
}

/// The timers of an orchestrator.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Timer {
    /// The answer of a service is late.
    Late {
        /// The saga.
        saga: Txn,
    },
    /// The time of a saga is over.
    Limit {
        /// The saga.
        saga: Txn,
    },
}

/// An observable event.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Fact {
    /// The orchestrator has begun a saga for a client.
    Began {
        /// The saga.
        saga: Txn,
        /// The client's request.
        ticket: RequestId,
        /// The services of its steps, in order.
        services: Vec<NodeId>,
    },
    /// This service has done its step.
    Acted {
        /// The saga.
        saga: Txn,
        /// The row.
        row: Row,
        /// The amount that was added to it.
        by: i64,
    },
    /// This service has undone its step.
    Compensated {
        /// The saga.
        saga: Txn,
        /// The row.
        row: Row,
    },
    /// This service was asked to undo a step that it has not seen, and will refuse it.
    Marked {
        /// The saga.
        saga: Txn,
    },
    /// The saga has ended: all steps are done, or all are undone.
    Ended {
        /// The saga.
        saga: Txn,
        /// Its outcome.
        outcome: Outcome,
    },
}
