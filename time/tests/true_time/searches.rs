//! Every schedule of a master, two servers whose clocks are slow or fast, and two transactions.

use std::collections::BTreeMap;

use quorate_lab::check::{Bounds, Clocks, Cluster, Search, SearchReport};
use quorate_lab::env::Deployment;
use quorate_protocol::Ruling::Allow;
use quorate_protocol::{ClientId, Names, NodeId, Time};
use quorate_time::Drift;
use quorate_time::true_time::{BY_THE_BOOK, Command, Disk, Rulebook, Safety, Settings, TrueTime, TrueTimeRule, safety};

use super::ms;

const M: NodeId = NodeId(0);
const A: NodeId = NodeId(1);
const B: NodeId = NodeId(2);

type Small = Cluster<TrueTime, Safety>;

fn cluster(rules: Rulebook) -> Small {
    let settings = Settings {
        drift: Drift::ppm(200_000).unwrap(),
        master_error: ms(0),
        poll: ms(100),
        max_error: ms(50),
        ..Settings::new([M])
    };
    let drifts = BTreeMap::from([(A, vec![-200_000, 200_000]), (B, vec![-200_000, 200_000])]);
    let clocks = Clocks { drifts, ..Clocks::exact(ms(10), 4) };
    let bounds = Bounds { clocks: Some(clocks), ..Bounds::default() }
        .request(ClientId(0), Some(A), Command::Commit)
        .request(ClientId(1), Some(B), Command::Commit);
    let names = Names::new(["M", "A", "B"], ["ann", "bob"]);
    let setup = Deployment::<TrueTime>::new("true-time", names, settings.build().unwrap()).under(rules);
    Cluster::new(setup, safety(Time::ZERO), bounds).unwrap()
}

fn search(cluster: &Small) -> SearchReport<Small> {
    let stamped = |disk: &Disk| !disk.stamps.is_empty();
    Search::new(cluster)
        .threads(1)
        .goal("both commit", move |state| {
            let done =
                |node| state.disk(node).is_some_and(stamped) && state.machine(node).is_some_and(|it| it.pending() == 0);
            done(A) && done(B)
        })
        .run()
        .unwrap()
}

#[test]
fn every_schedule_by_the_book_is_externally_consistent() {
    let report = search(&cluster(BY_THE_BOOK));
    assert!(report.passed(), "{report}");
    assert_eq!(report.progress.unique, 42_212, "{report}");
}

#[test]
fn each_decision_is_needed() {
    let book = BY_THE_BOOK;
    for (rules, invariant) in [
        (Rulebook { commit_wait: |_, _| Allow(TrueTimeRule::Commit), ..book }, "StampHasPassed"),
        (Rulebook { stamp: |now, _| now.earliest, ..book }, "ExternalConsistency"),
        (Rulebook { on_arrival: |told, _, _| told, ..book }, "IntervalContainsTruth"),
        (
            Rulebook { aged: |reading, passed, _| reading.aged(passed, Drift::default()), ..book },
            "IntervalContainsTruth",
        ),
    ] {
        let report = search(&cluster(rules));
        let path = report.counterexample().unwrap_or_else(|| panic!("{invariant}: {report}"));
        assert_eq!(path.end().broken().map(|(_, broken)| broken.invariant), Some(invariant));
    }
}
