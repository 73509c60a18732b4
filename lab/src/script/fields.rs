//! Names of a message's fields, as serde knows them, so that a lie in a field that no such message
//! has is refused before one is sent.
//!
//! A derived `Deserialize` passes the format the names of a struct's fields, and reads the field
//! that the format names next. So this format walks along a path such as `vote.body.view`.

use serde::de::{self, DeserializeOwned, DeserializeSeed, IntoDeserializer, Visitor};

/// The fields that a value of type `T`, which traces call `name`, has in place of the one at a
/// path, each as a path; `None` if it has that one, or if serde does not say. Serde says nothing of
/// the entries of a map, and of a choice within a message it is not known how it will be made.
pub(super) fn others_than<T: DeserializeOwned>(name: &str, path: &str) -> Option<Vec<String>> {
    match T::deserialize(Probe { variant: Some(name), path, at: 0, beside: None }) {
        Err(Outcome::Missing(fields)) => Some(fields),
        Err(Outcome::Has | Outcome::Unknown) | Ok(_) => None,
    }
}

/// End of the walk, returned as an error: nothing is ever deserialized.
#[derive(Debug)]
enum Outcome {
    /// The path leads to a field.
    Has,
    /// It does not; where it parts there are these.
    Missing(Vec<String>),
    Unknown,
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Outcome::Has => f.write_str("the field"),
            Outcome::Missing(fields) => write!(f, "the fields {}", fields.join(", ")),
            Outcome::Unknown => f.write_str("no known fields"),
        }
    }
}

impl std::error::Error for Outcome {}

impl de::Error for Outcome {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Outcome::Unknown
    }
}

/// The fields of one struct, at a place in the path.
#[derive(Clone, Copy)]
struct Fields {
    names: &'static [&'static str],
    at: usize,
}

/// Deserializer of the value at a place of the path.
#[derive(Clone, Copy)]
struct Probe<'a> {
    /// The name of the message, outside of its content.
    variant: Option<&'a str>,
    path: &'a str,
    /// Length of the part of the path that leads to this value, with its last dot.
    at: usize,
    /// The fields beside this value.
    beside: Option<Fields>,
}

impl<'a> Probe<'a> {
    fn missing(self, Fields { names, at }: Fields) -> Outcome {
        Outcome::Missing(names.iter().map(|name| format!("{}{name}", &self.path[..at])).collect())
    }

    /// The next word of the path, and the value there; `None` at the last word.
    fn next(self) -> (&'a str, Option<Self>) {
        let rest = &self.path[self.at..];
        match rest.split_once('.') {
            Some((key, _)) => (key, Some(Probe { at: self.at + key.len() + 1, ..self })),
            None => (rest, None),
        }
    }

    /// A value without fields: the path ends beside it.
    fn leaf(self) -> Outcome {
        self.beside.map_or(Outcome::Unknown, |fields| self.missing(fields))
    }

    fn fields<V: Visitor<'a>>(self, names: &'static [&'static str], visitor: V) -> Result<V::Value, Outcome> {
        let here = Fields { names, at: self.at };
        match self.next() {
            (key, _) if !names.contains(&key) => Err(self.missing(here)),
            (_, None) => Err(Outcome::Has),
            (key, Some(value)) => visitor.visit_map(OneField { key: Some(key), value: value.beside(here) }),
        }
    }

    fn beside(self, fields: Fields) -> Self {
        Probe { beside: Some(fields), ..self }
    }
}

/// Methods for values that have no fields.
macro_rules! leaves {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'a>>(self, _: V) -> Result<V::Value, Outcome> { Err(self.leaf()) })*
    };
}

impl<'a> de::Deserializer<'a> for Probe<'a> {
    type Error = Outcome;

    leaves! {
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128 deserialize_u8
        deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128 deserialize_f32 deserialize_f64
        deserialize_char deserialize_str deserialize_string deserialize_unit
    }

    fn deserialize_any<V: Visitor<'a>>(self, _: V) -> Result<V::Value, Outcome> {
        Err(Outcome::Unknown)
    }

    fn deserialize_enum<V: Visitor<'a>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Outcome> {
        if self.variant.is_some() { visitor.visit_enum(self) } else { Err(Outcome::Unknown) }
    }

    fn deserialize_struct<V: Visitor<'a>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Outcome> {
        self.fields(fields, visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'a>>(self, _: &'static str, visitor: V) -> Result<V::Value, Outcome> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_option<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Outcome> {
        visitor.visit_some(self)
    }

    fn deserialize_seq<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Outcome> {
        match self.next() {
            (item, Some(value)) if item.parse::<usize>().is_ok() => visitor.visit_seq(OneItem(value)),
            _ => Err(Outcome::Unknown),
        }
    }

    serde::forward_to_deserialize_any! {
        <V: Visitor<'a>> bytes byte_buf unit_struct tuple tuple_struct map identifier ignored_any
    }
}

