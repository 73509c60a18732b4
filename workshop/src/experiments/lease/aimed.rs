//! Aimed plans: troubles that begin and end about when terms do, on a network so quick and with clocks so wrong that a lease changes
//! hands within milliseconds of its end.
//!
//! A storm seldom comes near a margin: its messages are slow, which all goes to the safe side, and its outages last for long. So a
//! share of the seeds of [`Storm::harsh`](quorate_lab::sim::Storm::harsh) is aimed. Each clock is as wrong as it may be, and one node
//! after the other is cut off, paused or restarted, for anything between an eighth of a term and half as much again as a term; some
//! are cut off while another restarts. Wall clocks jump by up to a term. And nearly nobody gives a lease back before its end.

use quorate_lab::sim::{Conditions, CrashMoment, Dice, Fault, Latency, Ppm, Storm};
use quorate_protocol::{Duration, NodeId, Time, nanos};

use super::TERM;
use crate::experiments::Run;

/// Every how manieth seed of a harsh storm is aimed. Five has no factor in common with what else the seeds decide.
const SHARE: u64 = 5;

/// Whether a run's troubles are aimed at the ends of terms: in a share of the harsh storms, however long their outages.
pub(super) fn is_aimed(run: &Run) -> bool {
    run.storm == Storm { outage: run.storm.outage, ..Storm::harsh() } && run.seed % SHARE == SHARE - 1
}

/// Whether a client that would give a lease back leaves it: nine times of ten where the ends of terms are aimed at.
pub(super) fn keeps(run: &Run, dice: &mut Dice) -> bool {
    is_aimed(run) && dice.below(10) > 0
}

/// A quick network that loses nothing. Some messages are late all the same, for an answer to an earlier question must not count.
pub(super) fn conditions() -> Conditions {
    let micros = Duration::from_micros;
    Conditions {
        loss: Ppm::ZERO,
        duplication: Ppm::percent(2),
        latency: Latency::Uniform { min: micros(50), max: micros(500) },
        straggling: Ppm::percent(3),
        straggle: Latency::Uniform { min: Duration::from_millis(1), max: TERM },
    }
}

/// One trouble after the other, until the storm is over. The same seed makes the same plan.
pub(super) fn plan(run: &Run, nodes: u32) -> Vec<(Time, Fault)> {
    let mut dice = Dice::new(run.seed, u64::MAX);
    let bound = run.storm.drift.get() as i32;
    let mut faults: Vec<(Time, Fault)> = (0..nodes)
        .map(|node| {
            (Time::ZERO, Fault::Drift { node: NodeId(node), ppm: if dice.below(2) == 0 { bound } else { -bound } })
        })
        .collect();
    let (span, end) = (|dice: &mut Dice, from: Duration, to: Duration| dice.within(nanos(from), nanos(to)), run.span);
    let mut now = TERM;
    while now < end {
        let node = NodeId(dice.below(nodes.into()) as u32);
        let (from, to) = if dice.below(2) == 0 { (TERM / 8, TERM) } else { (TERM, TERM * 3 / 2) };
        let length = Duration::from_nanos(span(&mut dice, from, to));
        let trouble = dice.below(4);
        let mut between = |start: Duration, length: Duration, trouble: Fault, relief: Fault| {
            // What begins when everything is healed would never be relieved.
            if start >= end {
                return;
            }
            faults.push((Time::ZERO + start, trouble));
            faults.push((Time::ZERO + (start + length).min(end), relief));
        };
        let crash = |node| Fault::Crash { node, moment: CrashMoment::BetweenSteps };
        match trouble {
            2 => between(now, length, Fault::Pause(node), Fault::Resume(node)),
            3 => between(now, length, crash(node), Fault::Restart(node)),
            _ => between(now, length, Fault::Partition(vec![vec![node]]), Fault::Heal),
        }
        // While one is cut off, another restarts at once: the first node, which is the granter where there is but one, or any.
        if trouble == 0 {
            let other = NodeId(if dice.below(2) == 0 { 0 } else { dice.below(nodes.into()) as u32 });
            let soon = Duration::from_nanos(span(&mut dice, Duration::ZERO, TERM / 30));
            between(now + soon, TERM / 100, crash(other), Fault::Restart(other));
        }
        now += length + Duration::from_nanos(span(&mut dice, Duration::ZERO, TERM));
    }
    for _ in 0..run.storm.jumps {
        let at = Time::from_nanos(dice.below(nanos(end)));
        let nanos = dice.within(0, 2 * nanos(TERM)) as i64 - nanos(TERM) as i64;
        faults.push((at, Fault::Jump { node: NodeId(dice.below(nodes.into()) as u32), nanos }));
    }
    faults.sort_by_key(|(at, _)| *at);
    faults
}
