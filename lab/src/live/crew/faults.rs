//! Fault injection into a running cluster, and repair.

use std::fmt;

use quorate_protocol::{Machine, NodeId};

use super::super::error::Failure;
use super::super::tape::Cause;
use super::super::wire::Order;
use super::{Crew, Place};
use crate::env::{CrashMoment, DRIFT_RANGE, Fault, Links, Misfit, Status};
use crate::trace::Happened;

/// The reason why a fault could not be injected.
#[derive(Clone, Debug)]
pub enum FaultError {
    /// It is invalid in the present state.
    Misfit(Misfit),
    /// The node could not be restarted or wiped.
    Failed(Failure),
}

impl fmt::Display for FaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FaultError::Misfit(misfit) => misfit.fmt(f),
            FaultError::Failed(failure) => failure.fmt(f),
        }
    }
}

impl std::error::Error for FaultError {}

impl From<Misfit> for FaultError {
    fn from(misfit: Misfit) -> Self {
        FaultError::Misfit(misfit)
    }
}

impl<M: Machine> Crew<M> {
    /// Injects a fault now.
    pub(in super::super) fn befall(&self, fault: &Fault) -> Result<(), FaultError> {
        match fault {
            Fault::Crash { node, moment: CrashMoment::BetweenSteps } => self.crash(*node)?,
            Fault::Crash { node, moment } => {
                let mut place = self.fitting(*node, |status| status != Status::Down)?;
                if let Place::Running { doomed, .. } = &mut *place {
                    *doomed = true;
                }
                self.order(*node, Order::Doom(Some(*moment)));
            }
            Fault::Restart(node) => self.restart(*node)?,
            Fault::Wipe(node) => self.wipe(*node)?,
            Fault::Pause(node) => self.pause(*node, true)?,
            Fault::Resume(node) => self.pause(*node, false)?,
            Fault::Drift { node, ppm } => {
                if !DRIFT_RANGE.contains(ppm) {
                    return Err(Misfit::DriftOutOfRange(*ppm).into());
                }
                self.adjust(*node, Order::Drift(*ppm))?;
            }
            Fault::Jump { node, nanos } => self.adjust(*node, Order::Jump(*nanos))?,
            Fault::Partition(groups) => {
                self.known(groups.iter().flatten())?;
                self.common.weather.change(|links| links.partition(groups));
                self.note(|| Happened::Partition { groups: groups.clone() });
            }
            &Fault::Link { from, to, up } => {
                self.known([&from, &to])?;
                self.common.weather.change(|links| links.set_link(from, to, up));
                self.note(|| Happened::Link { from, to, up });
            }
            Fault::Heal => {
                self.common.weather.change(Links::heal);
                self.note(|| Happened::Heal);
            }
            Fault::Weather(conditions) => self.common.weather.change(|links| links.set_conditions(*conditions)),
        }
        Ok(())
    }

    fn known<'a>(&self, nodes: impl IntoIterator<Item = &'a NodeId>) -> Result<(), Misfit> {
        let unknown = nodes.into_iter().find(|node| node.index() >= self.places.len());
        unknown.map_or(Ok(()), |node| Err(Misfit::NoSuchNode(*node)))
    }

    fn crash(&self, node: NodeId) -> Result<(), Misfit> {
        let mut place = self.fitting(node, |status| status != Status::Down)?;
        self.order(node, Order::Crash);
        if let Some(host) = self.join(node, &mut place) {
            *place = Place::Down(host);
        }
        Ok(())
    }

    /// Makes sure that a node is up which has crashed or has a pending crash: the latter is
    /// cancelled.
    fn restart(&self, node: NodeId) -> Result<(), FaultError> {
        if self.spare(node)? { Ok(()) } else { self.boot(node) }
    }

    /// Cancels a pending crash. Returns whether there was one to cancel.
    fn spare(&self, node: NodeId) -> Result<bool, Misfit> {
        let waits = match &mut *self.place(node)? {
            Place::Running { doomed, .. } => std::mem::take(doomed),
            Place::Down(_) | Place::Lost => false,
        };
        if !waits {
            return Ok(false);
        }
        self.order(node, Order::Doom(None));
        // It answers once it has obeyed, unless it crashed before.
        Ok(self.inquire(node, Order::Look).is_some())
    }

    fn wipe(&self, node: NodeId) -> Result<(), FaultError> {
        if self.status(node).is_some_and(|status| status != Status::Down) {
            self.crash(node)?;
        }
        let mut place = self.place(node)?;
        if let Some(mut host) = self.join(node, &mut place) {
            let wiped = host.storage.wipe();
            if wiped.is_ok() {
                host.tape.note(self.common.now(), Cause::None, || Happened::Crash { lost: 0, wiped: true });
            }
            *place = Place::Down(host);
            wiped.map_err(|error| self.storage_failed(node, error))?;
        }
        Ok(())
    }

    fn pause(&self, node: NodeId, pause: bool) -> Result<(), Misfit> {
        let expected = if pause { Status::Up } else { Status::Paused };
        let mut place = self.fitting(node, |status| status == expected)?;
        if let Place::Running { paused, .. } = &mut *place {
            *paused = pause;
        }
        self.order(node, if pause { Order::Pause } else { Order::Resume });
        Ok(())
    }

    /// Changes a node's clock, whether it is up or down.
    fn adjust(&self, node: NodeId, order: Order<M>) -> Result<(), Misfit> {
        let mut place = self.place(node)?;
        if self.status_of(node, &place) != Status::Down {
            self.order(node, order);
            return Ok(());
        }
        if let Some(mut host) = self.join(node, &mut place) {
            let now = self.common.now();
            match order {
                Order::Drift(ppm) if host.clock.drift(now, ppm) => {
                    host.tape.note(now, Cause::None, || Happened::Drift { ppm });
                }
                Order::Jump(nanos) => {
                    host.clock.jump(nanos);
                    host.tape.note(now, Cause::None, || Happened::Jump { nanos });
                }
                _ => {}
            }
            *place = Place::Down(host);
        }
        Ok(())
    }

    /// Ends all faults: links restored, no more loss, normal latency, clocks at their proper rate,
    /// nodes resumed and restarted.
    pub(in super::super) fn heal(&self) -> Result<(), Failure> {
        self.common.weather.change(|links| links.set_conditions(links.conditions().calmed()));
        let mut faults = vec![Fault::Heal];
        for node in self.nodes() {
            _ = self.spare(node);
            match self.status(node) {
                Some(Status::Paused) => faults.push(Fault::Resume(node)),
                Some(Status::Down) => faults.push(Fault::Restart(node)),
                Some(Status::Up) | None => {}
            }
            faults.push(Fault::Drift { node, ppm: 0 });
        }
        for fault in faults {
            match self.befall(&fault) {
                Err(FaultError::Failed(failure)) => return Err(failure),
                Ok(()) | Err(FaultError::Misfit(_)) => {}
            }
        }
        Ok(())
    }
}
