//! Names of messages, facts and records: the variant of an enum, whatever its shape.
//!
//! JSON alone cannot distinguish the enum variant `{"Ballot":3}` from a struct with one field, or
//! the unit variant `"Ping"` from a string. Serde knows during serialisation, so a probe looks at
//! the first call that a value makes: a variant gives its name, anything else has none.

use serde::Serialize;
use serde::ser::{self, Impossible};

use super::value::to_value;
use super::{Payload, Value};

/// Returns a value's name and payload. A value that is not an enum is named `otherwise`.
///
/// ```
/// use quorate_lab::trace::payload;
///
/// #[derive(serde::Serialize)]
/// enum Message { Prepare { ballot: u32 } }
///
/// let prepare = payload(&Message::Prepare { ballot: 3 }, "Message");
/// assert_eq!((prepare.name.as_str(), prepare.body.to_string().as_str()), ("Prepare", r#"{"ballot":3}"#));
/// assert_eq!(payload(&8, "Request").name, "Request");
/// ```
///
/// A value that JSON cannot express, such as a map with structs as keys, has the reason as its
/// payload: a trace with a gap is more useful than none.
pub fn payload<T: Serialize>(value: &T, otherwise: &str) -> Payload {
    let body = json(value);
    let Some(name) = variant(value) else {
        return Payload { name: otherwise.to_owned(), body };
    };
    let body = match body {
        Value::Object(mut outer) => outer.remove(name).unwrap_or(Value::Object(outer)),
        Value::String(text) if text == name => Value::Null,
        other => other,
    };
    Payload { name: name.to_owned(), body }
}

/// Returns the name of a value's variant, if it is an enum: the cheap part of [`payload`].
pub(crate) fn variant<T: Serialize>(value: &T) -> Option<&'static str> {
    match value.serialize(Probe) {
        Err(ProbeResult::Variant(name)) => Some(name),
        _ => None,
    }
}

/// Returns a value as JSON, or a string that says why it cannot be expressed.
pub fn json<T: Serialize>(value: &T) -> Value {
    to_value(value).unwrap_or_else(|error| Value::String(format!("not expressible in JSON: {error}")))
}

/// Serializer that stops at the first call, which reveals the kind of the value.
struct Probe;

/// Result of the probe.
#[derive(Debug)]
enum ProbeResult {
    Variant(&'static str),
    Else,
}

impl std::fmt::Display for ProbeResult {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            ProbeResult::Variant(name) => name,
            ProbeResult::Else => "not an enum",
        })
    }
}

impl std::error::Error for ProbeResult {}

impl ser::Error for ProbeResult {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        ProbeResult::Else
    }
}

type Never = Impossible<(), ProbeResult>;

macro_rules! not_an_enum {
    ($($method:ident($($type:ty),*) -> $ok:ty;)*) => {
        $(fn $method(self $(, _: $type)*) -> Result<$ok, ProbeResult> { Err(ProbeResult::Else) })*
    };
}

impl ser::Serializer for Probe {
    type Ok = ();
    type Error = ProbeResult;
    type SerializeSeq = Never;
    type SerializeTuple = Never;
    type SerializeTupleStruct = Never;
    type SerializeTupleVariant = Never;
    type SerializeMap = Never;
    type SerializeStruct = Never;
    type SerializeStructVariant = Never;

    not_an_enum! {
        serialize_bool(bool) -> ();
        serialize_i8(i8) -> ();
        serialize_i16(i16) -> ();
        serialize_i32(i32) -> ();
        serialize_i64(i64) -> ();
        serialize_i128(i128) -> ();
        serialize_u8(u8) -> ();
        serialize_u16(u16) -> ();
        serialize_u32(u32) -> ();
        serialize_u64(u64) -> ();
        serialize_u128(u128) -> ();
        serialize_f32(f32) -> ();
        serialize_f64(f64) -> ();
        serialize_char(char) -> ();
        serialize_str(&str) -> ();
        serialize_bytes(&[u8]) -> ();
        serialize_none() -> ();
        serialize_unit() -> ();
        serialize_unit_struct(&'static str) -> ();
        serialize_seq(Option<usize>) -> Never;
        serialize_tuple(usize) -> Never;
        serialize_tuple_struct(&'static str, usize) -> Never;
        serialize_map(Option<usize>) -> Never;
        serialize_struct(&'static str, usize) -> Never;
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), ProbeResult> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), ProbeResult> {
        value.serialize(self)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), ProbeResult> {
        Err(ProbeResult::Variant(variant))
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: &T,
    ) -> Result<(), ProbeResult> {
        Err(ProbeResult::Variant(variant))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Never, ProbeResult> {
        Err(ProbeResult::Variant(variant))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Never, ProbeResult> {
        Err(ProbeResult::Variant(variant))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    #[derive(Serialize)]
    enum Message {
        Ping,
        Value(u32),
        Pair(u32, u32),
        Prepare { ballot: u32 },
    }

    #[derive(Serialize)]
    struct Wrapped(Message);

    #[derive(Serialize)]
    struct OneField {
        rally: u32,
    }

    fn parts(value: &impl Serialize) -> (String, Value) {
        let payload = payload(value, "Message");
        (payload.name, payload.body)
    }

    #[test]
    fn variants_are_called_by_their_name() {
        assert_eq!(parts(&Message::Ping), ("Ping".into(), json!(null).into()));
        assert_eq!(parts(&Message::Value(3)), ("Value".into(), json!(3).into()));
        assert_eq!(parts(&Message::Pair(3, 4)), ("Pair".into(), json!([3, 4]).into()));
        assert_eq!(parts(&Message::Prepare { ballot: 3 }), ("Prepare".into(), json!({"ballot": 3}).into()));
        assert_eq!(parts(&Some(Wrapped(Message::Ping))), ("Ping".into(), json!(null).into()));
    }

    #[test]
    fn what_is_no_enum_is_not_mistaken_for_one() {
        assert_eq!(parts(&OneField { rally: 1 }), ("Message".into(), json!({"rally": 1}).into()));
        assert_eq!(parts(&"Ping"), ("Message".into(), json!("Ping").into()));
        assert_eq!(parts(&None::<u32>), ("Message".into(), json!(null).into()));
        assert_eq!(parts(&()), ("Message".into(), json!(null).into()));
    }

    #[test]
    fn what_json_cannot_express_says_so_instead_of_failing() {
        let keys_are_lists = BTreeMap::from([(vec![1], 2)]);
        let (name, body) = parts(&keys_are_lists);
        assert_eq!((name.as_str(), body.as_str()), ("Message", Some("not expressible in JSON: key must be a string")));
    }
}
