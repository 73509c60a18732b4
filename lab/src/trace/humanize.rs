//! Human-readable JSON payloads: `{"ballot":"2.A","value":8}` becomes `ballot 2.A, value 8`.
//!
//! The payloads of messages and facts come from any protocol, so all are formatted in the same way:
//! underscores become spaces, null and the empty list are `none` (and a text of that word is
//! `"none"`, with quotes), true and false are `yes` and `no`, nested values are in parentheses and
//! lists in brackets. A variant of an enum, which JSON writes as an object with one capitalised
//! key, is shown by its name: `Add(amount 5)`. A nested pair of key and value is `x=8`. A flag
//! called `yes` is its own value, `yes` or `no`. A position in a log (an index with the term of its
//! entry) is `4@1`, as usual for Raft; a nested log entry is its command with its term, `no-op@1`.
//! A duration, which JSON writes as an object of `secs` and `nanos`, is `1.5s`.
//! A sealed body, which JSON writes as an object of `by` and `body`, is the body and its seal,
//! `view 0, sealed by n2`, without members that say no more than the seal; a payload that is
//! nothing but one sealed body needs no name for it.
//! A field whose name ends in the word `sent`, `begun`, `expires` or `until` is a point in time, in
//! nanoseconds as everywhere, shown in milliseconds. The output is not meant to be parsed.

use std::fmt::{self, Write};

use quorate_protocol::{Duration, Time};

use super::{Object, Value};

/// Formats a payload; empty for null.
///
/// ```
/// use quorate_lab::trace::humanize;
///
/// let promise = r#"{"ballot":"2.A","accepted":{"ballot":"1.B","value":4},"log_tail":[],"extra":null}"#.parse()?;
/// assert_eq!(humanize(&promise), "ballot 2.A, accepted (ballot 1.B, value 4), log tail none, extra none");
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn humanize(body: &Value) -> String {
    let mut text = String::new();
    match body {
        Value::Null => Ok(()),
        Value::Object(members) if choice(members).is_none() => {
            say_members(&mut text, only_sealed(members).unwrap_or(members))
        }
        other => say(&mut text, other),
    }
    .expect("writing to a String does not fail");
    text
}

/// Formats a name with its payload in parentheses: `Expiry(primary)`, `Election`.
pub fn label(name: &str, body: &Value) -> String {
    match humanize(body) {
        body if body.is_empty() => name.to_owned(),
        body => format!("{name}({body})"),
    }
}

/// Formats the value of a field as part of a sentence: one that names a point in time is one.
pub(super) fn brief(path: &str, value: &Value) -> String {
    let mut text = String::new();
    match instant(path.rsplit('.').next().unwrap_or(path), value) {
        Some(at) => write!(text, "{at}"),
        None => say(&mut text, value),
    }
    .expect("writing to a String does not fail");
    text
}

/// A flag of this name says itself: not "yes yes" and "yes no", but "yes" and "no".
const ANSWER: &str = "yes";

/// No value.
const NONE: &str = "none";

