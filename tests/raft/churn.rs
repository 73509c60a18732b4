//! Churn: clients send requests while nodes are disconnected, crashed and restarted continuously.
//! Every reply is checked: each command is executed once, no acknowledged write is lost, no read is
//! stale.

use quorate::lab::sim::{Conditions, Coverage};
use quorate::protocol::{Duration, NodeId};
use quorate::raft::RaftRule::*;
use quorate::raft::Settings;

use crate::cluster::{CLIENTS, Cluster, ELECTION, reliable, unreliable};

fn churn(conditions: Conditions, seeds: u64) {
    let mut coverage = Coverage::default();
    for seed in 0..seeds {
        let mut cluster = Cluster::with(Settings::nodes(5), conditions, seed);
        let mut asked = 0;
        for round in 0..20 {
            for client in 0..CLIENTS {
                cluster.ask_append(client, &format!("{client}.{round}"));
                cluster.ask_ledger(client);
                asked += 2;
            }
            disturb(&mut cluster);
            cluster.run(ELECTION * 7 / 10);
        }
        cluster.set_conditions(reliable());
        for node in cluster.ids() {
            if !cluster.is_up(node) {
                cluster.restart(node);
            }
            cluster.connect(node);
        }
        assert!(
            cluster.run_until(Duration::from_secs(20), |world| world.clients_are_idle()),
            "seed {seed} {:#?} {:?}",
            cluster.ids().map(|n| cluster.world.view(n)).collect::<Vec<_>>(),
            (0..3).map(|c| cluster.world.client_stats(quorate::protocol::ClientId(c))).collect::<Vec<_>>()
        );
        let answered: u64 = (0..CLIENTS).map(|client| cluster.answered(client)).sum();
        assert_eq!(answered, asked, "every request is answered in the end");
        cluster.one("last", 5);
        cluster.check_agreement();
        for client in 0..CLIENTS {
            for round in 0..20 {
                assert_eq!(cluster.times_in_ledger(&format!("{client}.{round};")), 1, "each is there once");
            }
        }
        coverage.add(cluster.coverage());
    }
    let (crashes, leaders, truncated) = (coverage.crashes(), coverage.of(WinElection), coverage.of(TruncateConflict));
    assert!(crashes > 2 * seeds && leaders > 2 * seeds && truncated > 0, "{crashes} {leaders} {truncated}");
    assert!(coverage.of(SkipDuplicate) + coverage.of(RepeatAnswer) > seeds, "clients repeat what is not answered");
}

/// Disconnects one node, reconnects one and crashes one, each with some probability.
fn disturb(cluster: &mut Cluster) {
    let luck = |cluster: &mut Cluster, percent| cluster.rng.below(100) < percent;
    if luck(cluster, 20) {
        let one: NodeId = cluster.anyone();
        cluster.disconnect(one);
    }
    if luck(cluster, 50) {
        let one = cluster.anyone();
        if !cluster.is_up(one) {
            cluster.restart(one);
        }
        cluster.connect(one);
    }
    if luck(cluster, 20) {
        let one = cluster.anyone();
        if cluster.is_up(one) {
            cluster.crash(one);
        }
    }
}

#[test]
fn churn_reliable() {
    churn(reliable(), 20);
}

#[test]
fn churn_unreliable() {
    churn(unreliable(), 20);
}
