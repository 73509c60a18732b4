//! Quotations from a file in error messages: short, and harmless to a terminal.

use crate::trace::Value;

/// Maximum length of a quotation from the file in an error message, in characters.
const QUOTED_MAX: usize = 40;

/// Quotes a value for an error message: as JSON, which escapes control characters, and shortened.
pub(crate) fn quoted(value: &Value) -> String {
    match value {
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        Value::String(text) => quoted_text(text),
        other => shortened(other.to_string()),
    }
}

/// Quotes a string for an error message.
pub(crate) fn quoted_text(text: &str) -> String {
    shortened(format!("{:?}", text.chars().take(QUOTED_MAX + 1).collect::<String>()))
}

fn shortened(text: String) -> String {
    match text.char_indices().nth(QUOTED_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
