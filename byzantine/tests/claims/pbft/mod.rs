//! PBFT: four replicas, R0 to R3, and the proxy P.

mod broken;
mod liars;
mod normal;
mod random;
mod searches;

use quorate_byzantine::pbft::{Command, Config, Lie, Pbft, Reply, Rulebook, Safety, Settings};
use quorate_lab::sim::{RetryPolicy, Setup, World};
use quorate_protocol::{ClientId, Duration, Names, NodeId};

pub(crate) const R: [NodeId; 4] = [NodeId(0), NodeId(1), NodeId(2), NodeId(3)];
pub(crate) const P: NodeId = NodeId(4);

pub(crate) type Cluster = World<Pbft, Safety>;

pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) fn settings() -> Settings {
    Settings::new(R, [P])
}

/// A cluster before it boots: some of the replicas lie.
pub(crate) fn setup(settings: Settings, rules: Rulebook, liars: &[(NodeId, Lie)]) -> Setup<Pbft> {
    let replicas = settings.replicas.len();
    let names = (0..replicas).map(|number| format!("R{number}")).chain(["P".to_owned(), "Q".to_owned()]);
    let names = Names::new(names.take(replicas + settings.proxies.len()), ["c1", "c2", "c3", "latecomer"]);
    let config: Config = settings.build().unwrap();
    let setup = Setup::<Pbft>::new("pbft", names, config.clone()).under(rules).retry_policy(RetryPolicy {
        timeout: ms(300),
        attempts: 40,
        rotates: false,
    });
    liars.iter().fold(setup, |setup, (node, lie)| setup.configure(*node, config.lying(*lie)))
}

pub(crate) fn cluster(rules: Rulebook, liars: &[(NodeId, Lie)]) -> Cluster {
    setup(settings(), rules, liars).start_under(Safety::default())
}

/// Sends a request of a client, bypassing the network to the proxy.
pub(crate) fn ask(cluster: &mut Cluster, client: u32, amount: i64) {
    cluster.inject_request(ClientId(client), P, Command::Add { amount }).unwrap();
}

pub(crate) fn replies(cluster: &Cluster, client: u32) -> Vec<Reply> {
    cluster.answers(ClientId(client)).iter().map(|(_, reply)| *reply).collect()
}

pub(crate) fn total(total: i64) -> Reply {
    Reply::Total { total }
}

/// The amount of the account at each replica.
pub(crate) fn totals(cluster: &Cluster) -> Vec<i64> {
    R.iter().filter_map(|node| Some(cluster.machine(*node)?.state()?.total)).collect()
}

/// The invariant that a run breaks within ten seconds.
pub(crate) fn broken(cluster: &mut Cluster) -> Option<&'static str> {
    cluster.run_for(ms(10_000)).err().map(|violation| violation.broken.invariant)
}

/// The same in a run that may be over, as something is broken.
pub(crate) fn try_ask(cluster: &mut Cluster, client: u32, amount: i64) {
    _ = cluster.inject_request(ClientId(client), P, Command::Add { amount });
}
