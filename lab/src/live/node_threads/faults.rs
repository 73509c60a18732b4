//! Fault injection into a running cluster, and repair.

use std::fmt;

use quorate_protocol::{Machine, NodeId};

use super::super::error::NodeFailure;
use super::super::thread_trace::Cause;
use super::super::wire::Control;
use super::{NodeSlot, NodeThreads};
use crate::env::{CrashPoint, DRIFT_RANGE, Fault, InjectError, Links, Status};
use crate::trace::TypedEvent;

/// The reason why a fault could not be injected.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum FaultError {
    /// It is invalid in the present state.
    Refused(InjectError),
    /// The node could not be restarted or wiped.
    Failed(NodeFailure),
}

impl fmt::Display for FaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FaultError::Refused(refused) => refused.fmt(f),
            FaultError::Failed(failure) => failure.fmt(f),
        }
    }
}

impl std::error::Error for FaultError {}

impl From<InjectError> for FaultError {
    fn from(refused: InjectError) -> Self {
        FaultError::Refused(refused)
    }
}

impl<M: Machine> NodeThreads<M> {
    /// Injects a fault now.
    pub(in super::super) fn apply_fault(&self, fault: &Fault) -> Result<(), FaultError> {
        match fault {
            Fault::Crash { node, point: CrashPoint::BetweenSteps } => self.crash(*node)?,
            Fault::Crash { node, point } => {
                let mut slot = self.fitting(*node, |status| status != Status::Down)?;
                if let NodeSlot::Running { crash_pending, .. } = &mut *slot {
                    *crash_pending = true;
                }
                self.send_control(*node, Control::CrashAt(Some(*point)));
            }
            Fault::Restart(node) => self.restart(*node)?,
            Fault::Wipe(node) => self.wipe(*node)?,
            Fault::Pause(node) => self.pause(*node, Control::Pause)?,
            Fault::Suspend(node) => self.pause(*node, Control::Suspend)?,
            Fault::Resume(node) => self.pause(*node, Control::Resume)?,
            Fault::Drift { node, ppm } => {
                if !DRIFT_RANGE.contains(ppm) {
                    return Err(InjectError::DriftOutOfRange(*ppm).into());
                }
                self.adjust(*node, Control::Drift(*ppm))?;
            }
            Fault::Jump { node, nanos } => self.adjust(*node, Control::Jump(*nanos))?,
            Fault::Partition(groups) => {
                self.known(groups.iter().flatten())?;
                self.common.links.change(|links| links.partition(groups));
                self.note(|| TypedEvent::Partition { groups: groups.clone() });
            }
            &Fault::Link { from, to, up } => {
                self.known([&from, &to])?;
                if from == to {
                    return Err(InjectError::LinkToItself(from).into());
                }
                self.common.links.change(|links| links.set_link(from, to, up));
                self.note(|| TypedEvent::Link { from, to, up });
            }
            Fault::Heal => {
                self.common.links.change(Links::heal);
                self.note(|| TypedEvent::Heal);
            }
            Fault::SetConditions(conditions) => self.common.links.change(|links| links.set_conditions(*conditions)),
            Fault::SetQueue { .. } | Fault::SetService { .. } => return Err(InjectError::Simulated.into()),
        }
        Ok(())
    }

