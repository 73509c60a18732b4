//! Every schedule of a source, two hosts whose clocks are slow or fast, and two requests.

use std::collections::BTreeMap;

use quorate_lab::check::{Bounds, Clocks, Cluster, Search, SearchReport};
use quorate_lab::env::Deployment;
use quorate_protocol::{ClientId, Duration, Names, NodeId, Time};
use quorate_time::Drift;
use quorate_time::ntp::{BY_THE_BOOK, Command, Ntp, Rulebook, Safety, Settings, safety};

use super::ms;

const S: NodeId = NodeId(0);
const A: NodeId = NodeId(1);
const B: NodeId = NodeId(2);

type Small = Cluster<Ntp, Safety>;

fn cluster(rules: Rulebook) -> Small {
    let settings = Settings {
        drift: Drift::ppm(200_000).unwrap(),
        source_error: Duration::ZERO,
        poll: ms(100),
        max_poll: ms(100),
        ..Settings::new([S])
    };
    let drifts = BTreeMap::from([(A, vec![-200_000, 200_000]), (B, vec![-200_000, 200_000])]);
    let clocks = Clocks { drifts, ..Clocks::exact(ms(10), 4) };
    let bounds = Bounds { clocks: Some(clocks), ..Bounds::default() }
        .request(ClientId(0), Some(A), Command::Time)
        .request(ClientId(1), Some(B), Command::Time);
    let names = Names::new(["S", "A", "B"], ["ann", "bob"]);
    let setup = Deployment::<Ntp>::new("ntp", names, settings.build().unwrap()).under(rules);
    Cluster::new(setup, safety(Time::ZERO), bounds).unwrap()
}

fn search(cluster: &Small) -> SearchReport<Small> {
    Search::new(cluster)
        .threads(1)
        .goal("both are corrected", |state| {
            [A, B].into_iter().all(|node| state.machine(node).is_some_and(Ntp::is_corrected))
        })
        .run()
        .unwrap()
}

#[test]
fn every_schedule_by_the_book_states_its_error() {
    let report = search(&cluster(BY_THE_BOOK));
    assert!(report.passed(), "{report}");
    assert_eq!(report.progress.unique, 93_844, "{report}");
}

#[test]
fn each_decision_is_needed() {
    for rules in [
        Rulebook { distance: |_, dispersion, _, _| dispersion, ..BY_THE_BOOK },
        Rulebook { aged: |reading, passed, _| reading.aged(passed, Drift::default()), ..BY_THE_BOOK },
    ] {
        let report = search(&cluster(rules));
        let path = report.counterexample().unwrap_or_else(|| panic!("{report}"));
        assert_eq!(path.end().broken().map(|(_, broken)| broken.invariant), Some("BoundContainsTruth"));
    }
}
