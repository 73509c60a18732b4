//! Keys and values: short strings that are cheap to clone.

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
    /// Value of a register: any string. Cloning it does not copy the string.
    Value
}

short_string! {
    /// Name of a register: `x`, `stock`. Cloning it does not copy the string.
    Key
}

quorate_protocol::no_node_ids!(Value, Key);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_a_plain_json_string() {
        let json = serde_json::to_string(&Key::from("shard \"7\"")).unwrap();
        assert_eq!(json, r#""shard \"7\"""#);
        assert_eq!(serde_json::from_str::<Key>(&json).unwrap(), Key::from("shard \"7\""));
    }
}
