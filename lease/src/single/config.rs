//! Configuration of a cluster with a single granter.

use std::ops::Deref;
use std::sync::Arc;

use quorate_protocol::{Duration, NodeId};

use super::detector::DetectorConfig;
use crate::error::ConfigError;
use crate::terms::{Terms, check_span};

/// Settings of a cluster with a single granter. [`build`](Self::build) validates them.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Settings {
    /// The node that grants.
    pub granter: NodeId,
    /// The nodes that may be primary, in their initial order of succession.
    pub holders: Vec<NodeId>,
    /// The resource that is written to, if any.
    pub resource: Option<NodeId>,
    /// Durations of the leases.
    pub terms: Terms,
    /// Term for which the granter would ask on its own behalf; that of the grants, unless it has
    /// another configuration than the holders.
    pub own_term: Duration,
    /// Failure detector with which the granter watches the holders.
    pub watch: DetectorConfig,
    /// Recovery of the granter after a restart.
    pub recovery: Recovery,
    /// Lock-delay: how long the primary lease stays vacant after it ended without a release (Chubby
    /// §2.4).
    pub lock_delay: Duration,
    /// Duration of a piece of work, between the check of the lease and the act.
    pub work: Duration,
    /// Interval at which a primary acts by itself; `None` leaves it to clients.
    pub act_every: Option<Duration>,
    /// Method by which the resource checks sequencers.
    pub check: FenceCheck,
}

/// Treatment of the grants that a granter made before a restart.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Recovery {
    /// Only their number is known, so the granter waits until all of them must be over (Leases §5).
    WaitOut,
    /// The last holder is on disk, and is treated as holding the lease for another full term. It
    /// may renew at once.
    FromDisk,
}

/// Method by which a resource checks a sequencer (Chubby §2.4).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FenceCheck {
    /// Compare with the highest token accepted.
    NewestSeen,
    /// Ask the granter first, then compare as well.
    AskGranter,
    /// Demand the granter's seal on the grant, then compare as well: a holder that lies can seal
    /// with its own key alone.
    GrantersSeal,
}

/// Checked configuration of a cluster with a single granter, the same for all nodes. Made by
/// [`Settings::build`]; cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Config(Arc<Settings>);

impl Deref for Config {
    type Target = Settings;

    fn deref(&self) -> &Settings {
        &self.0
    }
}

impl Settings {
    /// Settings for one granter and its holders, with a failure timeout of three renewals, no
    /// resource, and everything else off.
    pub fn new(granter: NodeId, holders: impl IntoIterator<Item = NodeId>, terms: Terms) -> Self {
        Settings {
            granter,
            holders: holders.into_iter().collect(),
            resource: None,
            terms,
            own_term: terms.granter(),
            watch: DetectorConfig::Timeout { after: terms.renew_every().saturating_mul(3) },
            recovery: Recovery::WaitOut,
            lock_delay: Duration::ZERO,
            work: Duration::ZERO,
            act_every: None,
            check: FenceCheck::NewestSeen,
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
        let mut nodes: Vec<NodeId> = self.holders.iter().copied().chain([self.granter]).chain(self.resource).collect();
        nodes.sort_unstable();
        if let Some(pair) = nodes.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(ConfigError::NamedTwice { node: pair[0] });
        }
        self.watch.check()?;
        check_span("the granter's own term", self.own_term)?;
        if let Some(interval) = self.act_every {
            check_span("the interval between acts", interval)?;
        }
        for (what, span) in [("the lock-delay", self.lock_delay), ("the work", self.work)] {
            check_span(what, span.max(Duration::from_nanos(1)))?;
        }
        Ok(Config(Arc::new(self)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terms::Drift;

    #[test]
    fn each_impossible_cluster_is_refused() {
        let terms = Terms::longest(Duration::from_millis(300), Drift::NONE).unwrap();
        let settings = || Settings::new(NodeId(0), [NodeId(1), NodeId(2)], terms);
        assert!(settings().build().is_ok());
        let said = |settings: Settings| settings.build().unwrap_err().to_string();
        assert!(said(Settings { holders: vec![], ..settings() }).starts_with("nobody can hold a lease"));
        assert!(said(Settings { resource: Some(NodeId(2)), ..settings() }).starts_with("n3 is named twice"));
        let watch = DetectorConfig::Timeout { after: Duration::ZERO };
        assert!(said(Settings { watch, ..settings() }).starts_with("the detector's timeout is zero"));
        assert!(
            said(Settings { own_term: Duration::ZERO, ..settings() }).starts_with("the granter's own term is zero")
        );
        assert!(said(Settings { act_every: Some(Duration::ZERO), ..settings() }).contains("between acts is zero"));
        assert!(said(Settings { lock_delay: Duration::MAX, ..settings() }).starts_with("the lock-delay is too long"));
    }
}
