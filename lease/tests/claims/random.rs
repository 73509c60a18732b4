//! Runs under harsh faults: pauses longer than a term, drift at the bound, jumps, partitions and
//! crashes, with a minimum count of each kind of fact.

use std::collections::BTreeMap;

use quorate_lab::sim::{Coverage, Experiment, FaultPlan, Ppm, RetryPolicy, RunVerdict, Setup};
use quorate_lease::invariants::{Safety, invariants};
use quorate_lease::{Command, DetectorConfig, Fact, Lease, LeaseId, Loss, RenewalRule, Settings, SingleRule};
use quorate_protocol::{ClientId, Duration, Names, NodeId, Time};

use crate::common::{Facts, from_disk, ms, names, settings, write};

/// The worst faults that the terms of [`settings`] must survive.
pub(crate) fn fault_plan() -> FaultPlan {
    FaultPlan { drift: Ppm::percent(1), pauses: 6, ..FaultPlan::harsh() }
}

pub(crate) const SPAN: Duration = Duration::from_secs(8);

type Watchers = (Safety, Facts, Coverage<Lease>);

/// A run in which every holder has a client that sends requests regularly.
fn experiment(settings: Settings, seed: u64) -> Experiment<Lease, Watchers> {
    let config = settings.build().unwrap();
    let names = Names::new(names().nodes().iter().cloned(), ["a", "b", "c"]);
    let policy = RetryPolicy { timeout: ms(100), attempts: 2, rotates: false };
    let setup = Setup::new("lease", names, config).seed(seed).conditions(fault_plan().conditions).retry_policy(policy);
    let requests = (0..240).map(|count| {
        let command = match (count + seed) % 5 {
            0 => Command::Release { successor: None },
            1 => Command::WorkAndAct,
            2 => Command::Serve,
            _ => write("w"),
        };
        let node = NodeId(1 + (count % 3) as u32);
        let at = Time::from_millis(33 * count + seed % 97);
        quorate_lab::sim::ClientRequest { at, client: ClientId((count % 3) as u32), of: Some(node), command }
    });
    Experiment {
        setup,
        invariants: (invariants(), Facts::default(), Coverage::default()),
        requests: requests.collect(),
        faults: fault_plan().schedule(seed, 5, SPAN),
        message_faults: None,
        fault_window: SPAN,
        recovery_window: ms(3000),
    }
}

#[test]
fn harsh_seeds_make_no_second_primary() {
    let mut counts: BTreeMap<&'static str, u64> = BTreeMap::new();
    let mut coverage = Coverage::<Lease>::default();
    for seed in 0..150 {
        let mut settings = Settings { act_every: Some(ms(7)), work: ms(40), ..settings() };
        if seed % 2 == 0 {
            settings = from_disk(settings);
        }
        if seed % 3 == 0 {
            settings.watch = DetectorConfig::phi(ms(50));
        }
        if seed % 4 == 0 {
            settings.lock_delay = ms(100);
        }
        if seed % 7 == 0 {
            settings.check = quorate_lease::FenceCheck::AskGranter;
        }
        let outcome = experiment(settings, seed).run(|world| {
            (1..4).any(|node| {
                world.machine(NodeId(node)).is_some_and(|machine| {
                    let now = quorate_protocol::LocalTime { monotonic: Time::ZERO, wall: Time::ZERO };
                    machine.acts(&world.constants().of(NodeId(node), now)).is_some()
                })
            })
        });
        assert!(matches!(outcome.verdict, RunVerdict::Reached { .. }), "seed {seed}: {:?}", outcome.verdict);
        let (_, facts, seen) = outcome.world.invariants();
        coverage.add(seen);
        for (_, _, fact) in &facts.0 {
            let name = match fact {
                Fact::LeaseLost { reason: Loss::Expired, lease: LeaseId::Primary, .. } => "expiries",
                Fact::LeaseLost { reason: Loss::Released, .. } => "releases",
                Fact::Acted { .. } => "acts",
                Fact::WriteAccepted { .. } => "writes",
                Fact::WriteRefused { .. } => "refused writes",
                _ => continue,
            };
            *counts.entry(name).or_default() += 1;
        }
        *counts.entry("grants").or_default() += facts.grants().len() as u64;
    }
    for (what, least) in [
        ("grants", 500),
        ("acts", 10_000),
        ("expiries", 150),
        ("releases", 150),
        ("writes", 500),
        ("refused writes", 10),
    ] {
        assert!(counts.get(what).is_some_and(|seen| *seen >= least), "too few {what}: {counts:?}");
    }
    for rule in [SingleRule::RenewPrimary, SingleRule::WaitOut, SingleRule::LockDelay, RenewalRule::GrantTooLate.into()]
    {
        assert!(coverage.of(rule) > 10, "{rule:?} fired {} times", coverage.of(rule));
    }
}
