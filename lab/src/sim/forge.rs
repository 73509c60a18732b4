//! Liars: fields of a message that do not say what the machine of its sender said.
//!
//! The message is written as the JSON that traces show, edited, and read back as the machine's own
//! type, so that whatever arrives is a message that the receiver can be sent: well formed, and a
//! lie. The machines and their rulebooks know nothing of it. A liar has its own key and no other,
//! so of sealed bodies it makes those under its own [seal](super::seals).

use quorate_protocol::{Data, Invariant, Machine};

use super::core::{ClientContent, ClientEnvelope, Core, Envelope, Scheduled};
use super::forge_error::ForgeError;
use super::network::ClientMessage;
use super::seals::not_own;
use super::under_way::UnderWayContent;
use super::world::World;
use crate::trace::forgery::{NAME, as_written, at_path, paths, replace};
use crate::trace::{EventId, Forgery, Lane, MessageId, Payload, TypedEvent, Value, payload, variant};

/// A field of a message, and the text of what it is to say instead.
///
/// The field is a path in the body that traces show, such as `accepted.value`, or
/// [`NAME`](crate::trace::NAME) for the name of the message. The text is read as the type of the
/// field: a number, `yes` or `no`, `none`, the name of a node, or JSON.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lie {
    /// Path of the field.
    pub field: String,
    /// The text of its new value.
    pub value: String,
}

/// One field that was changed, with the content of the message after it.
struct Change {
    field: String,
    old: Value,
    new: Value,
    payload: Payload,
}

/// Writes a message as JSON, changes its fields one after the other, and reads it back after each.
fn forged<T: Data>(from: Lane, honest: &T, otherwise: &str, lies: &[Lie]) -> Result<(T, Vec<Change>), ForgeError> {
    let mut content = honest.clone();
    let mut changes = Vec::with_capacity(lies.len());
    for lie in lies {
        let (forged, old, new) = match lie.field.as_str() {
            NAME => renamed(&content, otherwise, &lie.value)?,
            _ => edited(&content, otherwise, lie)?,
        };
        content = forged;
        let payload = payload(&content, otherwise);
        changes.push(Change { field: lie.field.clone(), old, new, payload });
    }
    let (before, after) = (payload(honest, otherwise), payload(&content, otherwise));
    let sender = from.to_string();
    match not_own(&before.body, &after.body, &sender) {
        Some(by) => Err(ForgeError::NotOwnSeal { message: before.name, by: by.to_owned(), sender }),
        None => Ok((content, changes)),
    }
}

/// The same content under another name.
fn renamed<T: Data>(content: &T, otherwise: &str, name: &str) -> Result<(T, Value, Value), ForgeError> {
    let Payload { name: message, body } = payload(content, otherwise);
    let refused = |reason: String| ForgeError::NoName { message: message.clone(), name: name.to_owned(), reason };
    if variant(content).is_none() {
        return Err(refused("it is the only kind there is".to_owned()));
    }
    // A message without fields has no content: it cannot be read with one.
    let bare = || read_back(as_written(Some(name), Value::Null));
    let forged: T = read_back(as_written(Some(name), body)).or_else(|error| bare().map_err(|_| refused(error)))?;
    Ok((forged, message.into(), name.into()))
}

/// The same message with another value of one field.
fn edited<T: Data>(content: &T, otherwise: &str, lie: &Lie) -> Result<(T, Value, Value), ForgeError> {
    let Payload { name: message, body } = payload(content, otherwise);
    let held = at_path(&body, &lie.field);
    // A field that is not written, because it holds what is usual, can be set all the same.
    let old = held.cloned().unwrap_or_default();
    let mut reason = None;
    for new in readings(&lie.value, &old) {
        let mut forged = body.clone();
        if replace(&mut forged, &lie.field, new.clone()).is_none() {
            break;
        }
        match read_back::<T>(as_written(variant(content), forged.clone())) {
            // A field that reads back as another value would be a lie that the trace does not show.
            Ok(content) if payload(&content, otherwise).body == forged => return Ok((content, old, new)),
            Ok(_) => _ = reason.get_or_insert("it would be read as something else".to_owned()),
            Err(error) => _ = reason.get_or_insert(error),
        }
    }
    if held.is_none() {
        return Err(ForgeError::NoField { message, field: lie.field.clone(), known: paths(&body) });
    }
    Err(ForgeError::NoValue {
        message,
        field: lie.field.clone(),
        value: lie.value.clone(),
        holds: old.to_string(),
        reason: reason.unwrap_or_default(),
    })
}

