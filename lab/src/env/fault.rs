//! Faults of nodes, clocks and the network.

use std::fmt;

use quorate_protocol::{Duration, NodeId};

use super::conditions::Conditions;
use super::crash::CrashPoint;
use super::queue::{Queue, QueueOf};

/// A fault of a node, a clock or the network, or its end.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Fault {
    /// A node crashes: it loses its volatile state and keeps its durable state.
    Crash {
        /// The node.
        node: NodeId,
        /// The moment within a step.
        point: CrashPoint,
    },
    /// A crashed node restarts from its disk.
    Restart(NodeId),
    /// A node crashes and its disk is erased. Most protocols do not survive that, and do not claim
    /// to.
    Wipe(NodeId),
    /// A node's process is paused (a garbage collection, a slow disk, SIGSTOP); its clocks go on.
    Pause(NodeId),
    /// A node's machine is suspended (a laptop's lid, a virtual machine that is migrated): it is
    /// paused, and its monotonic clock stands still. Its wall clock is right again when it resumes.
    Suspend(NodeId),
    /// A paused or suspended node resumes, and handles the messages and timers of the meantime.
    Resume(NodeId),
    /// The rate of a node's clocks changes.
    Drift {
        /// The node.
        node: NodeId,
        /// Drift in parts per million, above -1,000,000; negative if the clock loses time.
        ppm: i32,
    },
    /// A node's wall clock is moved.
    Jump {
        /// The node.
        node: NodeId,
        /// The change in nanoseconds; negative if it moves backwards.
        nanos: i64,
    },
    /// A partition: only nodes of the same group reach each other. Nodes without a group form one
    /// together. It replaces an earlier partition.
    Partition(Vec<Vec<NodeId>>),
    /// One direction of one link is cut or restored.
    Link {
        /// The sender.
        from: NodeId,
        /// The receiver.
        to: NodeId,
        /// Whether the link delivers messages.
        up: bool,
    },
    /// All links are restored: partitions and single cuts end.
    Heal,
    /// The conditions of all links change.
    SetConditions(Conditions),
    /// Links have a queue from now on, or none.
    SetQueue {
        /// The links; [`QueueOf::All`] without a queue takes those of all others, too.
        of: QueueOf,
        /// Their queue; `None` is a link on which no message waits.
        queue: Option<Queue>,
    },
    /// A node takes time for each message and request that it receives from now on, or none.
    SetService {
        /// The node.
        node: NodeId,
        /// Its inbox; `None` handles every message on arrival.
        service: Option<Queue>,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Crash { node, point } => write!(f, "crash {node}{point}"),
            Fault::Restart(node) => write!(f, "restart {node}"),
            Fault::Wipe(node) => write!(f, "wipe {node}"),
            Fault::Pause(node) => write!(f, "pause {node}"),
            Fault::Suspend(node) => write!(f, "suspend {node}"),
            Fault::Resume(node) => write!(f, "resume {node}"),
            Fault::Drift { node, ppm } => write!(f, "drift {node} {ppm}ppm"),
            Fault::Jump { node, nanos } => {
                let sign = if *nanos < 0 { "-" } else { "" };
                write!(f, "jump {node} {sign}{:?}", Duration::from_nanos(nanos.unsigned_abs()))
            }
            Fault::Partition(groups) => {
                write!(f, "partition")?;
                for group in groups {
                    let names: Vec<String> = group.iter().map(NodeId::to_string).collect();
                    write!(f, " {}", names.join(","))?;
                }
                Ok(())
            }
            Fault::Link { from, to, up: true } => write!(f, "join {from} {to}"),
            Fault::Link { from, to, up: false } => write!(f, "cut {from} {to}"),
            Fault::Heal => write!(f, "heal"),
            Fault::SetConditions(conditions) => write!(
                f,
                "network latency={} loss={} duplicate={} straggling={} straggle={}",
                conditions.latency,
                conditions.loss,
                conditions.duplication,
                conditions.extra_delay_rate,
                conditions.extra_delay
            ),
            Fault::SetQueue { of, queue: None } => write!(f, "{of} off"),
            Fault::SetQueue { of, queue: Some(queue) } => {
                write!(f, "{of} each={:?}", queue.service_time())?;
                queue.capacity().map_or(Ok(()), |capacity| write!(f, " queue={capacity}"))
            }
            Fault::SetService { node, service: None } => write!(f, "service {node} 0ms"),
            Fault::SetService { node, service: Some(service) } => {
                write!(f, "service {node} {:?}", service.service_time())?;
                service.capacity().map_or(Ok(()), |capacity| write!(f, " queue={capacity}"))
            }
        }
    }
}
