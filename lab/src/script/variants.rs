//! Names of an enum's variants, as serde knows them: the messages, facts and records of a protocol.
//!
//! A derived `Deserialize` passes the format its variants before it reads anything. This format
//! uses nothing else, so a mistyped message gets a suggestion without any protocol listing its
//! messages twice.

use serde::de::{self, DeserializeOwned, IntoDeserializer, Visitor};

/// The names of values of type `T` in traces: the variants, or `otherwise` if it is not an enum.
pub(super) fn variants<T: DeserializeOwned>(otherwise: &'static str) -> Vec<&'static str> {
    match T::deserialize(Probe) {
        Err(VariantNames(names)) if !names.is_empty() => names.to_vec(),
        _ => vec![otherwise],
    }
}

/// The names of the fields of a value of type `T` that traces call `name`; `None` if serde does not
/// say, as for a variant of several values.
pub(super) fn fields<T: DeserializeOwned>(name: &str) -> Option<Vec<&'static str>> {
    match T::deserialize(FieldProbe { variant: name }) {
        Err(FieldNames(names)) => names.map(<[_]>::to_vec),
        Ok(_) => None,
    }
}

/// Deserializer of one variant, which stops at the first struct.
#[derive(Clone, Copy)]
struct FieldProbe<'a> {
    variant: &'a str,
}

/// The fields, returned as an error.
#[derive(Debug)]
struct FieldNames(Option<&'static [&'static str]>);

impl std::fmt::Display for FieldNames {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the fields {}", self.0.unwrap_or_default().join(", "))
    }
}

impl std::error::Error for FieldNames {}

impl de::Error for FieldNames {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        FieldNames(None)
    }
}

impl<'de> de::Deserializer<'de> for FieldProbe<'_> {
    type Error = FieldNames;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, FieldNames> {
        Err(FieldNames(None))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, FieldNames> {
        visitor.visit_enum(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, FieldNames> {
        Err(FieldNames(Some(fields)))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, FieldNames> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        seq tuple tuple_struct map identifier ignored_any
    }
}

impl<'de> de::EnumAccess<'de> for FieldProbe<'_> {
    type Error = FieldNames;
    type Variant = Self;

    fn variant_seed<V: de::DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), FieldNames> {
        let variant: de::value::StrDeserializer<'_, FieldNames> = self.variant.into_deserializer();
        Ok((seed.deserialize(variant)?, self))
    }
}

impl<'de> de::VariantAccess<'de> for FieldProbe<'_> {
    type Error = FieldNames;

    fn unit_variant(self) -> Result<(), FieldNames> {
        Err(FieldNames(Some(&[])))
    }

    fn newtype_variant_seed<T: de::DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, FieldNames> {
        // The content may be another enum, whose variant nobody knows yet.
        seed.deserialize(FieldProbe { variant: "" })
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, FieldNames> {
        Err(FieldNames(None))
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], _: V) -> Result<V::Value, FieldNames> {
        Err(FieldNames(Some(fields)))
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
    fn a_variant_tells_its_fields() {
        #[derive(Serialize, Deserialize)]
        struct Serve {
            _spin: u32,
        }
        #[derive(Serialize, Deserialize)]
        enum Inner {
            Serve(Serve),
        }
        #[derive(Serialize, Deserialize)]
        enum Ball {
            Ping { _rally: u32, _to: String },
            Serve(Serve),
            Wrapped(Inner),
            Pair(u32, u32),
            LetGo,
        }

        assert_eq!(fields::<Ball>("Ping"), Some(vec!["_rally", "_to"]));
        assert_eq!(fields::<Ball>("Serve"), Some(vec!["_spin"]));
        assert_eq!(fields::<Serve>("Message"), Some(vec!["_spin"]));
        assert_eq!(fields::<Ball>("LetGo"), Some(vec![]));
        assert_eq!([fields::<Ball>("Wrapped"), fields::<Ball>("Pair"), fields::<Ball>("Pong")], [None, None, None]);
        assert_eq!([fields::<u32>("Message"), fields::<String>("Request")], [None, None]);
    }

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
