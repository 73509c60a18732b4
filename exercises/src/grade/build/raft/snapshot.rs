//! Test cases for snapshots: logs stay short, lagging nodes are sent the state, and restarted nodes
//! have it.

use quorate_lab::sim::{CrashPoint, Fault, FaultPlan};
use quorate_protocol::{Duration, NodeId};
use quorate_raft::{Settings, Snapshots};

use super::RaftSuite;
use super::persistence::{faults_dice, moment, random_faults};
use super::stage::{Case, MS, Move, leader};
use crate::grade::build::Trial;

/// Cases, each with its numbers of fixed and fresh runs.
pub(super) const ALL: &[Trial<RaftSuite>] = &[
    ("logs are compacted without other changes", compacted, (3, 3)),
    ("a follower that lags behind gets a snapshot", |title, seed| lagging(title, seed, 100), (4, 4)),
    ("in small chunks, on an unreliable network", in_pieces, (20, 20)),
    ("the follower crashes while it receives a snapshot", follower_crashes, (40, 40)),
    ("the leader crashes while it sends a snapshot", leader_crashes, (40, 40)),
    ("a late snapshot", comes_late, (30, 30)),
    ("all nodes restart from their snapshots", all_restart, (20, 20)),
    ("requests that are retried after a snapshot", repeated, (40, 40)),
    ("random faults, three nodes", |title, seed| random_faults(title, seed, settings(3, seed)), (80, 80)),
    ("random faults, five nodes", |title, seed| random_faults(title, seed, settings(5, seed)), (60, 60)),
    ("random faults, a snapshot every second entry", often, (80, 80)),
];

/// Settings with snapshots; the seed decides how many replaced entries are kept, if any.
fn settings(nodes: u32, seed: u64) -> Settings {
    Settings { snapshots: Some(Snapshots { every: 8, keep: seed % 3 * 3, chunk: 2 }), ..Settings::nodes(nodes) }
}

fn compacted(title: &'static str, seed: u64) -> Case {
    Case::quiet(title, 3, settings(3, seed)).asked(MS(1_000), MS(20), 3, 60)
}

/// The last node misses sixty entries, more than any leader keeps.
fn lagging(title: &'static str, _: u64, chunk: usize) -> Case {
    let snapshots = Some(Snapshots { every: 8, keep: 0, chunk });
    let mut case = Case::quiet(title, 3, Settings { snapshots, ..Settings::nodes(3) })
        .part(MS(900), &[&[2]])
        .asked(MS(1_500), MS(25), 3, 60)
        .fault_at(BACK, Fault::Heal)
        .asked(BACK + MS(1_000), MS(20), 3, 3);
    case.aim.installed = vec![NodeId(2)];
    case
}

/// Time at which the last node is reconnected.
const BACK: Duration = Duration::from_millis(4_000);

fn in_pieces(title: &'static str, seed: u64) -> Case {
    let conditions = FaultPlan::harsh().conditions;
    Case { conditions, ..lagging(title, seed, 1) }.asked(BACK, MS(50), 3, 10)
}

/// The lagging node crashes twice, at any crash point.
fn follower_crashes(title: &'static str, seed: u64) -> Case {
    let mut rng = faults_dice(seed);
    let case = (0..2).fold(lagging(title, seed, 1), |case, round| {
        let at = BACK + MS(round * 300 + rng.below(120));
        case.crash(at, 2, moment(&mut rng)).restart(at + MS(20), 2).restart(at + MS(150), 2)
    });
    // After the crash it may need only the log, before it has installed a snapshot; so it must only
    // catch up.
    Case { fault_window: BACK + MS(900), ..case }
}

fn leader_crashes(title: &'static str, seed: u64) -> Case {
    let mut rng = faults_dice(seed);
    let case = lagging(title, seed, 1);
    let crash = |turn, after| Move::Crash(leader(turn), CrashPoint::AfterSends { sent: after }, MS(200));
    let case = case.then(BACK + MS(rng.below(60)), vec![crash(0, rng.below(2) as u32)]);
    let case = case.then(BACK + MS(300), vec![crash(1, rng.below(2) as u32)]);
    Case { fault_window: BACK + MS(900), ..case }
}

/// A late snapshot must not undo entries that the node has applied meanwhile.
fn comes_late(title: &'static str, seed: u64) -> Case {
    let conditions = FaultPlan::harsh().conditions;
    let snapshots = Some(Snapshots { every: 4, keep: 0, chunk: 3 });
    let case = Case::quiet(title, 3, Settings { snapshots, ..Settings::nodes(3) }).asked(MS(800), MS(40), 3, 60);
    let case = (0..5).fold(case, |case, round| {
        let node = (seed as u32 + round as u32) % 3;
        case.part(MS(900 + 600 * round), &[&[node]]).fault_at(MS(1_200 + 600 * round), Fault::Heal)
    });
    Case { conditions, fault_window: BACK, ..case }.asked(BACK + MS(500), MS(20), 3, 3)
}

fn all_restart(title: &'static str, seed: u64) -> Case {
    let mut rng = faults_dice(seed);
    let case = Case::quiet(title, 3, settings(3, seed)).asked(MS(1_000), MS(25), 3, 60);
    let case = [1_800, 2_600].into_iter().fold(case, |case, at| {
        (0..3).fold(case, |case, node| {
            let at = MS(at + rng.below(40));
            case.crash(at, node, moment(&mut rng)).restart(at + MS(100), node).restart(at + MS(400), node)
        })
    });
    Case { fault_window: BACK, ..case }.asked(BACK + MS(500), MS(20), 3, 3)
}

/// A request answered before the snapshot gets the same reply after it, also from a node that has
/// only the snapshot.
fn repeated(title: &'static str, seed: u64) -> Case {
    let snapshots = Some(Snapshots { every: 2, keep: 0, chunk: 100 });
    let case = Case::quiet(title, 3, Settings { snapshots, ..Settings::nodes(3) }).asked(MS(800), MS(60), 3, 50);
    let retry_policy = quorate_lab::sim::RetryPolicy { timeout: MS(20), ..case.retry_policy };
    let case = (0..5).fold(case, |case, round: u64| {
        case.then(MS(1_000 + 500 * round), vec![Move::Crash(leader(round as usize), CrashPoint::AfterPersist, MS(150))])
    });
    Case { conditions: FaultPlan::harsh().conditions, retry_policy, fault_window: BACK, ..stirred(case, seed) }.asked(
        BACK + MS(500),
        MS(20),
        3,
        3,
    )
}

/// Cuts off one node after another, for long enough to miss some snapshots.
fn stirred(case: Case, seed: u64) -> Case {
    (0..5).fold(case, |case, round| {
        let node = (seed as u32 + round as u32) % 3;
        case.part(MS(1_200 + 500 * round), &[&[node]]).fault_at(MS(1_500 + 500 * round), Fault::Heal)
    })
}

fn often(title: &'static str, seed: u64) -> Case {
    let snapshots = Some(Snapshots { every: 2, keep: 0, chunk: 1 + seed as usize % 3 });
    random_faults(title, seed, Settings { snapshots, ..Settings::nodes(3) })
}
