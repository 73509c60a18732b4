//! Errors of a session: what is wrong, and what to do.

use std::fmt;

use quorate_lab::script::{self, ScriptError, ScriptProblem};

use crate::limits::NAME_MAX;

/// The reason why a request is refused. Then nothing has changed.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub enum SessionError {
    /// The request is not one.
    Unreadable {
        /// The reason.
        reason: String,
    },
    /// More of something than a session can have.
    TooMany {
        /// The kind of thing.
        what: &'static str,
        /// The number.
        count: usize,
        /// The maximum.
        max: usize,
    },
    /// There is no run yet.
    NotOpen,
    /// None, or more than one, of fields that exclude each other.
    OneOf {
        /// The fields.
        fields: &'static str,
    },
    /// There is no such scenario.
    UnknownScenario {
        /// The reason, with a suggestion.
        says: String,
    },
    /// There is no such branch.
    UnknownBranch {
        /// The name.
        name: String,
        /// The branches there are.
        known: Vec<String>,
    },
    /// A name that no branch can have.
    BadName {
        /// The name.
        name: String,
    },
    /// Another branch has the name.
    NameTaken {
        /// The name.
        name: String,
    },
    /// The current branch cannot be removed.
    IsCurrent {
        /// Its name.
        name: String,
    },
    /// There is no command to take back, or to perform again.
    NoMore {
        /// The direction: `undo` or `redo`.
        what: &'static str,
    },
    /// There is no such place in the branch.
    NoSuchPlace {
        /// The kind of thing that is counted.
        what: &'static str,
        /// The wanted number.
        number: usize,
        /// The least possible number.
        min: usize,
        /// The largest possible number.
        max: usize,
    },
    /// A rate that is no probability.
    BadRate {
        /// The rate.
        rate: f64,
    },
    /// The run uses no rule of the zoo, so that there is nothing to compare.
    ByTheBookAlready,
    /// No node of the protocol can be made a liar.
    NobodyLies {
        /// The protocol.
        protocol: String,
    },
    /// A node that is to be honest again is no liar.
    NoLiar {
        /// The node.
        node: String,
        /// The liars there are.
        known: Vec<String>,
    },
    /// The run has ended with a violation that the script has not stated.
    StateFirst {
        /// The command.
        command: String,
        /// The invariant.
        invariant: String,
    },
    /// An exported session that is not one.
    BadSaved {
        /// The reason.
        reason: String,
    },
    /// A line of a script is refused.
    Line {
        /// The line of the file, or the number of the command, from 1.
        line: usize,
        /// The problem.
        problem: ScriptProblem,
    },
}

impl SessionError {
    /// The line of the file, or the number of the command, that is refused.
    pub fn line(&self) -> Option<usize> {
        match self {
            SessionError::Line { line, .. } => Some(*line),
            _ => None,
        }
    }
}

impl From<ScriptError> for SessionError {
    fn from(ScriptError { line, problem }: ScriptError) -> Self {
        SessionError::Line { line, problem }
    }
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SessionError::Unreadable { reason } => write!(f, "the request cannot be read: {}", script::shown(reason)),
            SessionError::TooMany { what, count, max } => {
                write!(f, "{count} {what} are too many; a session has at most {max}")
            }
            SessionError::NotOpen => f.write_str("there is no run yet; open a scenario or a cluster first"),
            SessionError::OneOf { fields } => write!(f, "give exactly one of {fields}"),
            SessionError::UnknownScenario { says } => f.write_str(says),
            SessionError::UnknownBranch { name, known } => {
                write!(f, "there is no branch '{}'; the branches are: {}", script::shown(name), known.join(", "))
            }
            SessionError::BadName { name } => write!(
                f,
                "'{}' is no name for a branch; use 1 to {NAME_MAX} letters, without line breaks",
                script::shown(name)
            ),
            SessionError::NameTaken { name } => {
                write!(f, "another branch is called '{}'; choose another name", script::shown(name))
            }
            SessionError::IsCurrent { name } => {
                write!(f, "'{}' is the current branch; switch to another one before you remove it", script::shown(name))
            }
            SessionError::NoMore { what: "undo" } => f.write_str("there is no command to undo; this is the beginning"),
            SessionError::NoMore { .. } => f.write_str("there is no command to redo; this is the end of the branch"),
            SessionError::NoSuchPlace { what, number, min, max } => {
                write!(f, "there is no place after {number} {what}; the branch has {min} to {max}")
            }
            SessionError::BadRate { rate } => write!(f, "{rate} is no rate of faults; use a number from 0 to 1"),
            SessionError::ByTheBookAlready => {
                f.write_str("the run uses no rule of the zoo; give rules=… on the cluster line, or perform 'rules * …'")
            }
            SessionError::NobodyLies { protocol } => write!(
                f,
                "{protocol} is for honest nodes; open broadcast, generals or pbft for liars, or change one message: \
                 'forge FROM TO MESSAGE FIELD=VALUE'"
            ),
            SessionError::NoLiar { node, known } if known.is_empty() => {
                write!(f, "'{}' is no liar, nor is any other node; name a lie to make it one", script::shown(node))
            }
            SessionError::NoLiar { node, known } => {
                write!(f, "'{}' is no liar; the liars are: {}", script::shown(node), known.join(", "))
            }
            SessionError::StateFirst { command, invariant } => {
                write!(f, "say first what is broken, and then '{command}': expect violation={invariant}")
            }
            SessionError::BadSaved { reason } => write!(f, "this is no exported session: {}", script::shown(reason)),
            SessionError::Line { problem, .. } => problem.fmt(f),
        }
    }
}

impl std::error::Error for SessionError {}
