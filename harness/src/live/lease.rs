//! Live runs of all kinds of leases, with terms of a few hundred milliseconds.

use std::iter::once;

use quorate_lab::script::ScenarioRequest;
use quorate_lease::cache::{self, Cache};
use quorate_lease::majority::{self, MajorityLease};
use quorate_lease::pushed::{self, Pushed};
use quorate_lease::replicated::{self, RaftLease};
use quorate_lease::store::{self, FencedStore};
use quorate_lease::{Command, Drift, Name, Settings, TermError, Terms, Token, Value};
use quorate_protocol::{Duration, Names, NodeId};
use quorate_raft as raft;

use super::{LiveCluster, LiveTarget, Turn, numbered};
use crate::TargetError;
use crate::protocols::{
    LeaseCacheTarget, LeaseMachine, LeaseMajorityTarget, LeaseOf, LeasePushedTarget, LeaseRaftTarget, LeaseStoreTarget,
};

/// Clock drift bound: 5 %, in ppm.
const DRIFT_PPM: u32 = 50_000;
/// Interval between acts of a primary.
const ACT_EVERY: Duration = Duration::from_millis(100);
/// Duration of a grant on the granter's clock, where that must be over before anything happens.
const TERM: Duration = Duration::from_millis(300);
/// Duration of the leader lease, on followers' clocks.
const TRUST: Duration = Duration::from_millis(200);

/// Longest safe holder term, renewed four times in it.
fn terms(granter: Duration) -> Result<Terms, TermError> {
    let drift = Drift::from_ppm(DRIFT_PPM)?;
    let holder = Terms::longest(granter, drift)?.holder();
    Terms::new(granter, holder, holder / 4, drift)
}

/// Q grants, the others hold, and the primary acts periodically. Clients request nothing.
impl<M: LeaseMachine> LiveTarget for LeaseOf<M> {
    type Machine = M;

    fn cluster(nodes: u32) -> Result<LiveCluster<M>, TargetError> {
        let ms = Duration::from_millis;
        let terms = Terms::new(ms(600), ms(500), ms(150), Drift::from_ppm(DRIFT_PPM)?)?;
        let holders = (1..=nodes).map(NodeId);
        let settings = Settings { act_every: Some(ACT_EVERY), ..Settings::new(NodeId(0), holders, terms) };
        Ok((Names::new(once("Q".to_owned()).chain(numbered(nodes)), [""; 0]), settings.build()?))
    }

    fn request(_: Turn) -> ScenarioRequest<M> {
        ScenarioRequest { to: None, command: Command::Act }
    }
}

/// Every node grants and wants the lease, and the primary acts periodically; a client has the lease
/// released from time to time.
impl LiveTarget for LeaseMajorityTarget {
    type Machine = MajorityLease;

    fn cluster(nodes: u32) -> Result<LiveCluster<MajorityLease>, TargetError> {
        let settings =
            majority::Settings { act_every: Some(ACT_EVERY), ..majority::Settings::symmetric(nodes, terms(TERM)?) };
        Ok((Names::new(numbered(nodes), ["c1"]), settings.build()?))
    }

    fn request(Turn { nodes, count, .. }: Turn) -> ScenarioRequest<MajorityLease> {
        let to = Some(NodeId((count % u64::from(nodes.max(1))) as u32));
        let command = if count.is_multiple_of(10) { majority::Command::Release } else { majority::Command::Act };
        ScenarioRequest { to, command }
    }
}

/// Number of requests of a store client under one token: the first opens, the others write.
const OF_ONE_TOKEN: u64 = 10;
/// Number of tokens reserved for one run: more than it uses.
const TOKENS_OF_A_RUN: u64 = 1_000_000;

/// Two clients, each with a front of its own, take turns opening the store under the next token and
/// writing.
impl LiveTarget for LeaseStoreTarget {
    type Machine = FencedStore;

    fn cluster(nodes: u32) -> Result<LiveCluster<FencedStore>, TargetError> {
        let replicas = (0..nodes).map(NodeId).collect();
        let fronts = [nodes, nodes + 1].map(NodeId).to_vec();
        let config = store::Settings { replicas, fronts, retry: Duration::from_millis(20) }.build()?;
        Ok((Names::new(numbered(nodes).chain(["F", "G"].map(str::to_owned)), ["c1", "c2"]), config))
    }

