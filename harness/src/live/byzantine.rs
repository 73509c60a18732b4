//! Live runs of the Byzantine generals and of reliable broadcast, in which nobody lies.

use quorate_byzantine::{broadcast, generals};
use quorate_lab::script::ScenarioRequest;
use quorate_protocol::{Duration, Names, NodeId};

use super::{LiveCluster, LiveTarget, Turn, numbered};
use crate::TargetError;
use crate::protocols::{BroadcastTarget, GeneralsTarget};

/// The deadline on threads: a busy machine starts some of them late.
const DEADLINE: Duration = Duration::from_secs(1);

/// A commander and its lieutenants. The first order counts; the commander refuses those after it.
impl LiveTarget for GeneralsTarget {
    type Machine = generals::General;

    fn cluster(nodes: u32) -> Result<LiveCluster<generals::General>, TargetError> {
        let m = usize::from(nodes >= 3);
        let usual = generals::Settings::new((0..=nodes).map(NodeId), m);
        let config = generals::Settings { deadline: DEADLINE, ..usual }.build()?;
        Ok((Names::new(numbered(nodes + 1), ["king"]), config))
    }

    fn request(Turn { count, .. }: Turn) -> ScenarioRequest<generals::General> {
        let order = if count % 2 == 1 { generals::Order::Attack } else { generals::Order::Retreat };
        ScenarioRequest { to: Some(NodeId(0)), command: generals::Command::Give { order } }
    }
}

/// A sender and the others. The first value counts; the sender refuses those after it.
impl LiveTarget for BroadcastTarget {
    type Machine = broadcast::Broadcast;

    fn cluster(nodes: u32) -> Result<LiveCluster<broadcast::Broadcast>, TargetError> {
        let config = broadcast::Settings::new((0..=nodes).map(NodeId)).build()?;
        Ok((Names::new(numbered(nodes + 1), ["c1"]), config))
    }

    fn request(Turn { count, .. }: Turn) -> ScenarioRequest<broadcast::Broadcast> {
        let value = broadcast::Value(count);
        ScenarioRequest { to: Some(NodeId(0)), command: broadcast::Command::Broadcast { value } }
    }
}
