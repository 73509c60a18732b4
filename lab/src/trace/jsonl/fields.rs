//! Typed access to the fields of one line, with an error message for each type.

use serde_json::{Map, Value};

use super::ReadProblem;
use crate::trace::{Citation, Payload};

type Read<T> = Result<T, ReadProblem>;

/// Maximum length of a quotation from the file in an error message, in characters.
const QUOTED_MAX: usize = 40;

/// Quotes a value for an error message: as JSON, which escapes control characters, and shortened.
pub(super) fn quoted(value: &Value) -> String {
    let text = match value {
        Value::Array(_) => return "a list".to_owned(),
        Value::Object(_) => return "an object".to_owned(),
        Value::String(text) => format!("{:?}", text.chars().take(QUOTED_MAX + 1).collect::<String>()),
        other => other.to_string(),
    };
    match text.char_indices().nth(QUOTED_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Quotes a string for an error message.
pub(super) fn quoted_text(text: &str) -> String {
    quoted(&Value::String(text.chars().take(QUOTED_MAX + 1).collect()))
}

/// Fields of a line. Reading a field removes it; the remaining ones are ignored.
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    /// Returns the fields of a line, which must be a JSON object.
    pub(super) fn of(value: Value) -> Read<Fields> {
        match value {
            Value::Object(fields) => Ok(Fields(fields)),
            _ => Err(ReadProblem::NotAnObject),
        }
    }

    /// Removes and returns a field's value: null if the field is null, `None` if it is absent.
    pub(super) fn take(&mut self, field: &str) -> Option<Value> {
        self.0.swap_remove(field)
    }

    /// Whether the field exists.
    pub(super) fn has(&self, field: &str) -> bool {
        self.0.contains_key(field)
    }

    /// Reads a field that may be absent; null counts as absent.
    pub(super) fn optional<T>(
        &mut self,
        field: &'static str,
        expected: &'static str,
        read: impl FnOnce(&mut Value) -> Option<T>,
    ) -> Read<Option<T>> {
        let Some(mut value) = self.take(field).filter(|value| !value.is_null()) else { return Ok(None) };
        match read(&mut value) {
            Some(read) => Ok(Some(read)),
            None => Err(ReadProblem::Mistyped { field, expected, found: quoted(&value) }),
        }
    }

    /// Reads a mandatory field.
    pub(super) fn required<T>(
        &mut self,
        field: &'static str,
        expected: &'static str,
        read: impl FnOnce(&mut Value) -> Option<T>,
    ) -> Read<T> {
        self.optional(field, expected, read)?.ok_or(ReadProblem::Missing { field, expected })
    }

    /// Reads a non-negative integer.
    pub(super) fn number(&mut self, field: &'static str, expected: &'static str) -> Read<u64> {
        self.required(field, expected, |value| value.as_u64())
    }

    /// Reads a string.
    pub(super) fn text(&mut self, field: &'static str, expected: &'static str) -> Read<String> {
        self.required(field, expected, string)
    }

    /// Reads a boolean; absent means false.
    pub(super) fn flag(&mut self, field: &'static str) -> Read<bool> {
        Ok(self.optional(field, "true or false", |value| value.as_bool())?.unwrap_or(false))
    }

    /// Reads `name` and `body`; the body may be absent, the name only if there is a default.
    pub(super) fn payload(&mut self, usual: Option<&str>) -> Read<Payload> {
        let expected = "the name of what is said, such as \"Prepare\"";
        let name = self.optional("name", expected, string)?.or_else(|| usual.map(str::to_owned));
        let name = name.ok_or(ReadProblem::Missing { field: "name", expected })?;
        Ok(Payload { name, body: self.take("body").unwrap_or_default() })
    }

    /// Reads a list of names in the header.
    pub(super) fn names(&mut self, field: &'static str) -> Read<Option<Vec<String>>> {
        self.optional(field, "a list of names, such as [\"n1\",\"n2\"]", |value| {
            let names: Option<Vec<_>> = value.as_array_mut()?.iter_mut().map(string).collect();
            names.filter(|names| names.iter().all(|name| !name.is_empty()))
        })
    }

    /// Reads the header's rules.
    pub(super) fn rules(&mut self) -> Read<Vec<Citation>> {
        let expected = "an object of rules, such as {\"VoteGranted\":{\"cite\":\"Raft §5.2\",\"says\":\"…\"}}";
        let rules = self.optional("rules", expected, |value| {
            let rules = value.as_object()?.iter().map(|(id, rule)| {
                let text = |field| rule.get(field).map_or(Some(""), Value::as_str);
                rule.is_object().then_some(())?;
                Some(Citation { id: id.clone(), cite: text("cite")?.to_owned(), says: text("says")?.to_owned() })
            });
            rules.collect()
        })?;
        Ok(rules.unwrap_or_default())
    }
}

/// Takes the string out of a value without copying.
pub(super) fn string(value: &mut Value) -> Option<String> {
    match value {
        Value::String(text) => Some(std::mem::take(text)),
        _ => None,
    }
}
