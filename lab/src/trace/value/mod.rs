//! JSON values whose objects keep the order of their members.
//!
//! The order of fields is part of a trace: the same run gives the same bytes, and a view reads as
//! its type declares it. `serde_json` keeps it only with a feature, which Cargo would turn on for
//! every crate of a program that uses this library; hence this type.

mod convert;
mod deserialize;
mod object;
mod serialize;
#[cfg(test)]
mod tests;

use std::fmt;
use std::ops;

pub use object::{Iter, Object};
pub use serde_json::Number;
pub(super) use serialize::to_value;

/// A JSON value: a body, a view or a patch.
///
/// Two objects with the same members are equal, whatever their order.
///
/// ```
/// use quorate_lab::trace::Value;
///
/// let body: Value = r#"{"value":8,"ballot":"2.A"}"#.parse()?;
/// assert_eq!(body["ballot"], "2.A");
/// assert_eq!(body.get("value").and_then(Value::as_u64), Some(8));
/// assert_eq!(body.to_string(), r#"{"value":8,"ballot":"2.A"}"#);
/// assert_eq!(body, r#"{"ballot":"2.A","value":8}"#.parse::<Value>()?);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Value {
    /// `null`.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    String(String),
    /// An array.
    Array(Vec<Value>),
    /// An object.
    Object(Object),
}

/// Result of a lookup that finds nothing.
static NULL: Value = Value::Null;

impl Value {
    /// Whether it is null.
    pub const fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// Whether it is an object.
    pub const fn is_object(&self) -> bool {
        matches!(self, Value::Object(_))
    }

    /// The boolean, if it is one.
    pub const fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(bool) => Some(*bool),
            _ => None,
        }
    }

    /// The number, if it is one that a `u64` holds.
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Value::Number(number) => number.as_u64(),
            _ => None,
        }
    }

    /// The number, if it is one that an `i64` holds.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Value::Number(number) => number.as_i64(),
            _ => None,
        }
    }

    /// The string, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(string) => Some(string),
            _ => None,
        }
    }

    /// The items, if it is an array.
    pub fn as_array(&self) -> Option<&Vec<Value>> {
        match self {
            Value::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The members, if it is an object.
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Value::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The member of that name, if it is an object that has one.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.as_object()?.get(key)
    }
}

impl ops::Index<&str> for Value {
    type Output = Value;

    /// The member of that name; null if there is none.
    fn index(&self, key: &str) -> &Value {
        self.get(key).unwrap_or(&NULL)
    }
}

impl ops::Index<usize> for Value {
    type Output = Value;

    /// The item at that position; null if there is none.
    fn index(&self, position: usize) -> &Value {
        self.as_array().and_then(|items| items.get(position)).unwrap_or(&NULL)
    }
}

impl fmt::Display for Value {
    /// Formats as JSON without blanks.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
