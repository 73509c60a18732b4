//! Test cases for the log: agreement, its latency and number of messages, and durability without
//! crashes.

use quorate_lab::sim::{Conditions, Fault, FaultPlan, Latency, Ppm, RetryPolicy};
use quorate_protocol::{Duration, Names};
use quorate_raft::Settings;

use super::RaftSuite;
use super::stage::{CLIENTS, Case, MS, Move, STUBBORN, leader, other};
use crate::grade::build::Trial;

/// Cases, each with its numbers of fixed and fresh runs.
pub(super) const ALL: &[Trial<RaftSuite>] = &[
    ("basic agreement", basic, (3, 3)),
    ("each entry is sent once", once, (3, 3)),
    ("five clients at the same time", at_once, (3, 3)),
    ("a follower is partitioned, and catches up", follower_fails, (4, 4)),
    ("a leader is partitioned, and the next one continues", leader_fails, (4, 4)),
    ("no agreement without a majority, agreement when it is back", no_majority, (4, 4)),
    ("a leader returns with entries that no other node has", rejoin, (4, 4)),
    ("long conflicting logs are repaired", back_up, (3, 3)),
    ("an entry of an earlier term on a majority", figure_8, (30, 30)),
    ("a request is sent twice", asked_twice, (5, 5)),
    ("every message is duplicated and delayed", twice, (30, 30)),
    (
        "an unreliable network",
        |title, seed| random_faults(title, seed, Settings::nodes(5), unreliable_network()),
        (20, 20),
    ),
    (
        "random faults, three nodes",
        |title, seed| random_faults(title, seed, Settings::nodes(3), no_crashes()),
        (80, 80),
    ),
    ("random faults, five nodes", |title, seed| random_faults(title, seed, Settings::nodes(5), no_crashes()), (60, 60)),
    ("random faults, one entry per message", one_by_one, (80, 80)),
];

fn basic(title: &'static str, _: u64) -> Case {
    let case = Case::quiet(title, 3, Settings::nodes(3)).asked(MS(1_000), MS(20), 1, 10);
    Case { messages_max: 2_000, ..case }
}

/// Forty entries to four followers: each may be sent twice at most.
fn once(title: &'static str, _: u64) -> Case {
    let mut case = Case::quiet(title, 5, Settings::nodes(5)).asked(MS(1_000), MS(20), CLIENTS, 40);
    case.aim.entries_max = Some(2 * 40 * 4);
    Case { messages_max: 6_000, ..case }
}

fn at_once(title: &'static str, _: u64) -> Case {
    let case = Case::quiet(title, 3, Settings::nodes(3));
    (0..CLIENTS).fold(case, |case, client| case.asked(MS(1_000), Duration::ZERO, 1, 1).asks(MS(1_000), client, None))
}

fn follower_fails(title: &'static str, _: u64) -> Case {
    Case::quiet(title, 3, Settings::nodes(3))
        .asked(MS(1_000), MS(20), 2, 4)
        .then(MS(1_500), vec![Move::Part(vec![vec![other(0, 1)]])])
        .asked(MS(1_600), MS(50), 2, 20)
        .fault_at(MS(3_000), Fault::Heal)
        .asked(MS(3_500), MS(20), 2, 2)
}

fn leader_fails(title: &'static str, _: u64) -> Case {
    Case::quiet(title, 3, Settings::nodes(3))
        .asked(MS(1_000), MS(20), 2, 4)
        .then(MS(1_500), vec![Move::Part(vec![vec![leader(0)]])])
        .asked(MS(1_600), MS(50), 2, 10)
        .elects(MS(1_500), MS(4_000))
        .fault_at(MS(4_000), Fault::Heal)
        .asked(MS(4_500), MS(20), 2, 2)
}

/// A leader with one of four followers accepts requests, and cannot commit them.
fn no_majority(title: &'static str, _: u64) -> Case {
    let asked = |client| Move::Ask(client, leader(0));
    let part = Move::Part(vec![vec![leader(0), other(0, 1)], vec![other(0, 2)], vec![other(0, 3)], vec![other(0, 4)]]);
    Case::quiet(title, 5, Settings::nodes(5))
        .asked(MS(1_000), MS(20), 2, 4)
        .then(MS(1_500), vec![part, asked(0), asked(1), asked(2)])
        .fault_at(MS(3_500), Fault::Heal)
        .asked(MS(4_500), MS(20), 2, 2)
}

/// Two successive leaders are each left with uncommitted entries of their own.
fn rejoin(title: &'static str, _: u64) -> Case {
    let asked = |client, turn| Move::Ask(client, leader(turn));
    Case::quiet(title, 3, Settings::nodes(3))
        .asked(MS(1_000), MS(20), 1, 2)
        .then(MS(1_500), vec![Move::Part(vec![vec![leader(0)]]), asked(1, 0), asked(2, 0), asked(3, 0)])
        .elects(MS(1_500), MS(4_000))
        .then(MS(4_000), vec![asked(0, 1)])
        .then(MS(4_500), vec![Move::Part(vec![vec![leader(1)]]), asked(4, 1)])
        .fault_at(MS(7_000), Fault::Heal)
        .asked(MS(8_000), MS(20), 2, 2)
}