/// The values that a text may mean, the likeliest first: texts stay texts where there was one.
fn readings(text: &str, old: &Value) -> Vec<Value> {
    let word = Value::from(text);
    let json = || text.parse::<Value>().ok();
    let spoken = match text {
        "none" => Some(Value::Null),
        "yes" => Some(Value::from(true)),
        "no" => Some(Value::from(false)),
        _ => None,
    };
    match old {
        Value::String(_) => [Some(word), json(), spoken].into_iter().flatten().collect(),
        _ => [json(), spoken, Some(word)].into_iter().flatten().collect(),
    }
}

fn read_back<T: Data>(json: Value) -> Result<T, String> {
    serde_json::from_str(&json.to_string()).map_err(|error| {
        let text = error.to_string();
        text.rsplit_once(" at line ").map_or(text.as_str(), |(reason, _)| reason).to_owned()
    })
}

/// The content of a message that is forged.
enum Content<M: Machine> {
    Message(M::Message),
    Client(ClientContent<M>),
}

fn forged_client<M: Machine>(
    from: Lane,
    message: &ClientMessage<'_, M>,
    lies: &[Lie],
) -> Result<(ClientContent<M>, Vec<Change>), ForgeError> {
    Ok(match message {
        ClientMessage::Request(command) => {
            let (command, changes) = forged::<M::Command>(from, command, "Request", lies)?;
            (ClientContent::Request(command), changes)
        }
        ClientMessage::Reply(reply) => {
            let (reply, changes) = forged::<M::Reply>(from, reply, "Reply", lies)?;
            (ClientContent::Reply(reply), changes)
        }
    })
}

/// Records the changes, one event for each. Returns the last: what the message is from now on.
fn record<M: Machine>(
    core: &mut Core<M>,
    (from, to): (Lane, Lane),
    (msg, mut cause): (MessageId, Option<EventId>),
    changes: Vec<Change>,
) -> Option<EventId> {
    for Change { field, old, new, payload } in changes {
        let forgery = Box::new(Forgery { msg, to, field, old, new, payload });
        cause = core.record(Some(from), cause, || TypedEvent::Forge(forgery));
    }
    cause
}

/// Forges a message between nodes that is about to leave.
pub(super) fn forge_message<M: Machine>(
    core: &mut Core<M>,
    envelope: &mut Envelope<M>,
    lies: &[Lie],
) -> Result<(), ForgeError> {
    if lies.is_empty() {
        return Ok(());
    }
    let ends: (Lane, Lane) = (envelope.from.into(), envelope.to.into());
    let (message, changes) = forged(ends.0, &envelope.message, "Message", lies)?;
    envelope.cause = record(core, ends, (envelope.msg, envelope.cause), changes);
    envelope.message = message;
    Ok(())
}

/// Forges a request or a reply that is about to leave.
pub(super) fn forge_client_message<M: Machine>(
    core: &mut Core<M>,
    envelope: &mut ClientEnvelope<M>,
    lies: &[Lie],
) -> Result<(), ForgeError> {
    if lies.is_empty() {
        return Ok(());
    }
    let (content, changes) = forged_client(envelope.ends().0, &envelope.content.as_message(), lies)?;
    envelope.cause = record(core, envelope.ends(), (envelope.msg, envelope.cause), changes);
    envelope.content = content;
    Ok(())
}

impl<M: Machine, I: Invariant<M>> World<M, I> {
    /// Sets a callback that says the lies of every message between two different nodes, and between
    /// a client and a node, when it is sent: from its ends and its name, which is only worked out
    /// if it is asked for. No lies leave it as it is. The trace has an event for each.
    ///
    /// A message that cannot be forged like this travels as it is; see
    /// [`take_forge_error`](Self::take_forge_error).
    pub fn forge(&mut self, lies: impl FnMut(Lane, Lane, &dyn Fn() -> String) -> Vec<Lie> + 'static) {
        self.network.forge(Box::new(lies));
    }

