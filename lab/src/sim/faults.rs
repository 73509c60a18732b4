//! Injection of faults into the world.

use quorate_protocol::{Invariant, Machine, NodeId, StepKind};

use super::core::Scheduled;
use super::run_error::{RunError, Violation};
use super::world::World;
use crate::env::{CrashPoint, DRIFT_RANGE, Fault, InjectError, QueueOf, Status};
use crate::trace::{DropReason, EventId, TypedEvent};

/// The disk of a node after a crash.
#[derive(Clone, Copy)]
pub(super) enum DiskFate {
    /// It has every record but these last ones, which were not yet durable.
    Kept {
        /// Number of the lost records.
        lost: u32,
    },
    /// It is blank.
    Wiped,
    /// It is as it was after this event of the trace.
    Restored {
        /// The event; `None` without a trace.
        after: Option<EventId>,
    },
}

impl<M: Machine, I: Invariant<M>> World<M, I> {
    /// Applies a fault now.
    pub(super) fn apply_fault(&mut self, fault: Fault) -> Result<(), RunError> {
        match fault {
            Fault::Crash { node, point } => {
                self.require(node, |status| status != Status::Down)?;
                match point {
                    CrashPoint::BetweenSteps => self.crash(node, DiskFate::Kept { lost: 0 })?,
                    point => self.hosts[node.index()].pending_crash = Some(point),
                }
            }
            Fault::Restart(node) => {
                self.require(node, |status| status == Status::Down)?;
                self.boot(node)?;
            }
            Fault::Wipe(node) => {
                self.require(node, |_| true)?;
                self.hosts[node.index()].disk = M::Disk::default();
                self.crash(node, DiskFate::Wiped)?;
            }
            Fault::Pause(node) => {
                self.pause(node)?;
                self.core.record(Some(node.into()), None, || TypedEvent::Pause);
            }
            Fault::Suspend(node) => {
                self.pause(node)?;
                self.hosts[node.index()].clock.suspend(self.core.now);
                self.core.record(Some(node.into()), None, || TypedEvent::Suspend);
            }
            Fault::Resume(node) => self.resume(node)?,
            Fault::Drift { node, ppm } => self.drift(node, ppm)?,
            Fault::Jump { node, nanos } => {
                self.require(node, |_| true)?;
                self.hosts[node.index()].clock.jump(nanos);
                self.core.record(Some(node.into()), None, || TypedEvent::Jump { nanos });
            }
            Fault::Partition(groups) => {
                for &node in groups.iter().flatten() {
                    self.require(node, |_| true)?;
                }
                self.network.links.partition(&groups);
                self.core.record(None, None, || TypedEvent::Partition { groups });
            }
            Fault::Link { from, to, up } => {
                self.require(from, |_| true)?;
                self.require(to, |_| true)?;
                if from == to {
                    return Err(InjectError::LinkToItself(from).into());
                }
                self.network.links.set_link(from, to, up);
                self.core.record(None, None, || TypedEvent::Link { from, to, up });
            }
            Fault::Heal => {
                self.network.links.heal();
                self.core.record(None, None, || TypedEvent::Heal);
            }
            Fault::SetConditions(conditions) => self.network.links.set_conditions(conditions),
            Fault::SetQueue { of, queue } => {
                let ends = match of {
                    QueueOf::All => [None, None],
                    QueueOf::Into(node) => [Some(node), None],
                    QueueOf::Between { from, to } => [Some(from), Some(to)],
                };
                for node in ends.into_iter().flatten() {
                    self.require(node, |_| true)?;
                }
                if let QueueOf::Between { from, to } = of
                    && from == to
                {
                    return Err(InjectError::LinkToItself(from).into());
                }
                self.network.queues.set(of, queue);
            }
            Fault::SetService { node, service } => {
                self.require(node, |_| true)?;
                self.serve(node, service);
            }
        }
        Ok(())
    }

    /// Copies a node's disk, so that it can be [restored](Self::restore). There is one copy of each
    /// disk: the latest.
    ///
    /// # Errors
    /// [`InjectError`] if there is no such node.
    pub fn back_up(&mut self, node: NodeId) -> Result<(), InjectError> {
        self.require(node, |_| true)?;
        let names = self.names.clone();
        let note = names.scope(|| format!("The disk of {node} is backed up."));
        let noted = self.core.record(None, None, || TypedEvent::Note(note));
        let host = &mut self.hosts[node.index()];
        host.backup = Some((host.disk.clone(), noted));
        Ok(())
    }

