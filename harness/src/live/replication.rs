//! Live runs of replicated data.

use quorate_lab::script::ScenarioRequest;
use quorate_protocol::{Duration, Names, NodeId};
use quorate_replication::register::{Available, Command, Mode, Order, Register, Settings};
use quorate_replication::{Key, Value};

use super::{LiveCluster, LiveTarget, Turn, numbered};
use crate::TargetError;
use crate::protocols::RegisterTarget;

/// Replicas that answer at once, ordered by hybrid clocks. Two clients write and read one key, each
/// at the next replica.
impl LiveTarget for RegisterTarget {
    type Machine = Register;

    fn cluster(nodes: u32) -> Result<LiveCluster<Register>, TargetError> {
        let available =
            Available { order: Order::Hybrid, anti_entropy: Duration::from_millis(100), ..Available::default() };
        let config = Settings::new((0..nodes).map(NodeId), Mode::Available(available)).build()?;
        Ok((Names::new(numbered(nodes), ["c1", "c2"]), config))
    }

    fn request(Turn { nodes, run, client, count }: Turn) -> ScenarioRequest<Register> {
        let node = NodeId(((u64::from(client) + count) % u64::from(nodes.max(1))) as u32);
        let key = Key::from("x");
        let command = if count % 2 == 1 {
            let value = Value::from(format!("c{}.{run}.{count}", client + 1).as_str());
            Command::Write { key, value, at: None }
        } else {
            Command::Read { key, at: None }
        };
        ScenarioRequest { to: Some(node), command }
    }
}
