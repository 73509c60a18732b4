//! Consistency levels of a replicated register: short random runs of two sessions during a
//! partition, judged at each level. With majorities they are linearizable; with answers at once the
//! order of writes and the session guarantee decide what is left.
//!
//! `QUORATE_REGISTER_SEEDS=10000` sets the number of runs in consistent mode.

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

#[test]
fn levels_table() {
    for order in [Order::Wall, Order::Lamport, Order::Hybrid, Order::Vector] {
        for session in [Session::Off, Session::ReadYourWrites, Session::MonotonicReads] {
            let levels = levels(available(order, session), COUNTED);
            println!("{order:?} {session:?} judged {} unjudged {}\n{levels}", levels.judged(), levels.unjudged());
        }
    }
}
