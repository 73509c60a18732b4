//! Configuration of a cluster for sagas.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use quorate_protocol::{Duration, NodeId};

use crate::roles::named_twice;

/// Settings. [`build`](Self::build) validates them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// The node that has the steps carried out.
    pub orchestrator: NodeId,
    /// The nodes with rows. The steps of a saga are done in this order.
    pub services: Vec<NodeId>,
    /// The service whose step is the pivot: after it a saga is only continued. `None` if a saga can
    /// be undone until it ends.
    pub pivot: Option<NodeId>,
    /// The amount of every row at first.
    pub opening: i64,
    /// Time that the orchestrator waits for an answer.
    pub step_timeout: Duration,
    /// Time that a saga may take.
    pub limit: Duration,
}

impl Settings {
    /// The default settings: rows of 10, 50 ms for a step, a second for a saga, and no pivot.
    pub fn new(orchestrator: NodeId, services: impl IntoIterator<Item = NodeId>) -> Self {
        Settings {
            orchestrator,
            services: services.into_iter().collect(),
            pivot: None,
            opening: 10,
            step_timeout: Duration::from_millis(50),
            limit: Duration::from_secs(1),
        }
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// The first [`ConfigError`] that applies.
    pub fn build(self) -> Result<Config, ConfigError> {
        if self.services.is_empty() {
            return Err(ConfigError::NoServices);
        }
        if self.services.contains(&self.orchestrator) {
            return Err(ConfigError::BothRoles { node: self.orchestrator });
        }
        if let Some(node) = named_twice(&self.services) {
            return Err(ConfigError::NamedTwice { node });
        }
        if let Some(node) = self.pivot.filter(|node| !self.services.contains(node)) {
            return Err(ConfigError::NoSuchPivot { node });
        }
        if self.opening < 0 {
            return Err(ConfigError::Negative { opening: self.opening });
        }
        for (what, span) in [("step timeout", self.step_timeout), ("limit", self.limit)] {
            if span.is_zero() {
                return Err(ConfigError::NoTime { what });
            }
        }
        Ok(Config(Arc::new(self)))
    }
}

/// Checked configuration, the same for all nodes. Made by [`Settings::build`]; cheap to clone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Config(Arc<Settings>);

impl Deref for Config {
    type Target = Settings;

    fn deref(&self) -> &Settings {
        &self.0
    }
}

/// An invalid configuration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConfigError {
    /// No node holds rows.
    NoServices,
    /// The orchestrator is also a service.
    BothRoles {
        /// The node.
        node: NodeId,
    },
    /// A service is listed twice.
    NamedTwice {
        /// The node.
        node: NodeId,
    },
    /// The pivot is no service.
    NoSuchPivot {
        /// The node.
        node: NodeId,
    },
    /// The opening amount is negative.
    Negative {
        /// The amount.
        opening: i64,
    },
    /// A duration is zero.
    NoTime {
        /// The duration.
        what: &'static str,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigError::NoServices => f.write_str("there are no services: name at least one, better two"),
            ConfigError::BothRoles { node } => {
                write!(f, "{node} is the orchestrator and a service: give each role a node of its own")
            }
            ConfigError::NamedTwice { node } => write!(f, "{node} is named twice: give each node one place"),
            ConfigError::NoSuchPivot { node } => write!(f, "{node} is the pivot and no service: choose one of them"),
            ConfigError::Negative { opening } => {
                write!(f, "rows cannot begin at {opening}: amounts are never below 0")
            }
            ConfigError::NoTime { what } => write!(f, "the {what} is zero: choose at least a nanosecond"),
        }
    }
}

impl std::error::Error for ConfigError {}
