//! Facts that nodes emit during a run, for invariants, checkers and readers of a trace.

use serde::{Deserialize, Serialize};

use crate::entry::Payload;
use crate::membership::Membership;
use crate::position::{LogIndex, Position, Term};
use crate::state_machine::StateMachine;

/// A fact that has become true, as far as the node that emits it knows.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub enum Fact<S: StateMachine> {
    /// This node has become leader (Raft §5.2).
    LeaderElected {
        /// The term that it leads.
        term: Term,
    },
    /// This node has stopped leading.
    SteppedDown {
        /// The term that it led.
        term: Term,
    },
    /// This node knows that the entry is committed (Raft §5.3). Emitted again after a restart.
    Committed {
        /// The index of the entry.
        index: LogIndex,
        /// The entry's term.
        term: Term,
        /// The payload of the entry. Serialized as `command` or, for a configuration, as
        /// `membership`; with the client's `ticket`.
        #[serde(flatten)]
        command: Payload<S>,
    },
    /// This node has applied the entry (Raft §5.3).
    Applied {
        /// The index of the entry.
        index: LogIndex,
        /// The payload of the entry, serialized as in [`Committed`](Fact::Committed).
        #[serde(flatten)]
        command: Payload<S>,
    },
    /// This node has removed entries that conflict with the leader's (Raft §5.3).
    Truncated {
        /// The first entry removed.
        from: LogIndex,
        /// The last entry removed.
        to: LogIndex,
    },
    /// This node has taken a snapshot (Raft §7).
    SnapshotTaken {
        /// The last entry that it replaces.
        last: Position,
    },
    /// This node has installed a snapshot from its leader (Raft §7).
    SnapshotInstalled {
        /// The last entry that it replaces.
        last: Position,
    },
    /// This node knows that the configuration is committed (dissertation §4.1).
    ConfigurationCommitted {
        /// The index of the configuration entry.
        index: LogIndex,
        /// The membership.
        membership: Box<Membership>,
    },
    /// This node has answered a query without writing to the log (dissertation §6.4).
    ReadServed {
        /// The read index: the commit index when the query was registered. The state is at least as
        /// new.
        index: LogIndex,
    },
}
