//! Consistency levels of a replicated register: short random runs of two sessions during a
//! partition, judged at each level. With majorities they are linearizable; with answers at once the
//! order of writes and the session guarantee decide what is left.
//!
//! `QUORATE_REGISTER_SEEDS=10000` sets the number of runs in consistent mode.

use std::fs;
use std::path::Path;

use quorate_bugs::NamedRulebook;
use quorate_harness::experiments::{RegisterLevels, RunParameters};
use quorate_harness::protocols::RegisterTarget;
use quorate_lab::consistency::Level;
use quorate_lab::sim::{ClientRequest, Experiment, RunVerdict};
use quorate_protocol::{ClientId, Duration, NodeId, Time};
use quorate_replication::Key;
use quorate_replication::register::{Available, Command, Mode, Order, Session};

/// Number of runs of which the counts are exact, since a seed always makes the same run.
const COUNTED: u64 = 200;
/// Time in which requests are made and the network is parted.
const SPAN: Duration = Duration::from_secs(1);

/// Levels of the runs of a mode. Each client has one application, which asks any replica.
fn levels(mode: Mode, seeds: u64) -> RegisterLevels {
    let mut levels = RegisterLevels::default();
    for seed in 0..seeds {
        let faults = "none,latency=1ms..20ms,partitions=2,cuts=2,jumps=3,outage=400ms";
        let run = RunParameters { nodes: 3, seed, fault_plan: faults.parse().expect("a fault plan"), span: SPAN };
        let planned = RegisterTarget::plan_in(mode, NamedRulebook::default(), &run).expect("such a cluster can be");
        let mut requests = planned.requests;
        requests.retain(|request| request.client.0 < 2);
        // When all has settled, both sessions read both keys, at two replicas.
        for (client, key) in [(0, "x"), (1, "x"), (0, "y"), (1, "y")] {
            let command = Command::Read { key: Key::from(key), at: Some(NodeId(client)) };
            let (client, of) = (ClientId(client), Some(NodeId(3 + client)));
            requests.push(ClientRequest { at: Time::ZERO + SPAN + Duration::from_secs(5), client, of, command });
        }
        let judged = Experiment {
            setup: planned.setup,
            invariants: RegisterLevels::default(),
            requests,
            faults: planned.faults,
            message_faults: None,
            fault_window: planned.fault_window,
            recovery_window: planned.recovery_window,
        };
        let outcome = judged.run(|_| false);
        assert!(matches!(outcome.verdict, RunVerdict::Missed), "{mode:?}, seed {seed}: {:?}", outcome.verdict);
        levels.add(outcome.world.invariants());
    }
    levels
}

fn available(order: Order, session: Session) -> Mode {
    let anti_entropy = Duration::from_millis(200);
    Mode::Available(Available { order, session, anti_entropy, ..Available::default() })
}

#[test]
fn with_majorities_every_history_keeps_every_level() {
    let seeds = std::env::var("QUORATE_REGISTER_SEEDS").map_or(COUNTED, |text| text.parse().expect("a number"));
    let levels = levels(Mode::Consistent, seeds);
    assert_eq!((levels.judged(), levels.unjudged()), (seeds, 0));
    for level in Level::ALL {
        assert_eq!(levels.broken(level), 0, "{level:?}");
    }
    assert_eq!(levels.strongest(), Some(Level::Linearizable));
}

/// Modes that answer at once, with the words for them.
fn available_modes() -> impl Iterator<Item = (String, Order, Session, RegisterLevels)> {
    let orders = [
        ("wall clocks", Order::Wall),
        ("Lamport clocks", Order::Lamport),
        ("hybrid clocks", Order::Hybrid),
        ("version vectors", Order::Vector),
    ];
    let sessions = [
        ("", Session::Off),
        (", read your writes", Session::ReadYourWrites),
        (", monotonic reads", Session::MonotonicReads),
    ];
    orders.into_iter().flat_map(move |(order_words, order)| {
        sessions.into_iter().map(move |(words, session)| {
            (format!("{order_words}{words}"), order, session, levels(available(order, session), COUNTED))
        })
    })
}

/// Levels that the table shows: those that some mode breaks.
const SHOWN: [Level; 6] = [
    Level::Linearizable,
    Level::Sequential,
    Level::Causal,
    Level::ReadYourWrites,
    Level::MonotonicReads,
    Level::MonotonicWrites,
];

fn row(mode: &str, levels: &RegisterLevels) -> String {
    let kept = SHOWN.map(|level| format!(" {} |", levels.kept(level))).concat();
    format!("| {mode} | {} |{kept}\n", levels.judged())
}

/// Every mode that answers at once is found to break linearizability, none diverges, and the order
/// and the session guarantee keep what they promise. `docs/REPLICAS.md` has the exact counts.
#[test]
fn what_is_kept_by_those_who_answer_at_once_depends_on_order_and_session() {
    let names = SHOWN.map(|level| format!(" {} |", level.name())).concat();
    let mut table = format!("| mode | histories |{names}\n|---|---|{}\n", "---|".repeat(SHOWN.len()));
    table += &row("majorities", &levels(Mode::Consistent, COUNTED));
    for (words, order, session, levels) in available_modes() {
        table += &row(&words, &levels);
        assert_eq!(levels.judged() + levels.unjudged(), COUNTED, "{words}");
        // Only a read of siblings makes a history that is not one of registers.
        assert_eq!(levels.unjudged() > 0, order == Order::Vector, "{words}");
        assert!(levels.broken(Level::Linearizable) > 0, "{words}: {levels}");
        assert_eq!(levels.broken(Level::Convergent), 0, "{words}: {levels}");
        assert_eq!(levels.broken(Level::WritesFollowReads), 0, "{words}: {levels}");
        // A wall clock orders a write before what its own writer had written, guarantee or not.
        let reads_its_writes = session == Session::ReadYourWrites && order != Order::Wall;
        assert_eq!(levels.broken(Level::ReadYourWrites) == 0, reads_its_writes, "{words}: {levels}");
        assert_eq!(levels.broken(Level::Causal) == 0, reads_its_writes, "{words}: {levels}");
        assert_eq!(levels.broken(Level::MonotonicWrites) > 0, order == Order::Wall, "{words}: {levels}");
        if session == Session::MonotonicReads {
            assert_eq!(levels.broken(Level::MonotonicReads), 0, "{words}: {levels}");
        }
    }
    as_documented(&table);
}

/// Compares the table with that of the page, or writes it.
fn as_documented(table: &str) {
    const BEGIN: &str = "<!-- begin levels -->\n\n";
    const END: &str = "\n<!-- end levels -->";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/REPLICAS.md");
    let page = fs::read_to_string(&path).expect("the page is there");
    let (before, rest) = page.split_once(BEGIN).expect("the page has a mark before the table");
    let (written, after) = rest.split_once(END).expect("the page has a mark after the table");
    if std::env::var_os("UPDATE_GOLDENFILES").is_some() {
        fs::write(&path, format!("{before}{BEGIN}{table}{END}{after}")).expect("the page can be written");
    } else {
        assert_eq!(written, table, "docs/REPLICAS.md is stale: UPDATE_GOLDENFILES=1 writes it");
    }
}