    /// Crashes a node and puts its disk back to the latest [backup](Self::back_up). Everything
    /// written since is lost; most protocols do not survive that, and do not claim to.
    ///
    /// # Errors
    /// [`InjectError`] if there is no such node or no backup of its disk, [`Violation`] if it
    /// violates an invariant.
    pub fn restore(&mut self, node: NodeId) -> Result<(), RunError> {
        self.unbroken()?;
        self.require(node, |_| true)?;
        let host = &mut self.hosts[node.index()];
        let (disk, after) = host.backup.clone().ok_or(InjectError::NoBackup(node))?;
        host.disk = disk;
        let result = self.names.clone().scope(|| self.crash(node, DiskFate::Restored { after }));
        self.keep(result.map_err(RunError::from))
    }

    /// Takes a node down. Its timers and unhandled inputs are lost.
    pub(super) fn crash(&mut self, node: NodeId, disk: DiskFate) -> Result<(), Violation> {
        let index = node.index();
        self.machines[index] = None;
        let host = &mut self.hosts[index];
        host.status = Status::Down;
        host.pending_crash = None;
        host.shown = None;
        host.timers.clear();
        host.clock.resume(self.core.now);
        let backlog = std::mem::take(&mut host.backlog);
        let inbox = self.empty_inbox(node);
        self.core.record(Some(node.into()), None, || match disk {
            DiskFate::Kept { lost } => TypedEvent::Crash { lost, wiped: false, restored: None },
            DiskFate::Wiped => TypedEvent::Crash { lost: 0, wiped: true, restored: None },
            DiskFate::Restored { after } => TypedEvent::Crash { lost: 0, wiped: false, restored: after },
        });
        for input in inbox.into_iter().chain(backlog) {
            self.drop_input(&input, DropReason::Crashed);
        }
        self.out.clear();
        self.check_invariants(node, StepKind::Crash).map_err(|broken| self.violate(node, broken))
    }

    /// Stops a node that is up. Inputs wait until it [resumes](Self::resume).
    fn pause(&mut self, node: NodeId) -> Result<(), InjectError> {
        self.require(node, |status| status == Status::Up)?;
        self.hosts[node.index()].status = Status::Paused;
        self.pause_work(node);
        Ok(())
    }

    /// Resumes a node. Inputs that arrived during the pause are handled now, in order, before any
    /// later ones. After a suspension its timers fire as much later as it lasted.
    fn resume(&mut self, node: NodeId) -> Result<(), InjectError> {
        self.require(node, |status| status == Status::Paused)?;
        let host = &mut self.hosts[node.index()];
        host.status = Status::Up;
        if host.clock.resume(self.core.now) {
            for entry in host.timers.recalculate(&host.clock).filter(|_| !self.manual) {
                self.core.queue.schedule(entry.at, Scheduled::Timer { node, slot: entry.slot, turn: entry.turn });
            }
        }
        let backlog = std::mem::take(&mut host.backlog);
        self.resume_work(node);
        self.core.record(Some(node.into()), None, || TypedEvent::Resume);
        for due in backlog {
            if !matches!(due, Scheduled::Timer { .. }) {
                self.network.add_in_flight();
            }
            self.core.schedule_in(0, due);
        }
        Ok(())
    }

    fn drift(&mut self, node: NodeId, ppm: i32) -> Result<(), RunError> {
        self.require(node, |_| true)?;
        if !DRIFT_RANGE.contains(&ppm) {
            return Err(InjectError::DriftOutOfRange(ppm).into());
        }
        let host = &mut self.hosts[node.index()];
        if !host.clock.drift(self.core.now, ppm) {
            return Ok(());
        }
        for entry in host.timers.recalculate(&host.clock).filter(|_| !self.manual) {
            self.core.queue.schedule(entry.at, Scheduled::Timer { node, slot: entry.slot, turn: entry.turn });
        }
        self.core.record(Some(node.into()), None, || TypedEvent::Drift { ppm });
        Ok(())
    }

    fn require(&self, node: NodeId, fits: fn(Status) -> bool) -> Result<(), InjectError> {
        match self.hosts.get(node.index()).map(|host| host.status) {
            None => Err(InjectError::NoSuchNode(node)),
            Some(status) if !fits(status) => Err(InjectError::WrongStatus { node, status }),
            Some(_) => Ok(()),
        }
    }
}
