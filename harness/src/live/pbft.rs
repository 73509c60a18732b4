//! Live runs of PBFT.

use quorate_byzantine::pbft::{Command, Pbft, Settings};
use quorate_lab::script::ScenarioRequest;
use quorate_protocol::{Names, NodeId};

use super::{LiveCluster, LiveTarget, Turn, numbered};
use crate::TargetError;
use crate::protocols::PbftTarget;

/// Honest replicas, at least as many as bear one liar, and a proxy. Two clients add to the account.
impl LiveTarget for PbftTarget {
    type Machine = Pbft;

    fn cluster(nodes: u32) -> Result<LiveCluster<Pbft>, TargetError> {
        let replicas = Self::replicas(nodes);
        let config = Settings::new((0..replicas).map(NodeId), [NodeId(replicas)]).build()?;
        Ok((Names::new(numbered(replicas).chain(["P".to_owned()]), ["c1", "c2"]), config))
    }

    fn request(Turn { nodes, client, .. }: Turn) -> ScenarioRequest<Pbft> {
        let command = Command::Add { amount: i64::from(client) + 1 };
        ScenarioRequest { to: Some(NodeId(Self::replicas(nodes))), command }
    }
}
