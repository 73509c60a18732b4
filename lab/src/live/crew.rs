//! The nodes' threads: starting them, ending them, and all that can happen to them meanwhile.

use std::fmt;

use quorate_protocol::{Duration, Machine, NodeId, Time};

use super::error::{Failure, FailureCause};
use super::host::{Host, NodeTally, said};
use super::storage_error::StorageError;
use super::tape::{Cause, Reel, Tape};
use super::threads::{
    Arc, Builder, JoinHandle, Mutex, MutexGuard, Ordering, PoisonError, RecvTimeoutError, Sender, bounded,
};
use super::wire::{Common, Order, Parcel};
use crate::env::{CrashMoment, DRIFT_RANGE, Fault, Links, Misfit, Status};
use crate::trace::Happened;

/// How often somebody who waits for a node's word looks whether the node is still there.
const GLANCE: Duration = Duration::from_millis(20);

/// All nodes of a cluster.
pub(super) struct Crew<M: Machine> {
    pub(super) common: Arc<Common<M>>,
    places: Vec<Mutex<Place<M>>>,
    /// What happens to the network is nobody's own.
    desk: Mutex<Tape<M>>,
}

enum Place<M: Machine> {
    Running {
        thread: JoinHandle<Host<M>>,
        paused: bool,
        /// It was told to crash when that makes a difference.
        doomed: bool,
    },
    Down(Box<Host<M>>),
    /// The thread was lost with all that it had.
    Lost,
}

/// Why a fault could not be brought about.
#[derive(Clone, Debug)]
pub enum FaultError {
    /// It makes no sense now.
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
    pub(super) fn new(common: Arc<Common<M>>, hosts: impl Iterator<Item = Host<M>>) -> Self {
        let places = hosts.map(|host| Mutex::new(Place::Down(Box::new(host)))).collect();
        let desk = Mutex::new(Tape::new(None, common.traced));
        Crew { common, places, desk }
    }

    pub(super) fn nodes(&self) -> impl Iterator<Item = NodeId> + use<M> {
        (0..self.places.len() as u32).map(NodeId)
    }

    /// Whether a node runs.
    pub(super) fn status(&self, node: NodeId) -> Option<Status> {
        let place = self.place(node).ok()?;
        Some(self.status_of(node, &place))
    }

    fn status_of(&self, node: NodeId, place: &Place<M>) -> Status {
        match place {
            Place::Running { .. } if !self.common.is_up(node) => Status::Down,
            Place::Running { paused: true, .. } => Status::Paused,
            Place::Running { paused: false, .. } => Status::Up,
            Place::Down(_) | Place::Lost => Status::Down,
        }
    }

    fn place(&self, node: NodeId) -> Result<MutexGuard<'_, Place<M>>, Misfit> {
        let place = self.places.get(node.index()).ok_or(Misfit::NoSuchNode(node))?;
        Ok(place.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The place, if the node's status fits.
    fn fitting(&self, node: NodeId, fits: impl Fn(Status) -> bool) -> Result<MutexGuard<'_, Place<M>>, Misfit> {
        let place = self.place(node)?;
        match self.status_of(node, &place) {
            status if fits(status) => Ok(place),
            status => Err(Misfit::WrongStatus { node, status }),
        }
    }

    fn order(&self, node: NodeId, order: Order<M>) {
        // The other end of the door is kept by `Common`, so it is never closed.
        _ = self.common.posts[node.index()].door.send(Parcel::Order(order));
    }

    /// Waits for the thread to end, if it has one, and takes its host.
    fn join(&self, node: NodeId, place: &mut Place<M>) -> Option<Box<Host<M>>> {
        match std::mem::replace(place, Place::Lost) {
            Place::Down(host) => Some(host),
            Place::Lost => None,
            Place::Running { thread, .. } => match thread.join() {
                Ok(host) => Some(Box::new(host)),
                Err(panic) => {
                    self.failed(node, FailureCause::Panic(said(&*panic)));
                    None
                }
            },
        }
    }

    fn failed(&self, node: NodeId, cause: FailureCause) -> Failure {
        let name = self.common.names.scope(|| node.to_string());
        let failure = Failure { node, name, cause };
        self.common.fail(failure.clone());
        failure
    }

    /// Starts a node that is down, from its disk.
    pub(super) fn boot(&self, node: NodeId) -> Result<(), FaultError> {
        let mut place = self.fitting(node, |status| status == Status::Down)?;
        let Some(mut host) = self.join(node, &mut place) else {
            let lost = FailureCause::Thread("its thread was lost".to_owned());
            return Err(FaultError::Failed(self.failed(node, lost)));
        };
        let disk = match host.storage.load() {
            Ok(disk) => disk,
            Err(error) => {
                *place = Place::Down(host);
                return Err(self.storage_failed(node, error));
            }
        };
        host.sweep_doorstep(&self.common);
        self.common.posts[node.index()].up.store(true, Ordering::Release);
        let common = Arc::clone(&self.common);
        let name = self.common.names.scope(|| node.to_string());
        match Builder::new().name(name).spawn(move || host.live(&common, &disk)) {
            Ok(thread) => *place = Place::Running { thread, paused: false, doomed: false },
            Err(error) => {
                self.common.posts[node.index()].up.store(false, Ordering::Release);
                return Err(FaultError::Failed(self.failed(node, FailureCause::Thread(error.to_string()))));
            }
        }
        Ok(())
    }

