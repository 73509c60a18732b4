//! A host: what a node has around it that outlives its process.

use quorate_protocol::{Machine, NodeId};

use super::core::Due;
use super::timers::Timers;
use crate::env::{CrashMoment, Dice, HostClock, Status};

#[derive(Clone, Debug)]
pub(super) struct Host<M: Machine> {
    pub(super) status: Status,
    pub(super) incarnation: u32,
    pub(super) disk: M::Disk,
    pub(super) clock: HostClock,
    pub(super) timers: Timers<M::Timer>,
    /// Decides how long timers wait.
    pub(super) dice: Dice,
    /// The crash that the next fitting step runs into.
    pub(super) doom: Option<CrashMoment>,
    /// What came up while it was paused.
    pub(super) backlog: Vec<Due<M>>,
    /// What the trace last showed of it.
    pub(super) shown: Option<M::View>,
}

impl<M: Machine> Host<M> {
    pub(super) fn new(node: NodeId, seed: u64, disk: Option<M::Disk>) -> Self {
        Host {
            status: Status::Down,
            incarnation: 0,
            disk: disk.unwrap_or_default(),
            clock: HostClock::default(),
            timers: Timers::new(),
            dice: Dice::new(seed, 2 * u64::from(node.0) + 1),
            doom: None,
            backlog: Vec::new(),
            shown: None,
        }
    }
}
