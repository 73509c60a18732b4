//! Log entries (Raft §5.3).
//!
//! Entries are what readers of a trace read most, so they are serialized flat, as their payload:
//! `{"term":2,"command":{"Put":{"key":"x","value":"1"}},"ticket":"c1 #7"}`,
//! `{"term":2,"command":"no-op"}`.

use quorate_protocol::RequestId;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::membership::Membership;
use crate::position::Term;
use crate::state_machine::StateMachine;

/// A log entry: a payload and the term of the leader that created it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Entry<S: StateMachine> {
    /// The term of the leader that created it.
    pub term: Term,
    /// The content of the entry.
    #[serde(flatten)]
    pub payload: Payload<S>,
}

/// The content of an entry.
///
/// Serialized as its own fields: `command` or `membership`, and the `ticket` of the client that
/// asked.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Payload<S: StateMachine> {
    /// No-op: a leader's first entry in its term, so that it can commit the entries before it
    /// (Raft §8).
    Noop,
    /// A client's command for the state machine.
    Apply {
        /// The client and its request number, which identify a repeated command
        /// (dissertation §6.3).
        ticket: RequestId,
        /// The command.
        command: S::Command,
    },
    /// A new configuration of the cluster, in force as soon as it is in the log (Raft §6).
    Configure(Box<Configuration>),
}

/// A configuration entry.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Configuration {
    /// The membership from this entry on.
    pub membership: Membership,
    /// The client's request. `None` if that was compacted before the joint configuration was left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<RequestId>,
}

impl<S: StateMachine> Serialize for Payload<S> {
    fn serialize<T: Serializer>(&self, serializer: T) -> Result<T::Ok, T::Error> {
        let written: Written<'_, S> = match self {
            Payload::Noop => Written::Noop { command: NoOp::NoOp },
            Payload::Apply { ticket, command } => Written::Apply { command, ticket: *ticket },
            Payload::Configure(configuration) => Written::Configure(configuration),
        };
        written.serialize(serializer)
    }
}

impl<'de, S: StateMachine> Deserialize<'de> for Payload<S> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Read::<S>::deserialize(deserializer)? {
            Read::Apply { command, ticket } => Payload::Apply { ticket, command },
            Read::Configure(configuration) => Payload::Configure(configuration),
            Read::Noop { command: NoOp::NoOp } => Payload::Noop,
        })
    }
}

/// The serialized form of a payload.
#[derive(Serialize)]
#[serde(untagged, bound = "")]
enum Written<'a, S: StateMachine> {
    Apply { command: &'a S::Command, ticket: RequestId },
    Configure(&'a Configuration),
    Noop { command: NoOp },
}

/// The deserialized form of a payload. Only a client's command has both a command and a ticket.
#[derive(Deserialize)]
#[serde(untagged, bound = "")]
enum Read<S: StateMachine> {
    Apply { command: S::Command, ticket: RequestId },
    Configure(Box<Configuration>),
    Noop { command: NoOp },
}

/// The no-op command.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum NoOp {
    NoOp,
}

#[cfg(test)]
mod tests {
    use quorate_protocol::{ClientId, NodeId};
    use serde_json::json;

    use super::*;
    use crate::kv::{KeyValue, KeyValueCommand};

    #[test]
    fn every_entry_is_written_flat_and_read_back() {
        let ticket = RequestId { client: ClientId(0), number: 7 };
        let command = KeyValueCommand::Put { key: "x".into(), value: "1".into() };
        let membership = Membership::new([NodeId(0)], []);
        let configure = |ticket| Payload::Configure(Box::new(Configuration { ticket, membership: membership.clone() }));
        for (payload, written) in [
            (Payload::Noop, json!({"term": 2, "command": "no-op"})),
            (
                Payload::Apply { ticket, command },
                json!({"term": 2, "command": {"Put": {"key": "x", "value": "1"}}, "ticket": "c1 #7"}),
            ),
            (configure(None), json!({"term": 2, "membership": {"voters": ["n1"]}})),
            (configure(Some(ticket)), json!({"term": 2, "ticket": "c1 #7", "membership": {"voters": ["n1"]}})),
        ] {
            let entry = Entry::<KeyValue> { term: Term(2), payload };
            assert_eq!(serde_json::to_value(&entry).unwrap(), written);
            assert_eq!(serde_json::from_value::<Entry<KeyValue>>(written).unwrap(), entry);
        }
    }
}
