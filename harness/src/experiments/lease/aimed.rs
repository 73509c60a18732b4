//! Fault schedules aimed at the ends of lease terms: faults of about a term's length, on a network
//! so fast and with clocks so wrong that a lease changes hands within milliseconds of its end.
//!
//! Random faults seldom come near a safety margin: their messages are slow, which errs on the safe
//! side, and their outages are long. So a share of the seeds of
//! [`FaultPlan::harsh`](quorate_lab::sim::FaultPlan::harsh) is aimed. Each clock drifts at its
//! bound, and one node after another is partitioned, paused or restarted, for between an eighth of
//! a term and one and a half terms; sometimes another node restarts during a partition. Wall clocks
//! jump by up to a term. Clients rarely release a lease before its end.

use quorate_lab::sim::{Conditions, CrashPoint, Fault, FaultPlan, Latency, Ppm, Rng};
use quorate_protocol::{Duration, NodeId, Time, nanos};

use super::TERM;
use crate::experiments::RunParameters;

/// Every `SHARE`-th seed of harsh runs is aimed. Five shares no factor with the other moduli
/// applied to seeds.
const SHARE: u64 = 5;

/// Whether a run's faults are aimed at the ends of terms: in a share of the harsh runs, whatever
/// their outage duration.
pub(super) fn is_aimed(run: &RunParameters) -> bool {
    run.fault_plan == FaultPlan { outage: run.fault_plan.outage, ..FaultPlan::harsh() } && run.seed % SHARE == SHARE - 1
}

/// Whether a client keeps a lease that it would otherwise release: nine times out of ten in aimed
/// runs.
pub(super) fn keeps(run: &RunParameters, rng: &mut Rng) -> bool {
    is_aimed(run) && rng.below(10) > 0
}

/// Fast, lossless network. Some messages are delayed nevertheless, to test that an answer to an
/// earlier request does not count.
pub(super) fn conditions() -> Conditions {
    let micros = Duration::from_micros;
    Conditions {
        loss: Ppm::ZERO,
        duplication: Ppm::percent(2),
        latency: Latency::Uniform { min: micros(50), max: micros(500) },
        extra_delay_rate: Ppm::percent(3),
        extra_delay: Latency::Uniform { min: Duration::from_millis(1), max: TERM },
    }
}

/// One fault after another until the end of the fault window, determined by the seed.
pub(super) fn plan(run: &RunParameters, nodes: u32) -> Vec<(Time, Fault)> {
    let mut rng = Rng::new(run.seed, u64::MAX);
    let bound = run.fault_plan.drift.get() as i32;
    let mut faults: Vec<(Time, Fault)> = (0..nodes)
        .map(|node| {
            (Time::ZERO, Fault::Drift { node: NodeId(node), ppm: if rng.below(2) == 0 { bound } else { -bound } })
        })
        .collect();
    let (span, end) = (|rng: &mut Rng, from: Duration, to: Duration| rng.within(nanos(from), nanos(to)), run.span);
    let mut now = TERM;
    while now < end {
        let node = NodeId(rng.below(nodes.into()) as u32);
        let (from, to) = if rng.below(2) == 0 { (TERM / 8, TERM) } else { (TERM, TERM * 3 / 2) };
        let length = Duration::from_nanos(span(&mut rng, from, to));
        let trouble = rng.below(4);
        let mut between = |start: Duration, length: Duration, trouble: Fault, relief: Fault| {
            // A fault that began after the recovery would never be undone.
            if start >= end {
                return;
            }
            faults.push((Time::ZERO + start, trouble));
            faults.push((Time::ZERO + (start + length).min(end), relief));
        };
        let crash = |node| Fault::Crash { node, point: CrashPoint::BetweenSteps };
        match trouble {
            2 => between(now, length, Fault::Pause(node), Fault::Resume(node)),
            3 => between(now, length, crash(node), Fault::Restart(node)),
            _ => between(now, length, Fault::Partition(vec![vec![node]]), Fault::Heal),
        }
        // During a partition another node restarts: the first node, which is the granter where
        // there is only one, or any.
        if trouble == 0 {
            let other = NodeId(if rng.below(2) == 0 { 0 } else { rng.below(nodes.into()) as u32 });
            let soon = Duration::from_nanos(span(&mut rng, Duration::ZERO, TERM / 30));
            between(now + soon, TERM / 100, crash(other), Fault::Restart(other));
        }
        now += length + Duration::from_nanos(span(&mut rng, Duration::ZERO, TERM));
    }
    for _ in 0..run.fault_plan.jumps {
        let at = Time::from_nanos(rng.below(nanos(end)));
        let nanos = rng.within(0, 2 * nanos(TERM)) as i64 - nanos(TERM) as i64;
        faults.push((at, Fault::Jump { node: NodeId(rng.below(nodes.into()) as u32), nanos }));
    }
    faults.sort_by_key(|(at, _)| *at);
    faults
}
