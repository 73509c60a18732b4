//! Names and values: short strings that are cheap to clone.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! short_string {
    ($(#[$attribute:meta])* $name:ident) => {
        $(#[$attribute])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                $name(text.into())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&*self.0, f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map(|text| $name(text.into()))
            }
        }
    };
}

short_string! {
    /// Value written to a resource: any string. Cloning it does not copy the string.
    Value
}

short_string! {
    /// Name of a lease in a table, or of a key: `orders`, `shard-7`. Cloning it does not copy the
    /// string.
    Name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_a_plain_json_string() {
        let json = serde_json::to_string(&Name::from("shard \"7\"")).unwrap();
        assert_eq!(json, r#""shard \"7\"""#);
        assert_eq!(serde_json::from_str::<Name>(&json).unwrap(), Name::from("shard \"7\""));
    }
}
