//! Test cases for persistence: nodes crash before a write, after it and between two messages, and
//! are held to their earlier messages.

use quorate_lab::sim::{Conditions, CrashPoint, Fault, FaultPlan, Rng};
use quorate_protocol::{Duration, NodeId};
use quorate_raft::Settings;

use super::RaftSuite;
use super::stage::{CLIENTS, Case, MS, Move, SPAN, leader, other};
use crate::grade::build::Trial;

/// Cases, each with its numbers of fixed and fresh runs.
pub(super) const ALL: &[Trial<RaftSuite>] = &[
    ("replication without crashes", quiet, (2, 2)),
    ("all nodes restart, and nothing is forgotten", all_restart, (5, 5)),
    ("leaders and followers restart", one_by_one, (4, 4)),
    ("some nodes are always down", in_turn, (4, 4)),
    ("voters restart in the middle of an election", voters_restart, (60, 60)),
    ("crashes before a write, after a write, and between two messages", moments, (40, 40)),
    ("Figure 8: leaders crash with an entry that only a minority has", figure_8, (30, 30)),
    ("Figure 8, on an unreliable network", figure_8_unreliable, (30, 30)),
    ("churn: crashes, restarts and partitions", churn, (40, 40)),
    ("churn, on an unreliable network", churn_unreliable, (40, 40)),
    ("random faults, three nodes", |title, seed| random_faults(title, seed, Settings::nodes(3)), (80, 80)),
    ("random faults, five nodes", |title, seed| random_faults(title, seed, Settings::nodes(5)), (60, 60)),
    ("random faults, one entry per message", entry_by_entry, (60, 60)),
];

const AT_ONCE: CrashPoint = CrashPoint::BetweenSteps;

/// Draws one of the critical crash points.
pub(super) fn moment(rng: &mut Rng) -> CrashPoint {
    match rng.below(5) {
        0 => AT_ONCE,
        1 => CrashPoint::BeforePersist { kept: rng.below(2) as u32 },
        2 => CrashPoint::AfterPersist,
        _ => CrashPoint::AfterSends { sent: rng.below(3) as u32 },
    }
}

/// Random stream of the faults, separate from all others.
pub(super) fn faults_dice(seed: u64) -> Rng {
    Rng::new(seed, u64::MAX - 2)
}

fn quiet(title: &'static str, _: u64) -> Case {
    Case::quiet(title, 3, Settings::nodes(3)).asked(MS(1_000), MS(20), 3, 10)
}

/// All nodes restart twice, so that restored state is written again.
fn all_restart(title: &'static str, seed: u64) -> Case {
    let mut rng = faults_dice(seed);
    let case = Case::quiet(title, 3, Settings::nodes(3)).asked(MS(1_000), MS(20), 3, 6);
    let restarted = [1_090, 2_500].into_iter().fold(case, |case, at| {
        (0..3).fold(case, |case, node| {
            case.crash(MS(at + rng.below(10)), node, AT_ONCE).restart(MS(at + 100 + rng.below(50)), node)
        })
    });
    restarted.asked(MS(2_440), MS(20), 3, 3).asked(MS(4_000), MS(20), 3, 3)
}

fn one_by_one(title: &'static str, _: u64) -> Case {
    let case = Case::quiet(title, 3, Settings::nodes(3)).asked(MS(1_000), MS(150), 3, 30);
    let case = case.then(MS(1_500), vec![Move::Crash(leader(0), AT_ONCE, MS(50))]);
    let case = case.then(MS(2_500), vec![Move::Crash(other(1, 1), AT_ONCE, MS(300))]);
    let case = case.then(MS(3_500), vec![Move::Crash(leader(2), AT_ONCE, MS(800))]);
    case.asked(MS(6_000), MS(20), 3, 3)
}

/// Two of five nodes are down at a time, a different pair each time.
fn in_turn(title: &'static str, _: u64) -> Case {
    let case = Case::quiet(title, 5, Settings::nodes(5)).asked(MS(1_000), MS(120), 3, 40);
    let case = (0..5).fold(case, |case, turn| {
        let at = 1_200 + 1_000 * turn;
        (0..2).fold(case, |case, next| {
            let node = ((2 * turn + next) % 5) as u32;
            case.crash(MS(at + 30 * next), node, AT_ONCE).restart(MS(at + 900 + 20 * next), node)
        })
    });
    case.asked(MS(7_500), MS(20), 3, 3)
}

