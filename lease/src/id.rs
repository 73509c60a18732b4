//! Identifiers of leases, grants (fencing tokens) and requests.

use std::fmt;
use std::str::FromStr;

use quorate_protocol::{NodeId, RequestId, Time};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A fencing token: the number of a grant. A resource that has seen one refuses all lower ones.
///
/// A renewal keeps the token; a new grant has a higher one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Token(pub u64);

impl FromStr for Token {
    type Err = std::num::ParseIntError;

    /// Parses a whole number.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Token)
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "token {}", self.0)
    }
}

/// Identifier of a lease. Written `primary`, or `node A`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum LeaseId {
    /// The right to act as primary, held by at most one node at a time.
    Primary,
    /// A node's right to serve clients at all.
    Node(NodeId),
}

impl fmt::Display for LeaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LeaseId::Primary => f.write_str("primary"),
            LeaseId::Node(node) => write!(f, "node {node}"),
        }
    }
}

impl Serialize for LeaseId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return serializer.collect_str(self);
        }
        match self {
            LeaseId::Primary => None::<NodeId>,
            LeaseId::Node(node) => Some(*node),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for LeaseId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            let node = Option::<NodeId>::deserialize(deserializer)?;
            return Ok(node.map_or(LeaseId::Primary, LeaseId::Node));
        }
        let text = String::deserialize(deserializer)?;
        let bad = || de::Error::custom(format_args!("'{text}' is no lease: write 'primary' or 'node A'"));
        match text.strip_prefix("node ") {
            Some(node) => node.parse().map(LeaseId::Node).map_err(|_| bad()),
            None if text == "primary" => Ok(LeaseId::Primary),
            None => Err(bad()),
        }
    }
}

/// Mode in which a lease is held (Chubby §2.4).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// By one holder at a time: the primary lease.
    Exclusive,
    /// By any number: node leases.
    Shared,
}

/// Sequencer shown to a resource: the lease held, its mode and its grant (Chubby §2.4, there with a
/// generation for the token).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Sequencer {
    /// The lease.
    pub lease: LeaseId,
    /// The mode in which it is held.
    pub mode: Mode,
    /// The grant.
    pub token: Token,
}

/// One attempt of a client's request as it travels between nodes, so that its reply can be matched.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Attempt {
    /// The client's request.
    pub ticket: RequestId,
    /// Start of the attempt, on the asking node's clock.
    pub begun: Time,
}

#[cfg(test)]
mod tests {
    use quorate_protocol::Names;

    use super::*;

    #[test]
    fn a_lease_is_written_as_it_reads_and_read_back() {
        Names::new(["A"], [""; 0]).scope(|| {
            for (lease, json) in [(LeaseId::Primary, r#""primary""#), (LeaseId::Node(NodeId(0)), r#""node A""#)] {
                assert_eq!(serde_json::to_string(&lease).unwrap(), json);
                assert_eq!(serde_json::from_str::<LeaseId>(json).unwrap(), lease);
            }
            let error = serde_json::from_str::<LeaseId>(r#""A""#).unwrap_err().to_string();
            assert!(error.starts_with("'A' is no lease: write 'primary' or 'node A'"), "{error}");
        });
    }
}
