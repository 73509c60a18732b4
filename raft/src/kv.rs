//! A key-value store with string keys and values: get, put, append, delete, compare-and-set.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::state_machine::StateMachine;

/// The key-value store. A key that was never written, or was deleted, has no value.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct KeyValue(BTreeMap<String, String>);

/// A command that changes the store.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum KeyValueCommand {
    /// Sets a value. The reply is the previous value.
    Put {
        /// The key.
        key: String,
        /// The new value.
        value: String,
    },
    /// Appends to a value; a missing one counts as empty. The reply is the new value.
    Append {
        /// The key.
        key: String,
        /// The suffix.
        value: String,
    },
    /// Deletes a value. The reply is the previous value.
    Delete {
        /// The key.
        key: String,
    },
    /// Sets or deletes a value only if the current one is as expected.
    CompareAndSet {
        /// The key.
        key: String,
        /// The expected value; `None` if the key must have no value.
        expected: Option<String>,
        /// The new value; `None` to delete the current one.
        value: Option<String>,
    },
}

/// A query of the store.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum KeyValueQuery {
    /// The value of a key.
    Get {
        /// The key.
        key: String,
    },
}

/// A reply of the store.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum KeyValueReply {
    /// The value; `None` if the key has none.
    Value(Option<String>),
    /// The expected value was there and was replaced.
    Swapped,
    /// The current value differs from the expected one and was kept.
    Kept(Option<String>),
}

impl KeyValue {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    fn compare_and_set(&mut self, key: &str, expected: Option<&str>, value: Option<&str>) -> KeyValueReply {
        let found = self.get(key);
        if found != expected {
            return KeyValueReply::Kept(found.map(str::to_owned));
        }
        match value {
            Some(value) => self.0.insert(key.to_owned(), value.to_owned()),
            None => self.0.remove(key),
        };
        KeyValueReply::Swapped
    }
}

impl StateMachine for KeyValue {
    type Command = KeyValueCommand;
    type Query = KeyValueQuery;
    type Reply = KeyValueReply;
    type Piece = (String, String);

    fn apply(&mut self, command: &KeyValueCommand) -> KeyValueReply {
        match command {
            KeyValueCommand::Put { key, value } => KeyValueReply::Value(self.0.insert(key.clone(), value.clone())),
            KeyValueCommand::Append { key, value } => {
                let whole = self.0.entry(key.clone()).or_default();
                whole.push_str(value);
                KeyValueReply::Value(Some(whole.clone()))
            }
            KeyValueCommand::Delete { key } => KeyValueReply::Value(self.0.remove(key)),
            KeyValueCommand::CompareAndSet { key, expected, value } => {
                self.compare_and_set(key, expected.as_deref(), value.as_deref())
            }
        }
    }

    fn query(&self, KeyValueQuery::Get { key }: &KeyValueQuery) -> KeyValueReply {
        KeyValueReply::Value(self.get(key).map(str::to_owned))
    }

    fn pieces(&self) -> Vec<(String, String)> {
        self.0.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    fn assemble(pieces: impl Iterator<Item = (String, String)>) -> Self {
        KeyValue(pieces.collect())
    }

    fn size(command: &KeyValueCommand) -> usize {
        match command {
            KeyValueCommand::Put { key, value } | KeyValueCommand::Append { key, value } => key.len() + value.len(),
            KeyValueCommand::Delete { key } => key.len(),
            KeyValueCommand::CompareAndSet { key, expected, value } => {
                let size = |value: &Option<String>| value.as_ref().map_or(0, String::len);
                key.len() + size(expected) + size(value)
            }
        }
    }

    fn summary(&self) -> String {
        const SHOWN: usize = 4;
        let mut words: Vec<String> = self.0.iter().take(SHOWN).map(|(key, value)| format!("{key}={value}")).collect();
        if self.0.len() > SHOWN {
            words.push(format!("and {} more", self.0.len() - SHOWN));
        }
        words.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(key: &str, value: &str) -> KeyValueCommand {
        KeyValueCommand::Put { key: key.into(), value: value.into() }
    }

    #[test]
    fn each_command_does_what_it_says() {
        let mut store = KeyValue::default();
        assert_eq!(store.apply(&put("x", "1")), KeyValueReply::Value(None));
        assert_eq!(store.apply(&put("x", "2")), KeyValueReply::Value(Some("1".into())));
        let append = KeyValueCommand::Append { key: "x".into(), value: "3".into() };
        assert_eq!(store.apply(&append), KeyValueReply::Value(Some("23".into())));
        let swap = |expected: Option<&str>| KeyValueCommand::CompareAndSet {
            key: "x".into(),
            expected: expected.map(str::to_owned),
            value: Some("4".into()),
        };
        assert_eq!(store.apply(&swap(None)), KeyValueReply::Kept(Some("23".into())));
        assert_eq!(store.apply(&swap(Some("23"))), KeyValueReply::Swapped);
        assert_eq!(store.query(&KeyValueQuery::Get { key: "x".into() }), KeyValueReply::Value(Some("4".into())));
        assert_eq!(KeyValue::size(&swap(Some("23"))), 4);
    }

    #[test]
    fn a_lock_is_freed_by_its_owner_alone() {
        let mut store = KeyValue::default();
        let some = |text: &str| Some(text.to_owned());
        let mut cas = |expected: Option<String>, value: Option<String>| {
            store.apply(&KeyValueCommand::CompareAndSet { key: "lock".into(), expected, value })
        };
        assert_eq!(cas(None, some("A")), KeyValueReply::Swapped);
        assert_eq!(cas(None, some("B")), KeyValueReply::Kept(some("A")), "A has it");
        assert_eq!(cas(some("B"), None), KeyValueReply::Kept(some("A")), "B may not free it");
        assert_eq!(cas(some("A"), None), KeyValueReply::Swapped);
        assert_eq!(cas(None, some("B")), KeyValueReply::Swapped, "it was free");
        let delete = KeyValueCommand::Delete { key: "lock".into() };
        assert_eq!(KeyValue::size(&delete), 4);
        assert_eq!(store.apply(&delete), KeyValueReply::Value(some("B")));
        assert_eq!(store.apply(&delete), KeyValueReply::Value(None), "it has no value any more");
        assert_eq!(store.get("lock"), None);
    }

    #[test]
    fn it_comes_back_from_its_pieces_and_its_glance_stays_short() {
        let mut store = KeyValue::default();
        for key in 0..9 {
            store.apply(&put(&format!("k{key}"), "v"));
        }
        assert_eq!(KeyValue::assemble(store.pieces().into_iter()), store);
        assert_eq!(store.summary(), "k0=v k1=v k2=v k3=v and 5 more");
    }
}
