//! Live runs of a reliable channel.

use quorate_lab::script::ScenarioRequest;
use quorate_protocol::{Names, NodeId};
use quorate_time::channel::{Channel, Command, Payload, Settings};

use super::{LiveCluster, LiveTarget, Turn};
use crate::TargetError;
use crate::protocols::{ChannelTarget, LOCAL_NETWORK};

const S: NodeId = NodeId(0);
const R: NodeId = NodeId(1);

/// Always two nodes. Two clients have messages sent.
impl LiveTarget for ChannelTarget {
    type Machine = Channel;

    fn cluster(_: u32) -> Result<LiveCluster<Channel>, TargetError> {
        let config = Settings { limits: LOCAL_NETWORK, ..Settings::new(S, R) }.build()?;
        Ok((Names::new(["S", "R"], ["c1", "c2"]), config))
    }

    fn request(Turn { client, count, .. }: Turn) -> ScenarioRequest<Channel> {
        let payload = Payload::from(format!("{count} of client {client}").as_str());
        ScenarioRequest { to: Some(S), command: Command::Send { payload } }
    }
}
