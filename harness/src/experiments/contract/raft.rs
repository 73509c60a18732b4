//! Client contract of Raft under a key-value store: one sequential store.

use quorate_lab::linearizability::Model;
use quorate_protocol::Variant;
use quorate_raft::{Command, KeyValue, KeyValueCommand, KeyValueQuery, KeyValueReply, Raft, Reply};

use super::Contract;

/// Contract of Raft under a key-value store: every command is executed once, and all answers are
/// those of one store.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct RaftAnswers;

impl<M: Variant<Reference = Raft<KeyValue>>> Contract<M> for RaftAnswers {
    type Object = Store;

    fn object() -> Store {
        Store
    }

    fn operation(command: &Command<KeyValue>) -> Option<StoreOp> {
        match command {
            Command::Apply(command) => Some(StoreOp::Apply(command.clone())),
            Command::Read(query) => Some(StoreOp::Read(query.clone())),
            Command::ChangeMembership(_) | Command::TransferLeadership(_) => None,
        }
    }

    fn returned(_: &Command<KeyValue>, reply: &Reply<KeyValue>) -> Option<KeyValueReply> {
        match reply {
            Reply::Applied(reply) | Reply::Read(reply) => Some(reply.clone()),
            Reply::Changed(_) | Reply::SteppedAside(_) | Reply::Redirect { .. } | Reply::Refused(_) => None,
        }
    }

    /// A command in the log is executed once, even if it changes nothing.
    fn may_differ(op: &StoreOp, _: &KeyValueReply, _: &KeyValueReply) -> bool {
        matches!(op, StoreOp::Read(_))
    }
}

/// Model: a key-value store, each key by itself. Implemented independently, so that the replicated
/// store is not checked by its own code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Store;

/// Operation on the store.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StoreOp {
    /// Command.
    Apply(KeyValueCommand),
    /// Query.
    Read(KeyValueQuery),
}

impl Model for Store {
    const NAME: &'static str = "key-value";
    type Op = StoreOp;
    type Return = KeyValueReply;
    type State = Option<String>;
    type Key = String;

    fn key(&self, op: &StoreOp) -> String {
        match op {
            StoreOp::Apply(
                KeyValueCommand::Put { key, .. }
                | KeyValueCommand::Append { key, .. }
                | KeyValueCommand::Delete { key }
                | KeyValueCommand::CompareAndSet { key, .. },
            )
            | StoreOp::Read(KeyValueQuery::Get { key }) => key.clone(),
        }
    }

    fn initial(&self, _: &String) -> Option<String> {
        None
    }

    fn apply(&self, holds: &Option<String>, op: &StoreOp, returned: Option<&KeyValueReply>) -> Option<Option<String>> {
        let (next, reply) = match op {
            StoreOp::Read(_) => (holds.clone(), KeyValueReply::Value(holds.clone())),
            StoreOp::Apply(KeyValueCommand::Put { value, .. }) => {
                (Some(value.clone()), KeyValueReply::Value(holds.clone()))
            }
            StoreOp::Apply(KeyValueCommand::Append { value, .. }) => {
                let whole = holds.clone().unwrap_or_default() + value;
                (Some(whole.clone()), KeyValueReply::Value(Some(whole)))
            }
            StoreOp::Apply(KeyValueCommand::Delete { .. }) => (None, KeyValueReply::Value(holds.clone())),
            StoreOp::Apply(KeyValueCommand::CompareAndSet { expected, value, .. }) if expected == holds => {
                (value.clone(), KeyValueReply::Swapped)
            }
            StoreOp::Apply(KeyValueCommand::CompareAndSet { .. }) => {
                (holds.clone(), KeyValueReply::Kept(holds.clone()))
            }
        };
        returned.is_none_or(|returned| *returned == reply).then_some(next)
    }

    fn only_reads(&self, op: &StoreOp, returned: Option<&KeyValueReply>) -> bool {
        matches!(
            (op, returned),
            (StoreOp::Read(_), _)
                | (StoreOp::Apply(KeyValueCommand::CompareAndSet { .. }), Some(KeyValueReply::Kept(_)))
        )
    }

    fn words(&self, op: &StoreOp, returned: Option<&KeyValueReply>) -> String {
        let op = match op {
            StoreOp::Read(KeyValueQuery::Get { key }) => format!("get {key}"),
            StoreOp::Apply(KeyValueCommand::Put { key, value }) => format!("put {key}={value}"),
            StoreOp::Apply(KeyValueCommand::Append { key, value }) => format!("append {value} to {key}"),
            StoreOp::Apply(KeyValueCommand::Delete { key }) => format!("delete {key}"),
            StoreOp::Apply(KeyValueCommand::CompareAndSet { key, expected, value: Some(value) }) => {
                format!("set {key}={value} if it is {}", self.show(expected))
            }
            StoreOp::Apply(KeyValueCommand::CompareAndSet { key, expected, value: None }) => {
                format!("delete {key} if it is {}", self.show(expected))
            }
        };
        match returned {
            Some(KeyValueReply::Value(value)) => format!("{op} → {}", self.show(value)),
            Some(KeyValueReply::Swapped) => format!("{op} → done"),
            Some(KeyValueReply::Kept(value)) => format!("{op} → kept {}", self.show(value)),
            None => op,
        }
    }

    fn show(&self, holds: &Option<String>) -> String {
        holds.clone().unwrap_or_else(|| "nothing".to_owned())
    }
}
