//! Live runs of locks on a coordination service: two clients take turns with the lock, and write
//! to a fenced resource.

use quorate_lab::script::ScenarioRequest;
use quorate_lease::{Drift, Terms, Value};
use quorate_locks::Guard;
use quorate_locks::coordination::{Belief, Command, Coordination, LockMode, Settings};
use quorate_protocol::{Duration, Names, NodeId};
use quorate_raft as raft;

use super::{LiveCluster, LiveTarget, Turn, numbered};
use crate::TargetError;
use crate::protocols::{CoordinationKind, CoordinationOf};

/// Timeout of a session.
const SESSION: Duration = Duration::from_millis(900);
/// Clock drift bound: 5 %, in ppm.
const DRIFT_PPM: u32 = 50_000;
/// Interval between acts of a holder.
const ACT_EVERY: Duration = Duration::from_millis(100);

impl<K: CoordinationKind> LiveTarget for CoordinationOf<K> {
    type Machine = Coordination;

    fn cluster(nodes: u32) -> Result<LiveCluster<Coordination>, TargetError> {
        let holders = [nodes, nodes + 1].map(NodeId);
        let session = Terms::longest(SESSION, Drift::from_ppm(DRIFT_PPM)?)?;
        let usual = Settings::new(raft::Settings::nodes(nodes), holders, session);
        let settings = Settings {
            resource: Some(NodeId(nodes + 2)),
            recipe: K::RECIPES[0],
            belief: Belief::OwnClock,
            guard: Guard::Fence,
            act_every: Some(ACT_EVERY),
            ..usual
        };
        let names = numbered(nodes).chain(["A", "B", "S"].map(str::to_owned));
        Ok((Names::new(names, ["c1", "c2"]), settings.build()?))
    }

    fn request(Turn { nodes, client, count, .. }: Turn) -> ScenarioRequest<Coordination> {
        let command = match count % 10 {
            1 => Command::Acquire { mode: LockMode::Exclusive },
            0 => Command::Release,
            _ => Command::Write { value: Value::from(format!("w{}.{count}", client + 1).as_str()) },
        };
        ScenarioRequest { to: Some(NodeId(nodes + client % 2)), command }
    }
}
