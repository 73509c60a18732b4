//! Every schedule of the normal case within stated bounds: one request, no timer, f = 1.

use quorate_byzantine::pbft::{BY_THE_BOOK, Command, Lie, Pbft, Rulebook, Safety};
use quorate_lab::check::{Bounds, Cluster, Search, SearchReport};
use quorate_protocol::{ClientId, NodeId};

use super::{P, R, settings, setup};

type Model = Cluster<Pbft, Safety>;

/// Requests of so many clients. The honest backups are interchangeable, as no view ends.
fn cluster(rules: Rulebook, liars: &[(NodeId, Lie)], clients: u32, alike: &[NodeId]) -> Model {
    let mut bounds = Bounds::default();
    for client in 0..clients {
        bounds = bounds.request(ClientId(client), Some(P), Command::Add { amount: 1 << client });
    }
    let setup = setup(settings(), rules, liars);
    Cluster::new(setup, Safety::default(), bounds).unwrap().symmetric(&[alike.to_vec()]).unwrap()
}

fn search(cluster: &Model, depth: u32) -> SearchReport<Model> {
    let report = Search::new(cluster).threads(1).depth(depth).run().unwrap();
    println!("{report}");
    report
}

#[test]
fn measure() {
    let get = |name: &str, usual: u32| std::env::var_os(name).map_or(usual, |v| v.to_str().unwrap().parse().unwrap());
    let depth = get("DEPTH", 10);
    search(&cluster(BY_THE_BOOK, &[(R[3], Lie::Silent)], 1, &R[1..3]), 60);
    search(&cluster(BY_THE_BOOK, &[(R[0], Lie::Silent)], 1, &R[1..]), 60);
    search(&cluster(BY_THE_BOOK, &[], 1, &R[1..]), depth);
    for lie in &Lie::ALL[1..] {
        println!("{lie} backup");
        search(&cluster(BY_THE_BOOK, &[(R[3], *lie)], 1, &R[1..3]), depth);
        println!("{lie} primary");
        search(&cluster(BY_THE_BOOK, &[(R[0], *lie)], 2, &[R[1], R[3]]), depth);
    }
}