    fn known<'a>(&self, nodes: impl IntoIterator<Item = &'a NodeId>) -> Result<(), InjectError> {
        let unknown = nodes.into_iter().find(|node| node.index() >= self.slots.len());
        unknown.map_or(Ok(()), |node| Err(InjectError::NoSuchNode(*node)))
    }

    fn crash(&self, node: NodeId) -> Result<(), InjectError> {
        let mut slot = self.fitting(node, |status| status != Status::Down)?;
        self.send_control(node, Control::Crash);
        if let Some(host) = self.join(node, &mut slot) {
            *slot = NodeSlot::Down(host);
        }
        Ok(())
    }

    /// Makes sure that a node is up which has crashed or has a pending crash: the latter is
    /// cancelled.
    fn restart(&self, node: NodeId) -> Result<(), FaultError> {
        if self.cancel_pending_crash(node)? { Ok(()) } else { self.boot(node) }
    }

    /// Cancels a pending crash. Returns whether there was one to cancel.
    fn cancel_pending_crash(&self, node: NodeId) -> Result<bool, InjectError> {
        let waits = match &mut *self.slot(node)? {
            NodeSlot::Running { crash_pending, .. } => std::mem::take(crash_pending),
            NodeSlot::Down(_) | NodeSlot::Lost => false,
        };
        if !waits {
            return Ok(false);
        }
        self.send_control(node, Control::CrashAt(None));
        // It answers once that is done, unless it crashed before.
        Ok(self.query(node, Control::ReadView).is_some())
    }

    fn wipe(&self, node: NodeId) -> Result<(), FaultError> {
        if self.status(node).is_some_and(|status| status != Status::Down) {
            self.crash(node)?;
        }
        let mut slot = self.slot(node)?;
        if let Some(mut host) = self.join(node, &mut slot) {
            let wiped = host.storage.wipe();
            if wiped.is_ok() {
                host.thread_trace.note(self.common.now(), Cause::None, || TypedEvent::Crash {
                    lost: 0,
                    wiped: true,
                    restored: None,
                });
            }
            *slot = NodeSlot::Down(host);
            wiped.map_err(|error| self.storage_failed(node, error))?;
        }
        Ok(())
    }

    /// Pauses, suspends or resumes a node.
    fn pause(&self, node: NodeId, control: Control<M>) -> Result<(), InjectError> {
        let pause = !matches!(control, Control::Resume);
        let expected = if pause { Status::Up } else { Status::Paused };
        let mut slot = self.fitting(node, |status| status == expected)?;
        if let NodeSlot::Running { paused, .. } = &mut *slot {
            *paused = pause;
        }
        self.send_control(node, control);
        Ok(())
    }

    /// Changes a node's clock, whether it is up or down.
    fn adjust(&self, node: NodeId, control: Control<M>) -> Result<(), InjectError> {
        let mut slot = self.slot(node)?;
        if self.status_of(node, &slot) != Status::Down {
            self.send_control(node, control);
            return Ok(());
        }
        if let Some(mut host) = self.join(node, &mut slot) {
            let now = self.common.now();
            match control {
                Control::Drift(ppm) if host.clock.drift(now, ppm) => {
                    host.thread_trace.note(now, Cause::None, || TypedEvent::Drift { ppm });
                }
                Control::Jump(nanos) => {
                    host.clock.jump(nanos);
                    host.thread_trace.note(now, Cause::None, || TypedEvent::Jump { nanos });
                }
                _ => {}
            }
            *slot = NodeSlot::Down(host);
        }
        Ok(())
    }

    /// Ends all faults: links restored, no more loss, normal latency, clocks at their proper rate,
    /// nodes resumed and restarted.
    pub(in super::super) fn heal(&self) -> Result<(), NodeFailure> {
        self.common.links.change(|links| links.set_conditions(links.conditions().healed()));
        let mut faults = vec![Fault::Heal];
        for node in self.nodes() {
            _ = self.cancel_pending_crash(node);
            match self.status(node) {
                Some(Status::Paused) => faults.push(Fault::Resume(node)),
                Some(Status::Down) => faults.push(Fault::Restart(node)),
                Some(Status::Up) | None => {}
            }
            faults.push(Fault::Drift { node, ppm: 0 });
        }
        for fault in faults {
            match self.apply_fault(&fault) {
                Err(FaultError::Failed(failure)) => return Err(failure),
                Ok(()) | Err(FaultError::Refused(_)) => {}
            }
        }
        Ok(())
    }
}
