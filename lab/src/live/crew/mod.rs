//! Node threads: start, stop, and requests to them.

mod faults;

use quorate_protocol::{Duration, Machine, NodeId, Time};

pub use self::faults::FaultError;

use super::error::{Failure, FailureCause};
use super::host::{Host, NodeTally, said};
use super::storage_error::StorageError;
use super::tape::{Cause, Reel, Tape};
use super::threads::{
    Arc, Builder, JoinHandle, Mutex, MutexGuard, Ordering, PoisonError, RecvTimeoutError, Sender, bounded,
};
use super::wire::{Common, Order, Parcel};
use crate::env::{Misfit, Status};
use crate::trace::Happened;

/// Interval at which a caller that waits for a node's reply checks that the node is still up.
const GLANCE: Duration = Duration::from_millis(20);

/// All node threads of a cluster.
pub(super) struct Crew<M: Machine> {
    pub(super) common: Arc<Common<M>>,
    places: Vec<Mutex<Place<M>>>,
    /// Trace of network events, which belong to no node.
    desk: Mutex<Tape<M>>,
}

enum Place<M: Machine> {
    Running {
        thread: JoinHandle<Host<M>>,
        paused: bool,
        /// A crash at a given moment of a step is pending.
        doomed: bool,
    },
    Down(Box<Host<M>>),
    /// The thread was lost together with its host.
    Lost,
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

    /// A node's status.
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

    /// Locks the place, if the node's status is acceptable.
    fn fitting(&self, node: NodeId, fits: impl Fn(Status) -> bool) -> Result<MutexGuard<'_, Place<M>>, Misfit> {
        let place = self.place(node)?;
        match self.status_of(node, &place) {
            status if fits(status) => Ok(place),
            status => Err(Misfit::WrongStatus { node, status }),
        }
    }

    fn order(&self, node: NodeId, order: Order<M>) {
        // `Common` keeps the receiving end, so the channel is never closed.
        _ = self.common.posts[node.index()].door.send(Parcel::Order(order));
    }

    /// Waits for the thread to end, if there is one, and takes its host.
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

    /// Boots a node that is down, from its disk.
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

    fn note(&self, what: impl FnOnce() -> Happened<M>) {
        let mut desk = self.desk.lock().unwrap_or_else(PoisonError::into_inner);
        desk.note(self.common.now(), Cause::None, what);
    }

    /// Adds a note to the trace.
    pub(super) fn narrate(&self, text: &str) {
        self.note(|| Happened::Note(text.to_owned()));
    }

    /// Sends an order with a reply channel and waits for the reply. `None` if the node is down.
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

    /// Takes the trace events recorded by the nodes since the last call, and those of the network.
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

    /// Statistics of each node; known only of nodes that are down.
    pub(super) fn tallies(&self) -> Vec<NodeTally> {
        let tally = |node| match &*self.place(node).ok()? {
            Place::Down(host) => Some(host.tally),
            Place::Running { .. } | Place::Lost => None,
        };
        self.nodes().map(|node| tally(node).unwrap_or_default()).collect()
    }

    /// The time since the start.
    pub(super) fn now(&self) -> Time {
        self.common.now()
    }
}
