//! Raft, as implemented: three nodes, two terms, two commands.

use quorate_lab::check::{Bounds, Cluster, Search};
use quorate_lab::env::Deployment;
use quorate_protocol::{ClientId, Names, NodeId};
use quorate_raft::{Add, Command, Counter, Invariants, Raft, Settings, Term, invariants};

type RaftCluster = Cluster<Raft<Counter>, Invariants<Counter>>;

fn three(bounds: Bounds<Raft<Counter>>) -> RaftCluster {
    let config = Settings::nodes(3).build().unwrap();
    let setup = Deployment::new("raft", Names::new(["n1", "n2", "n3"], ["ann", "bob"]), config);
    let ask = |add| Command::Apply(Add(add));
    let bounds = bounds.request(ClientId(0), Some(NodeId(0)), ask(1)).request(ClientId(1), Some(NodeId(1)), ask(2));
    Cluster::new(setup, invariants(), bounds).unwrap()
}

#[test]
fn three_nodes_two_terms_and_two_commands_are_safe_to_a_stated_depth() {
    let cluster = three(Bounds { firings: 2, ..Bounds::default() });
    let report = Search::new(&cluster)
        .depth(15)
        .goal("n1 leads", |state| state.machine(NodeId(0)).is_some_and(Raft::is_leader))
        .goal("n2 leads term 2", |state| {
            state.machine(NodeId(1)).is_some_and(|raft| raft.is_leader() && raft.term() == Term(2))
        })
        .goal("a command is committed", |state| state.machines().flatten().any(|raft| raft.commit().0 > 1))
        .run()
        .unwrap();
    assert!(report.passed(), "{report}");
}
