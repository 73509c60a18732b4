//! Serialization of a JSON value, and conversion of any value to one.

use std::fmt;

use serde::ser::{self, Serialize, Serializer};

use super::{Number, Object, Value};

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(bool) => serializer.serialize_bool(*bool),
            Value::Number(number) => number.serialize(serializer),
            Value::String(string) => serializer.serialize_str(string),
            Value::Array(items) => serializer.collect_seq(items),
            Value::Object(members) => members.serialize(serializer),
        }
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self)
    }
}

/// Converts a value to JSON, its fields in the order of its type.
pub(in crate::trace) fn to_value<T: Serialize + ?Sized>(value: &T) -> Result<Value, Inexpressible> {
    value.serialize(ToValue)
}

/// The reason why a value cannot be expressed in JSON.
#[derive(Debug)]
pub(in crate::trace) struct Inexpressible(String);

impl fmt::Display for Inexpressible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Inexpressible {}

impl ser::Error for Inexpressible {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Inexpressible(message.to_string())
    }
}

type Converted<T = Value> = Result<T, Inexpressible>;

/// The serializer: every call returns the value that it was given.
struct ToValue;

/// Items of an array so far, and the variant that they are the content of.
struct Items(Vec<Value>, Option<&'static str>);

/// Members of an object so far, the key that waits for its value, and the variant that they are the
/// content of.
struct Members(Object, Option<String>, Option<&'static str>);

/// Wraps the content of a variant as serde does by default: `{"Variant": content}`.
fn in_variant(variant: Option<&'static str>, content: Value) -> Value {
    match variant {
        None => content,
        Some(variant) => Value::from([(variant, content)]),
    }
}

fn key(key: &(impl Serialize + ?Sized)) -> Converted<String> {
    match to_value(key)? {
        Value::String(key) => Ok(key),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(bool) => Ok(bool.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => Err(Inexpressible("key must be a string".to_owned())),
    }
}

macro_rules! by_from {
    ($($method:ident($type:ty);)*) => {
        $(fn $method(self, value: $type) -> Converted { Ok(Value::from(value)) })*
    };
}

impl Serializer for ToValue {
    type Ok = Value;
    type Error = Inexpressible;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Items;
    type SerializeTupleVariant = Items;
    type SerializeMap = Members;
    type SerializeStruct = Members;
    type SerializeStructVariant = Members;

    by_from! {
        serialize_bool(bool);
        serialize_i8(i8);
        serialize_i16(i16);
        serialize_i32(i32);
        serialize_i64(i64);
        serialize_u8(u8);
        serialize_u16(u16);
        serialize_u32(u32);
        serialize_u64(u64);
        serialize_f64(f64);
        serialize_str(&str);
    }

    fn serialize_i128(self, value: i128) -> Converted {
        Number::from_i128(value).map(Value::Number).ok_or_else(|| Inexpressible("number out of range".to_owned()))
    }

    fn serialize_u128(self, value: u128) -> Converted {
        Number::from_u128(value).map(Value::Number).ok_or_else(|| Inexpressible("number out of range".to_owned()))
    }

    fn serialize_f32(self, value: f32) -> Converted {
        Ok(Value::from(f64::from(value)))
    }

    fn serialize_char(self, value: char) -> Converted {
        Ok(Value::String(value.to_string()))
    }

    fn serialize_bytes(self, value: &[u8]) -> Converted {
        Ok(value.iter().copied().collect())
    }

    fn serialize_none(self) -> Converted {
        Ok(Value::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Converted {
        to_value(value)
    }

    fn serialize_unit(self) -> Converted {
        Ok(Value::Null)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Converted {
        Ok(Value::Null)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Converted {
        Ok(Value::from(variant))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Converted {
        to_value(value)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Converted {
        Ok(in_variant(Some(variant), to_value(value)?))
    }

    fn serialize_seq(self, len: Option<usize>) -> Converted<Items> {
        Ok(Items(Vec::with_capacity(len.unwrap_or(0)), None))
    }

    fn serialize_tuple(self, len: usize) -> Converted<Items> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_struct(self, _: &'static str, len: usize) -> Converted<Items> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_variant(self, _: &'static str, _: u32, variant: &'static str, len: usize) -> Converted<Items> {
        Ok(Items(Vec::with_capacity(len), Some(variant)))
    }

    fn serialize_map(self, _: Option<usize>) -> Converted<Members> {
        Ok(Members(Object::new(), None, None))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Converted<Members> {
        self.serialize_map(None)
    }

    fn serialize_struct_variant(self, _: &'static str, _: u32, variant: &'static str, _: usize) -> Converted<Members> {
        Ok(Members(Object::new(), None, Some(variant)))
    }
}

macro_rules! items {
    ($($of:ident::$method:ident;)*) => {
        $(
            impl ser::$of for Items {
                type Ok = Value;
                type Error = Inexpressible;

                fn $method<T: Serialize + ?Sized>(&mut self, item: &T) -> Converted<()> {
                    self.0.push(to_value(item)?);
                    Ok(())
                }

                fn end(self) -> Converted {
                    Ok(in_variant(self.1, Value::Array(self.0)))
                }
            }
        )*
    };
}

items! {
    SerializeSeq::serialize_element;
    SerializeTuple::serialize_element;
    SerializeTupleStruct::serialize_field;
    SerializeTupleVariant::serialize_field;
}

macro_rules! fields {
    ($($of:ident)*) => {
        $(
            impl ser::$of for Members {
                type Ok = Value;
                type Error = Inexpressible;

                fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Converted<()> {
                    self.0.insert(name.to_owned(), to_value(value)?);
                    Ok(())
                }

                fn end(self) -> Converted {
                    Ok(in_variant(self.2, Value::Object(self.0)))
                }
            }
        )*
    };
}

fields!(SerializeStruct SerializeStructVariant);

impl ser::SerializeMap for Members {
    type Ok = Value;
    type Error = Inexpressible;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, next: &T) -> Converted<()> {
        self.1 = Some(key(next)?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Converted<()> {
        let key = self.1.take().ok_or_else(|| Inexpressible("a value comes before its key".to_owned()))?;
        self.0.insert(key, to_value(value)?);
        Ok(())
    }

    fn end(self) -> Converted {
        Ok(Value::Object(self.0))
    }
}
