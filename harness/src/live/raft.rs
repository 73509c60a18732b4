//! Live runs of Raft: two clients, each of which writes to a key of its own.

use quorate_lab::script::ScenarioRequest;
use quorate_protocol::Names;
use quorate_raft::{Command, KeyValue, KeyValueCommand, Settings};

use super::{LiveCluster, LiveTarget, Turn, numbered};
use crate::TargetError;
use crate::protocols::{RaftMachine, RaftOf};

impl<M: RaftMachine<KeyValue>> LiveTarget for RaftOf<M> {
    type Machine = M;

    fn cluster(nodes: u32) -> Result<LiveCluster<M>, TargetError> {
        let settings = Settings { pre_vote: true, ..Settings::nodes(nodes) };
        let config = settings.build()?;
        Ok((Names::new(numbered(nodes), ["c1", "c2"]), config))
    }

    fn request(Turn { client, count, .. }: Turn) -> ScenarioRequest<M> {
        let (key, value) = (format!("k{}", client + 1), count.to_string());
        ScenarioRequest { to: None, command: Command::Apply(KeyValueCommand::Put { key, value }) }
    }
}