/// From the first elections on, nodes crash continually for some milliseconds. A restarted voter
/// must remember its vote.
fn voters_restart(title: &'static str, seed: u64) -> Case {
    let mut rng = faults_dice(seed);
    let case = Case::quiet(title, 5, Settings::nodes(5));
    let case = (0..30).fold(case, |case, round| {
        let (at, node) = (MS(150 + 40 * round + rng.below(40)), rng.below(5) as u32);
        let case = case.crash(at, node, moment(&mut rng)).restart(at + MS(5 + rng.below(60)), node);
        case.restart(at + MS(400), node)
    });
    let fault_plan = FaultPlan { conditions: FaultPlan::harsh().conditions, ..FaultPlan::none() };
    Case { conditions: fault_plan.conditions, fault_window: SPAN, ..case }.asked(SPAN + MS(1), MS(20), 3, 3)
}

/// Crashes under load. A crash may stay pending until its crash point occurs, so a second restart
/// follows later.
fn moments(title: &'static str, seed: u64) -> Case {
    let mut rng = faults_dice(seed);
    let case = Case::quiet(title, 3, Settings::nodes(3)).asked(MS(800), MS(60), 3, 50);
    let case = (0..12).fold(case, |case, round| {
        let (at, node) = (MS(1_000 + 250 * round), rng.below(3) as u32);
        let crashed = case.crash(at, node, moment(&mut rng));
        crashed.restart(at + MS(30 + rng.below(100)), node).restart(at + MS(230), node)
    });
    Case { fault_window: SPAN, ..case }.asked(SPAN + MS(500), MS(20), 3, 3)
}

/// Each leader receives a request, sends it to some others, and crashes.
fn figure_8(title: &'static str, seed: u64) -> Case {
    let mut rng = faults_dice(seed);
    let settings = Settings { batch: 1, ..Settings::nodes(5) };
    let case = Case::quiet(title, 5, settings).asked(MS(1_000), MS(20), 1, 2);
    let case = (0..8).fold(case, |case, turn: u64| {
        let after = CrashPoint::AfterSends { sent: 1 + rng.below(3) as u32 };
        let down = Move::Crash(leader(turn as usize), after, MS(700 + rng.below(500)));
        case.then(MS(1_500 + 600 * turn), vec![down, Move::Ask(turn as u32 % CLIENTS, leader(turn as usize))])
    });
    Case { fault_window: MS(7_500), ..case }.asked(MS(8_500), MS(20), 3, 3)
}

fn figure_8_unreliable(title: &'static str, seed: u64) -> Case {
    let case = figure_8(title, seed);
    Case { conditions: FaultPlan::harsh().conditions, ..case }
}

fn churn(title: &'static str, seed: u64) -> Case {
    let mut rng = faults_dice(seed);
    let case = Case::quiet(title, 5, Settings::nodes(5)).asked(MS(500), MS(90), CLIENTS, 50);
    let case = (0..20).fold(case, |case, round| {
        let (at, node) = (MS(600 + 200 * round), rng.below(5) as u32);
        let lasts = MS(50 + rng.below(600));
        match rng.below(3) {
            0 => case.pair(at, Fault::Partition(vec![vec![NodeId(node)]]), lasts, Fault::Heal),
            _ => case.crash(at, node, AT_ONCE).restart(at + lasts, node),
        }
    });
    Case { fault_window: MS(5_000), ..case }.asked(MS(5_500), MS(20), 3, 3)
}

fn churn_unreliable(title: &'static str, seed: u64) -> Case {
    let conditions = Conditions { ..FaultPlan::harsh().conditions };
    Case { conditions, ..churn(title, seed) }
}

fn entry_by_entry(title: &'static str, seed: u64) -> Case {
    random_faults(title, seed, Settings { batch: 1, window: 1, ..Settings::nodes(3) })
}

/// All kinds of faults, with crashes at every crash point.
pub(super) fn random_faults(title: &'static str, seed: u64, settings: Settings) -> Case {
    let fault_plan = FaultPlan { crashes: 12, outage: Duration::from_millis(400), ..FaultPlan::harsh() };
    let nodes = settings.voters.len() as u32;
    Case { messages_max: 60_000, ..Case::quiet(title, nodes, settings).with_faults(seed, fault_plan, 30) }
}