fn say(text: &mut String, value: &Value) -> fmt::Result {
    match value {
        Value::Null => text.write_str(NONE),
        Value::Bool(true) => text.write_str("yes"),
        Value::Bool(false) => text.write_str("no"),
        Value::Number(number) => write!(text, "{number}"),
        // No text looks like no value.
        Value::String(string) if string.is_empty() || string == NONE => write!(text, "\"{string}\""),
        Value::String(string) => text.write_str(string),
        Value::Array(items) if items.is_empty() => text.write_str(NONE),
        Value::Array(items) => {
            text.write_char('[')?;
            for (index, item) in items.iter().enumerate() {
                text.write_str(if index > 0 { ", " } else { "" })?;
                say(text, item)?;
            }
            text.write_char(']')
        }
        Value::Object(members) if members.is_empty() => text.write_str(NONE),
        Value::Object(members) => {
            if let Some(span) = duration(members) {
                return write!(text, "{span:?}");
            }
            if let Some((index, term)) = place_in_a_log(members) {
                return write!(text, "{index}@{term}");
            }
            if let Some((command, term)) = entry_of_a_log(members) {
                say(text, command)?;
                return write!(text, "@{term}");
            }
            if let Some((key, value)) = pair(members) {
                say(text, key)?;
                text.write_char('=')?;
                return say(text, value);
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

/// The duration, which JSON writes as its seconds and nanoseconds.
fn duration(members: &Object) -> Option<Duration> {
    let number = |key| members.get(key)?.as_u64();
    let nanos = number("nanos").and_then(|nanos| u32::try_from(nanos).ok()).filter(|nanos| *nanos < 1_000_000_000)?;
    number("secs").filter(|_| members.len() == 2).map(|secs| Duration::new(secs, nanos))
}

/// The index and the term, if there are no other members.
fn place_in_a_log(members: &Object) -> Option<(u64, u64)> {
    let number = |key| members.get(key)?.as_u64();
    number("index").zip(number("term")).filter(|_| members.len() == 2)
}

/// The command, or the new members of the cluster, and the term, if there are no other members
/// except the id of the client's request.
fn entry_of_a_log(members: &Object) -> Option<(&Value, u64)> {
    let asked = members.get("command").or_else(|| members.get("membership"));
    let entry = asked.zip(members.get("term")?.as_u64());
    let others = usize::from(members.contains_key("ticket"));
    entry.filter(|_| members.len() == 2 + others)
}

/// The key and the value, if there are no other members.
fn pair(members: &Object) -> Option<(&Value, &Value)> {
    members.get("key").zip(members.get("value")).filter(|_| members.len() == 2)
}

/// The name and payload of an enum variant, as serde writes it.
fn choice(members: &Object) -> Option<(&str, &Value)> {
    let (name, body) = members.iter().next().filter(|_| members.len() == 1)?;
    name.starts_with(|letter: char| letter.is_ascii_uppercase()).then_some((name.as_str(), body))
}

/// Whether an object has a short form that needs no parentheses.
fn is_short(members: &Object) -> bool {
    choice(members).is_some()
        || entry_of_a_log(members).is_some()
        || pair(members).is_some()
        || place_in_a_log(members).is_some()
        || duration(members).is_some()
}

fn say_choice(text: &mut String, name: &str, body: &Value) -> fmt::Result {
    write!(text, "{name}(")?;
    match body {
        Value::Object(members) if !is_short(members) => say_members(text, members)?,
        body => say(text, body)?,
    }
    text.write_char(')')
}

/// The seal and the body, if there are no other members.
fn sealed(members: &Object) -> Option<(&Value, &Value)> {
    let by = members.get("by").filter(|by| by.as_str().is_some());
    by.zip(members.get("body")).filter(|_| members.len() == 2)
}

/// The sealed body that is the only member.
fn only_sealed(members: &Object) -> Option<&Object> {
    let (_, inner) = members.iter().next().filter(|_| members.len() == 1)?;
    inner.as_object().filter(|inner| sealed(inner).is_some())
}

fn say_members(text: &mut String, members: &Object) -> fmt::Result {
    let Some((by, body)) = sealed(members) else { return say_each(text, members.iter()) };
    let begin = text.len();
    match body {
        Value::Object(inner) if !inner.is_empty() && !is_short(inner) => {
            say_each(text, inner.iter().filter(|(_, value)| *value != by))?;
        }
        body => say(text, body)?,
    }
    text.write_str(if text.len() > begin { ", sealed by " } else { "sealed by " })?;
    say(text, by)
}

fn say_each<'a>(text: &mut String, members: impl Iterator<Item = (&'a String, &'a Value)>) -> fmt::Result {
    for (index, (key, value)) in members.enumerate() {
        text.write_str(if index > 0 { ", " } else { "" })?;
        if key == ANSWER && value.as_bool().is_some() {
            say(text, value)?;
            continue;
        }
        for part in key.split_inclusive('_') {
            text.write_str(part.strip_suffix('_').unwrap_or(part))?;
            text.write_str(if part.ends_with('_') { " " } else { "" })?;
        }
        text.write_char(' ')?;
        match instant(key, value) {
            Some(at) => write!(text, "{at}")?,
            None => say(text, value)?,
        }
    }
    Ok(())
}

/// The point in time, if the key names one.
fn instant(key: &str, value: &Value) -> Option<Time> {
    let last = key.rsplit('_').next()?;
    ["sent", "begun", "expires", "until", "earliest", "latest", "timestamp"]
        .contains(&last)
        .then(|| value.as_u64().map(Time::from_nanos))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_read_as_words() {
        for (body, text) in [
            (r#"null"#, ""),
            (r#"{"term":{"secs":10,"nanos":0},"rest":{"secs":0,"nanos":2500000}}"#, "term 10s, rest 2.5ms"),
            (r#"{"term":{"secs":10,"nanos":1000000000}}"#, "term (secs 10, nanos 1000000000)"),
            (r#"{}"#, ""),
            (r#"8"#, "8"),
            (r#""x""#, "x"),
            (r#"{"granted": true, "voted_for": null}"#, "granted yes, voted for none"),
            (r#"{"entries": [{"index": 1, "round": 1}, 2]}"#, "entries [(index 1, round 1), 2]"),
            (r#"{"last": {"index": 4, "term": 1}, "index": 4, "term": 1}"#, "last 4@1, index 4, term 1"),
            (r#"{"index": 4, "term": 1}"#, "index 4, term 1"),
            (r#"{"sent": 1500000, "acts_until": null}"#, "sent 1.5 ms, acts until none"),
            (r#"{"silent_until": 2000000000}"#, "silent until 2000.0 ms"),
            (r#"{"last": {"index": 4, "term": "x"}}"#, "last (index 4, term x)"),
            (r#"{"Set": {"key": "", "to": {}}}"#, "Set(key \"\", to none)"),
            (r#"{"entry": {"Put": {"key": "x"}}, "was": {"Value": null}}"#, "entry Put(key x), was Value(none)"),
            (r#"{"was": {"Value": "none"}}"#, "was Value(\"none\")"),
            (r#"{"Put": {"key": "x", "value": 8}}"#, "Put(x=8)"),
            (r#"{"key": "x", "value": 8}"#, "key x, value 8"),
            (
                r#"[{"term": 2, "command": "no-op"}, {"term": 2, "command": {"Add": 5}, "ticket": "c1 #7"}]"#,
                "[no-op@2, Add(5)@2]",
            ),
            (r#"{"State": ["x", {"Some": {"index": 4, "term": 1}}]}"#, "State([x, Some(4@1)])"),
            (r#"[1, [2, false]]"#, "[1, [2, no]]"),
            (r#"{"transaction": "c1 #1", "yes": true}"#, "transaction c1 #1, yes"),
            (r#"{"Vote": {"yes": false}}"#, "Vote(no)"),
            (r#"{"yes": "maybe"}"#, "yes maybe"),
            (r#"{"by": "n2", "body": {"view": 0, "replica": "n2"}}"#, "view 0, sealed by n2"),
            (r#"{"vote": {"by": "n2", "body": {"view": 0, "replica": "n3"}}}"#, "view 0, replica n3, sealed by n2"),
            (
                r#"{"proposal": {"vote": {"by": "n2", "body": {"next": {"by": "P", "body": 7}}}}, "request": null}"#,
                "proposal (vote (next (7, sealed by P), sealed by n2)), request none",
            ),
            (r#"[{"by": "n2", "body": {"replica": "n2"}}, {"by": 2, "body": 3}]"#, "[(sealed by n2), (by 2, body 3)]"),
            (r#"{"Some": {"by": "n2", "body": {"index": 4, "term": 1}}}"#, "Some(4@1, sealed by n2)"),
        ] {
            assert_eq!(humanize(&value(body)), text, "{body}");
        }
    }

    fn value(text: &str) -> Value {
        text.parse().expect("it is JSON")
    }

    #[test]
    fn timers_are_called_by_name_and_content() {
        assert_eq!(label("Election", &value(r#"null"#)), "Election");
        assert_eq!(label("Expiry", &value(r#""primary""#)), "Expiry(primary)");
        assert_eq!(label("Retry", &value(r#"{"slot": 3}"#)), "Retry(slot 3)");
    }
}