/// Two nodes append forty entries that will not be committed, then two others do; the node that has
/// neither completes the majority.
fn back_up(title: &'static str, _: u64) -> Case {
    let flood = |turn, from| (from..from + FLOOD).map(move |client| Move::Ask(client, leader(turn)));
    let minority = |turn: usize| Move::Part(vec![vec![leader(turn), other(turn, 1)]]);
    let names = Names::new((1..=5).map(|node| format!("n{node}")), (1..=3 * FLOOD).map(|client| format!("c{client}")));
    let case = Case::quiet(title, 5, Settings { batch: 64, ..Settings::nodes(5) });
    Case { names, retry_policy: UNHURRIED, messages_max: 12_000, ..case }
        .asked(MS(1_000), MS(20), 2, 4)
        .then(MS(1_500), [minority(0)].into_iter().chain(flood(0, 0)).collect())
        .elects(MS(1_500), MS(4_000))
        .then(MS(4_000), flood(1, FLOOD).collect())
        .then(MS(5_000), [minority(1)].into_iter().chain(flood(1, 2 * FLOOD)).collect())
        .fault_at(MS(7_000), Fault::Heal)
        .asked(MS(12_000), MS(20), 2, 2)
}

/// Number of clients that send requests at once, to make logs grow.
const FLOOD: u32 = 40;
/// Retry policy: clients leave their requests with one leader for a while.
const UNHURRIED: RetryPolicy = RetryPolicy { timeout: Duration::from_millis(4_000), ..STUBBORN };

/// Successive leaders reach only one other node each, and append an entry of their own; then all
/// are connected again.
fn figure_8(title: &'static str, seed: u64) -> Case {
    let settings = Settings { batch: 1, ..Settings::nodes(5) };
    let asked = |turn| vec![Move::Part(vec![vec![leader(turn), other(turn, 1)]]), Move::Ask(turn as u32, leader(turn))];
    let case = Case::quiet(title, 5, settings).asked(MS(1_000), MS(20), 1, 2);
    let case = (0..4).fold(case, |case, turn| case.then(MS(1_500 + 900 * turn as u64 + seed % 5 * 20), asked(turn)));
    case.fault_at(MS(6_000), Fault::Heal).asked(MS(7_000), MS(20), 2, 2)
}

/// Client requests arrive twice, perhaps at another leader, since the leadership changes.
fn asked_twice(title: &'static str, _: u64) -> Case {
    let case = Case::quiet(title, 3, Settings::nodes(3)).asked(MS(1_000), MS(50), 3, 50);
    let conditions = Conditions { duplication: Ppm::percent(100), ..case.conditions };
    let case = (0..2).fold(Case { conditions, ..case }, |case, round| {
        case.then(MS(1_500 + 1_000 * round as u64), vec![Move::Pause(leader(round), MS(600))])
    });
    case.asked(MS(5_000), MS(20), 2, 2)
}

/// Long client timeout: a machine that sends one entry at a time must be able to keep up.
fn twice(title: &'static str, seed: u64) -> Case {
    let latency = Latency::Uniform { min: MS(1), max: MS(50) };
    let conditions = Conditions { duplication: Ppm::percent(100), latency, ..FaultPlan::none().conditions };
    let case = random_faults(title, seed, Settings::nodes(3), FaultPlan { conditions, ..FaultPlan::none() });
    (0..3).fold(Case { retry_policy: RetryPolicy { timeout: MS(1_000), ..STUBBORN }, ..case }, |case, round| {
        let alone = vec![other(round, seed as u32 % 3)];
        let at = MS(900 + 900 * round as u64);
        case.then(at, vec![Move::Part(vec![alone])]).fault_at(at + MS(500), Fault::Heal)
    })
}

/// Batches of one, so that an entry of an earlier term and one of the leader's own are sent
/// separately.
fn one_by_one(title: &'static str, seed: u64) -> Case {
    random_faults(
        title,
        seed,
        Settings { batch: 1, window: 1, ..Settings::nodes(3 + seed as u32 % 2 * 2) },
        no_crashes(),
    )
}

fn unreliable_network() -> FaultPlan {
    FaultPlan { conditions: FaultPlan::harsh().conditions, ..FaultPlan::none() }
}

/// All faults except crashes.
fn no_crashes() -> FaultPlan {
    FaultPlan { crashes: 0, partitions: 8, cuts: 8, pauses: 8, ..FaultPlan::harsh() }
}

fn random_faults(title: &'static str, seed: u64, settings: Settings, fault_plan: FaultPlan) -> Case {
    let nodes = settings.voters.len() as u32;
    Case { messages_max: 60_000, ..Case::quiet(title, nodes, settings).with_faults(seed, fault_plan, 30) }
}
