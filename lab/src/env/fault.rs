//! What can go wrong.

use std::fmt;

use quorate_protocol::{Duration, NodeId};

use super::conditions::Conditions;
use super::crash::CrashMoment;

/// Something that happens to the nodes, their clocks or the network.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Fault {
    /// A node goes down. What it had in memory is gone, what it had made durable stays.
    Crash {
        /// Which node.
        node: NodeId,
        /// At what moment.
        moment: CrashMoment,
    },
    /// A node that is down starts again, from its disk.
    Restart(NodeId),
    /// A node goes down and its disk is emptied. Most protocols do not survive that, and do not claim to.
    Wipe(NodeId),
    /// A node stops doing anything (a collection of garbage, a suspended machine), but its clocks go on.
    Pause(NodeId),
    /// A paused node goes on, and finds what has arrived and run out in the meantime.
    Resume(NodeId),
    /// From now on a node's clocks gain so many millionths; below zero they lose.
    Drift {
        /// Which node.
        node: NodeId,
        /// Parts per million, above -1,000,000.
        ppm: i32,
    },
    /// A node's wall clock is set forwards or, below zero, backwards.
    Jump {
        /// Which node.
        node: NodeId,
        /// By how many nanoseconds.
        nanos: i64,
    },
    /// Only nodes of one group reach each other; those that are in no group form one together. Replaces an earlier partition.
    Partition(Vec<Vec<NodeId>>),
    /// One direction of one link is cut or restored.
    Link {
        /// The sending end.
        from: NodeId,
        /// The receiving end.
        to: NodeId,
        /// Whether messages pass.
        up: bool,
    },
    /// All links are restored, partitions and single cuts.
    Heal,
    /// From now on all links are like this.
    Weather(Conditions),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Crash { node, moment } => write!(f, "crash {node}{moment}"),
            Fault::Restart(node) => write!(f, "restart {node}"),
            Fault::Wipe(node) => write!(f, "wipe {node}"),
            Fault::Pause(node) => write!(f, "pause {node}"),
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
            Fault::Weather(conditions) => write!(
                f,
                "network latency={} loss={} duplicate={} straggling={} straggle={}",
                conditions.latency, conditions.loss, conditions.duplication, conditions.straggling, conditions.straggle
            ),
        }
    }
}
