//! Values, and proposals: values under a ballot.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ballot::Ballot;

/// A value to be chosen: any text, such as `8` or `blue`. Cloning it does not copy the text.
///
/// ```
/// use quorate_paxos::Value;
///
/// assert_eq!(Value::from(8), Value::from("8"));
/// assert_eq!(Value::from("blue").to_string(), "blue");
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Value(Arc<str>);

impl Value {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value(text.into())
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Value(number.to_string().into())
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Value::from)
    }
}

/// A value under a ballot, which acceptors vote for. In Basic Paxos `V` is a [`Value`], in
/// Multi-Paxos an entry of the log.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Proposal<V = Value> {
    /// The ballot, which has only one value.
    pub ballot: Ballot,
    /// The value.
    pub value: V,
}

impl<V: fmt::Display> fmt::Display for Proposal<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}", self.value, self.ballot)
    }
}

#[cfg(test)]
mod tests {
    use quorate_protocol::NodeId;

    use super::*;

    #[test]
    fn a_value_is_a_plain_json_string() {
        for text in ["8", "blue", "", "two words", "\"quoted\""] {
            let json = serde_json::to_string(&Value::from(text)).unwrap();
            assert_eq!(json, serde_json::to_string(text).unwrap());
            assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), Value::from(text.to_owned()));
        }
    }

    #[test]
    fn a_proposal_reads_as_its_value_and_its_ballot() {
        let proposal = Proposal { ballot: Ballot::new(2, NodeId(0)), value: Value::from(8) };
        assert_eq!(proposal.to_string(), "8 in 2.n1");
        let json = serde_json::to_string(&proposal).unwrap();
        assert_eq!(json, r#"{"ballot":"2.n1","value":"8"}"#);
        assert_eq!(serde_json::from_str::<Proposal>(&json).unwrap(), proposal);
    }
}
