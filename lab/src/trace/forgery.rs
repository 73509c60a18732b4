//! Forged messages: what a field of a message says in the trace, and what a liar made of it.
//!
//! A field is named by its path in the body: `token`, `accepted.value`, `entries.0.term`. The name
//! of the message itself can be forged, too: [`NAME`] stands for it.

use super::{Lane, MessageId, Object, Payload, Value};

/// The field that stands for the name of the message: no field of a body has it, because it is a
/// reserved word.
pub const NAME: &str = "as";

/// A field of a message that was changed on its way from the sender's machine to the network.
#[derive(Clone, PartialEq, Debug)]
pub struct Forgery {
    /// The message.
    pub msg: MessageId,
    /// Recipient.
    pub to: Lane,
    /// Path of the field, or [`NAME`].
    pub field: String,
    /// Its value before.
    pub old: Value,
    /// Its value from now on.
    pub new: Value,
    /// Content of the message from now on.
    pub payload: Payload,
}

impl Forgery {
    /// The name that the message had before.
    pub fn name_before(&self) -> &str {
        match (self.field == NAME, self.old.as_str()) {
            (true, Some(name)) => name,
            _ => &self.payload.name,
        }
    }

    /// Whether it makes its payload of this one: the field had the old value and has the new one,
    /// and nothing else is another.
    pub fn follows(&self, before: &Payload) -> bool {
        if self.field == NAME {
            return self.old == before.name.as_str() && self.new == self.payload.name.as_str();
        }
        let mut forged = before.clone();
        let old = replace(&mut forged.body, &self.field, self.new.clone());
        old.as_ref() == Some(&self.old) && forged == self.payload
    }
}

/// The value at a path such as `acceptor.promised` or `entries.0`.
pub fn at_path<'a>(body: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(body, |value, key| match value {
        Value::Object(members) => members.get(key),
        Value::Array(items) => items.get(key.parse::<usize>().ok()?),
        _ => None,
    })
}

/// Changes the value at a path, and returns the one before: null if the object around it has none,
/// as of a field that is only written if it is set. `None`, and no change, if there is no such
/// place.
pub fn replace(body: &mut Value, path: &str, new: Value) -> Option<Value> {
    let (place, key) = match path.rsplit_once('.') {
        Some((outer, key)) => (at_path_mut(body, outer)?, key),
        None => (body, path),
    };
    match place {
        Value::Object(members) => Some(members.insert(key.to_owned(), new).unwrap_or_default()),
        Value::Array(items) => Some(std::mem::replace(items.get_mut(key.parse::<usize>().ok()?)?, new)),
        _ => None,
    }
}

fn at_path_mut<'a>(body: &'a mut Value, path: &str) -> Option<&'a mut Value> {
    path.split('.').try_fold(body, |value, key| match value {
        Value::Object(members) => members.get_mut(key),
        Value::Array(items) => items.get_mut(key.parse::<usize>().ok()?),
        _ => None,
    })
}

/// The paths of all fields of a body, outer ones before those within them.
pub fn paths(body: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk(body, "", &mut found);
    found
}

fn walk(value: &Value, prefix: &str, found: &mut Vec<String>) {
    let mut inner = |key: &str, member: &Value| {
        let path = if prefix.is_empty() { key.to_owned() } else { format!("{prefix}.{key}") };
        found.push(path.clone());
        walk(member, &path, found);
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(key, member)| inner(key, member)),
        Value::Array(items) => items.iter().enumerate().for_each(|(at, item)| inner(&at.to_string(), item)),
        _ => {}
    }
}

/// The JSON of an enum's variant as serde writes it; of a value that is no enum, its body.
pub(crate) fn as_written(name: Option<&str>, body: Value) -> Value {
    match (name, body) {
        (None, body) => body,
        (Some(name), Value::Null) => Value::from(name),
        (Some(name), body) => {
            let mut outer = Object::new();
            outer.insert(name.to_owned(), body);
            Value::Object(outer)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn promise() -> Value {
        json!({"ballot": "2.A", "accepted": {"ballot": "1.B", "value": 4}, "log": [{"term": 1}, {"term": 2}]}).into()
    }

    #[test]
    fn paths_lead_into_objects_and_arrays() {
        let body = promise();
        assert_eq!(at_path(&body, "accepted.value"), Some(&Value::from(4)));
        assert_eq!(at_path(&body, "log.1.term"), Some(&Value::from(2)));
        for nowhere in ["", "valu", "accepted.valu", "log.2.term", "log.x", "ballot.x", "accepted."] {
            assert_eq!(at_path(&body, nowhere), None, "{nowhere}");
        }
        let known = paths(&body);
        assert_eq!(
            known,
            [
                "accepted",
                "accepted.ballot",
                "accepted.value",
                "ballot",
                "log",
                "log.0",
                "log.0.term",
                "log.1",
                "log.1.term"
            ]
            .map(str::to_owned)
        );
        assert!(known.iter().all(|path| at_path(&body, path).is_some()));
        assert!(paths(&Value::from(3)).is_empty() && paths(&Value::Null).is_empty());
    }

    #[test]
    fn a_forgery_changes_its_field_and_nothing_else() {
        let before = Payload { name: "Promise".to_owned(), body: promise() };
        let mut body = promise();
        assert_eq!(replace(&mut body, "accepted.value", 5.into()), Some(4.into()));
        let forgery = Forgery {
            msg: MessageId(1),
            to: Lane::Node(quorate_protocol::NodeId(0)),
            field: "accepted.value".to_owned(),
            old: 4.into(),
            new: 5.into(),
            payload: Payload { name: "Promise".to_owned(), body },
        };
        assert!(forgery.follows(&before));
        assert!(!Forgery { old: 3.into(), ..forgery.clone() }.follows(&before), "it was 4");
        assert!(!Forgery { new: 6.into(), ..forgery.clone() }.follows(&before), "it is 5");
        assert!(!Forgery { field: "accepted.x".to_owned(), ..forgery.clone() }.follows(&before));
        let other = Payload { name: "Refused".to_owned(), body: promise() };
        assert!(!forgery.follows(&other));
        let named = Forgery {
            field: NAME.to_owned(),
            old: "Promise".into(),
            new: "Refused".into(),
            payload: Payload { name: "Refused".to_owned(), body: Value::Null },
            ..forgery
        };
        assert!(named.follows(&before) && !named.follows(&other));
        assert_eq!(named.name_before(), "Promise");
    }
}
