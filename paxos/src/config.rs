//! Configuration of a cluster: roles, quorum sizes, distinguished learner, timeouts.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use quorate_protocol::{Delay, Duration, NodeId};

use crate::quorums::Quorums;
use crate::retry::{Backoff, Retry};

/// Configuration of a cluster, shared by all its nodes. Cloning it is cheap.
///
/// A node plays every role whose set contains it. Quorums are majorities unless the
/// [builder](Config::builder) says otherwise.
///
/// ```
/// use quorate_paxos::{Config, ConfigError};
/// use quorate_protocol::NodeId;
///
/// let (proposers, acceptors, learners) = ([0, 1].map(NodeId), [2, 3, 4, 5].map(NodeId), [6].map(NodeId));
/// let flexible = Config::builder(proposers, acceptors, learners).phase_1_quorum(3).phase_2_quorum(2).build()?;
/// assert_eq!(flexible.quorums().phase_2, 2);
///
/// let torn = Config::builder(proposers, acceptors, learners).phase_1_quorum(2).phase_2_quorum(2).build();
/// assert_eq!(torn.unwrap_err().to_string(), "quorums of 2 and 2 can miss each other among 4 acceptors: \
///     2 + 2 > 4 is false, so enlarge one of them by 1");
/// # Ok::<(), ConfigError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Config(Arc<Cluster>);

#[derive(Debug, PartialEq, Eq, Hash)]
struct Cluster {
    proposers: Vec<NodeId>,
    acceptors: Vec<NodeId>,
    learners: Vec<NodeId>,
    quorums: Quorums,
    distinguished: Option<NodeId>,
    retry: Retry,
    catch_up: Option<Delay>,
}

impl Config {
    /// Majority quorums, every acceptor informing every learner, default timing.
    ///
    /// # Errors
    /// As [`Builder::build`].
    pub fn new(
        proposers: impl IntoIterator<Item = NodeId>,
        acceptors: impl IntoIterator<Item = NodeId>,
        learners: impl IntoIterator<Item = NodeId>,
    ) -> Result<Config, ConfigError> {
        Config::builder(proposers, acceptors, learners).build()
    }

    /// A cluster of this many nodes that all play every role, with the defaults of [`Config::new`].
    ///
    /// # Errors
    /// [`ConfigError::NoProposers`] if there are none.
    pub fn symmetric(nodes: u32) -> Result<Config, ConfigError> {
        let all = || (0..nodes).map(NodeId);
        Config::new(all(), all(), all())
    }

    /// Starts building a configuration with other settings than the defaults.
    pub fn builder(
        proposers: impl IntoIterator<Item = NodeId>,
        acceptors: impl IntoIterator<Item = NodeId>,
        learners: impl IntoIterator<Item = NodeId>,
    ) -> Builder {
        Builder {
            proposers: proposers.into_iter().collect(),
            acceptors: acceptors.into_iter().collect(),
            learners: learners.into_iter().collect(),
            phase_1: None,
            phase_2: None,
            distinguished: None,
            retry: Retry::default(),
            catch_up: Some((Duration::from_secs(1)..Duration::from_secs(2)).into()),
        }
    }

    /// The proposers, ordered by id.
    pub fn proposers(&self) -> &[NodeId] {
        &self.0.proposers
    }

    /// The acceptors, ordered by id.
    pub fn acceptors(&self) -> &[NodeId] {
        &self.0.acceptors
    }

    /// The learners, ordered by id.
    pub fn learners(&self) -> &[NodeId] {
        &self.0.learners
    }

    /// Whether the node is a proposer.
    pub fn is_proposer(&self, node: NodeId) -> bool {
        self.0.proposers.binary_search(&node).is_ok()
    }

    /// Whether the node is an acceptor.
    pub fn is_acceptor(&self, node: NodeId) -> bool {
        self.0.acceptors.binary_search(&node).is_ok()
    }

    /// Whether the node is a learner.
    pub fn is_learner(&self, node: NodeId) -> bool {
        self.0.learners.binary_search(&node).is_ok()
    }

    /// The quorum sizes.
    pub fn quorums(&self) -> Quorums {
        self.0.quorums
    }

