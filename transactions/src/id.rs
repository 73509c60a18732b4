//! Identifiers of transactions, and names of rows.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Identifier of a transaction: the life of the coordinator that began it, and its number in that
/// life. Shown as `1.2`.
///
/// A life is the time between two starts. Its number is on disk before the first transaction
/// begins, so that no identifier is used twice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Txn {
    /// Number of the coordinator's life, from 1.
    pub life: u64,
    /// Number of the transaction in that life, from 1.
    pub number: u64,
}

impl fmt::Display for Txn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}.{}", self.life, self.number))
    }
}

impl FromStr for Txn {
    type Err = BadTxn;

    fn from_str(text: &str) -> Result<Self, BadTxn> {
        let read = |(life, number): (&str, &str)| Some(Txn { life: life.parse().ok()?, number: number.parse().ok()? });
        text.split_once('.').and_then(read).ok_or_else(|| BadTxn { text: text.to_owned() })
    }
}

impl Serialize for Txn {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            (self.life, self.number).serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Txn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return String::deserialize(deserializer)?.parse().map_err(de::Error::custom);
        }
        let (life, number) = Deserialize::deserialize(deserializer)?;
        Ok(Txn { life, number })
    }
}

/// Error: a text that names no transaction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BadTxn {
    text: String,
}

impl fmt::Display for BadTxn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}' is no transaction: write its life and its number, as in 1.2", self.text)
    }
}

impl std::error::Error for BadTxn {}

/// Name of a row, such as `apples`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Row(String);

impl Row {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Row {
    fn from(name: &str) -> Self {
        Row(name.to_owned())
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transaction_is_written_as_it_reads_and_read_back() {
        let txn = Txn { life: 1, number: 12 };
        assert_eq!(serde_json::to_string(&txn).unwrap(), r#""1.12""#);
        assert_eq!(serde_json::from_str::<Txn>(r#""1.12""#).unwrap(), txn);
        for text in ["", "1", "1.", "one.two", "1.2.3", "-1.2"] {
            let error = text.parse::<Txn>().unwrap_err().to_string();
            assert_eq!(error, format!("'{text}' is no transaction: write its life and its number, as in 1.2"));
        }
    }
}
