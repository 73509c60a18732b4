//! Builder of live clusters.

use std::path::PathBuf;

use quorate_protocol::{Constants, Duration, Machine, Names, NodeId, Time};

use super::admission::{Admitted, admit};
use super::cluster::Cluster;
use super::error::NodeFailure;
use super::links::SharedLinks;
use super::storage::{Memory, Storage};
use super::threads::{AtomicBool, Instant, Mutex, unbounded};
use super::wal::Wal;
use super::wire::{Common, NodeInbox};
use crate::env::{Conditions, Fault, FaultPlan, Timeouts, cluster_setters};
use crate::trace::RunInfo;
use crate::tracing_events::Target;

type Disks<M> = Box<dyn FnMut(NodeId) -> Box<dyn Storage<<M as Machine>::Disk>>>;

/// Configuration of a live cluster. Finish with [`start`](Self::start).
pub struct Setup<M: Machine> {
    pub(super) about: RunInfo,
    pub(super) constants: Constants<M>,
    conditions: Conditions,
    pub(super) timeouts: Timeouts,
    traced: bool,
    pub(super) faults: Vec<(Time, Fault)>,
    disks: Disks<M>,
    directory: Option<PathBuf>,
}

impl<M: Machine> Setup<M> {
    /// A cluster of these nodes, with disks in memory, on a network that adds no delay to the
    /// channels; without a trace. The names determine the number of nodes; there may be more
    /// clients than names.
    pub fn new(protocol: &str, names: Names, config: M::Config) -> Self {
        Setup {
            about: RunInfo { protocol: protocol.to_owned(), title: String::new(), seed: Some(0), names },
            constants: Constants::new(config),
            conditions: Conditions::steady(Duration::ZERO),
            timeouts: Timeouts::default(),
            traced: false,
            faults: Vec::new(),
            disks: Box::new(|_| Box::new(Memory::<M::Disk>::default())),
            directory: None,
        }
    }

    cluster_setters!(about.title);

    /// Sets the seed of timers, delays and losses. The threads' timing is real, so a seed does not
    /// reproduce a run.
    pub fn seed(mut self, seed: u64) -> Self {
        self.about.seed = Some(seed);
        self
    }

    /// Sets the network conditions.
    pub fn conditions(self, conditions: Conditions) -> Self {
        Setup { conditions, ..self }
    }

    /// Sets the timeouts of clients.
    pub fn timeouts(self, timeouts: Timeouts) -> Self {
        Setup { timeouts, ..self }
    }

    /// Records a trace.
    pub fn traced(self) -> Self {
        Setup { traced: true, ..self }
    }

    /// Injects these faults (or repairs), each at its time after the start.
    pub fn faults(self, faults: Vec<(Time, Fault)>) -> Self {
        Setup { faults, ..self }
    }

    /// Uses a fault plan for this span: its network conditions, and faults at random times drawn
    /// from the seed. Set the seed before.
    pub fn fault_plan(self, fault_plan: &FaultPlan, span: Duration) -> Self {
        let seed = self.about.seed.unwrap_or_default();
        let nodes = self.about.names.nodes().len() as u32;
        Setup { conditions: fault_plan.conditions, faults: fault_plan.schedule(seed, nodes, span), ..self }
    }

    /// Stores each node's records in a [file](Wal) of this directory: `n1.log` for the first. Nodes
    /// with an existing log start from it.
    ///
    /// A file beside them, `cluster.manifest`, records that these nodes have run: a node that has
    /// since lost its log, or has the log of another, is refused. [`Wal`] lists the losses that are
    /// detected and those that are not.
    pub fn in_directory(self, directory: impl Into<PathBuf>) -> Self {
        let directory = directory.into();
        let logs = directory.clone();
        let log = move |node: NodeId| logs.join(format!("n{}.log", u64::from(node.0) + 1));
        Setup { directory: Some(directory), ..self.disks(move |node| Box::new(Wal::new(log(node)))) }
    }

    /// Uses custom disks.
    pub fn disks(self, disks: impl FnMut(NodeId) -> Box<dyn Storage<M::Disk>> + 'static) -> Self {
        Setup { disks: Box::new(disks), directory: None, ..self }
    }

    /// Boots every node, each on a thread of its own.
    ///
    /// # Errors
    /// The [`NodeFailure`] of the first node whose disk cannot be read, belongs to another node or
    /// has lost records, or that gets no thread. The other nodes are stopped again, or not started.
    pub fn start(mut self) -> Result<Cluster<M>, NodeFailure> {
        let nodes = (0..self.about.names.nodes().len() as u32).map(NodeId);
        let storages = nodes.map(&mut self.disks).collect();
        let Admitted { storages, run } = admit(&self.about, self.directory.as_deref(), storages)?;
        let (chunks, collected) = unbounded();
        let inboxes = self.about.names.nodes().iter().map(|_| {
            let (sender, inbox) = unbounded();
            NodeInbox { sender, receiver: inbox, up: AtomicBool::new(false) }
        });
        let common = Common {
            names: self.about.names.clone(),
            constants: self.constants.clone(),
            target: Target::of::<M>(),
            traced: self.traced,
            seed: self.about.seed.unwrap_or_default(),
            epoch: Instant::now(),
            run,
            links: SharedLinks::new(self.about.names.nodes().len(), self.conditions),
            inboxes: inboxes.collect(),
            chunks,
            failures: Mutex::default(),
            closed: AtomicBool::new(false),
            dismissed: AtomicBool::new(false),
        };
        Cluster::start(self, common, collected, storages)
    }
}

impl<M: Machine> std::fmt::Debug for Setup<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Setup { about, constants, conditions, timeouts, traced, faults, .. } = self;
        f.debug_struct("Setup")
            .field("about", about)
            .field("constants", constants)
            .field("conditions", conditions)
            .field("timeouts", timeouts)
            .field("traced", traced)
            .field("faults", faults)
            .finish_non_exhaustive()
    }
}
