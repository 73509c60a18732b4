//! Live runs of a primary with a backup.

use quorate_lab::script::ScenarioRequest;
use quorate_protocol::{Names, NodeId};
use quorate_replication::primary_backup::{Command, Mode, PrimaryBackup, Settings};
use quorate_replication::{Key, Value};

use super::{LiveCluster, LiveTarget, Turn, numbered};
use crate::TargetError;
use crate::protocols::PrimaryBackupTarget;

/// Servers, and a monitor beside them. Two clients write and read one key.
impl LiveTarget for PrimaryBackupTarget {
    type Machine = PrimaryBackup;

    fn cluster(nodes: u32) -> Result<LiveCluster<PrimaryBackup>, TargetError> {
        let config = Settings::new((0..nodes).map(NodeId), NodeId(nodes), Mode::Synchronous).build()?;
        let names = numbered(nodes).chain(["M".to_owned()]);
        Ok((Names::new(names, ["c1", "c2"]), config))
    }

    fn request(Turn { run, client, count, .. }: Turn) -> ScenarioRequest<PrimaryBackup> {
        let key = Key::from("x");
        let command = if count % 2 == 1 {
            Command::Write { key, value: Value::from(format!("c{}.{run}.{count}", client + 1).as_str()) }
        } else {
            Command::Read { key }
        };
        ScenarioRequest { to: Some(NodeId(0)), command }
    }
}
