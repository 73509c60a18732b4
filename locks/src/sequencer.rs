//! Sequencers: a holder of a Chubby lock shows one to a resource with each request.

use std::fmt;

use quorate_lease::Name;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Kind of lock.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LockMode {
    /// For one client alone: a write lock.
    #[default]
    Exclusive,
    /// For several clients that only read.
    Shared,
}

impl LockMode {
    /// Whether two clients may hold the lock at the same time, one in each mode.
    pub fn admits(self, other: LockMode) -> bool {
        self == LockMode::Shared && other == LockMode::Shared
    }
}

impl fmt::Display for LockMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            LockMode::Exclusive => "exclusive",
            LockMode::Shared => "shared",
        })
    }
}

/// State of a lock just after it was acquired: its name, its mode, and its generation (Chubby
/// §2.4). Written `/lock exclusive 2`.
///
/// The holder passes it on to a resource with each request. The resource checks that it is still
/// valid, and that its mode allows what is asked: with the service, or against the newest that it
/// has observed.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Sequencer {
    /// The lock.
    pub name: Name,
    /// The mode in which it was acquired.
    pub mode: LockMode,
    /// Number of times that the lock had gone from free to held by then.
    pub generation: u64,
}

impl fmt::Display for Sequencer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.name, self.mode, self.generation)
    }
}

impl Serialize for Sequencer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            (&self.name, self.mode, self.generation).serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Sequencer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            let (name, mode, generation) = Deserialize::deserialize(deserializer)?;
            return Ok(Sequencer { name, mode, generation });
        }
        let text = String::deserialize(deserializer)?;
        let bad = || de::Error::custom(format_args!("'{text}' is not a sequencer such as '/lock exclusive 2'"));
        let mut words = text.rsplitn(3, ' ');
        let (Some(generation), Some(mode), Some(name)) = (words.next(), words.next(), words.next()) else {
            return Err(bad());
        };
        let generation = generation.parse().map_err(|_| bad())?;
        let modes = [LockMode::Exclusive, LockMode::Shared];
        let mode = modes.into_iter().find(|known| known.to_string() == mode).ok_or_else(bad)?;
        Ok(Sequencer { name: Name::from(name), mode, generation })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequencer_is_written_as_it_reads_and_read_back() {
        for (name, mode, json) in [
            ("/lock", LockMode::Exclusive, r#""/lock exclusive 2""#),
            ("/a file", LockMode::Shared, r#""/a file shared 2""#),
        ] {
            let sequencer = Sequencer { name: Name::from(name), mode, generation: 2 };
            assert_eq!(serde_json::to_string(&sequencer).unwrap(), json);
            assert_eq!(serde_json::from_str::<Sequencer>(json).unwrap(), sequencer);
        }
        for bad in [r#""/lock""#, r#""/lock alone 2""#, r#""/lock shared two""#] {
            let error = serde_json::from_str::<Sequencer>(bad).unwrap_err().to_string();
            assert!(error.contains("is not a sequencer such as '/lock exclusive 2'"), "{error}");
        }
    }
}