impl<'a> de::EnumAccess<'a> for Probe<'a> {
    type Error = Outcome;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'a>>(self, seed: V) -> Result<(V::Value, Self), Outcome> {
        let variant: de::value::StrDeserializer<'_, Outcome> = self.variant.unwrap_or_default().into_deserializer();
        // The content may be another enum, whose variant nobody knows yet.
        Ok((seed.deserialize(variant)?, Probe { variant: None, ..self }))
    }
}

impl<'a> de::VariantAccess<'a> for Probe<'a> {
    type Error = Outcome;

    fn unit_variant(self) -> Result<(), Outcome> {
        Err(Outcome::Missing(Vec::new()))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'a>>(self, seed: T) -> Result<T::Value, Outcome> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'a>>(self, _: usize, _: V) -> Result<V::Value, Outcome> {
        Err(Outcome::Unknown)
    }

    fn struct_variant<V: Visitor<'a>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Outcome> {
        self.fields(fields, visitor)
    }
}

/// The field of a struct to which the path leads.
struct OneField<'a> {
    key: Option<&'a str>,
    value: Probe<'a>,
}

impl<'a> de::MapAccess<'a> for OneField<'a> {
    type Error = Outcome;

    fn next_key_seed<K: DeserializeSeed<'a>>(&mut self, seed: K) -> Result<Option<K::Value>, Outcome> {
        let key = self.key.take().map(IntoDeserializer::<Outcome>::into_deserializer);
        key.map(|key: de::value::StrDeserializer<'_, Outcome>| seed.deserialize(key)).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'a>>(&mut self, seed: V) -> Result<V::Value, Outcome> {
        seed.deserialize(self.value)
    }
}

/// The item of a list to which the path leads.
struct OneItem<'a>(Probe<'a>);

impl<'a> de::SeqAccess<'a> for OneItem<'a> {
    type Error = Outcome;

    fn next_element_seed<T: DeserializeSeed<'a>>(&mut self, seed: T) -> Result<Option<T::Value>, Outcome> {
        seed.deserialize(self.0).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Serialize};

    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Serve {
        _spin: u32,
        _by: Option<Player>,
        _strokes: Vec<Stroke>,
        _points: BTreeMap<String, Player>,
        _last: Stroke,
    }

    #[derive(Serialize, Deserialize)]
    struct Player {
        _name: String,
    }

    #[derive(Serialize, Deserialize)]
    enum Stroke {
        Lob { _height: u32 },
    }

    #[derive(Serialize, Deserialize)]
    struct Wrapper(Serve);

    #[derive(Serialize, Deserialize)]
    enum Ball {
        Ping { _rally: u32, _to: Player },
        Serve(Wrapper),
        Wrapped(Stroke),
        Pair(u32, u32),
        LetGo,
    }

    fn others(name: &str, path: &str) -> Option<String> {
        others_than::<Ball>(name, path).map(|fields| fields.join(" "))
    }

    #[test]
    fn a_field_that_is_nowhere_has_others_in_its_place() {
        for (name, path, fields) in [
            ("Ping", "_rallye", "_rally _to"),
            ("Ping", "_rally.0", "_rally _to"),
            ("Ping", "_to.name", "_to._name"),
            ("Ping", "_to._name.x", "_to._name"),
            ("LetGo", "_to", ""),
            ("Serve", "_by.name", "_by._name"),
            ("Serve", "spin", "_spin _by _strokes _points _last"),
        ] {
            assert_eq!(others(name, path).as_deref(), Some(fields), "{name} {path}");
        }
        assert_eq!(others_than::<Player>("Message", "name"), Some(vec!["_name".to_owned()]));
    }

    #[test]
    fn of_a_field_that_may_be_there_nothing_is_said() {
        for (name, path) in [
            ("Ping", "_rally"),
            ("Ping", "_to"),
            ("Ping", "_to._name"),
            ("Serve", "_by._name"),
            ("Serve", "_strokes.0"),
            ("Serve", "_strokes.0.Lob._height"),
            ("Serve", "_strokes.first"),
            ("Serve", "_points.x._name"),
            ("Serve", "_last.Lob.height"),
            ("Wrapped", "_height"),
            ("Pair", "0"),
            ("Pong", "_to"),
        ] {
            assert_eq!(others(name, path), None, "{name} {path}");
        }
        assert_eq!([others_than::<u32>("Message", "x"), others_than::<String>("Request", "x")], [None, None]);
    }
}
