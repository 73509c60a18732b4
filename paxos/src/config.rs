//! Who plays which role, how large the quorums are, who learns from whom, and how long to wait.

use std::collections::BTreeSet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use quorate_protocol::{Delay, Duration, NodeId};

use crate::quorums::Quorums;
use crate::retry::{Backoff, Retry};

/// A cluster: the same for all its nodes. Cloning it is cheap.
///
/// A node plays every role whose set contains it. Quorums are majorities unless the [builder](Config::builder) says otherwise.
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config(Arc<Cluster>);

#[derive(Debug, PartialEq, Eq)]
struct Cluster {
    proposers: Vec<NodeId>,
    acceptors: Vec<NodeId>,
    learners: Vec<NodeId>,
    quorums: Quorums,
    distinguished: Option<NodeId>,
    retry: Retry,
    catch_up: Option<Delay>,
}

/// All machines of a run share one configuration, so it tells no two of them apart: hashing it would only cost time.
impl Hash for Config {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl Config {
    /// Majority quorums, every learner told by every acceptor, default timing.
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

    /// So many nodes that all play every role, with the defaults of [`Config::new`].
    ///
    /// # Errors
    /// [`ConfigError::NoProposers`] if there are none.
    pub fn symmetric(nodes: u32) -> Result<Config, ConfigError> {
        let all = || (0..nodes).map(NodeId);
        Config::new(all(), all(), all())
    }

    /// Starts a configuration that departs from the defaults.
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

    /// The proposers, in the order of their ids.
    pub fn proposers(&self) -> &[NodeId] {
        &self.0.proposers
    }

    /// The acceptors, in the order of their ids.
    pub fn acceptors(&self) -> &[NodeId] {
        &self.0.acceptors
    }

    /// The learners, in the order of their ids.
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

    /// The learner that hears all votes and tells the others, if there is one.
    pub fn distinguished_learner(&self) -> Option<NodeId> {
        self.0.distinguished
    }

    /// Whom acceptors tell of their votes: the distinguished learner, or all of them.
    pub fn audience(&self) -> &[NodeId] {
        match &self.0.distinguished {
            Some(learner) => std::slice::from_ref(learner),
            None => &self.0.learners,
        }
    }

    /// How long proposers wait.
    pub fn retry(&self) -> Retry {
        self.0.retry
    }

    /// How long a learner that knows nothing waits before it asks around; `None` if it never does.
    pub fn catch_up(&self) -> Option<Delay> {
        self.0.catch_up
    }

    /// Whether a learner at `me`, having counted a quorum, has to tell the proposer of the ballot.
    ///
    /// A proposer that learns hears of it from itself, except where a distinguished learner alone counts votes.
    pub(crate) fn tells_proposer(&self, me: NodeId, proposer: NodeId) -> bool {
        proposer != me && (self.0.distinguished.is_some() || !self.is_learner(proposer))
    }
}

/// A configuration in the making.
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
    /// How many acceptors must promise. If only one phase is set, the other gets the least size that meets it.
    pub fn phase_1_quorum(self, size: usize) -> Self {
        Builder { phase_1: Some(size), ..self }
    }

    /// How many acceptors must accept. If only one phase is set, the other gets the least size that meets it.
    pub fn phase_2_quorum(self, size: usize) -> Self {
        Builder { phase_2: Some(size), ..self }
    }

    /// Acceptors tell this learner alone, which tells the other learners (*Paxos Made Simple* §2.3): fewer messages, one more delay.
    pub fn distinguished_learner(self, learner: NodeId) -> Self {
        Builder { distinguished: Some(learner), ..self }
    }

    /// How long proposers wait.
    pub fn retry(self, retry: Retry) -> Self {
        Builder { retry, ..self }
    }

    /// How long a learner that knows nothing waits before it asks around; `None`: it never does. By default 1 s to 2 s.
    pub fn catch_up(self, after: Option<Delay>) -> Self {
        Builder { catch_up: after, ..self }
    }

    /// The configuration.
    ///
    /// No learners at all is fine: whether a value is chosen does not depend on anybody learning it.
    ///
    /// # Errors
    /// [`ConfigError`] if a role is missing or names a node twice, if quorums are too small or too large or need not meet,
    /// if the distinguished learner is not a learner, or if a wait could not end or grow.
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

/// Why a configuration is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// Nobody could propose.
    NoProposers,
    /// Nobody could accept.
    NoAcceptors,
    /// A node stands twice in the list of one role.
    NamedTwice {
        /// The role, in the plural.
        role: &'static str,
        /// The node.
        node: NodeId,
    },
    /// A quorum of none, or of more than all.
    QuorumSize {
        /// The size asked for.
        size: usize,
        /// All acceptors.
        acceptors: usize,
    },
    /// A phase-1 quorum and a phase-2 quorum need not share an acceptor.
    QuorumsMayMiss(Quorums),
    /// The distinguished learner is not among the learners.
    UnknownDistinguishedLearner {
        /// The node named.
        node: NodeId,
    },
    /// A wait of zero, which would be over as soon as it began.
    NoWait {
        /// Which wait.
        what: &'static str,
    },
    /// A back-off that would shrink.
    CapBelowUnit {
        /// The least wait.
        unit: Duration,
        /// The limit.
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
