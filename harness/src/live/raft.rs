//! Live runs of Raft: two clients, each of which writes to a key of its own.

use std::error::Error;

use quorate_lab::script::ScenarioRequest;
use quorate_protocol::Names;
use quorate_raft::{Command, KeyValue, KeyValueCommand, Settings};

use super::{LiveCluster, LiveTarget, Turn, numbered};
use crate::protocols::{RaftMachine, RaftOf};

impl<M: RaftMachine<KeyValue>> LiveTarget for RaftOf<M> {
    type Machine = M;

    fn cluster(nodes: u32) -> Result<LiveCluster<M>, Box<dyn Error>> {
        let settings = Settings { pre_vote: true, ..Settings::nodes(nodes) };
        let config = settings.build().map_err(|error| error.to_string())?;
        Ok((Names::new(numbered(nodes), ["c1", "c2"]), config))
    }

    fn request(Turn { client, count, .. }: Turn) -> ScenarioRequest<M> {
        let (key, value) = (format!("k{}", client + 1), count.to_string());
        ScenarioRequest { to: None, command: Command::Apply(KeyValueCommand::Put { key, value }) }
    }
}
