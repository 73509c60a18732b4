//! Host of a node: everything around its process, most of which survives a crash.

use quorate_protocol::{Machine, NodeId, Time};

use super::core::Scheduled;
use super::inbox::Inbox;
use super::timers::Timers;
use crate::env::{CrashPoint, HostClock, Rng, Status};
use crate::trace::EventId;

#[derive(Clone, Debug)]
pub(super) struct Host<M: Machine> {
    pub(super) status: Status,
    pub(super) incarnation: u32,
    pub(super) disk: M::Disk,
    /// The last backup of the disk, and the note about it in the trace.
    pub(super) backup: Option<(M::Disk, Option<EventId>)>,
    pub(super) clock: HostClock,
    pub(super) timers: Timers<M::Timer>,
    /// Random numbers for the durations of timers.
    pub(super) rng: Rng,
    /// A crash that is pending until a step to which it applies.
    pub(super) pending_crash: Option<CrashPoint>,
    /// Inputs that arrived during a pause.
    pub(super) backlog: Vec<Scheduled<M>>,
    /// Inputs that wait while the node works.
    pub(super) inbox: Inbox<M>,
    /// The view last recorded in the trace.
    pub(super) shown: Option<M::View>,
}

impl<M: Machine> Host<M> {
    pub(super) fn new(node: NodeId, seed: u64, wall_clock: Time, disk: Option<M::Disk>) -> Self {
        Host {
            status: Status::Down,
            incarnation: 0,
            disk: disk.unwrap_or_default(),
            backup: None,
            clock: HostClock::dated(wall_clock),
            timers: Timers::new(),
            rng: Rng::new(seed, 2 * u64::from(node.0) + 1),
            pending_crash: None,
            backlog: Vec::new(),
            inbox: Inbox::new(),
            shown: None,
        }
    }
}
