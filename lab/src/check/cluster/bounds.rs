//! Bounds of a search: budgets of requests, faults, timer firings and time. They make the state
//! space finite.

use std::collections::BTreeMap;

use quorate_protocol::{ClientId, Duration, Machine, NodeId};

use crate::check::CheckError;
use crate::env::{CrashPoint, DRIFT_RANGE};

/// Bounds of a search. All budgets are zero by default; `..Bounds::default()` fills in the rest.
///
/// Budgets are for a whole run, not for each node. [`UNLIMITED`](Self::UNLIMITED) lifts the limit.
#[derive(Clone, Debug)]
pub struct Bounds<M: Machine> {
    /// Client requests. Each client sends its own in this order, at any moment, without waiting for
    /// replies.
    pub requests: Vec<Request<M>>,
    /// Number of timer firings; an armed timer may fire at any moment. With
    /// [`clocks`](Self::clocks), timers fire when they are due, and are not counted.
    pub firings: u32,
    /// Number of messages that may be lost. As a message may be delayed forever, this makes no
    /// difference to safety.
    pub drops: u32,
    /// Number of messages that may be duplicated.
    pub duplicates: u32,
    /// Number of crashes.
    pub crashes: u32,
    /// Number of restarts of crashed nodes.
    pub restarts: u32,
    /// Moments of a step at which a node may crash.
    pub crash_points: CrashPoints,
    /// Number of pauses. They need [`clocks`](Self::clocks): where no time passes, a paused node is
    /// the same as a slow one.
    pub pauses: u32,
    /// Clocks; `None` if no time passes.
    pub clocks: Option<Clocks>,
}

/// A client request.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Request<M: Machine> {
    /// The client.
    pub client: ClientId,
    /// The node that receives it; `None` means any node.
    pub of: Option<NodeId>,
    /// The command.
    pub command: M::Command,
}

/// Moments at which a node may crash, besides between two steps.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct CrashPoints {
    /// Before all records of a step are durable: after none of them, after one, and so on.
    pub before_persist: bool,
    /// After all records are durable, before any message is sent.
    pub after_persist: bool,
    /// Between two messages to other nodes.
    pub between_sends: bool,
}

/// Time in ticks, for machines that read clocks. The number of ticks is limited, which keeps the
/// state space finite.
///
/// The rate of each node's clock is one of several, and fixed for the whole run; the runs of every
/// combination are searched. A timer fires once its node's clock shows that it is due, and no later
/// than the tick on which its range ends, unless the node is paused. Actions between two ticks
/// happen at the same true time, in any order.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Clocks {
    /// True time between two ticks.
    pub tick: Duration,
    /// Number of ticks.
    pub ticks: u32,
    /// Possible clock drifts of each node, in parts per million; negative if the clock is slow. The
    /// runs of each are searched. A node without an entry has no drift.
    pub drifts: BTreeMap<NodeId, Vec<i32>>,
    /// Number of times that a wall clock may be set.
    pub jumps: u32,
    /// Possible changes of a wall clock in nanoseconds, forwards or backwards.
    pub jump_by: Vec<i64>,
}

/// Remaining budgets. Narrow integers keep states small.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub(super) struct RemainingBudget {
    pub(super) firings: u32,
    pub(super) drops: u16,
    pub(super) duplicates: u16,
    pub(super) crashes: u16,
    pub(super) restarts: u16,
    pub(super) pauses: u16,
    pub(super) jumps: u16,
}

impl CrashPoints {
    /// All moments.
    pub const ALL: CrashPoints = CrashPoints { before_persist: true, after_persist: true, between_sends: true };
    /// No moment within a step: nodes crash between two steps only.
    pub const NONE: CrashPoints = CrashPoints { before_persist: false, after_persist: false, between_sends: false };

    /// Whether a node may crash at this moment of a step that writes `records` records. If two
    /// moments have the same outcome, only one of them is allowed.
    pub(super) fn allow(self, moment: CrashPoint, records: usize) -> bool {
        match moment {
            CrashPoint::BetweenSteps => true,
            CrashPoint::BeforePersist { .. } => self.before_persist,
            CrashPoint::AfterPersist => self.after_persist,
            CrashPoint::AfterSends { sent: 0 } if records > 0 && self.after_persist => false,
            CrashPoint::AfterSends { .. } => self.between_sends,
        }
    }
}