    /// The distinguished learner, which receives all votes and informs the other learners, if there
    /// is one.
    pub fn distinguished_learner(&self) -> Option<NodeId> {
        self.0.distinguished
    }

    /// The learners to which acceptors send their votes: the distinguished one, or all.
    pub fn vote_recipients(&self) -> &[NodeId] {
        match &self.0.distinguished {
            Some(learner) => std::slice::from_ref(learner),
            None => &self.0.learners,
        }
    }

    /// Timeout and back-off of proposers.
    pub fn retry(&self) -> Retry {
        self.0.retry
    }

    /// Delay before a learner that knows no chosen value asks for it; `None` if it never asks.
    pub fn catch_up(&self) -> Option<Delay> {
        self.0.catch_up
    }

    /// Whether a learner at `me` that has counted a quorum has to inform the proposer of the
    /// ballot.
    ///
    /// A proposer that is also a learner counts the votes itself, unless a distinguished learner
    /// alone does.
    pub(crate) fn informs_proposer(&self, me: NodeId, proposer: NodeId) -> bool {
        proposer != me && (self.0.distinguished.is_some() || !self.is_learner(proposer))
    }
}

/// Builder of a configuration.
#[derive(Clone, Debug)]
#[must_use = "call `build` to get the configuration"]
pub struct Builder {
    proposers: Vec<NodeId>,
    acceptors: Vec<NodeId>,
    learners: Vec<NodeId>,
    phase_1: Option<usize>,
    phase_2: Option<usize>,
    distinguished: Option<NodeId>,
    retry: Retry,
    catch_up: Option<Delay>,
}

impl Builder {
    /// Number of acceptors that must promise. If only one phase is set, the other gets the smallest
    /// size that intersects it.
    pub fn phase_1_quorum(self, size: usize) -> Self {
        Builder { phase_1: Some(size), ..self }
    }

    /// Number of acceptors that must accept. If only one phase is set, the other gets the smallest
    /// size that intersects it.
    pub fn phase_2_quorum(self, size: usize) -> Self {
        Builder { phase_2: Some(size), ..self }
    }

    /// Makes acceptors inform this learner alone, which informs the others (*Paxos Made Simple*
    /// §2.3): fewer messages, one more message delay.
    pub fn distinguished_learner(self, learner: NodeId) -> Self {
        Builder { distinguished: Some(learner), ..self }
    }

    /// Sets timeout and back-off of proposers.
    pub fn retry(self, retry: Retry) -> Self {
        Builder { retry, ..self }
    }

    /// Sets the delay before a learner that knows no chosen value asks for it; `None`: it never
    /// asks. The default is 1 s to 2 s.
    pub fn catch_up(self, after: Option<Delay>) -> Self {
        Builder { catch_up: after, ..self }
    }

    /// Builds the configuration.
    ///
    /// Learners are optional: whether a value is chosen does not depend on anybody learning it.
    ///
    /// # Errors
    /// [`ConfigError`] if a role is missing or names a node twice, if quorums are too small or too
    /// large or need not intersect, if the distinguished learner is not a learner, or if a wait is
    /// zero or a back-off's cap is below its unit.
    pub fn build(self) -> Result<Config, ConfigError> {
        let proposers = role("proposers", self.proposers)?;
        let acceptors = role("acceptors", self.acceptors)?;
        let learners = role("learners", self.learners)?;
        if proposers.is_empty() {
            return Err(ConfigError::NoProposers);
        }
        let quorums = quorums(acceptors.len(), self.phase_1, self.phase_2)?;
        let distinguished = self.distinguished;
        if let Some(stranger) = distinguished.filter(|learner| learners.binary_search(learner).is_err()) {
            return Err(ConfigError::UnknownDistinguishedLearner { node: stranger });
        }
        check_waits(&self.retry, self.catch_up)?;
        let (retry, catch_up) = (self.retry, self.catch_up);
        Ok(Config(Arc::new(Cluster { proposers, acceptors, learners, quorums, distinguished, retry, catch_up })))
    }
}

fn role(name: &'static str, mut nodes: Vec<NodeId>) -> Result<Vec<NodeId>, ConfigError> {
    let mut seen = BTreeSet::new();
    if let Some(&node) = nodes.iter().find(|&&node| !seen.insert(node)) {
        return Err(ConfigError::NamedTwice { role: name, node });
    }
    nodes.sort_unstable();
    Ok(nodes)
}

