//! Parsing and display of composite numbers, such as a ballot: as one short string in text
//! (`2.1.A`), as their parts in binary formats.

use std::fmt;

/// Implements parsing and serialization of a struct as its parts, separated by dots. The last part
/// may be a node's name, which may contain dots.
macro_rules! dotted {
    ($name:ident { $($field:ident),+ }, $example:literal) => {
        impl std::str::FromStr for $name {
            type Err = $crate::parse::ParseError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let mut parts = text.splitn([$(stringify!($field)),+].len(), '.');
                let mut read = || Some($name { $($field: parts.next()?.parse().ok()?),+ });
                read().ok_or_else(|| $crate::parse::ParseError { text: text.to_owned(), example: $example })
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.collect_str(self)
                } else {
                    ($(self.$field,)+).serialize(serializer)
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    return String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom);
                }
                let ($($field,)+) = serde::Deserialize::deserialize(deserializer)?;
                Ok($name { $($field),+ })
            }
        }
    };
}

pub(crate) use dotted;

/// A string that cannot be parsed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ParseError {
    pub(crate) text: String,
    pub(crate) example: &'static str,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}' cannot be read: write it as in '{}'", self.text, self.example)
    }
}

impl std::error::Error for ParseError {}

#[cfg(test)]
mod tests {
    use quorate_protocol::{Names, NodeId};

    use crate::id::Token;
    use crate::majority::Ballot;
    use crate::store::Fence;

    #[test]
    fn ballots_and_fences_are_written_as_they_read_and_read_back() {
        Names::new(["A.1"], [""; 0]).scope(|| {
            let ballot = Ballot { round: 2, life: 1, node: NodeId(0) };
            assert_eq!(serde_json::to_string(&ballot).unwrap(), r#""2.1.A.1""#);
            assert_eq!(serde_json::from_str::<Ballot>(r#""2.1.A.1""#).unwrap(), ballot);
            let fence = Fence { token: Token(7), front: NodeId(0) };
            assert_eq!(serde_json::to_string(&fence).unwrap(), r#""7.A.1""#);
            assert_eq!(serde_json::from_str::<Fence>(r#""7.A.1""#).unwrap(), fence);
            for text in ["", "7", "A.7", "7.B", "-7.A.1"] {
                let error = text.parse::<Fence>().unwrap_err().to_string();
                assert_eq!(error, format!("'{text}' cannot be read: write it as in '2.A'"));
            }
        });
    }
}
