//! Every schedule of two messages: a repetition and two timeouts; a crash of either side.

use quorate_lab::check::{Bounds, Cluster, CrashPoints, Search, SearchReport};
use quorate_lab::env::Deployment;
use quorate_protocol::Ruling::Allow;
use quorate_protocol::{ClientId, Names};
use quorate_time::channel::{Answer, BY_THE_BOOK, Channel, ChannelRule, Disk, Rulebook, Safety, Settings};

use super::{R, S, send, settings};

type Small = Cluster<Channel, Safety>;

fn repeats() -> Bounds<Channel> {
    Bounds { firings: 4, duplicates: 1, ..Bounds::default() }
}

fn crashes() -> Bounds<Channel> {
    Bounds { firings: 3, crashes: 1, restarts: 1, crash_points: CrashPoints::NONE, ..Bounds::default() }
}

fn cluster(rules: Rulebook, bounds: Bounds<Channel>) -> Small {
    let config = Settings { window: 2, ..settings(Answer::Processed) }.build().unwrap();
    let bounds = bounds.request(ClientId(0), Some(S), send("a")).request(ClientId(0), Some(S), send("b"));
    let setup = Deployment::<Channel>::new("channel", Names::new(["S", "R"], ["ann"]), config).under(rules);
    Cluster::new(setup, Safety::default(), bounds).unwrap()
}

fn search(cluster: &Small) -> SearchReport<Small> {
    let done = |disk: &Disk| disk.processed.len() == 2;
    Search::new(cluster)
        .threads(1)
        .goal("both are processed", move |state| state.disk(R).is_some_and(done))
        .run()
        .unwrap()
}

#[test]
fn every_schedule_by_the_book_delivers_a_prefix() {
    let counts = [repeats(), crashes()].map(|bounds| {
        let report = search(&cluster(BY_THE_BOOK, bounds));
        assert!(report.passed(), "{report}");
        report.progress.unique
    });
    assert_eq!(counts, [69_831, 63_216]);
}

#[test]
fn each_decision_is_needed() {
    let any = Rulebook {
        admits: |next, _, seq| if seq == next { Allow(ChannelRule::InOrder) } else { Allow(ChannelRule::Early) },
        ..BY_THE_BOOK
    };
    for (rules, bounds, invariant) in [
        (Rulebook { acknowledges: |_, seen| seen, ..BY_THE_BOOK }, repeats(), "AckedIsStored"),
        (Rulebook { rtt_sample: |_| Allow(ChannelRule::Measure), ..BY_THE_BOOK }, repeats(), "UnambiguousSamples"),
        (any, repeats(), "AtMostOnce"),
        (Rulebook { belongs: |_, _| Allow(ChannelRule::Establish), ..BY_THE_BOOK }, crashes(), "DeliveredIsPrefix"),
    ] {
        let cluster = cluster(rules, bounds);
        let report = search(&cluster);
        let path = report.counterexample().unwrap_or_else(|| panic!("{invariant}: {report}"));
        assert_eq!(path.end().broken().map(|(_, broken)| broken.invariant), Some(invariant));
        // The machines read a clock, which stands still in the search and so in its trace.
        assert!(cluster.replay(&path).is_ok(), "{invariant}");
    }
}
