//! Live runs of Basic Paxos and Multi-Paxos: every node plays every role, and two clients propose.

use quorate_lab::script::ScenarioRequest;
use quorate_paxos::multi::{self, MultiPaxos};
use quorate_paxos::{Command, Config, Value};
use quorate_protocol::Names;

use super::{LiveCluster, LiveTarget, Turn, numbered};
use crate::TargetError;
use crate::protocols::{MultiPaxosTarget, PaxosMachine, PaxosOf};

impl<M: PaxosMachine> LiveTarget for PaxosOf<M> {
    type Machine = M;

    fn cluster(nodes: u32) -> Result<LiveCluster<M>, TargetError> {
        Ok((Names::new(numbered(nodes), ["c1", "c2"]), Config::symmetric(nodes)?))
    }

    fn request(Turn { client, .. }: Turn) -> ScenarioRequest<M> {
        let value = Value::from(format!("v{}", client + 1));
        ScenarioRequest { to: None, command: Command::Propose { value, round: None } }
    }
}

impl LiveTarget for MultiPaxosTarget {
    type Machine = MultiPaxos;

    fn cluster(nodes: u32) -> Result<LiveCluster<MultiPaxos>, TargetError> {
        let config = multi::Config::new(Config::symmetric(nodes)?, multi::Rhythm::default())?;
        Ok((Names::new(numbered(nodes), ["c1", "c2"]), config))
    }

    fn request(Turn { client, count, .. }: Turn) -> ScenarioRequest<MultiPaxos> {
        let value = Value::from(format!("v{}.{count}", client + 1));
        ScenarioRequest { to: None, command: multi::Command::Propose { value } }
    }
}
