//! Guarantees of clusters on threads, one test for each.
#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "these tests are about threads, clocks and files"
)]

mod child;
mod disks;
mod exactly_once;
mod faults;
mod identity;
mod idle;
mod linearizable;
mod lives;
mod protocols;
mod restarts;
mod running;
mod traces;
mod tracing_events;
mod wal;

use quorate_lab::env::Timeouts;
use quorate_lab::live::{Cluster, Setup};
use quorate_protocol::{Duration, Names, NodeId};
use quorate_raft::{Add, Command, Counter, Raft, Reply, Role, Settings, StateMachine};

type Node = Raft<Counter>;

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// The nodes of a cluster of three.
const NODES: [NodeId; 3] = [NodeId(0), NodeId(1), NodeId(2)];

/// Raft with timeouts that suit a test: short, but long enough for a busy machine to keep a leader.
fn settings(nodes: u32) -> Settings {
    Settings { election: ms(100)..ms(200), heartbeat: ms(25), session_replies: 4096, ..Settings::nodes(nodes) }
}

/// A cluster of counters.
fn counters(nodes: u32) -> Setup<Node> {
    let names = Names::new((1..=nodes).map(|node| format!("n{node}")), ["ann", "bob"]);
    let config = settings(nodes).build().expect("sound settings");
    Setup::new("raft", names, config).timeouts(Timeouts { attempt: ms(150), pause: ms(5), deadline: ms(20_000) })
}

/// Returns a node that believes itself leader, among those that `among` accepts.
fn leader<S: StateMachine>(cluster: &Cluster<Raft<S>>, among: impl Fn(NodeId) -> bool) -> NodeId {
    let leads = |node: &NodeId| cluster.view(*node).is_some_and(|view| view.role == Role::Leader);
    for _ in 0..2_000 {
        if let Some(leader) = NODES.into_iter().filter(|node| among(*node)).find(leads) {
            return leader;
        }
        std::thread::sleep(ms(5));
    }
    panic!("nobody leads")
}

fn add(amount: i64) -> Command<Counter> {
    Command::Apply(Add(amount))
}

fn sum(reply: &Reply<Counter>) -> i64 {
    match reply {
        Reply::Applied(sum) => *sum,
        other => panic!("not applied: {other:?}"),
    }
}