impl<M: Machine> Bounds<M> {
    /// An unlimited budget.
    pub const UNLIMITED: u32 = u32::MAX;

    /// Adds a request.
    #[must_use]
    pub fn request(mut self, client: ClientId, of: Option<NodeId>, command: M::Command) -> Self {
        self.requests.push(Request { client, of, command });
        self
    }

    /// Returns the budgets of a state in which nothing has happened yet.
    pub(super) fn whole(&self) -> RemainingBudget {
        let narrow = |budget: u32| u16::try_from(budget).unwrap_or(u16::MAX);
        RemainingBudget {
            firings: self.firings,
            drops: narrow(self.drops),
            duplicates: narrow(self.duplicates),
            crashes: narrow(self.crashes),
            restarts: narrow(self.restarts),
            pauses: narrow(self.pauses),
            jumps: self.clocks.as_ref().map_or(0, |clocks| narrow(clocks.jumps)),
        }
    }

    /// Checks that the budgets do not contradict each other.
    pub(super) fn validate(&self, nodes: usize) -> Result<(), CheckError> {
        let known = |node: NodeId| if node.index() < nodes { Ok(()) } else { Err(CheckError::NoSuchNode(node)) };
        self.requests.iter().filter_map(|request| request.of).try_for_each(known)?;
        if self.restarts > self.crashes {
            let (budget, needs) = (("restarts", self.restarts), ("crashes", self.crashes));
            return Err(CheckError::Contradiction { budget, needs });
        }
        let Some(clocks) = &self.clocks else {
            if self.pauses > 0 {
                let (budget, needs) = (("pauses", self.pauses), ("clock ticks", 0));
                return Err(CheckError::Contradiction { budget, needs });
            }
            return Ok(());
        };
        let zeros = [
            ("the duration of a tick", clocks.tick.is_zero()),
            ("the number of ticks", clocks.ticks == 0),
            ("the number of different clock jumps", clocks.jumps > 0 && clocks.jump_by.is_empty()),
            ("the number of drifts of a node", clocks.drifts.values().any(Vec::is_empty)),
        ];
        if let Some((what, _)) = zeros.into_iter().find(|(_, zero)| *zero) {
            return Err(CheckError::Zero(what));
        }
        clocks.drifts.keys().copied().try_for_each(known)?;
        match clocks.drifts.values().flatten().find(|ppm| !DRIFT_RANGE.contains(*ppm)) {
            Some(&ppm) => Err(CheckError::DriftOutOfRange(ppm)),
            None => Ok(()),
        }
    }
}

impl<M: Machine> Default for Bounds<M> {
    fn default() -> Self {
        Bounds {
            requests: Vec::new(),
            firings: 0,
            drops: 0,
            duplicates: 0,
            crashes: 0,
            restarts: 0,
            crash_points: CrashPoints::ALL,
            pauses: 0,
            clocks: None,
        }
    }
}

impl Clocks {
    /// A number of ticks of that length, with clocks that have no drift.
    pub const fn exact(tick: Duration, ticks: u32) -> Self {
        Clocks { tick, ticks, drifts: BTreeMap::new(), jumps: 0, jump_by: Vec::new() }
    }

    /// Lets the clock of each of these nodes be slow, exact or fast by `ppm` parts per million.
    #[must_use]
    pub fn within(mut self, ppm: i32, nodes: impl IntoIterator<Item = NodeId>) -> Self {
        self.drifts.extend(nodes.into_iter().map(|node| (node, vec![-ppm, 0, ppm])));
        self
    }
}

/// Decrements a budget, unless it is unlimited. Returns false if nothing is left.
pub(super) fn spend<N: Copy + Eq + From<u8> + std::ops::Sub<Output = N>>(budget: &mut N, unlimited: N) -> bool {
    if *budget == N::from(0) {
        return false;
    }
    if *budget != unlimited {
        *budget = *budget - N::from(1);
    }
    true
}
