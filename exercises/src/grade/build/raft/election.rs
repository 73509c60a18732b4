//! Test cases for elections: one leader, no more, and a new one when needed. No node crashes, and
//! the log does not matter.

use quorate_lab::sim::{Conditions, Fault, FaultPlan, Latency, Ppm, Rng};
use quorate_protocol::{Duration, NodeId};
use quorate_raft::Settings;

use super::RaftSuite;
use super::stage::{Case, MS, Move, SPAN, leader, other};
use crate::grade::build::Trial;

/// Cases, each with its numbers of fixed and fresh runs.
pub(super) const ALL: &[Trial<RaftSuite>] = &[
    ("one leader is elected, and stays leader", |title, _| stays(title, 3, 2_000), (3, 3)),
    ("five and seven nodes elect a leader", |title, seed| stays(title, 5 + seed as u32 % 2 * 2, 6_000), (4, 4)),
    ("the leader is partitioned, and steps down when it returns", cut_off, (4, 4)),
    ("the leader pauses, and resumes in a later term", sleeps, (4, 4)),
    ("one leader after the other is partitioned", one_after_the_other, (4, 4)),
    ("no leader without a majority, a leader when it is back", no_majority, (4, 4)),
    ("many elections with seven nodes", many, (3, 3)),
    ("a node that receives no messages, but can send", half_deaf, (4, 4)),
    ("every message is duplicated and delayed", twice, (30, 30)),
    ("an unreliable network", |title, seed| random_faults(title, seed, 3, unreliable_network()), (20, 20)),
    ("random faults, three nodes", |title, seed| random_faults(title, seed, 3, no_crashes()), (60, 60)),
    ("random faults, five nodes", |title, seed| random_faults(title, seed, 5, no_crashes()), (40, 40)),
    ("random faults, with pre-vote", asking_first, (60, 60)),
];

/// For three seconds after an election no other one takes place.
fn stays(title: &'static str, nodes: u32, messages_max: u64) -> Case {
    let case = Case::electing(title, nodes, MS(5_000)).elects(MS(0), MS(2_000)).stays(MS(2_000), MS(5_000));
    Case { messages_max, fault_window: MS(5_000), ..case }
}

fn cut_off(title: &'static str, _: u64) -> Case {
    let case = Case::electing(title, 3, MS(4_000));
    let cut = case.then(MS(1_500), vec![Move::Part(vec![vec![leader(0)]])]).elects(MS(1_500), MS(4_000));
    cut.fault_at(MS(4_000), Fault::Heal)
}

fn sleeps(title: &'static str, _: u64) -> Case {
    let case = Case::electing(title, 3, MS(4_000));
    case.then(MS(1_500), vec![Move::Pause(leader(0), MS(2_500))]).elects(MS(1_500), MS(4_000))
}

/// Of five nodes two may fail. The first returns when the third leader fails.
fn one_after_the_other(title: &'static str, _: u64) -> Case {
    Case::electing(title, 5, MS(9_000))
        .then(MS(1_500), vec![Move::Part(vec![vec![leader(0)]])])
        .elects(MS(1_500), MS(4_000))
        .then(MS(4_000), vec![Move::Part(vec![vec![leader(0)], vec![leader(1)]])])
        .elects(MS(4_000), MS(6_500))
        .then(MS(6_500), vec![Move::Part(vec![vec![leader(1)], vec![leader(2)]])])
        .elects(MS(6_500), MS(9_000))
        .fault_at(MS(9_000), Fault::Heal)
}

/// The leader keeps one of four followers; the others are isolated.
fn no_majority(title: &'static str, _: u64) -> Case {
    let pair = vec![leader(0), other(0, 1)];
    Case::electing(title, 5, MS(4_000))
        .then(MS(1_500), vec![Move::Part(vec![pair, vec![other(0, 2)], vec![other(0, 3)], vec![other(0, 4)]])])
        .fault_at(MS(4_000), Fault::Heal)
}

/// Three of seven nodes are cut off at a time, ten times.
fn many(title: &'static str, seed: u64) -> Case {
    let mut rng = Rng::new(seed, u64::MAX - 2);
    let case = (0..10).fold(Case::electing(title, 7, MS(7_000)), |case, round| {
        let mut rest: Vec<NodeId> = (0..7).map(NodeId).collect();
        let away = (0..3).map(|_| rest.remove(rng.below(rest.len() as u64) as usize)).collect();
        case.fault_at(MS(700 * round), Fault::Partition(vec![away]))
    });
    Case { messages_max: 40_000, ..case.fault_at(MS(7_000), Fault::Heal) }
}

/// A node that receives no messages campaigns repeatedly, and each time the others must adopt its
/// term.
fn half_deaf(title: &'static str, seed: u64) -> Case {
    let deaf = NodeId(seed as u32 % 3);
    let others = (0..3).map(NodeId).filter(|node| *node != deaf);
    let case = others.fold(Case::electing(title, 3, MS(4_000)), |case, from| {
        case.fault_at(MS(1_500), Fault::Link { from, to: deaf, up: false })
    });
    case.fault_at(MS(4_000), Fault::Heal)
}

fn twice(title: &'static str, seed: u64) -> Case {
    let latency = Latency::Uniform { min: MS(1), max: MS(120) };
    let conditions = Conditions { duplication: Ppm::percent(100), latency, ..FaultPlan::none().conditions };
    let case = random_faults(title, seed, 5, FaultPlan { conditions, ..FaultPlan::none() });
    (0..4)
        .fold(case, |case, round| case.then(MS(800 + 800 * round), vec![Move::Pause(leader(round as usize), MS(400))]))
}

/// With pre-vote enabled, which a machine may implement (dissertation §9.6).
fn asking_first(title: &'static str, seed: u64) -> Case {
    let settings = Settings { pre_vote: true, ..Settings::nodes(3) };
    let case = random_faults(title, seed, 3, no_crashes());
    Case { config: settings.build().expect("three nodes with pre-vote"), ..case }
}

/// All faults except crashes.
fn no_crashes() -> FaultPlan {
    FaultPlan { crashes: 0, partitions: 8, cuts: 8, pauses: 8, ..FaultPlan::harsh() }
}

fn unreliable_network() -> FaultPlan {
    FaultPlan { conditions: FaultPlan::harsh().conditions, ..FaultPlan::none() }
}

fn random_faults(title: &'static str, seed: u64, nodes: u32, fault_plan: FaultPlan) -> Case {
    let case = Case::electing(title, nodes, SPAN + Duration::from_nanos(1)).with_faults(seed, fault_plan, 0);
    // The network remains slow at the end, so elections take longer.
    Case { messages_max: 30_000, ..case }
}
