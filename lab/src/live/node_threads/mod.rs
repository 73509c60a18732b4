//! Node threads: start, stop, and requests to them.

mod faults;

use quorate_protocol::{Duration, Machine, NodeId, Time};

pub use self::faults::FaultError;

use super::error::{FailureCause, NodeFailure};
use super::host::{Host, NodeStats, said};
use super::storage_error::StorageError;
use super::thread_trace::{Cause, ThreadTrace, TraceChunk};
use super::threads::{
    Arc, Builder, JoinHandle, Mutex, MutexGuard, Ordering, PoisonError, RecvTimeoutError, Sender, bounded,
};
use super::wire::{Common, Control, NodeInput};
use crate::env::{InjectError, Status};
use crate::trace::TypedEvent;

/// Interval at which a caller that waits for a node's reply checks that the node is still up.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// All node threads of a cluster.
pub(super) struct NodeThreads<M: Machine> {
    pub(super) common: Arc<Common<M>>,
    slots: Vec<Mutex<NodeSlot<M>>>,
    /// Trace of network events, which belong to no node.
    network_trace: Mutex<ThreadTrace<M>>,
}

enum NodeSlot<M: Machine> {
    Running {
        thread: JoinHandle<Host<M>>,
        paused: bool,
        /// A crash at a given moment of a step is pending.
        crash_pending: bool,
    },
    Down(Box<Host<M>>),
    /// The thread was lost together with its host.
    Lost,
}

impl<M: Machine> NodeThreads<M> {
    pub(super) fn new(common: Arc<Common<M>>, hosts: impl Iterator<Item = Host<M>>) -> Self {
        let slots = hosts.map(|host| Mutex::new(NodeSlot::Down(Box::new(host)))).collect();
        let network_trace = Mutex::new(ThreadTrace::new(None, common.traced));
        NodeThreads { common, slots, network_trace }
    }

    pub(super) fn nodes(&self) -> impl Iterator<Item = NodeId> + use<M> {
        (0..self.slots.len() as u32).map(NodeId)
    }

    /// A node's status.
    pub(super) fn status(&self, node: NodeId) -> Option<Status> {
        let slot = self.slot(node).ok()?;
        Some(self.status_of(node, &slot))
    }

    fn status_of(&self, node: NodeId, slot: &NodeSlot<M>) -> Status {
        match slot {
            NodeSlot::Running { .. } if !self.common.is_up(node) => Status::Down,
            NodeSlot::Running { paused: true, .. } => Status::Paused,
            NodeSlot::Running { paused: false, .. } => Status::Up,
            NodeSlot::Down(_) | NodeSlot::Lost => Status::Down,
        }
    }

    fn slot(&self, node: NodeId) -> Result<MutexGuard<'_, NodeSlot<M>>, InjectError> {
        let slot = self.slots.get(node.index()).ok_or(InjectError::NoSuchNode(node))?;
        Ok(slot.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Locks the slot, if the node's status is acceptable.
    fn fitting(&self, node: NodeId, fits: impl Fn(Status) -> bool) -> Result<MutexGuard<'_, NodeSlot<M>>, InjectError> {
        let slot = self.slot(node)?;
        match self.status_of(node, &slot) {
            status if fits(status) => Ok(slot),
            status => Err(InjectError::WrongStatus { node, status }),
        }
    }

    fn send_control(&self, node: NodeId, control: Control<M>) {
        // `Common` keeps the receiving end, so the channel is never closed.
        _ = self.common.inboxes[node.index()].sender.send(NodeInput::Control(control));
    }

    /// Waits for the thread to end, if there is one, and takes its host.
    fn join(&self, node: NodeId, slot: &mut NodeSlot<M>) -> Option<Box<Host<M>>> {
        match std::mem::replace(slot, NodeSlot::Lost) {
            NodeSlot::Down(host) => Some(host),
            NodeSlot::Lost => None,
            NodeSlot::Running { thread, .. } => match thread.join() {
                Ok(host) => Some(Box::new(host)),
                Err(panic) => {
                    self.failed(node, FailureCause::Panic(said(&*panic)));
                    None
                }
            },
        }
    }

    fn failed(&self, node: NodeId, cause: FailureCause) -> NodeFailure {
        let name = self.common.names.scope(|| node.to_string());
        let failure = NodeFailure { node, name, cause };
        self.common.fail(failure.clone());
        failure
    }

