//! Errors of the checker.

use std::fmt;

use quorate_protocol::NodeId;

use crate::env::InjectError;

/// Error of a check that cannot start or continue.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum CheckError {
    /// A limit or budget is zero, so nothing could be found.
    Zero(&'static str),
    /// The model has no initial state.
    NoInitialState,
    /// A state has more successors than can be numbered.
    TooManySuccessors {
        /// Maximum number of successors.
        limit: usize,
    },
    /// There are no requests, no timer may fire, and no message is sent at boot: the cluster would
    /// do nothing.
    NothingCanHappen,
    /// Two budgets contradict each other.
    Contradiction {
        /// The budget that is too large, with its value.
        budget: (&'static str, u32),
        /// The budget that it depends on, with its value.
        needs: (&'static str, u32),
    },
    /// A request or a group of interchangeable nodes names a node that does not exist.
    NoSuchNode(NodeId),
    /// More nodes are interchangeable than can be permuted in reasonable time.
    TooManyPermutations {
        /// Number of permutations needed.
        permutations: usize,
        /// Maximum number of permutations.
        limit: usize,
    },
    /// Something distinguishes nodes that are declared interchangeable.
    NotInterchangeable(&'static str),
    /// A clock that would stand still, go backwards, or run at more than twice its rate.
    DriftOutOfRange(i32),
    /// An action is not possible in the state in which it should be repeated.
    NotRepeatable {
        /// Position of the action in the path, from 1.
        step: usize,
    },
}

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CheckError::Zero(what) => {
                write!(f, "{what} is 0, so nothing could be found; set it to at least 1, or omit it")
            }
            CheckError::NoInitialState => {
                write!(f, "the model has no initial state; `Model::initial` must return at least one")
            }
            CheckError::TooManySuccessors { limit } => {
                write!(f, "a state has more than {limit} successors; split the action with so many outcomes")
            }
            CheckError::NothingCanHappen => write!(
                f,
                "nothing can happen: there are no requests, no timer may fire, and no message is sent at boot; add a request or a timer firing"
            ),
            CheckError::Contradiction { budget: (budget, value), needs: (needed, at_most) } => {
                write!(
                    f,
                    "the bound on {budget} is {value}, but the bound on {needed} is {at_most}; raise {needed} or lower {budget}"
                )
            }
            CheckError::NoSuchNode(node) => write!(f, "there is no node {node} in this cluster"),
            CheckError::TooManyPermutations { permutations, limit } => write!(
                f,
                "the interchangeable nodes have {permutations} permutations, and the maximum is {limit}; declare fewer nodes interchangeable"
            ),
            CheckError::NotInterchangeable(why) => write!(f, "the nodes are not interchangeable: {why}"),
            CheckError::DriftOutOfRange(ppm) => {
                write!(f, "{}", InjectError::DriftOutOfRange(*ppm))
            }
            CheckError::NotRepeatable { step } => {
                write!(
                    f,
                    "step {step} cannot be replayed: the path belongs to another cluster, or a machine is not pure"
                )
            }
        }
    }
}

impl std::error::Error for CheckError {}