fn quorums(acceptors: usize, phase_1: Option<usize>, phase_2: Option<usize>) -> Result<Quorums, ConfigError> {
    if acceptors == 0 {
        return Err(ConfigError::NoAcceptors);
    }
    let majority = acceptors / 2 + 1;
    let meeting = |other: usize| (acceptors + 1).saturating_sub(other);
    let quorums = Quorums {
        acceptors,
        phase_1: phase_1.unwrap_or(phase_2.map_or(majority, meeting)),
        phase_2: phase_2.unwrap_or(phase_1.map_or(majority, meeting)),
    };
    for size in [phase_1, phase_2].into_iter().flatten() {
        if !(1..=acceptors).contains(&size) {
            return Err(ConfigError::QuorumSize { size, acceptors });
        }
    }
    if quorums.phase_1 + quorums.phase_2 <= acceptors {
        return Err(ConfigError::QuorumsMayMiss(quorums));
    }
    Ok(quorums)
}

fn check_waits(retry: &Retry, catch_up: Option<Delay>) -> Result<(), ConfigError> {
    if retry.timeout.is_zero() {
        return Err(ConfigError::NoWait { what: "the retry timeout" });
    }
    if catch_up.is_some_and(|delay| delay.min().is_zero()) {
        return Err(ConfigError::NoWait { what: "the catch-up delay" });
    }
    match retry.backoff {
        Backoff::Exponential { unit, .. } if unit.is_zero() => Err(ConfigError::NoWait { what: "the back-off unit" }),
        Backoff::Exponential { unit, cap } if cap < unit => Err(ConfigError::CapBelowUnit { unit, cap }),
        _ => Ok(()),
    }
}

/// Error of an invalid configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// There are no proposers.
    NoProposers,
    /// There are no acceptors.
    NoAcceptors,
    /// A node appears twice in the list of one role.
    NamedTwice {
        /// The role, in the plural.
        role: &'static str,
        /// The node.
        node: NodeId,
    },
    /// A quorum of zero, or of more than all acceptors.
    QuorumSize {
        /// The size asked for.
        size: usize,
        /// Number of acceptors.
        acceptors: usize,
    },
    /// A phase-1 quorum and a phase-2 quorum need not intersect.
    QuorumsMayMiss(Quorums),
    /// The distinguished learner is not among the learners.
    UnknownDistinguishedLearner {
        /// The node named.
        node: NodeId,
    },
    /// A wait of zero, which would be a busy loop.
    NoWait {
        /// The name of the wait.
        what: &'static str,
    },
    /// A back-off whose cap is below its unit.
    CapBelowUnit {
        /// The shortest wait.
        unit: Duration,
        /// The limit of the wait.
        cap: Duration,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigError::NoProposers => write!(f, "there are no proposers: name at least one"),
            ConfigError::NoAcceptors => write!(f, "there are no acceptors: name at least one, better three"),
            ConfigError::NamedTwice { role, node } => write!(f, "{node} is named twice among the {role}: name it once"),
            ConfigError::QuorumSize { size, acceptors } => {
                write!(f, "a quorum of {size} among {acceptors} acceptors: choose a size from 1 to {acceptors}")
            }
            ConfigError::QuorumsMayMiss(Quorums { acceptors, phase_1, phase_2 }) => write!(
                f,
                "quorums of {phase_1} and {phase_2} can miss each other among {acceptors} acceptors: \
                 {phase_1} + {phase_2} > {acceptors} is false, so enlarge one of them by {}",
                acceptors + 1 - phase_1 - phase_2
            ),
            ConfigError::UnknownDistinguishedLearner { node } => {
                write!(
                    f,
                    "the distinguished learner {node} is not a learner: add it to the learners or name one of them"
                )
            }
            ConfigError::NoWait { what } => {
                write!(f, "{what} is zero: choose at least 1 ns, better several round trips")
            }
            ConfigError::CapBelowUnit { unit, cap } => {
                write!(f, "the back-off cap {cap:?} is below its unit {unit:?}: choose a cap of at least {unit:?}")
            }
        }
    }
}

impl std::error::Error for ConfigError {}
