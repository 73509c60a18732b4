//! The reasons why a message cannot be forged.

use std::fmt;

use crate::trace::nearest;

/// A message that cannot be forged like this.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ForgeError {
    /// The message has no such field.
    NoField {
        /// Name of the message.
        message: String,
        /// The field.
        field: String,
        /// The fields that it has.
        known: Vec<String>,
    },
    /// The field cannot have this value.
    NoValue {
        /// Name of the message.
        message: String,
        /// The field.
        field: String,
        /// The text of the value.
        value: String,
        /// The JSON that the field holds now.
        holds: String,
        /// The reason of the reader.
        reason: String,
    },
    /// A seal that its sender cannot make.
    NotOwnSeal {
        /// Name of the message.
        message: String,
        /// The node whose seal it would be.
        by: String,
        /// The sender.
        sender: String,
    },
    /// The protocol has no message of this name, or its content cannot be that of this message.
    NoName {
        /// Name of the message.
        message: String,
        /// The name that it cannot have.
        name: String,
        /// The reason of the reader.
        reason: String,
    },
}

impl fmt::Display for ForgeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ForgeError::NoField { message, field, known } => {
                write!(f, "{message} has no field '{field}'")?;
                match nearest(field, known.iter().map(String::as_str)) {
                    Some(like) => write!(f, "; did you mean '{like}'?"),
                    None if known.is_empty() => write!(f, "; it has none"),
                    None => write!(f, "; its fields: {}", known.join(", ")),
                }
            }
            ForgeError::NoValue { message, field, value, holds, reason } => write!(
                f,
                "'{value}' is no value for the field '{field}' of {message}, which holds {holds} ({reason}); \
                 give one of that kind"
            ),
            ForgeError::NotOwnSeal { message, by, sender } => write!(
                f,
                "{message} would bear the seal of {by} on what {by} has not sealed, and {sender} has its own key alone; \
                 say {sender} in the field 'by' of that seal"
            ),
            ForgeError::NoName { message, name, reason } => {
                write!(f, "{message} cannot be sent as '{name}' ({reason})")
            }
        }
    }
}

impl std::error::Error for ForgeError {}
