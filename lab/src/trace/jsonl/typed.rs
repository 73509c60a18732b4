//! Deserialization of a line that has been parsed already, with errors that have a path.
//!
//! Serde reads an enum with its tag among the fields (`kind`) by way of a buffer of its own, in
//! which an error no longer knows where it is. Here the line is in memory anyway, so its fields are
//! offered to serde as the variant that the tag names, and each error collects the path on its way
//! out.

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, Expected, IntoDeserializer, MapAccess, SeqAccess, Unexpected,
    VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use crate::trace::quote::{quoted, quoted_text};
use crate::trace::{Object, Value};

/// Members of an object.
pub(super) type Members = Vec<(String, Value)>;

/// The error: a path and what is wrong there.
#[derive(Debug)]
pub(super) struct TypeError {
    /// Innermost step first.
    path: Vec<Step>,
    /// The value found; `None` if there was none, or null.
    found: Option<String>,
}

/// A step of a path.
#[derive(Debug)]
enum Step {
    Field(String),
    Item(usize),
}

impl TypeError {
    fn of(found: &Value) -> Self {
        TypeError { path: Vec::new(), found: (!found.is_null()).then(|| quoted(found)) }
    }

    fn within(mut self, step: impl FnOnce() -> Step) -> Self {
        self.path.push(step());
        self
    }

    /// The value that was found, quoted; `None` if nothing, or null.
    pub(super) fn found(&self) -> Option<&str> {
        self.found.as_deref()
    }

    /// The path as steps from the outermost: names of fields, and `[]` for an item of a list.
    pub(super) fn steps(&self) -> Vec<&str> {
        let names = self.path.iter().rev().map(|step| match step {
            Step::Field(name) => name.as_str(),
            Step::Item(_) => "[]",
        });
        names.collect()
    }

    /// The path as people write it: `link.up`, `partition[0][1]`.
    pub(super) fn path(&self) -> String {
        let mut path = String::new();
        for step in self.path.iter().rev() {
            match step {
                Step::Item(at) => path += &format!("[{at}]"),
                Step::Field(name) => {
                    path += if path.is_empty() { "" } else { "." };
                    let plain = name.len() < 40 && name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_');
                    path += &if plain { name.clone() } else { quoted_text(name) };
                }
            }
        }
        path
    }
}

impl fmt::Display for TypeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is {}", self.path(), self.found().unwrap_or("missing"))
    }
}

impl std::error::Error for TypeError {}

impl de::Error for TypeError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        TypeError { path: Vec::new(), found: Some(message.to_string()) }
    }

    fn invalid_type(found: Unexpected<'_>, _: &dyn Expected) -> Self {
        let found = match found {
            Unexpected::Unit | Unexpected::Option => return Self::of(&Value::Null),
            Unexpected::Bool(found) => quoted(&found.into()),
            Unexpected::Unsigned(found) => quoted(&found.into()),
            Unexpected::Signed(found) => quoted(&found.into()),
            Unexpected::Float(found) => quoted(&found.into()),
            Unexpected::Str(found) => quoted_text(found),
            Unexpected::Seq => quoted(&Value::Array(Vec::new())),
            Unexpected::Map => quoted(&Value::Object(Object::new())),
            other => other.to_string(),
        };
        TypeError { path: Vec::new(), found: Some(found) }
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn unknown_variant(variant: &str, _: &'static [&'static str]) -> Self {
        TypeError { path: Vec::new(), found: Some(quoted_text(variant)) }
    }

    fn missing_field(field: &'static str) -> Self {
        TypeError { path: vec![Step::Field(field.to_owned())], found: None }
    }
}

/// A value.
struct Typed(Value);

impl<'de> Deserializer<'de> for Typed {
    type Error = TypeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypeError> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(bool) => visitor.visit_bool(bool),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(number), ..) => visitor.visit_u64(number),
                (_, Some(number), _) => visitor.visit_i64(number),
                (.., number) => visitor.visit_f64(number.unwrap_or(f64::NAN)),
            },
            Value::String(string) => visitor.visit_string(string),
            Value::Array(items) => visitor.visit_seq(Items { items: items.into_iter(), at: 0 }),
            Value::Object(members) => visitor.visit_map(Fields::of(members.into_iter().collect())),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypeError> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            value => visitor.visit_some(Typed(value)),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, TypeError> {
        visitor.visit_newtype_struct(self)
    }

    /// Only variants without content occur in a line, besides the line itself.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, TypeError> {
        match self.0 {
            Value::String(variant) => visitor.visit_enum(StrDeserializer::new(&variant)),
            other => Err(TypeError::of(&other)),
        }
    }

    /// By names alone: serde would take a list, too.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, TypeError> {
        match self.0 {
            object @ Value::Object(_) => Typed(object).deserialize_any(visitor),
            other => Err(TypeError::of(&other)),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypeError> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier
    }
}

struct Items {
    items: std::vec::IntoIter<Value>,
    at: usize,
}

impl<'de> SeqAccess<'de> for Items {
    type Error = TypeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, TypeError> {
        let Some(item) = self.items.next() else { return Ok(None) };
        let at = self.at;
        self.at += 1;
        seed.deserialize(Typed(item)).map(Some).map_err(|error| error.within(|| Step::Item(at)))
    }
}

/// The fields of an object or of a line.
pub(super) struct Fields {
    members: std::vec::IntoIter<(String, Value)>,
    value: Option<(String, Value)>,
}

impl Fields {
    pub(super) fn of(members: Members) -> Self {
        Fields { members: members.into_iter(), value: None }
    }
}

impl<'de> MapAccess<'de> for Fields {
    type Error = TypeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, TypeError> {
        let Some((name, value)) = self.members.next() else { return Ok(None) };
        let key = seed.deserialize(name.as_str().into_deserializer());
        self.value = Some((name, value));
        key.map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, TypeError> {
        let Some((name, value)) = self.value.take() else { return Err(de::Error::custom("a value without a key")) };
        seed.deserialize(Typed(value)).map_err(|error| error.within(|| Step::Field(name)))
    }
}

impl<'de> Deserializer<'de> for Fields {
    type Error = TypeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypeError> {
        visitor.visit_map(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// The fields of a line as the variant that its tag names.
pub(super) struct Tagged<'a> {
    pub(super) tag: &'a str,
    pub(super) fields: Members,
}

impl<'de> Deserializer<'de> for Tagged<'_> {
    type Error = TypeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypeError> {
        visitor.visit_enum(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> EnumAccess<'de> for Tagged<'_> {
    type Error = TypeError;
    type Variant = Fields;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Fields), TypeError> {
        let variant = seed.deserialize(self.tag.into_deserializer())?;
        Ok((variant, Fields::of(self.fields)))
    }
}

impl<'de> VariantAccess<'de> for Fields {
    type Error = TypeError;

    fn unit_variant(self) -> Result<(), TypeError> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, TypeError> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, TypeError> {
        visitor.visit_map(self)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, TypeError> {
        visitor.visit_map(self)
    }
}
