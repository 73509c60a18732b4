//! Grading of decisions about clocks and channels.

use quorate_bugs::time::{snowflake, true_time};
use quorate_bugs::{HasBugs, NamedRulebookOf, ProtocolId, channel};
use quorate_harness::checks::SearchTarget;
use quorate_harness::experiments::SimTarget;
use quorate_harness::protocols::{ChannelTarget, SnowflakeTarget, TrueTimeTarget};
use quorate_lab::check::SyncMachine;
use quorate_lab::script::Protocol;

use super::known_schedules::one_target;
use super::rules::{bugs, in_so_many_runs, quiet};
use super::unit_cases;
use crate::answer::Answer;
use crate::course::Exercise;
use crate::grading::{Failed, Grading};

/// Number of runs with random faults, fixed ones and fresh ones: clocks that were set back are
/// waited for, so runs are long.
const RUNS: u64 = 8;

impl Answer for quorate_time::channel::Rulebook {
    fn grade(&self, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
        channel((*self).into(), exercise, grading)
    }
}

impl Answer for quorate_time::true_time::Rulebook {
    fn grade(&self, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
        true_time((*self).into(), exercise, grading)
    }
}

impl Answer for quorate_time::snowflake::Rulebook {
    fn grade(&self, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
        snowflake((*self).into(), exercise, grading)
    }
}

/// Grades a rulebook of a reliable channel.
///
/// # Errors
/// [`Failed`], if a case failed.
pub fn channel(rules: channel::NamedRulebook, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
    in_runs::<ChannelTarget, _>(rules, exercise, grading)?;
    unit_cases::channel(rules.rules, exercise, grading)
}

/// Grades a rulebook of TrueTime.
///
/// # Errors
/// [`Failed`], if a case failed.
pub fn true_time(rules: true_time::NamedRulebook, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
    unit_cases::true_time_standstills(rules.rules, exercise, grading)?;
    in_runs::<TrueTimeTarget, _>(rules, exercise, grading)?;
    unit_cases::true_time(rules.rules, exercise, grading)
}

/// Grades a rulebook of Snowflake.
///
/// # Errors
/// [`Failed`], if a case failed.
pub fn snowflake(rules: snowflake::NamedRulebook, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
    unit_cases::snowflake_standstills(rules.rules, exercise, grading)?;
    in_runs::<SnowflakeTarget, _>(rules, exercise, grading)?;
    unit_cases::snowflake(rules.rules, exercise, grading)
}

/// Protocol of an exercise about clocks and channels; `None` if it is about a small part that
/// belongs to no protocol.
pub(crate) fn protocol(exercise: &Exercise) -> Option<ProtocolId> {
    bugs(exercise).next().map(|bug| bug.protocol)
}

/// A run without faults, the known schedules of the exercise's bugs, and random runs.
fn in_runs<S, M>(rules: NamedRulebookOf<M>, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed>
where
    S: SearchTarget<Machine = M> + SimTarget<Machine = M> + Protocol<Machine = M>,
    M: SyncMachine<Rulebook: HasBugs>,
{
    quiet::<S>(rules, grading)?;
    bugs(exercise).try_for_each(|bug| one_target::<S, M>(bug, NamedRulebookOf::<M>::named(bug.id), rules, grading))?;
    in_so_many_runs::<S>(RUNS, rules, grading)
}
