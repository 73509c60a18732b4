//! JSON bodies in words: `{"ballot":"2.A","value":8}` reads `ballot 2.A, value 8`.
//!
//! The bodies of messages and facts come from any protocol, so there is one way to say them all: underscores become
//! spaces, null and the empty list are `none`, true and false are `yes` and `no`, what is nested stands in
//! parentheses and lists in brackets. A choice among several shapes, which JSON writes as an object with one capitalised
//! key, is called by it: `Put(key x, value 1)`. A place in a log, which is an index with its entry's term, is written `4@1`, as
//! people do who talk about Raft. It is for reading, not for parsing.

use std::fmt::{self, Write};

use serde_json::{Map, Value};

/// A body in words; empty for null.
///
/// ```
/// use quorate_lab::trace::words;
/// use serde_json::json;
///
/// let promise = json!({"ballot": "2.A", "accepted": {"ballot": "1.B", "value": 4}, "log_tail": [], "extra": null});
/// assert_eq!(words(&promise), "ballot 2.A, accepted (ballot 1.B, value 4), log tail none, extra none");
/// ```
pub fn words(body: &Value) -> String {
    let mut text = String::new();
    match body {
        Value::Null => Ok(()),
        Value::Object(members) if choice(members).is_none() => say_members(&mut text, members),
        other => say(&mut text, other),
    }
    .expect("writing to a String does not fail");
    text
}

/// A name with its body in parentheses: `Expiry(primary)`, `Election`.
pub fn called(name: &str, body: &Value) -> String {
    match words(body) {
        body if body.is_empty() => name.to_owned(),
        body => format!("{name}({body})"),
    }
}

fn say(text: &mut String, value: &Value) -> fmt::Result {
    match value {
        Value::Null => text.write_str("none"),
        Value::Bool(true) => text.write_str("yes"),
        Value::Bool(false) => text.write_str("no"),
        Value::Number(number) => write!(text, "{number}"),
        Value::String(string) if string.is_empty() => text.write_str("\"\""),
        Value::String(string) => text.write_str(string),
        Value::Array(items) if items.is_empty() => text.write_str("none"),
        Value::Array(items) => {
            text.write_char('[')?;
            for (index, item) in items.iter().enumerate() {
                text.write_str(if index > 0 { ", " } else { "" })?;
                say(text, item)?;
            }
            text.write_char(']')
        }
        Value::Object(members) if members.is_empty() => text.write_str("none"),
        Value::Object(members) => {
            if let Some((index, term)) = place_in_a_log(members) {
                return write!(text, "{index}@{term}");
            }
            if let Some((name, body)) = choice(members) {
                return say_choice(text, name, body);
            }
            text.write_char('(')?;
            say_members(text, members)?;
            text.write_char(')')
        }
    }
}

/// The index and the term, if these are all that there is.
fn place_in_a_log(members: &Map<String, Value>) -> Option<(u64, u64)> {
    let number = |key| members.get(key)?.as_u64();
    number("index").zip(number("term")).filter(|_| members.len() == 2)
}

/// The name and the body of one shape among several, as serde writes the variants of an enum.
fn choice(members: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (name, body) = members.iter().next().filter(|_| members.len() == 1)?;
    name.starts_with(|letter: char| letter.is_ascii_uppercase()).then_some((name.as_str(), body))
}

fn say_choice(text: &mut String, name: &str, body: &Value) -> fmt::Result {
    write!(text, "{name}(")?;
    match body {
        Value::Object(members) if choice(members).is_none() && place_in_a_log(members).is_none() => {
            say_members(text, members)?;
        }
        body => say(text, body)?,
    }
    text.write_char(')')
}

fn say_members(text: &mut String, members: &Map<String, Value>) -> fmt::Result {
    for (index, (key, value)) in members.iter().enumerate() {
        text.write_str(if index > 0 { ", " } else { "" })?;
        for part in key.split_inclusive('_') {
            text.write_str(part.strip_suffix('_').unwrap_or(part))?;
            text.write_str(if part.ends_with('_') { " " } else { "" })?;
        }
        text.write_char(' ')?;
        say(text, value)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bodies_read_as_words() {
        for (body, text) in [
            (json!(null), ""),
            (json!({}), ""),
            (json!(8), "8"),
            (json!("x"), "x"),
            (json!({"granted": true, "voted_for": null}), "granted yes, voted for none"),
            (json!({"entries": [{"index": 1, "round": 1}, 2]}), "entries [(index 1, round 1), 2]"),
            (json!({"last": {"index": 4, "term": 1}, "index": 4, "term": 1}), "last 4@1, index 4, term 1"),
            (json!({"index": 4, "term": 1}), "index 4, term 1"),
            (json!({"last": {"index": 4, "term": "x"}}), "last (index 4, term x)"),
            (json!({"Set": {"key": "", "to": {}}}), "Set(key \"\", to none)"),
            (json!({"entry": {"Put": {"key": "x"}}, "was": {"Value": null}}), "entry Put(key x), was Value(none)"),
            (json!({"State": ["x", {"Some": {"index": 4, "term": 1}}]}), "State([x, Some(4@1)])"),
            (json!([1, [2, false]]), "[1, [2, no]]"),
        ] {
            assert_eq!(words(&body), text, "{body}");
        }
    }

    #[test]
    fn timers_are_called_by_name_and_content() {
        assert_eq!(called("Election", &json!(null)), "Election");
        assert_eq!(called("Expiry", &json!("primary")), "Expiry(primary)");
        assert_eq!(called("Retry", &json!({"slot": 3})), "Retry(slot 3)");
    }
}
