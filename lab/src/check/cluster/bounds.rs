//! How much may happen to a cluster: requests, faults, firings and time. They make the state space finite.

use std::collections::BTreeMap;

use quorate_protocol::{ClientId, Duration, Machine, NodeId};

use crate::check::CheckError;
use crate::env::{CrashMoment, DRIFT_RANGE};

/// How much may happen. By default nothing does; `..Bounds::default()` fills in the rest.
///
/// Budgets are for a whole run, not for each node. [`UNLIMITED`](Self::UNLIMITED) is no budget at all.
#[derive(Clone, Debug)]
pub struct Bounds<M: Machine> {
    /// What clients ask for. Each client asks in this order, at any moment, without waiting for answers.
    pub requests: Vec<Request<M>>,
    /// How many armed timers may fire, each at any moment. With [`clocks`](Self::clocks) they fire when they are due, and are not counted.
    pub firings: u32,
    /// How many messages may be lost. A message may always be late for ever, so this makes no difference to what is safe.
    pub drops: u32,
    /// How many messages may arrive once more.
    pub duplicates: u32,
    /// How many crashes there may be.
    pub crashes: u32,
    /// How many nodes that are down may start again.
    pub restarts: u32,
    /// At which moments of a step a crash may strike.
    pub crash_moments: Moments,
    /// How many pauses there may be. They need [`clocks`](Self::clocks): where no time passes, a node that is paused is one that is slow.
    pub pauses: u32,
    /// Lets time pass.
    pub clocks: Option<Clocks>,
}

/// Something that a client asks for.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Request<M: Machine> {
    /// Who.
    pub client: ClientId,
    /// Of whom; `None` means any node.
    pub of: Option<NodeId>,
    /// For what.
    pub command: M::Command,
}

/// The moments at which a crash may strike, besides between two steps.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Moments {
    /// Before all records of a step are durable: after none of them, one, and so on.
    pub before_persist: bool,
    /// After the records, before anything leaves.
    pub after_persist: bool,
    /// Between two messages to other nodes.
    pub between_sends: bool,
}

/// Time that passes in ticks, for machines that read clocks; at most so many of them, so that there is an end.
///
/// Every node's clock has one of several rates, for the whole run; the runs of every combination are searched. Timers fire
/// once their node's clock shows that they are due, and no later than the tick on which their range ends, unless the node
/// is paused. What happens between two ticks happens at the same true time, in any order.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Clocks {
    /// The true time from one tick to the next.
    pub tick: Duration,
    /// How many ticks there are.
    pub ticks: u32,
    /// How many millionths a node's clock gains, or loses below zero: one run for each. A node that is not named keeps true time.
    pub drifts: BTreeMap<NodeId, Vec<i32>>,
    /// How many times somebody may set a wall clock.
    pub jumps: u32,
    /// By how many nanoseconds, forwards or backwards.
    pub jump_by: Vec<i64>,
}

/// What is left of the budgets. The narrow numbers keep states small.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub(super) struct Left {
    pub(super) firings: u32,
    pub(super) drops: u16,
    pub(super) duplicates: u16,
    pub(super) crashes: u16,
    pub(super) restarts: u16,
    pub(super) pauses: u16,
    pub(super) jumps: u16,
}

impl Moments {
    /// All of them.
    pub const ALL: Moments = Moments { before_persist: true, after_persist: true, between_sends: true };
    /// None: crashes strike between two steps only.
    pub const NONE: Moments = Moments { before_persist: false, after_persist: false, between_sends: false };

    /// Whether a crash may strike at a moment of a step with so many records. Of two moments that
    /// leave the same, it may at one.
    pub(super) fn allow(self, moment: CrashMoment, records: usize) -> bool {
        match moment {
            CrashMoment::BetweenSteps => true,
            CrashMoment::BeforePersist { .. } => self.before_persist,
            CrashMoment::AfterPersist => self.after_persist,
            CrashMoment::AfterSends { sent: 0 } if records > 0 && self.after_persist => false,
            CrashMoment::AfterSends { .. } => self.between_sends,
        }
    }
}

impl<M: Machine> Bounds<M> {
    /// A budget that is never used up.
    pub const UNLIMITED: u32 = u32::MAX;

    /// Adds a request.
    #[must_use]
    pub fn request(mut self, client: ClientId, of: Option<NodeId>, command: M::Command) -> Self {
        self.requests.push(Request { client, of, command });
        self
    }

    /// What is left when nothing has happened.
    pub(super) fn whole(&self) -> Left {
        let narrow = |budget: u32| u16::try_from(budget).unwrap_or(u16::MAX);
        Left {
            firings: self.firings,
            drops: narrow(self.drops),
            duplicates: narrow(self.duplicates),
            crashes: narrow(self.crashes),
            restarts: narrow(self.restarts),
            pauses: narrow(self.pauses),
            jumps: self.clocks.as_ref().map_or(0, |clocks| narrow(clocks.jumps)),
        }
    }

    /// Finds budgets that contradict each other.
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
            ("the length of a tick", clocks.tick.is_zero()),
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
            crash_moments: Moments::ALL,
            pauses: 0,
            clocks: None,
        }
    }
}

impl Clocks {
    /// So many ticks of that length, with clocks that are right.
    pub const fn exact(tick: Duration, ticks: u32) -> Self {
        Clocks { tick, ticks, drifts: BTreeMap::new(), jumps: 0, jump_by: Vec::new() }
    }

    /// The same, where each of these nodes may be slow, right or fast by so many millionths.
    #[must_use]
    pub fn within(mut self, ppm: i32, nodes: impl IntoIterator<Item = NodeId>) -> Self {
        self.drifts.extend(nodes.into_iter().map(|node| (node, vec![-ppm, 0, ppm])));
        self
    }
}

/// Uses one up. Returns false if there is none; what is unlimited stays so.
pub(super) fn spend<N: Copy + Eq + From<u8> + std::ops::Sub<Output = N>>(left: &mut N, unlimited: N) -> bool {
    if *left == N::from(0) {
        return false;
    }
    if *left != unlimited {
        *left = *left - N::from(1);
    }
    true
}
