//! Settings of a lock that cannot work, each with what to do.

use std::fmt;

use quorate_lease::LONGEST;
use quorate_protocol::{Duration, NodeId};

use crate::config::{Guard, Recipe};

/// Invalid settings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ConfigError {
    /// There is no server.
    NoServers {
        /// The recipe.
        recipe: Recipe,
    },
    /// The recipe is for one server.
    OneServer {
        /// The recipe.
        recipe: Recipe,
        /// The number of servers.
        count: usize,
    },
    /// There is no node that takes the lock.
    NoHolders,
    /// A node has two roles, or one twice.
    NamedTwice {
        /// The node.
        node: NodeId,
    },
    /// The recipe needs a time to live.
    NeedsTtl {
        /// The recipe.
        recipe: Recipe,
    },
    /// The recipe has no expiry.
    NoExpiry {
        /// The recipe.
        recipe: Recipe,
    },
    /// A duration is zero.
    Zero {
        /// The duration's name.
        what: &'static str,
    },
    /// A duration is longer than [`LONGEST`].
    TooLong {
        /// The duration's name.
        what: &'static str,
        /// The duration.
        span: Duration,
    },
    /// The allowance leaves nothing of the time to live.
    NoValidity {
        /// The time to live.
        ttl: Duration,
        /// The allowance.
        allowance: Duration,
    },
    /// The guard compares tokens, and Redlock has none that are in order.
    NoOrder {
        /// The guard.
        guard: Guard,
    },
    /// The guard asks one server for the writer's value, and there is no such server or value.
    NobodyToAsk {
        /// The recipe.
        recipe: Recipe,
    },
    /// The guard is for a resource on one node.
    NoReplicas {
        /// The guard.
        guard: Guard,
    },
    /// The recipe's key has no value of its own, so there is nothing that an extension compares.
    NothingToExtend {
        /// The recipe.
        recipe: Recipe,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigError::NoServers { recipe } => write!(f, "{recipe} has no lock server: name at least one"),
            ConfigError::OneServer { recipe, count } => {
                write!(f, "{recipe} works with one server, and there are {count}: name one, or choose redlock")
            }
            ConfigError::NoHolders => write!(f, "nobody wants the lock: name at least one holder"),
            ConfigError::NamedTwice { node } => write!(f, "{node} is named twice: give each node one role"),
            ConfigError::NeedsTtl { recipe } => write!(f, "{recipe} lets its key expire: give a time to live"),
            ConfigError::NoExpiry { recipe } => {
                write!(f, "{recipe} knows no expiry: leave out the time to live, or choose setnx-expire or set-nx-px")
            }
            ConfigError::Zero { what } => write!(f, "{what} is zero: choose at least 1 ns, better several round trips"),
            ConfigError::TooLong { what, span } => {
                write!(f, "{what} is too long: {span:?} <= {LONGEST:?} is false, choose at most a year")
            }
            ConfigError::NoValidity { ttl, allowance } => {
                write!(
                    f,
                    "the allowance for drift leaves nothing: {allowance:?} < {ttl:?} is false, choose a longer time to live"
                )
            }
            ConfigError::NoOrder { guard } => write!(
                f,
                "the guard {} compares tokens, and Redlock's values are unique but in no order: choose currlock, or one server",
                guard.name()
            ),
            ConfigError::NobodyToAsk { recipe } => write!(
                f,
                "the guard ask-service needs one server that knows the holder's value, which {recipe} has not: choose set-nx-px"
            ),
            ConfigError::NoReplicas { guard } => write!(
                f,
                "the guard {} is for a resource on one node: name one, or choose replica-fence or mark-first",
                guard.name()
            ),
            ConfigError::NothingToExtend { recipe } => write!(
                f,
                "an extension compares the key's value, and {recipe} has no value of its own: choose set-nx-px or redlock"
            ),
        }
    }
}

impl std::error::Error for ConfigError {}
