//! Handle of a running cluster: clients, fault injection, trace, shutdown.

use std::fmt;

use quorate_protocol::{ClientId, Duration, Machine, Names, NodeId, Time};

use super::client::Client;
use super::error::{FailureCause, NodeFailure};
use super::host::{Host, NodeStats};
use super::merge::Merge;
use super::node_threads::{FaultError, NodeThreads};
use super::setup::Setup;
use super::storage::Storage;
use super::thread_trace::TraceChunk;
use super::threads::{
    Arc, AtomicU32, Builder, JoinHandle, Mutex, Ordering, PoisonError, Receiver, RecvTimeoutError, Sender, bounded,
};
use super::wire::{Common, Control};
use crate::env::{Fault, Status, Timeouts};
use crate::trace::Recording;

/// A running cluster: one thread per node. Dropping it stops all of them and waits for them.
pub struct Cluster<M: Machine> {
    node_threads: Arc<NodeThreads<M>>,
    fault_scheduler: Option<FaultScheduler>,
    clients: AtomicU32,
    timeouts: Timeouts,
    /// The trace chunks that clients have recorded.
    chunks: Receiver<TraceChunk<M>>,
    merge: Option<Mutex<Merge<M>>>,
}

/// The thread that injects the planned faults. It ends when `_stop` is dropped.
struct FaultScheduler {
    _stop: Sender<()>,
    thread: JoinHandle<()>,
}

/// Final report of a cluster that was shut down.
#[derive(Clone, Debug)]
pub struct RunReport<M: Machine> {
    /// Duration of the run.
    pub ran: Duration,
    /// Statistics of each node.
    pub nodes: Vec<NodeStats>,
    /// The whole trace, in causal order, if one was recorded; without the parts that were
    /// [taken](Cluster::take_trace) before.
    pub recording: Option<Recording<M>>,
}

/// Error of a shutdown: nodes had failed.
#[derive(Clone, Debug)]
pub struct ShutdownError<M: Machine> {
    /// The failed nodes and the reasons, in the order of time. At least one.
    pub failures: Vec<NodeFailure>,
    /// The report of the run.
    pub report: RunReport<M>,
}

impl<M: Machine> fmt::Display for ShutdownError<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, failure) in self.failures.iter().enumerate() {
            write!(f, "{}{failure}", if index > 0 { "; " } else { "" })?;
        }
        Ok(())
    }
}

impl<M: Machine> std::error::Error for ShutdownError<M> {}

/// A storage of a node, and the time from which the node's clock continues.
pub(super) type Kept<M> = (Box<dyn Storage<<M as Machine>::Disk>>, Time);

impl<M: Machine> Cluster<M> {
    pub(super) fn start(
        setup: Setup<M>,
        common: Common<M>,
        chunks: Receiver<TraceChunk<M>>,
        storages: Vec<Kept<M>>,
    ) -> Result<Self, NodeFailure> {
        let Setup { about, timeouts, faults, .. } = setup;
        let common = Arc::new(common);
        let hosts = (0..).map(NodeId).zip(storages).map(|(node, storage)| Host::new(node, &common, storage));
        let node_threads = Arc::new(NodeThreads::new(Arc::clone(&common), hosts));
        let merge = common.traced.then(|| Mutex::new(Merge::new(Recording::new(about))));
        let mut cluster =
            Cluster { node_threads, fault_scheduler: None, clients: AtomicU32::new(0), timeouts, chunks, merge };
        for node in cluster.node_threads.nodes() {
            if let Err(FaultError::Failed(failure)) = cluster.node_threads.boot(node) {
                return Err(failure);
            }
        }
        if !faults.is_empty() {
            cluster.fault_scheduler = Some(schedule_faults(&cluster.node_threads, faults)?);
        }
        Ok(cluster)
    }

    /// Creates a client, to be used by any thread.
    pub fn client(&self) -> Client<M> {
        let id = ClientId(self.clients.fetch_add(1, Ordering::Relaxed));
        Client::new(Arc::clone(&self.node_threads.common), id, self.run(), self.timeouts)
    }

    /// A client of an earlier [run](Self::run), to retry requests that it had no answer to: it
    /// numbers its requests as it did then, so that none is executed twice. `None` if that run is
    /// not over, or a client of this run has that id already; no later client is given it.
    pub fn resume(&self, id: ClientId, run: u64) -> Option<Client<M>> {
        let next = id.0.checked_add(1).filter(|_| (1..self.run()).contains(&run))?;
        let given = self.clients.fetch_max(next, Ordering::Relaxed);
        (given <= id.0).then(|| Client::new(Arc::clone(&self.node_threads.common), id, run, self.timeouts))
    }

    /// The number of this run of a cluster whose disks outlive the process, from 1.
    pub fn run(&self) -> u64 {
        self.node_threads.common.run
    }

    /// The time since the start, on the clock of traces and fault plans.
    pub fn now(&self) -> Time {
        self.node_threads.now()
    }

    /// The names of nodes and clients.
    pub fn names(&self) -> &Names {
        &self.node_threads.common.names
    }

    /// A node's status; `None` if there is no such node.
    pub fn status(&self, node: NodeId) -> Option<Status> {
        self.node_threads.status(node)
    }

    /// A node's current state; `None` if it is down.
    pub fn view(&self, node: NodeId) -> Option<M::View> {
        self.node_threads.query(node, Control::ReadView)
    }

