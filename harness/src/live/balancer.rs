//! Live runs of a load balancer.

use quorate_lab::script::ScenarioRequest;
use quorate_protocol::{Duration, Names, NodeId};
use quorate_time::balancer::{Balancer, Command, Key, Settings};

use super::{LiveCluster, LiveTarget, Turn};
use crate::TargetError;
use crate::protocols::BalancerTarget;

const BALANCER: NodeId = NodeId(0);

/// Always a balancer and two servers. Two clients ask.
impl LiveTarget for BalancerTarget {
    type Machine = Balancer;

    fn cluster(_: u32) -> Result<LiveCluster<Balancer>, TargetError> {
        let config = Settings {
            interval: Duration::from_millis(50),
            work: Duration::from_millis(1),
            ..Settings::new(BALANCER, vec![NodeId(1), NodeId(2)])
        };
        Ok((Names::new(["LB", "S1", "S2"], ["c1", "c2"]), config.build()?))
    }

    fn request(Turn { client, count, .. }: Turn) -> ScenarioRequest<Balancer> {
        let key = Key::from(format!("{count} of client {client}").as_str());
        ScenarioRequest { to: Some(BALANCER), command: Command::Ask { key, repeatable: false } }
    }
}
