//! Names of an enum's variants, as serde knows them: the messages, facts and records of a protocol.
//!
//! A derived `Deserialize` passes the format its variants before it reads anything. This format
//! uses nothing else, so a mistyped message gets a suggestion without any protocol listing its
//! messages twice.

use serde::de::{self, DeserializeOwned, Visitor};

/// The names of values of type `T` in traces: the variants, or `otherwise` if it is not an enum.
pub(super) fn variants<T: DeserializeOwned>(otherwise: &'static str) -> Vec<&'static str> {
    match T::deserialize(Probe) {
        Err(VariantNames(names)) if !names.is_empty() => names.to_vec(),
        _ => vec![otherwise],
    }
}

struct Probe;

/// The variants, returned as an error: nothing is ever deserialized.
#[derive(Debug)]
struct VariantNames(&'static [&'static str]);

impl std::fmt::Display for VariantNames {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "one of {}", self.0.join(", "))
    }
}

impl std::error::Error for VariantNames {}

impl de::Error for VariantNames {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        VariantNames(&[])
    }
}

impl<'de> de::Deserializer<'de> for Probe {
    type Error = VariantNames;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, VariantNames> {
        Err(VariantNames(&[]))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, VariantNames> {
        Err(VariantNames(variants))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, VariantNames> {
        visitor.visit_newtype_struct(Probe)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        seq tuple tuple_struct map struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use quorate_protocol::Never;
    use serde::{Deserialize, Serialize};

    use super::*;

    #[test]
    fn an_enum_tells_its_variants_and_nothing_else_has_any() {
        #[derive(Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        enum Ball {
            Ping { _rally: u32 },
            LetGo,
        }
        #[derive(Serialize, Deserialize)]
        struct Wrapped(Ball);

        assert_eq!(variants::<Ball>("Message"), ["ping", "let-go"]);
        assert_eq!(variants::<Wrapped>("Message"), ["ping", "let-go"]);
        let others = [variants::<u32>("Message"), variants::<()>("Message"), variants::<Never>("Message")];
        assert!(others.iter().all(|names| names[..] == ["Message"]));
    }
}
