//! What becomes true in a run, for invariants, checkers and people who watch.

use serde::{Deserialize, Serialize};

use crate::entry::Payload;
use crate::membership::Membership;
use crate::position::{LogIndex, Position, Term};
use crate::state_machine::StateMachine;

/// Something that has become true, as the node that says it knows.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub enum Fact<S: StateMachine> {
    /// This node leads (Raft §5.2).
    LeaderElected {
        /// The term that it leads.
        term: Term,
    },
    /// This node no longer leads.
    SteppedDown {
        /// The term that it led.
        term: Term,
    },
    /// This node knows the entry to be committed (Raft §5.3). After a restart it learns so anew.
    Committed {
        /// Where in the log.
        index: LogIndex,
        /// The entry's term.
        term: Term,
        /// What it asks for. Written as `command`, of a configuration as `membership`, with the `ticket` of who asked.
        #[serde(flatten)]
        command: Payload<S>,
    },
    /// This node has applied the entry (Raft §5.3).
    Applied {
        /// Where in the log.
        index: LogIndex,
        /// What it asks for, written as in [`Committed`](Fact::Committed).
        #[serde(flatten)]
        command: Payload<S>,
    },
    /// This node has removed entries that conflict with the leader's (Raft §5.3).
    Truncated {
        /// The first that is gone.
        from: LogIndex,
        /// The last that is gone.
        to: LogIndex,
    },
    /// This node has taken a snapshot (Raft §7).
    SnapshotTaken {
        /// The last entry that it replaces.
        last: Position,
    },
    /// This node has received a whole snapshot and made it its state (Raft §7).
    SnapshotInstalled {
        /// The last entry that it replaces.
        last: Position,
    },
    /// This node knows the configuration to be committed (dissertation §4.1).
    ConfigurationCommitted {
        /// Where in the log.
        index: LogIndex,
        /// The members.
        membership: Box<Membership>,
    },
    /// This node has answered a question without writing to the log (dissertation §6.4).
    ReadServed {
        /// The commit index when the question came: the state is at least as new.
        index: LogIndex,
    },
}