    /// Injects a fault, or a repair, now. A crash and a restart have happened when this returns; a
    /// pause, or a crash at a given moment of a step, has been ordered. A restart cancels a pending
    /// crash of that node.
    ///
    /// # Errors
    /// [`FaultError`], if the fault is invalid now, or a node cannot be restarted.
    pub fn inject(&self, fault: &Fault) -> Result<(), FaultError> {
        self.node_threads.apply_fault(fault)
    }

    /// Ends all faults: stops the fault plan, restores the links, ends loss, resumes and restarts
    /// nodes.
    ///
    /// # Errors
    /// The [`NodeFailure`] of a node that could not be restarted.
    pub fn heal_everything(&mut self) -> Result<(), NodeFailure> {
        self.stop_fault_scheduler();
        self.node_threads.heal()
    }

    /// The nodes that have failed so far and the reasons, including those restarted since.
    pub fn failures(&self) -> Vec<NodeFailure> {
        self.node_threads.common.failures()
    }

    /// Adds a note to the trace.
    pub fn note(&self, text: &str) {
        self.node_threads.narrate(text);
    }

    /// Reads the trace so far: everything that all threads have reported. `None` if none is
    /// recorded. Every call continues where the last one ended, so a printer may follow the run
    /// with [`Recording::document_from`].
    pub fn trace<T>(&self, look: impl FnOnce(&Recording<M>) -> T) -> Option<T> {
        self.merged(|merge| look(&merge.recording))
    }

    /// Takes the trace since the last call out of the cluster's memory: everything that all threads
    /// have reported since. `None` if none is recorded. The pieces form one trace: their events are
    /// numbered consecutively, and the last piece is in the [`RunReport`].
    ///
    /// With this, the memory of a long run that is printed or written while it goes on stays
    /// bounded. A client's request may be forgotten as the cause of an effect a hundred thousand
    /// events later.
    pub fn take_trace(&self) -> Option<Recording<M>> {
        self.merged(Merge::take_piece)
    }

    /// Number of trace events kept in memory, in any form; zero if none is recorded.
    pub fn kept_events(&self) -> usize {
        self.merged(|merge| merge.kept()).unwrap_or_default()
    }

    fn merged<T>(&self, with: impl FnOnce(&mut Merge<M>) -> T) -> Option<T> {
        let mut merge = self.merge.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
        // The nodes first: client events before a request reached a node are in the channel by
        // then.
        let chunks = self.node_threads.chunks();
        let upto = chunks.iter().map(|chunk| chunk.upto).min().unwrap_or_default();
        self.chunks.try_iter().chain(chunks).for_each(|chunk| merge.take(chunk));
        merge.advance(upto);
        Some(with(&mut merge))
    }

    /// Makes clients stop waiting for answers: their requests in flight end in
    /// [`AskError::ShutDown`](super::AskError::ShutDown) at the next check, within the time of one
    /// attempt. Nodes go on.
    pub fn dismiss_clients(&self) {
        self.node_threads.common.dismissed.store(true, Ordering::Release);
    }

    /// Shuts the cluster down: every thread has ended when this returns.
    ///
    /// # Errors
    /// [`ShutdownError`], with the same report, if any node has panicked or could not use its disk.
    pub fn shutdown(mut self) -> Result<RunReport<M>, Box<ShutdownError<M>>> {
        self.close();
        let recording = self.merge.take().map(|merge| {
            let mut merge = merge.into_inner().unwrap_or_else(PoisonError::into_inner);
            let chunks = self.node_threads.chunks();
            self.chunks.try_iter().chain(chunks).for_each(|chunk| merge.take(chunk));
            merge.finish();
            merge.take_piece()
        });
        let report = RunReport { ran: self.now().since(Time::ZERO), nodes: self.node_threads.node_stats(), recording };
        let failures = self.failures();
        if failures.is_empty() { Ok(report) } else { Err(Box::new(ShutdownError { failures, report })) }
    }

    fn close(&mut self) {
        self.stop_fault_scheduler();
        self.node_threads.shutdown();
    }

    fn stop_fault_scheduler(&mut self) {
        if let Some(FaultScheduler { _stop, thread }) = self.fault_scheduler.take() {
            drop(_stop);
            if thread.join().is_err() {
                debug_assert!(false, "the fault injection thread panicked");
            }
        }
    }
}

impl<M: Machine> Drop for Cluster<M> {
    fn drop(&mut self) {
        self.close();
    }
}

impl<M: Machine> fmt::Debug for Cluster<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster").field("names", self.names()).field("now", &self.now()).finish_non_exhaustive()
    }
}

/// Starts the thread that injects the planned faults. A fault that is invalid when its time comes
/// is skipped.
fn schedule_faults<M: Machine>(
    node_threads: &Arc<NodeThreads<M>>,
    faults: Vec<(Time, Fault)>,
) -> Result<FaultScheduler, NodeFailure> {
    let (stop, stopped) = bounded(0);
    let node_threads = Arc::clone(node_threads);
    let plan = move || {
        for (at, fault) in faults {
            if !matches!(stopped.recv_deadline(node_threads.common.instant(at)), Err(RecvTimeoutError::Timeout)) {
                return;
            }
            // A restart that fails is listed among the failures.
            _ = node_threads.apply_fault(&fault);
        }
    };
    match Builder::new().name("faults".to_owned()).spawn(plan) {
        Ok(thread) => Ok(FaultScheduler { _stop: stop, thread }),
        Err(error) => {
            let cause = FailureCause::Thread(error.to_string());
            Err(NodeFailure { node: NodeId(0), name: "of the faults".to_owned(), cause })
        }
    }
}
