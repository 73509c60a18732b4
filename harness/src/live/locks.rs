//! Live runs of locks: two nodes compete for the lock of one server, or of several.

use quorate_lab::script::ScenarioRequest;
use quorate_lease::Value;
use quorate_locks::{Command, Guard, Lock, Recipe, Settings};
use quorate_protocol::{Duration, Names, NodeId};

use super::{LiveCluster, LiveTarget, Turn};
use crate::TargetError;
use crate::protocols::{LockKind, LockOf};

/// Time to live of the key.
const TTL: Duration = Duration::from_millis(500);
/// Interval between acts of a holder.
const ACT_EVERY: Duration = Duration::from_millis(100);

/// Number of servers, for a cluster of that size.
fn servers<K: LockKind>(nodes: u32) -> u32 {
    if K::IS_REDLOCK { nodes } else { 1 }
}

/// Two holders, A and B, take turns with the lock; on one server they write to a fenced resource S.
/// Under Redlock the nodes are its instances.
impl<K: LockKind> LiveTarget for LockOf<K> {
    type Machine = Lock;

    fn cluster(nodes: u32) -> Result<LiveCluster<Lock>, TargetError> {
        let count = servers::<K>(nodes);
        let recipe = if K::IS_REDLOCK { Recipe::Redlock } else { Recipe::SetNxPx };
        let holders = [count, count + 1].map(NodeId);
        let usual = Settings::new(recipe, (0..count).map(NodeId), holders, Some(TTL));
        let resource = (!K::IS_REDLOCK).then_some(NodeId(count + 2));
        let guard = if K::IS_REDLOCK { Guard::Unguarded } else { Guard::Fence };
        let settings = Settings { resource, guard, act_every: Some(ACT_EVERY), ..usual };
        let servers = (1..=count).map(|number| if K::IS_REDLOCK { format!("R{number}") } else { "R".to_owned() });
        let names = servers.chain(["A", "B"].map(str::to_owned));
        Ok((Names::new(names.chain(resource.map(|_| "S".to_owned())), ["c1", "c2"]), settings.build()?))
    }

    fn request(Turn { nodes, client, count, .. }: Turn) -> ScenarioRequest<Lock> {
        let command = match count % 10 {
            1 => Command::Acquire,
            0 => Command::Release,
            _ if K::IS_REDLOCK => Command::Act,
            _ => Command::Write { value: Value::from(format!("w{}.{count}", client + 1).as_str()) },
        };
        ScenarioRequest { to: Some(NodeId(servers::<K>(nodes) + client % 2)), command }
    }
}
