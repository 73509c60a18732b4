//! The nonblocking property of three-phase commit: Skeen 1981 §7, BHG §7.5.

use std::collections::BTreeMap;

use quorate_lab::sim::{Conditions, CrashPoint, Fault, Latency, Setup, World};
use quorate_protocol::{ClientId, Duration, Names, NodeId, RequestId};
use quorate_transactions::AtomicCommit;
use quorate_transactions::three_phase::{self, ThreePhase};
use quorate_transactions::two_phase::{self, Command, Safety, TwoPhase};

use crate::common::{change, ms};

const T: NodeId = NodeId(0);
const PARTICIPANTS: [NodeId; 3] = [NodeId(1), NodeId(2), NodeId(3)];
const SEEDS: u64 = 400;

/// Runs in which the coordinator dies for good in the middle of a transaction. Counts those in
/// which it leaves somebody in doubt, and those in which somebody still is ten seconds later.
fn dies_for_good<M: AtomicCommit>(setup: impl Fn(Names) -> Setup<M>) -> (u64, u64) {
    let (mut met, mut blocked) = (0, 0);
    for seed in 0..SEEDS {
        let latency = Latency::Uniform { min: ms(1), max: ms(10) };
        let conditions = Conditions { latency, ..Conditions::steady(ms(1)) };
        let setup = setup(Names::new(["T", "P", "Q", "R"], ["c1"])).seed(seed).conditions(conditions);
        let mut world = setup.start_under(Safety::default());
        let changes: BTreeMap<_, _> = PARTICIPANTS.iter().map(|node| (*node, change("x", -1))).collect();
        let ticket = RequestId { client: ClientId(0), number: 1 };
        world.inject_request_as(ticket, T, Command::Transact { changes }).unwrap();
        world.run_for(Duration::from_micros(100 * seed)).unwrap();
        world.inject(Fault::Crash { node: T, point: CrashPoint::BetweenSteps }).unwrap();
        met += u64::from(in_doubt(&world));
        world.run_for(Duration::from_secs(10)).unwrap();
        blocked += u64::from(in_doubt(&world));
    }
    (met, blocked)
}

/// Whether a participant is in doubt.
fn in_doubt<M: AtomicCommit>(world: &World<M, Safety>) -> bool {
    world.machines().iter().flatten().any(|node| node.in_doubt().next().is_some())
}

#[test]
fn nobody_stays_in_doubt_when_the_coordinator_dies_for_good() {
    let config = three_phase::Settings::new(T, PARTICIPANTS).build().unwrap();
    let (met, blocked) = dies_for_good::<ThreePhase>(|names| Setup::new("three-phase", names, config.clone()));
    assert!(met > SEEDS / 4, "{met} runs leave somebody in doubt");
    assert_eq!(blocked, 0, "of {met}");
}

/// The same schedules under two-phase commit, though the participants ask each other.
#[test]
fn two_phase_commit_blocks_on_the_same_schedules() {
    let settings = two_phase::Settings { ask_others: true, ..two_phase::Settings::new(T, PARTICIPANTS) };
    let config = settings.build().unwrap();
    let (met, blocked) = dies_for_good::<TwoPhase>(|names| Setup::new("two-phase", names, config.clone()));
    assert!(blocked > SEEDS / 20 && blocked < met, "{blocked} of {met}");
}