    fn storage_failed(&self, node: NodeId, error: StorageError) -> FaultError {
        FaultError::Failed(self.failed(node, FailureCause::Storage(error)))
    }

    /// Lets a fault happen now.
    pub(super) fn befall(&self, fault: &Fault) -> Result<(), FaultError> {
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

    fn note(&self, what: impl FnOnce() -> Happened<M>) {
        let mut desk = self.desk.lock().unwrap_or_else(PoisonError::into_inner);
        desk.note(self.common.now(), Cause::None, what);
    }

    /// Adds a line of narration.
    pub(super) fn narrate(&self, text: &str) {
        self.note(|| Happened::Note(text.to_owned()));
    }

    fn crash(&self, node: NodeId) -> Result<(), Misfit> {
        let mut place = self.fitting(node, |status| status != Status::Down)?;
        self.order(node, Order::Crash);
        if let Some(host) = self.join(node, &mut place) {
            *place = Place::Down(host);
        }
        Ok(())
    }

    /// Sees to it that a node is up that has crashed or was to: a crash that still waits for its moment is called off.
    fn restart(&self, node: NodeId) -> Result<(), FaultError> {
        if self.spare(node)? { Ok(()) } else { self.boot(node) }
    }

    /// Calls off a crash that waits for its moment. Returns whether there was one to call off.
    fn spare(&self, node: NodeId) -> Result<bool, Misfit> {
        let waits = match &mut *self.place(node)? {
            Place::Running { doomed, .. } => std::mem::take(doomed),
            Place::Down(_) | Place::Lost => false,
        };
        if !waits {
            return Ok(false);
        }
        self.order(node, Order::Doom(None));
        // It answers once it has obeyed, unless the moment came before.
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

    /// Changes a node's clock, whether it runs or not.
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

    /// Asks a node for something. `None` if it is down.
    pub(super) fn inquire<T>(&self, node: NodeId, order: impl FnOnce(Sender<T>) -> Order<M>) -> Option<T> {
        let _place = self.fitting(node, |status| status != Status::Down).ok()?;
        let (back, answer) = bounded(1);
        self.order(node, order(back));
        loop {
            match answer.recv_timeout(GLANCE) {
                Ok(answer) => return Some(answer),
                Err(RecvTimeoutError::Timeout) if self.common.is_up(node) => {}
                Err(_) => return answer.try_recv().ok(),
            }
        }
    }

    /// What the nodes have recorded since the last time, and what happened to the network.
    pub(super) fn reels(&self) -> Vec<Reel<M>> {
        let mut reels: Vec<Reel<M>> = self.nodes().filter_map(|node| self.reel(node)).collect();
        let mut desk = self.desk.lock().unwrap_or_else(PoisonError::into_inner);
        reels.push(desk.take(self.common.now()));
        reels
    }

    fn reel(&self, node: NodeId) -> Option<Reel<M>> {
        if let Some(reel) = self.inquire(node, Order::Report) {
            return Some(reel);
        }
        let mut place = self.fitting(node, |status| status == Status::Down).ok()?;
        let mut host = self.join(node, &mut place)?;
        let reel = host.tape.take(self.common.now());
        *place = Place::Down(host);
        Some(reel)
    }

    /// Ends every thread and waits for it.
    pub(super) fn disband(&self) {
        self.common.closed.store(true, Ordering::Release);
        for node in self.nodes() {
            self.order(node, Order::Retire);
        }
        for node in self.nodes() {
            if let Ok(mut place) = self.place(node)
                && let Some(host) = self.join(node, &mut place)
            {
                *place = Place::Down(host);
            }
        }
    }

    /// What each node has done. Known of those that are down.
    pub(super) fn tallies(&self) -> Vec<NodeTally> {
        let tally = |node| match &*self.place(node).ok()? {
            Place::Down(host) => Some(host.tally),
            Place::Running { .. } | Place::Lost => None,
        };
        self.nodes().map(|node| tally(node).unwrap_or_default()).collect()
    }

    /// Puts everything right: links restored, no more loss, a healthy latency, clocks at their proper rate, nodes resumed and restarted.
    pub(super) fn heal(&self) -> Result<(), Failure> {
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

    /// The time now.
    pub(super) fn now(&self) -> Time {
        self.common.now()
    }
}
