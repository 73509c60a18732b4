//! Identifiers: attempts to take a lock, and the values under which keys are set.

use std::fmt;

use quorate_protocol::NodeId;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// One attempt of a client to take the lock. Written `A-3`: the third attempt of A.
///
/// It is the lock's unique value, which Redis calls `my_random_value`. A machine has no random
/// numbers, so a client writes the number of its attempts down and never uses one again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AttemptId {
    /// The client.
    pub owner: NodeId,
    /// Its count of attempts, from 1.
    pub number: u64,
}

impl fmt::Display for AttemptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.owner, self.number)
    }
}

impl Serialize for AttemptId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            (self.owner, self.number).serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for AttemptId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            let (owner, number) = Deserialize::deserialize(deserializer)?;
            return Ok(AttemptId { owner, number });
        }
        let text = String::deserialize(deserializer)?;
        let bad = || de::Error::custom(format_args!("'{text}' is not an attempt such as 'A-3'"));
        let (owner, number) = text.rsplit_once('-').ok_or_else(bad)?;
        Ok(AttemptId { owner: owner.parse().map_err(|_| bad())?, number: number.parse().map_err(|_| bad())? })
    }
}

/// Value of a lock's key. Written `1`, or `A-3`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum LockValue {
    /// The same for every client: only whether the key exists says something.
    Fixed,
    /// A different one for each attempt.
    Unique(AttemptId),
}

impl fmt::Display for LockValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LockValue::Fixed => f.write_str("1"),
            LockValue::Unique(attempt) => attempt.fmt(f),
        }
    }
}

impl Serialize for LockValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return serializer.collect_str(self);
        }
        match self {
            LockValue::Fixed => None,
            LockValue::Unique(attempt) => Some(*attempt),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for LockValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            let attempt = Option::<AttemptId>::deserialize(deserializer)?;
            return Ok(attempt.map_or(LockValue::Fixed, LockValue::Unique));
        }
        let text = String::deserialize(deserializer)?;
        if text == "1" {
            return Ok(LockValue::Fixed);
        }
        AttemptId::deserialize(de::value::StringDeserializer::<D::Error>::new(text)).map(LockValue::Unique)
    }
}

#[cfg(test)]
mod tests {
    use quorate_protocol::Names;

    use super::*;

    #[test]
    fn a_value_is_written_as_it_reads_and_read_back() {
        Names::new(["web-1"], [""; 0]).scope(|| {
            let attempt = AttemptId { owner: NodeId(0), number: 3 };
            for (value, json) in [(LockValue::Fixed, r#""1""#), (LockValue::Unique(attempt), r#""web-1-3""#)] {
                assert_eq!(serde_json::to_string(&value).unwrap(), json);
                assert_eq!(serde_json::from_str::<LockValue>(json).unwrap(), value);
            }
            for bad in [r#""web""#, r#""nobody-3""#, r#""web-1-x""#] {
                let error = serde_json::from_str::<LockValue>(bad).unwrap_err().to_string();
                assert!(error.contains("is not an attempt such as 'A-3'"), "{error}");
            }
        });
    }
}
