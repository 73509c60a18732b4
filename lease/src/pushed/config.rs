//! Configuration of pushed leases.

use std::ops::Deref;
use std::sync::Arc;

use quorate_protocol::{Duration, NodeId};

use crate::error::{ConfigError, distinct};
use crate::terms::check_span;

/// The end of a pushed lease.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Ends {
    /// A fixed time of day. Holder and issuer need wall clocks that are right within a bound.
    Instant,
    /// A higher version: the token. No clock is needed, but a holder cannot know alone whether it
    /// is overtaken: only a resource that compares versions can refuse it.
    Version,
}

/// Settings of pushed leases. [`build`](Self::build) validates them.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Settings {
    /// The node that issues leases.
    pub issuer: NodeId,
    /// The nodes that may be primary; the first is named at the start.
    pub holders: Vec<NodeId>,
    /// The resource that is written to, if any.
    pub resource: Option<NodeId>,
    /// Time from an issue or extension to the end.
    pub term: Duration,
    /// Interval between pushes.
    pub every: Duration,
    /// Bound on the error of every wall clock.
    pub skew: Duration,
    /// The kind of end.
    pub ends: Ends,
    /// Interval at which a primary acts by itself; `None` leaves it to clients.
    pub act_every: Option<Duration>,
}

/// Checked configuration of pushed leases, the same for all nodes. Made by [`Settings::build`];
/// cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Config(Arc<Settings>);

impl Deref for Config {
    type Target = Settings;

    fn deref(&self) -> &Settings {
        &self.0
    }
}

impl Settings {
    /// Settings for one issuer and its holders: ten pushes in a term, perfect clocks, a fixed time
    /// as the end, and nothing else.
    pub fn new(issuer: NodeId, holders: impl IntoIterator<Item = NodeId>, term: Duration) -> Self {
        Settings {
            issuer,
            holders: holders.into_iter().collect(),
            resource: None,
            term,
            every: term / 10,
            skew: Duration::ZERO,
            ends: Ends::Instant,
            act_every: None,
        }
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// The first [`ConfigError`] that applies.
    pub fn build(self) -> Result<Config, ConfigError> {
        if self.holders.is_empty() {
            return Err(ConfigError::NoHolders);
        }
        let nodes: Vec<NodeId> = self.holders.iter().copied().chain([self.issuer]).chain(self.resource).collect();
        distinct("nodes", &nodes)?;
        check_span("the term", self.term)?;
        check_span("the interval between pushes", self.every)?;
        check_span("the skew", self.skew.max(Duration::from_nanos(1)))?;
        if let Some(interval) = self.act_every {
            check_span("the interval between acts", interval)?;
        }
        let Settings { every, skew, term, .. } = self;
        // A lease that ends by its version needs no clock.
        if self.ends == Ends::Instant && every + skew >= term / 2 {
            return Err(ConfigError::TermTooShort { every, skew, term });
        }
        Ok(Config(Arc::new(self)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_impossible_cluster_is_refused() {
        let ms = Duration::from_millis;
        let settings = || Settings::new(NodeId(0), [NodeId(1), NodeId(2)], ms(300));
        assert!(settings().build().is_ok());
        let said = |settings: Settings| settings.build().unwrap_err().to_string();
        assert!(said(Settings { holders: vec![], ..settings() }).starts_with("nobody can hold a lease"));
        assert!(said(Settings { resource: Some(NodeId(2)), ..settings() }).starts_with("n3 is named twice"));
        assert!(said(Settings { term: Duration::ZERO, ..settings() }).starts_with("the term is zero"));
        assert!(said(Settings { every: Duration::ZERO, ..settings() }).starts_with("the interval between pushes is"));
        assert!(said(Settings { act_every: Some(Duration::ZERO), ..settings() }).contains("between acts is zero"));
        assert!(said(Settings { skew: Duration::MAX, ..settings() }).starts_with("the skew is too long"));
        assert!(Settings { ends: Ends::Version, skew: ms(120), ..settings() }.build().is_ok());
        assert_eq!(
            said(Settings { skew: ms(120), ..settings() }),
            "the term is too short for its clocks: 30ms + 120ms < 300ms / 2 is false, choose a longer term or better \
             clocks"
        );
    }
}
