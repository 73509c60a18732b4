//! Names and values: short strings that are cheap to clone.

/// Defines a type for names or values: any string, which a clone shares. It is shown and compared
/// as its text, and is a plain string in JSON. The crate that calls this depends on serde.
///
/// ```
/// quorate_protocol::short_string! {
///     /// Name of a shelf.
///     pub Shelf
/// }
///
/// let shelf = Shelf::from("apples");
/// assert_eq!((shelf.as_str(), shelf.to_string()), ("apples", "apples".to_owned()));
/// assert!(shelf < Shelf::from("pears"));
/// ```
#[macro_export]
macro_rules! short_string {
    ($(#[$attribute:meta])* $visibility:vis $name:ident) => {
        $(#[$attribute])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $visibility struct $name(::std::sync::Arc<str>);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl ::core::convert::From<&str> for $name {
            fn from(text: &str) -> Self {
                $name(text.into())
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.pad(&self.0)
            }
        }

        impl ::core::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Debug::fmt(&*self.0, f)
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::core::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                <::std::string::String as ::serde::Deserialize>::deserialize(deserializer)
                    .map(|text| $name(text.into()))
            }
        }

        $crate::no_node_ids!($name);
    };
}

#[cfg(test)]
mod tests {
    short_string! {
        /// Name of a shard.
        Shard
    }

    #[test]
    fn a_text_is_a_plain_json_string() {
        let json = serde_json::to_string(&Shard::from("shard \"7\"")).unwrap();
        assert_eq!(json, r#""shard \"7\"""#);
        assert_eq!(serde_json::from_str::<Shard>(&json).unwrap(), Shard::from("shard \"7\""));
        assert_eq!(format!("{:?}, {0:>12}", Shard::from("a")), "\"a\",            a");
        assert_eq!(Shard::from("a").as_str(), "a");
    }
}
