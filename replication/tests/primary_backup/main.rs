//! A primary with a backup: claims of the papers by hand, each decision broken once, random runs.

mod broken;
mod failover;
mod random;

use quorate_lab::sim::{CrashPoint, Fault, RetryPolicy, Setup, World};
use quorate_protocol::{ClientId, Duration, Names, NodeId};
use quorate_replication::primary_backup::{Command, Mode, PrimaryBackup, Reply, Rulebook, Safety, Settings};
use quorate_replication::{Key, Value};

const P: NodeId = NodeId(0);
const B: NodeId = NodeId(1);
const M: NodeId = NodeId(2);
const ANN: ClientId = ClientId(0);
const BOB: ClientId = ClientId(1);

type Cluster = World<PrimaryBackup, Safety>;

/// A primary, a backup and a monitor, after their first pings.
fn cluster(mode: Mode, rules: Rulebook) -> Cluster {
    let names = Names::new(["P", "B", "M"], ["ann", "bob"]);
    let config = Settings::new([P, B], M, mode).build().unwrap();
    let setup = Setup::<PrimaryBackup>::new("primary-backup", names, config)
        .under(rules)
        .retry_policy(RetryPolicy { attempts: 1, ..RetryPolicy::default() });
    let mut cluster = setup.start_under(Safety::default());
    cluster.run_for(ms(30)).unwrap();
    cluster
}

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn write(value: &str) -> Command {
    Command::Write { key: Key::from("x"), value: Value::from(value) }
}

fn read() -> Command {
    Command::Read { key: Key::from("x") }
}

fn crash(node: NodeId) -> Fault {
    Fault::Crash { node, point: CrashPoint::BetweenSteps }
}

/// Sends a request, lets 10 ms pass, and returns the answer, if there is one by then.
fn ask(cluster: &mut Cluster, client: ClientId, node: NodeId, command: Command) -> Option<Reply> {
    let before = cluster.answers(client).len();
    cluster.inject_request(client, node, command).unwrap();
    cluster.run_for(ms(10)).unwrap();
    cluster.answers(client).get(before).map(|(_, reply)| reply.clone())
}

fn values(values: &[&str]) -> Option<Reply> {
    Some(Reply::Values { values: values.iter().map(|value| Value::from(*value)).collect() })
}

fn cut_off_primary(cluster: &mut Cluster) {
    cluster.inject(Fault::Partition(vec![vec![P], vec![B, M]])).unwrap();
}
