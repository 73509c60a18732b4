//! Claims of the papers about a replicated register, each shown by a schedule played by hand.

mod available;
mod config;
mod consistent;

use quorate_lab::sim::{Setup, World};
use quorate_protocol::{ClientId, Duration, Names, NodeId};
use quorate_replication::register::{Command, Mode, Register, Reply, Rulebook, Safety, Settings};
use quorate_replication::{Key, Value};

const N1: NodeId = NodeId(0);
const N2: NodeId = NodeId(1);
const N3: NodeId = NodeId(2);
/// An application, and its client.
const APP: NodeId = NodeId(3);
const ANN: ClientId = ClientId(0);

type Cluster = World<Register, Safety>;

/// Three replicas and an application.
fn cluster(mode: Mode, rules: Rulebook) -> Cluster {
    let names = Names::new(["n1", "n2", "n3", "A"], ["ann", "bob"]);
    let config = Settings { apps: vec![APP], ..Settings::new([N1, N2, N3], mode) }.build().unwrap();
    Setup::<Register>::new("register", names, config).under(rules).start_under(Safety::default())
}

fn write(value: &str, at: Option<NodeId>) -> Command {
    Command::Write { key: Key::from("x"), value: Value::from(value), at }
}

fn read(at: Option<NodeId>) -> Command {
    Command::Read { key: Key::from("x"), at }
}

/// Sends a request, lets 10 ms pass, and returns the last answer of the client.
fn ask(cluster: &mut Cluster, node: NodeId, command: Command) -> Option<Reply> {
    let before = cluster.answers(ANN).len();
    cluster.inject_request(ANN, node, command).unwrap();
    cluster.run_for(Duration::from_millis(10)).unwrap();
    cluster.answers(ANN).get(before).map(|(_, reply)| reply.clone())
}

fn values(values: &[&str]) -> Option<Reply> {
    Some(Reply::Values { values: values.iter().map(|value| Value::from(*value)).collect() })
}

/// The values that a replica holds.
fn held(cluster: &Cluster, node: NodeId) -> Vec<String> {
    let machine = cluster.machine(node).unwrap();
    machine.versions(&Key::from("x")).iter().map(|version| version.value.to_string()).collect()
}