    /// Takes the error of the first message since the last call that could not be forged.
    pub fn take_forge_error(&mut self) -> Option<ForgeError> {
        self.network.forge_error.take()
    }

    /// Forges a message under way, in flight or held. Returns whether it was under way.
    ///
    /// # Errors
    /// [`ForgeError`]: it cannot be forged like this, and is left as it is.
    pub fn forge_under_way(&mut self, msg: MessageId, lies: &[Lie]) -> Result<bool, ForgeError> {
        self.names.clone().scope(|| {
            let Some(each) = self.under_way().into_iter().find(|each| each.msg == msg) else { return Ok(false) };
            let (ends, sent) = ((each.from, each.to), each.sent);
            let (content, changes) = match &each.content {
                UnderWayContent::Message(message) => {
                    let (message, changes) = forged(ends.0, *message, "Message", lies)?;
                    (Content::Message(message), changes)
                }
                UnderWayContent::Client(message) => {
                    let (content, changes) = forged_client(ends.0, message, lies)?;
                    (Content::Client(content), changes)
                }
            };
            let cause = record(&mut self.core, ends, (msg, sent), changes);
            self.replace(msg, content, cause);
            Ok(true)
        })
    }

    /// Replaces the content of a message under way, wherever it is.
    fn replace(&mut self, msg: MessageId, content: Content<M>, cause: Option<EventId>) {
        match content {
            Content::Message(message) => {
                let in_flight = self.core.queue.iter_mut().filter_map(|scheduled| match scheduled {
                    Scheduled::Message(envelope) => Some(envelope),
                    _ => None,
                });
                let mut all = self.network.held.iter_mut().chain(in_flight);
                if let Some(envelope) = all.find(|envelope| envelope.msg == msg) {
                    (envelope.message, envelope.cause) = (message, cause);
                }
            }
            Content::Client(content) => {
                let in_flight = self.core.queue.iter_mut().filter_map(|scheduled| match scheduled {
                    Scheduled::Client(envelope) => Some(envelope),
                    _ => None,
                });
                let mut all = self.network.held_clients.iter_mut().chain(in_flight);
                if let Some(envelope) = all.find(|envelope| envelope.msg == msg) {
                    (envelope.content, envelope.cause) = (content, cause);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use quorate_protocol::{Names, NodeId};
    use serde::{Deserialize, Serialize};

    use super::*;

    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    enum Message {
        Ping,
        Write {
            token: u64,
            value: String,
            urgent: bool,
        },
        Promise {
            accepted: Option<Proposal>,
            voters: Vec<NodeId>,
        },
        Refused {
            token: u64,
        },
        Granted {
            token: u64,
        },
        Count(u8),
        Vote {
            term: u64,
            #[serde(default, skip_serializing_if = "std::ops::Not::not")]
            transfer: bool,
        },
    }

    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    struct Proposal {
        by: NodeId,
        value: i64,
    }

    fn lie(field: &str, value: &str) -> Lie {
        Lie { field: field.to_owned(), value: value.to_owned() }
    }

    fn told(message: &Message, lies: &[(&str, &str)]) -> Result<Message, String> {
        let lies: Vec<Lie> = lies.iter().map(|(field, value)| lie(field, value)).collect();
        let names = Names::new(["A", "B", "C"], ["c1"]);
        let forged =
            names.scope(|| forged(Lane::from(NodeId(0)), message, "Message", &lies).map_err(|error| error.to_string()));
        forged.map(|(message, changes)| {
            assert_eq!(changes.len(), lies.len());
            message
        })
    }

    fn promise() -> Message {
        Message::Promise { accepted: Some(Proposal { by: NodeId(1), value: 4 }), voters: vec![NodeId(0), NodeId(1)] }
    }

    fn write() -> Message {
        Message::Write { token: 33, value: "x".to_owned(), urgent: false }
    }

    #[test]
    fn a_field_says_something_else() {
        let forged = told(&write(), &[("token", "99"), ("urgent", "yes"), ("value", "7")]).unwrap();
        assert_eq!(forged, Message::Write { token: 99, value: "7".to_owned(), urgent: true });
        assert_eq!(told(&write(), &[]).unwrap(), write());
    }

    #[test]
    fn fields_of_fields_items_of_lists_and_nodes_by_their_names() {
        let proposal = |by, value| Some(Proposal { by: NodeId(by), value });
        let both = vec![NodeId(0), NodeId(1)];
        for (field, value, accepted, voters) in [
            ("accepted.value", "-5", proposal(1, -5), both.clone()),
            ("accepted.by", "C", proposal(2, 4), both.clone()),
            ("accepted", "none", None, both.clone()),
            ("accepted", r#"{"by":"A","value":9}"#, proposal(0, 9), both),
            ("voters.0", "C", proposal(1, 4), vec![NodeId(2), NodeId(1)]),
            ("voters", r#"["B"]"#, proposal(1, 4), vec![NodeId(1)]),
        ] {
            let forged = told(&promise(), &[(field, value)]).unwrap();
            assert_eq!(forged, Message::Promise { accepted, voters }, "{field}={value}");
        }
    }

    #[test]
    fn a_field_that_is_not_written_can_be_set() {
        let vote = |transfer| Message::Vote { term: 3, transfer };
        assert_eq!(told(&vote(false), &[("transfer", "yes")]).unwrap(), vote(true));
        assert_eq!(
            told(&vote(true), &[("transfer", "no")]).unwrap_err(),
            "'no' is no value for the field 'transfer' of \
            Vote, which holds true (it would be read as something else); give one of that kind"
        );
        assert_eq!(told(&vote(false), &[("other", "yes")]).unwrap_err(), "Vote has no field 'other'; its fields: term");
    }

    #[test]
    fn a_message_is_sent_as_another_of_the_same_content() {
        let refused = Message::Refused { token: 3 };
        assert_eq!(told(&refused, &[("as", "Granted"), ("token", "4")]).unwrap(), Message::Granted { token: 4 });
        assert!(told(&refused, &[("as", "Gratned")]).unwrap_err().starts_with(
            "Refused cannot be sent as 'Gratned' (unknown variant `Gratned`, expected one of `Ping`, `Write`"
        ));
        let missing = told(&refused, &[("as", "Write")]).unwrap_err();
        assert_eq!(missing, "Refused cannot be sent as 'Write' (missing field `value`)");
        let alone = forged(Lane::from(NodeId(0)), &3_u32, "Message", &[lie("as", "Ping")])
            .map(|(forged, _)| forged)
            .unwrap_err();
        assert_eq!(alone.to_string(), "Message cannot be sent as 'Ping' (it is the only kind there is)");
    }

    #[test]
    fn what_cannot_be_is_refused_with_what_there_is() {
        for (message, field, value, error) in [
            (write(), "tokne", "1", "Write has no field 'tokne'; did you mean 'token'?"),
            (write(), "x", "1", "Write has no field 'x'; its fields: token, value, urgent"),
            (Message::Ping, "x", "1", "Ping has no field 'x'; it has none"),
            (Message::Count(3), "x", "1", "Count has no field 'x'; it has none"),
            (promise(), "accepted.valeu", "1", "Promise has no field 'accepted.valeu'; did you mean 'accepted.value'?"),
            (promise(), "voters.2", "A", "Promise has no field 'voters.2'; did you mean 'voters.0'?"),
            (
                write(),
                "token",
                "many",
                "'many' is no value for the field 'token' of Write, which holds 33 (invalid type: string \"many\", \
                 expected u64); give one of that kind",
            ),
            (
                write(),
                "token",
                "-1",
                "'-1' is no value for the field 'token' of Write, which holds 33 (invalid value: integer `-1`, \
                 expected u64); give one of that kind",
            ),
            (
                promise(),
                "accepted.by",
                "Z",
                "'Z' is no value for the field 'accepted.by' of Promise, which holds \"B\" (there is no node named \
                 'Z'); give one of that kind",
            ),
            (
                promise(),
                "accepted",
                r#"{"by":"A","value":9,"extra":1}"#,
                "'{\"by\":\"A\",\"value\":9,\"extra\":1}' is no value for the field 'accepted' of Promise, which holds \
                 {\"by\":\"B\",\"value\":4} (it would be read as something else); give one of that kind",
            ),
        ] {
            assert_eq!(told(&message, &[(field, value)]).unwrap_err(), error, "{field}={value}");
        }
    }
}
