//! Every schedule of a registry with one worker number and one or two generators, with one id in a
//! tick: the number changes hands, a generator restarts, a clock goes back.

use quorate_lab::check::{Bounds, Clocks, Cluster, CrashPoints, Search, SearchReport};
use quorate_lab::env::Deployment;
use quorate_protocol::{ClientId, Names, NodeId, Time};
use quorate_time::snowflake::{
    BY_THE_BOOK, Command, Layout, Next, Rulebook, Safety, Settings, Slot, Snowflake, SnowflakeRule,
};

use super::{A, B, R, ms};

type Small = Cluster<Snowflake, Safety>;

/// Budgets of a search: generators that are asked once each, or as often as they are named; ticks,
/// crashes, and clocks that go back by a tick.
struct Budget {
    asked: &'static [NodeId],
    ticks: u32,
    crashes: u32,
    jumps: u32,
}

/// B gets the number when A has been silent for two ticks.
const CHANGES_HANDS: Budget = Budget { asked: &[A, B], ticks: 3, crashes: 0, jumps: 0 };
const RESTART: Budget = Budget { asked: &[A, A], ticks: 2, crashes: 1, jumps: 0 };
const CLOCK_BACK: Budget = Budget { asked: &[A, A, A], ticks: 2, crashes: 0, jumps: 1 };

fn cluster(rules: Rulebook, budget: &Budget) -> Small {
    let settings = Settings {
        layout: Layout { worker_bits: 0, sequence_bits: 0 },
        epoch: Time::ZERO,
        lease: 1,
        renew: ms(2),
        recycle_after: ms(2),
        reserve: 0,
        clock_error: ms(1),
        ..Settings::new(R)
    };
    let clocks = Clocks { jumps: budget.jumps, jump_by: vec![-1_000_000], ..Clocks::exact(ms(1), budget.ticks) };
    let mut bounds = Bounds {
        clocks: Some(clocks),
        crashes: budget.crashes,
        restarts: budget.crashes,
        crash_points: CrashPoints::NONE,
        ..Bounds::default()
    };
    for node in budget.asked {
        bounds = bounds.request(ClientId(node.0 - 1), Some(*node), Command::Next);
    }
    let names = if budget.asked.contains(&B) { vec!["R", "A", "B"] } else { vec!["R", "A"] };
    let names = Names::new(names, ["ann", "bob"]);
    let setup = Deployment::<Snowflake>::new("snowflake", names, settings.build().unwrap()).under(rules);
    Cluster::new(setup, Safety::default(), bounds).unwrap()
}

fn search(cluster: &Small) -> SearchReport<Small> {
    Search::new(cluster).threads(1).run().unwrap()
}

#[test]
fn every_schedule_by_the_book_is_unique_and_ordered() {
    let counts = [&CHANGES_HANDS, &RESTART, &CLOCK_BACK].map(|budget| {
        let report = search(&cluster(BY_THE_BOOK, budget));
        assert!(report.passed(), "{report}");
        report.progress.unique
    });
    assert_eq!(counts, [33_523, 7_558, 10_877]);
}

#[test]
fn the_number_can_change_hands() {
    let cluster = cluster(BY_THE_BOOK, &CHANGES_HANDS);
    let fenced = |node: Option<&Snowflake>| node.and_then(Snowflake::lease).is_some_and(|lease| lease.above > 0);
    let report = Search::new(&cluster).threads(1).goal("fenced", move |state| fenced(state.machine(B))).run().unwrap();
    assert!(report.passed(), "{report}");
}

#[test]
fn each_decision_is_needed() {
    let rolls_over: fn(Option<Slot>, u64, u32) -> Next = |last, tick, most| match BY_THE_BOOK.next(last, tick, most) {
        Next::Exhausted => Next::Take { slot: Slot { tick, sequence: 0 }, rule: SnowflakeRule::FirstOfTick },
        next => next,
    };
    let back: fn(Option<Slot>, u64, u32) -> Next =
        |last, tick, most| BY_THE_BOOK.next(last.filter(|last| last.tick == tick), tick, most);
    let late = Budget { ticks: 4, jumps: 1, ..CHANGES_HANDS };
    for (rules, budget, invariant) in [
        (Rulebook { next: rolls_over, ..BY_THE_BOOK }, &RESTART, "UniqueIds"),
        (Rulebook { resumes: |_, _| None, ..BY_THE_BOOK }, &RESTART, "UniqueIds"),
        (Rulebook { next: back, ..BY_THE_BOOK }, &CLOCK_BACK, "IncreasingAtEachNode"),
        (Rulebook { fence: |_| 0, ..BY_THE_BOOK }, &late, "UniqueIds"),
    ] {
        let report = search(&cluster(rules, budget));
        let path = report.counterexample().unwrap_or_else(|| panic!("{invariant}: {report}"));
        assert_eq!(path.end().broken().map(|(_, broken)| broken.invariant), Some(invariant));
    }
}