    /// Boots a node that is down, from its disk.
    pub(super) fn boot(&self, node: NodeId) -> Result<(), FaultError> {
        let mut slot = self.fitting(node, |status| status == Status::Down)?;
        let Some(mut host) = self.join(node, &mut slot) else {
            let lost = FailureCause::Thread("its thread ended unexpectedly".to_owned());
            return Err(FaultError::Failed(self.failed(node, lost)));
        };
        let disk = match host.storage.load() {
            Ok(disk) => disk,
            Err(error) => {
                *slot = NodeSlot::Down(host);
                return Err(self.storage_failed(node, error));
            }
        };
        host.drain_inbox(&self.common);
        self.common.inboxes[node.index()].up.store(true, Ordering::Release);
        let common = Arc::clone(&self.common);
        let name = self.common.names.scope(|| node.to_string());
        match Builder::new().name(name).spawn(move || host.live(&common, &disk)) {
            Ok(thread) => *slot = NodeSlot::Running { thread, paused: false, crash_pending: false },
            Err(error) => {
                self.common.inboxes[node.index()].up.store(false, Ordering::Release);
                return Err(FaultError::Failed(self.failed(node, FailureCause::Thread(error.to_string()))));
            }
        }
        Ok(())
    }

    fn storage_failed(&self, node: NodeId, error: StorageError) -> FaultError {
        FaultError::Failed(self.failed(node, FailureCause::Storage(error)))
    }

    fn note(&self, what: impl FnOnce() -> TypedEvent<M>) {
        let mut network_trace = self.network_trace.lock().unwrap_or_else(PoisonError::into_inner);
        network_trace.note(self.common.now(), Cause::None, what);
    }

    /// Adds a note to the trace.
    pub(super) fn narrate(&self, text: &str) {
        self.note(|| TypedEvent::Note(text.to_owned()));
    }

    /// Sends a query with a reply channel and waits for the reply. `None` if the node is down.
    pub(super) fn query<T>(&self, node: NodeId, control: impl FnOnce(Sender<T>) -> Control<M>) -> Option<T> {
        let _slot = self.fitting(node, |status| status != Status::Down).ok()?;
        let (back, answer) = bounded(1);
        self.send_control(node, control(back));
        loop {
            match answer.recv_timeout(POLL_INTERVAL) {
                Ok(answer) => return Some(answer),
                Err(RecvTimeoutError::Timeout) if self.common.is_up(node) => {}
                Err(_) => return answer.try_recv().ok(),
            }
        }
    }

    /// Takes the trace events recorded by the nodes since the last call, and those of the network.
    pub(super) fn chunks(&self) -> Vec<TraceChunk<M>> {
        let mut chunks: Vec<TraceChunk<M>> = self.nodes().filter_map(|node| self.chunk(node)).collect();
        let mut network_trace = self.network_trace.lock().unwrap_or_else(PoisonError::into_inner);
        chunks.push(network_trace.take(self.common.now()));
        chunks
    }

    fn chunk(&self, node: NodeId) -> Option<TraceChunk<M>> {
        if let Some(chunk) = self.query(node, Control::TakeTrace) {
            return Some(chunk);
        }
        let mut slot = self.fitting(node, |status| status == Status::Down).ok()?;
        let mut host = self.join(node, &mut slot)?;
        let chunk = host.thread_trace.take(self.common.now());
        *slot = NodeSlot::Down(host);
        Some(chunk)
    }

    /// Ends every thread and waits for it.
    pub(super) fn shutdown(&self) {
        self.common.closed.store(true, Ordering::Release);
        for node in self.nodes() {
            self.send_control(node, Control::Shutdown);
        }
        for node in self.nodes() {
            if let Ok(mut slot) = self.slot(node)
                && let Some(host) = self.join(node, &mut slot)
            {
                *slot = NodeSlot::Down(host);
            }
        }
    }

    /// Statistics of each node; known only of nodes that are down.
    pub(super) fn node_stats(&self) -> Vec<NodeStats> {
        let stats = |node| match &*self.slot(node).ok()? {
            NodeSlot::Down(host) => Some(host.stats),
            NodeSlot::Running { .. } | NodeSlot::Lost => None,
        };
        self.nodes().map(|node| stats(node).unwrap_or_default()).collect()
    }

    /// The time since the start.
    pub(super) fn now(&self) -> Time {
        self.common.now()
    }
}