    fn request(Turn { nodes, run, client, count }: Turn) -> ScenarioRequest<FencedStore> {
        let command = if count % OF_ONE_TOKEN == 1 {
            let token = Token(run * TOKENS_OF_A_RUN + count / OF_ONE_TOKEN * 2 + u64::from(client));
            store::Command::Open { token }
        } else {
            store::Command::Write { value: Value::from(format!("w{}.{count}", client + 1).as_str()) }
        };
        ScenarioRequest { to: Some(NodeId(nodes + client % 2)), command }
    }
}

/// S has the data, the others cache them: one client writes, two read.
impl LiveTarget for LeaseCacheTarget {
    type Machine = Cache;

    fn cluster(nodes: u32) -> Result<LiveCluster<Cache>, TargetError> {
        let config = cache::Settings { server: NodeId(0), terms: terms(TERM)? }.build()?;
        Ok((Names::new(once("S".to_owned()).chain(numbered(nodes)), ["writer", "c1", "c2"]), config))
    }

    fn request(Turn { nodes, client, count, .. }: Turn) -> ScenarioRequest<Cache> {
        let key = Name::from("x");
        match client.checked_sub(1) {
            None => {
                let command = cache::Command::Write { key, value: Value::from(format!("v{count}").as_str()) };
                ScenarioRequest { to: Some(NodeId(0)), command }
            }
            Some(reader) => {
                ScenarioRequest { to: Some(NodeId(1 + reader % nodes.max(1))), command: cache::Command::Read { key } }
            }
        }
    }
}

/// Q pushes leases to the others, and the primary acts periodically: one client appoints primaries,
/// the other asks them to act.
impl LiveTarget for LeasePushedTarget {
    type Machine = Pushed;

    fn cluster(nodes: u32) -> Result<LiveCluster<Pushed>, TargetError> {
        let usual = pushed::Settings::new(NodeId(0), (1..=nodes).map(NodeId), TERM);
        let skew = Duration::from_millis(5);
        let config = pushed::Settings { skew, act_every: Some(ACT_EVERY), ..usual }.build()?;
        Ok((Names::new(once("Q".to_owned()).chain(numbered(nodes)), ["operator", "c1"]), config))
    }

    fn request(Turn { nodes, client, count, .. }: Turn) -> ScenarioRequest<Pushed> {
        let holder = NodeId(1 + (count / 10 % u64::from(nodes.max(1))) as u32);
        match client {
            0 => ScenarioRequest { to: Some(NodeId(0)), command: pushed::Command::Appoint { holder } },
            _ => ScenarioRequest { to: Some(holder), command: pushed::Command::Act },
        }
    }
}

/// Two holders, A and B, take turns with a lease of the servers' table, and a client queries the
/// servers for the holder.
impl LiveTarget for LeaseRaftTarget {
    type Machine = RaftLease;

    fn cluster(nodes: u32) -> Result<LiveCluster<RaftLease>, TargetError> {
        let settings = replicated::Settings {
            servers: raft::Settings::nodes(nodes),
            holders: [nodes, nodes + 1].map(NodeId).to_vec(),
            terms: terms(TERM)?,
            trust: terms(TRUST)?,
            act_every: Some(ACT_EVERY),
        };
        let names = numbered(nodes).chain(["A", "B"].map(str::to_owned));
        Ok((Names::new(names, ["c1", "c2", "reader"]), settings.build()?))
    }

    fn request(Turn { nodes, client, count, .. }: Turn) -> ScenarioRequest<RaftLease> {
        let lease = Name::from("x");
        if client > 1 {
            return ScenarioRequest { to: None, command: replicated::Command::Query { lease } };
        }
        let command = match count % 20 {
            1 => replicated::Command::Acquire { lease },
            0 => replicated::Command::Release { lease },
            _ => replicated::Command::Act { lease },
        };
        ScenarioRequest { to: Some(NodeId(nodes + client)), command }
    }
}
