//! Grading of decisions about liars: in each run as many nodes lie as the protocol bears.

use quorate_bugs::byzantine::{broadcast, generals, pbft};
use quorate_bugs::{HasBugs, NamedRulebookOf, ProtocolId};
use quorate_harness::checks::SearchTarget;
use quorate_harness::experiments::SimTarget;
use quorate_harness::protocols::{BroadcastTarget, GeneralsTarget, PbftTarget};
use quorate_lab::check::SyncMachine;
use quorate_lab::script::Protocol;

use super::known_schedules::one_target;
use super::rules::{RUNS, bugs, in_so_many_runs, quiet};
use super::unit_cases;
use crate::answer::Answer;
use crate::course::Exercise;
use crate::grading::{Failed, Grading};

/// Number of runs of PBFT with random faults, fixed ones and fresh ones: each has fifty requests,
/// in three rounds of messages among all replicas, where the others have one.
const PBFT_RUNS: u64 = 3;

impl Answer for quorate_byzantine::generals::Rulebook {
    fn grade(&self, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
        generals((*self).into(), exercise, grading)
    }
}

impl Answer for quorate_byzantine::broadcast::Rulebook {
    fn grade(&self, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
        broadcast((*self).into(), exercise, grading)
    }
}

impl Answer for quorate_byzantine::pbft::Rulebook {
    fn grade(&self, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
        pbft((*self).into(), exercise, grading)
    }
}

/// Grades a rulebook of oral messages.
///
/// # Errors
/// [`Failed`], if a case failed.
pub fn generals(rules: generals::NamedRulebook, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
    in_runs::<GeneralsTarget, _>(RUNS, rules, exercise, grading)?;
    unit_cases::generals(rules.rules, exercise, grading)
}

/// Grades a rulebook of reliable broadcast.
///
/// # Errors
/// [`Failed`], if a case failed.
pub fn broadcast(rules: broadcast::NamedRulebook, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
    in_runs::<BroadcastTarget, _>(RUNS, rules, exercise, grading)?;
    unit_cases::broadcast(rules.rules, exercise, grading)
}

/// Grades a rulebook of PBFT.
///
/// # Errors
/// [`Failed`], if a case failed.
pub fn pbft(rules: pbft::NamedRulebook, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
    in_runs::<PbftTarget, _>(PBFT_RUNS, rules, exercise, grading)?;
    unit_cases::pbft(rules.rules, exercise, grading)
}

/// Protocol of an exercise about liars; `None` if it has a machine of its own, as that of the
/// sealed token, whose bug is one of leases.
pub(crate) fn protocol(exercise: &Exercise) -> Option<ProtocolId> {
    bugs(exercise).next().map(|bug| bug.protocol).filter(|protocol| *protocol != ProtocolId::Lease)
}

/// A run without faults, the known schedules of the exercise's bugs, and random runs.
fn in_runs<S, M>(runs: u64, rules: NamedRulebookOf<M>, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed>
where
    S: SearchTarget<Machine = M> + SimTarget<Machine = M> + Protocol<Machine = M>,
    M: SyncMachine<Rulebook: HasBugs>,
{
    quiet::<S>(rules, grading)?;
    bugs(exercise).try_for_each(|bug| one_target::<S, M>(bug, NamedRulebookOf::<M>::named(bug.id), rules, grading))?;
    in_so_many_runs::<S>(runs, rules, grading)
}
