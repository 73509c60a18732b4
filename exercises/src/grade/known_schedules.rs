//! Known schedules: an answer is run under the schedules that expose the bugs of the zoo.
//!
//! Each bug records how it is [found](quorate_bugs::Discovery): by a search, a random run or a
//! scenario. An answer that decides as the paper does passes all of them; one that decides as the
//! bug does breaks the same invariant.

use std::any::{Any, TypeId};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use quorate_bugs::replication::register;
use quorate_bugs::transactions::{outbox, paxos_commit, two_phase};
use quorate_bugs::{Breaks, Bug, Discovery, NamedRulebookOf, ProtocolId, coordination, lease, locks, paxos, raft};
use quorate_harness::TargetError;
use quorate_harness::catalogue;
use quorate_harness::checks::{Budget, RaftGuidedSearch, RaftSearch, SearchTarget, Searched, guided};
use quorate_harness::experiments::{RunParameters, SimTarget};
use quorate_harness::protocols::{
    ChubbyTarget, EtcdTarget, LeaseCacheTarget, LeaseMajorityTarget, LeaseRaftTarget, LeaseStoreTarget, LeaseTarget,
    LockTarget, MultiPaxosTarget, OutboxTarget, PaxosCommitTarget, PaxosTarget, RaftTarget, RedlockTarget,
    RegisterTarget, TwoPhaseTarget, ZooKeeperTarget, registry,
};
use quorate_lab::check::{Path, Reductions, Search, SyncMachine};
use quorate_lab::script::{Protocol, Registry, RunOptions, ScriptError, ScriptProblem, run_scenario};
use quorate_lab::sim::duration;

use super::random_runs::check_run;
use super::run_to_goal::Shrinking;
use crate::grading::{CaseFailure, Failed, Grading};

/// Runs a Paxos rulebook under the schedule of a bug.
///
/// # Errors
/// [`Failed`], if it fails there.
pub fn paxos(bug: &'static Bug, rules: paxos::NamedRulebook, grading: &mut Grading) -> Result<(), Failed> {
    try_schedule(bug, grading, |shrinking| match bug.discovery {
        Discovery::Search { .. } | Discovery::Stages { .. } => {
            search::<PaxosTarget>(paxos::NamedRulebook::named(bug.id), rules)
        }
        Discovery::Seed { .. } if bug.protocol == ProtocolId::MultiPaxos => {
            seed::<MultiPaxosTarget>(bug, rules, shrinking)
        }
        Discovery::Seed { .. } => seed::<PaxosTarget>(bug, rules, shrinking),
        _ => story(bug, registry().under::<PaxosTarget>(rules.rules).under::<MultiPaxosTarget>(rules.rules)),
    })
}

/// Runs a Raft rulebook under the schedule of a bug.
///
/// # Errors
/// [`Failed`], if it fails there.
pub fn raft(bug: &'static Bug, rules: raft::NamedRulebook, grading: &mut Grading) -> Result<(), Failed> {
    let wrong = raft::NamedRulebook::named(bug.id);
    try_schedule(bug, grading, |shrinking| match bug.discovery {
        Discovery::Search { .. } | Discovery::Stages { .. } if wrong.is_some_and(RaftGuidedSearch::shows) => {
            search::<RaftGuidedSearch>(wrong, rules)
        }
        Discovery::Search { .. } | Discovery::Stages { .. } => search::<RaftSearch>(wrong, rules),
        Discovery::Seed { .. } => seed::<RaftTarget>(bug, rules, shrinking),
        _ => story(bug, registry().under::<RaftTarget>(rules.rules)),
    })
}

/// Runs a lease rulebook under the schedule of a bug.
///
/// # Errors
/// [`Failed`], if it fails there.
pub fn lease(bug: &'static Bug, rules: lease::NamedRulebook, grading: &mut Grading) -> Result<(), Failed> {
    let wrong = lease::NamedRulebook::named(bug.id);
    try_schedule(bug, grading, |shrinking| match (bug.discovery, bug.protocol) {
        (Discovery::Search { .. } | Discovery::Stages { .. }, protocol) => match protocol {
            ProtocolId::MajorityLease => search::<LeaseMajorityTarget>(wrong, rules),
            ProtocolId::FencedStore => search::<LeaseStoreTarget>(wrong, rules),
            ProtocolId::RaftLease => search::<LeaseRaftTarget>(wrong, rules),
            _ => search::<LeaseTarget>(wrong, rules),
        },
        (Discovery::Seed { .. }, ProtocolId::MajorityLease) => seed::<LeaseMajorityTarget>(bug, rules, shrinking),
        (Discovery::Seed { .. }, ProtocolId::FencedStore) => seed::<LeaseStoreTarget>(bug, rules, shrinking),
        (Discovery::Seed { .. }, ProtocolId::CacheLease) => seed::<LeaseCacheTarget>(bug, rules, shrinking),
        (Discovery::Seed { .. }, ProtocolId::RaftLease) => seed::<LeaseRaftTarget>(bug, rules, shrinking),
        (Discovery::Seed { .. }, _) => seed::<LeaseTarget>(bug, rules, shrinking),
        _ => {
            let registry = registry().under::<LeaseTarget>(rules.rules).under::<LeaseMajorityTarget>(rules.rules);
            let registry = registry.under::<LeaseStoreTarget>(rules.rules).under::<LeaseCacheTarget>(rules.rules);
            story(bug, registry.under::<LeaseRaftTarget>(rules.rules))
        }
    })
}

/// Runs a rulebook of locks under the schedule of a bug.
///
/// # Errors
/// [`Failed`], if it fails there.
pub fn locks(bug: &'static Bug, rules: locks::NamedRulebook, grading: &mut Grading) -> Result<(), Failed> {
    let wrong = locks::NamedRulebook::named(bug.id);
    try_schedule(bug, grading, |shrinking| match (bug.discovery, bug.protocol) {
        (Discovery::Search { .. } | Discovery::Stages { .. }, ProtocolId::Redlock) => {
            search::<RedlockTarget>(wrong, rules)
        }
        (Discovery::Search { .. } | Discovery::Stages { .. }, _) => search::<LockTarget>(wrong, rules),
        (Discovery::Seed { .. }, ProtocolId::Redlock) => seed::<RedlockTarget>(bug, rules, shrinking),
        (Discovery::Seed { .. }, _) => seed::<LockTarget>(bug, rules, shrinking),
        _ => story(bug, registry().under::<LockTarget>(rules.rules).under::<RedlockTarget>(rules.rules)),
    })
}

/// Runs a rulebook of locks on a coordination service under the schedule of a bug.
///
/// # Errors
/// [`Failed`], if it fails there.
pub fn coordination(
    bug: &'static Bug,
    rules: coordination::NamedRulebook,
    grading: &mut Grading,
) -> Result<(), Failed> {
    let wrong = coordination::NamedRulebook::named(bug.id);
    try_schedule(bug, grading, |shrinking| match (bug.discovery, bug.protocol) {
        (Discovery::Search { .. } | Discovery::Stages { .. }, ProtocolId::Etcd) => search::<EtcdTarget>(wrong, rules),
        (Discovery::Search { .. } | Discovery::Stages { .. }, ProtocolId::Chubby) => {
            search::<ChubbyTarget>(wrong, rules)
        }
        (Discovery::Search { .. } | Discovery::Stages { .. }, _) => search::<ZooKeeperTarget>(wrong, rules),
        (Discovery::Seed { .. }, ProtocolId::Etcd) => seed::<EtcdTarget>(bug, rules, shrinking),
        (Discovery::Seed { .. }, ProtocolId::Chubby) => seed::<ChubbyTarget>(bug, rules, shrinking),
        (Discovery::Seed { .. }, _) => seed::<ZooKeeperTarget>(bug, rules, shrinking),
        _ => {
            let registry = registry().under::<ZooKeeperTarget>(rules.rules).under::<EtcdTarget>(rules.rules);
            story(bug, registry.under::<ChubbyTarget>(rules.rules))
        }
    })
}

/// Runs a rulebook of two-phase commit under the schedule of a bug.
///
/// # Errors
/// [`Failed`], if it fails there.
pub fn two_phase(bug: &'static Bug, rules: two_phase::NamedRulebook, grading: &mut Grading) -> Result<(), Failed> {
    one_target::<TwoPhaseTarget, _>(bug, two_phase::NamedRulebook::named(bug.id), rules, grading)
}

/// Runs a rulebook of Paxos Commit under the schedule of a bug.
///
/// # Errors
/// [`Failed`], if it fails there.
pub fn paxos_commit(
    bug: &'static Bug,
    rules: paxos_commit::NamedRulebook,
    grading: &mut Grading,
) -> Result<(), Failed> {
    one_target::<PaxosCommitTarget, _>(bug, paxos_commit::NamedRulebook::named(bug.id), rules, grading)
}

/// Runs a rulebook of the local message table under the schedule of a bug.
///
/// # Errors
/// [`Failed`], if it fails there.
pub fn outbox(bug: &'static Bug, rules: outbox::NamedRulebook, grading: &mut Grading) -> Result<(), Failed> {
    one_target::<OutboxTarget, _>(bug, outbox::NamedRulebook::named(bug.id), rules, grading)
}

/// Runs a rulebook of a replicated register under the schedule of a bug.
///
/// # Errors
/// [`Failed`], if it fails there.
pub fn register(bug: &'static Bug, rules: register::NamedRulebook, grading: &mut Grading) -> Result<(), Failed> {
    one_target::<RegisterTarget, _>(bug, register::NamedRulebook::named(bug.id), rules, grading)
}

/// Runs a rulebook under the schedule of a bug, where a protocol has one target for all of its
/// bugs.
pub(super) fn one_target<S, M>(
    bug: &'static Bug,
    wrong: Option<NamedRulebookOf<M>>,
    rules: NamedRulebookOf<M>,
    grading: &mut Grading,
) -> Result<(), Failed>
where
    S: SearchTarget<Machine = M> + SimTarget<Machine = M> + Protocol<Machine = M>,
    M: SyncMachine,
{
    try_schedule(bug, grading, |shrinking| match bug.discovery {
        Discovery::Search { .. } | Discovery::Stages { .. } => search::<S>(wrong, rules),
        Discovery::Seed { .. } => seed::<S>(bug, rules, shrinking),
        _ => story(bug, registry().under::<S>(rules.rules)),
    })
}

/// Description of what was tried, or a failure.
type Trial = Result<String, CaseFailure>;

fn try_schedule(
    bug: &'static Bug,
    grading: &mut Grading,
    trial: impl FnOnce(Shrinking) -> Trial,
) -> Result<(), Failed> {
    // The name of the bug would reveal the mistake.
    grading.case(format!("{}, on a known schedule", bug.protocol), |grading| trial(Shrinking::of(grading)))
}

/// Replays the shortest schedule of the bug with the answer instead. Steps that have become
/// impossible are skipped.
fn search<E: SearchTarget<Machine: SyncMachine, Invariants: Sync>>(
    wrong: Option<NamedRulebookOf<E::Machine>>,
    rules: NamedRulebookOf<E::Machine>,
) -> Trial {
    let unusable = |error: &dyn std::fmt::Display| CaseFailure::new("Setup", error.to_string());
    let wrong = wrong.ok_or_else(|| unusable(&"the bug belongs to another protocol"))?;
    let budget = E::budget(wrong);
    let found = found_once::<E>(wrong, &budget).map_err(|error| unusable(&error))?;
    let (path, states) = &*found;
    let cluster = || E::under_rules(wrong, rules, &budget).map_err(|error| unusable(&error));
    let every_step = cluster()?.reductions(Reductions::NONE);
    let followed = every_step.replay_under(path);
    if followed.end().broken().is_some() {
        return Err(shown::<E>(&every_step, &followed));
    }
    if *states > STATES_MAX {
        return Ok(format!("{} of the {} steps of a schedule are possible", followed.steps.len(), path.steps.len()));
    }
    // With so few states, every schedule of that length can be tried.
    let depth = u32::try_from(path.steps.len()).unwrap_or(u32::MAX);
    let cluster = cluster()?;
    let report = Search::new(&cluster).depth(depth).run().map_err(|error| unusable(&error))?;
    match report.counterexample() {
        Some(path) => Err(shown::<E>(&cluster, path)),
        None => Ok(format!("every schedule of up to {depth} steps")),
    }
}

/// Maximum number of states for a search: larger ones take too long for an interactive grading.
const STATES_MAX: u64 = 20_000;

/// Schedule, and the number of states explored to find it.
type Shortest<E> = (Path<Searched<E>>, u64);

/// Schedules that this process has found already, by kind of search and bug. Who grades a class, or
/// tests graders, would search for the same ones again with each answer.
static FOUND: Mutex<BTreeMap<(TypeId, &str), Arc<dyn Any + Send + Sync>>> = Mutex::new(BTreeMap::new());

/// Returns the shortest schedule that exposes a bug, and looks for it if this process has not.
fn found_once<E: SearchTarget<Machine: SyncMachine, Invariants: Sync>>(
    wrong: NamedRulebookOf<E::Machine>,
    budget: &Budget,
) -> Result<Arc<Shortest<E>>, TargetError> {
    let key = (TypeId::of::<E>(), wrong.id());
    let known = || FOUND.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(found) = known().get(&key).and_then(|found| Arc::clone(found).downcast().ok()) {
        return Ok(found);
    }
    let found = Arc::new(shortest::<E>(wrong, budget)?);
    known().insert(key, Arc::clone(&found) as Arc<dyn Any + Send + Sync>);
    Ok(found)
}

/// Finds the shortest schedule that exposes a bug, with one search or along waypoints as its entry
/// says, and the number of states explored; along waypoints that number counts as `u64::MAX`.
fn shortest<E: SearchTarget<Machine: SyncMachine, Invariants: Sync>>(
    wrong: NamedRulebookOf<E::Machine>,
    budget: &Budget,
) -> Result<Shortest<E>, TargetError> {
    let waypoints = E::waypoints(wrong);
    // Waypoints name nodes, so the nodes are not interchangeable.
    let cluster = if waypoints.is_empty() { E::cluster(wrong, budget)? } else { E::without_symmetry(wrong, budget)? };
    let way = guided::<E>(&cluster, &waypoints)?;
    let search = Search::new(&cluster);
    match way {
        Some(way) if way.end().broken().is_some() => Ok((way, u64::MAX)),
        Some(way) => {
            let report = search.from([way.end().clone()]).run()?;
            Ok((way.then(report.counterexample().ok_or("nothing breaks")?.clone()), u64::MAX))
        }
        None => {
            let report = search.run()?;
            Ok((report.counterexample().ok_or("nothing breaks")?.clone(), report.progress.unique))
        }
    }
}

fn shown<E: SearchTarget<Machine: SyncMachine, Invariants: Sync>>(
    cluster: &Searched<E>,
    path: &Path<Searched<E>>,
) -> CaseFailure {
    let broke = match path.end().broken() {
        Some((_, broken)) => CaseFailure::new(broken.invariant, broken.detail.clone()),
        None => CaseFailure::new("Progress", "the search ended in a state that breaks nothing"),
    };
    match cluster.replay(path) {
        Ok(recording) => broke.shown_by(recording.document()),
        Err(_) => broke,
    }
}

/// Random run that exposes the bug.
fn seed<S: SimTarget>(bug: &Bug, rules: NamedRulebookOf<S::Machine>, shrinking: Shrinking) -> Trial {
    let unusable = |error: &dyn std::fmt::Display| CaseFailure::new("Setup", error.to_string());
    let Discovery::Seed { nodes, seed, faults, .. } = bug.discovery else {
        return Err(unusable(&"the bug has no seed"));
    };
    let fault_plan = faults.parse().map_err(|error| unusable(&error))?;
    let span = duration(quorate_bugs::FAULT_WINDOW).map_err(|error| unusable(&error))?;
    let planned = S::plan(rules, &RunParameters { nodes, seed, fault_plan, span }).map_err(|error| unusable(&error))?;
    check_run::<S>(&planned, shrinking)?;
    Ok(format!("a run {}", S::GOAL))
}

/// Whether an expectation counts for any answer: it is of no rule, and names no token, because only
/// the order of tokens is given, and their numbers are the answer's own choice.
fn is_graded(line: &str) -> bool {
    let names_token = ["token=", "highest="].iter().any(|field| line.contains(&format!(" {field}")));
    !line.starts_with("expect ") || !(line.starts_with("expect rule=") || names_token)
}

/// Scenario that fails under the bug. Expectations about rules are ignored, only their consequences
/// count.
fn story(bug: &Bug, registry: Registry) -> Trial {
    let unusable = |error: &dyn std::fmt::Display| CaseFailure::new("Setup", error.to_string());
    let Discovery::Scenario { scenario, .. } = bug.discovery else { return Err(unusable(&"the bug has no scenario")) };
    let text = catalogue::find(scenario).map_err(|error| unusable(&error))?.text();
    let text: String = text.lines().filter(|line| is_graded(line)).map(|line| format!("{line}\n")).collect();
    // A broken invariant says more than the expectations that fail before it.
    let goes_on = matches!(bug.breaks, Breaks::Invariant(_));
    let (error, document) = match run_scenario(&text, &registry, RunOptions { goes_on, ..RunOptions::default() }) {
        Ok(run_result) => {
            let is_broken = |error: &&ScriptError| matches!(error.problem, ScriptProblem::Broken { .. });
            let worst = run_result.unmet.iter().find(is_broken).or(run_result.unmet.first());
            let Some(worst) = worst else { return Ok("a scenario ran to its end".to_owned()) };
            (worst.clone(), Some(run_result.document))
        }
        Err(failure) => (failure.error, failure.document),
    };
    let broke = match &error.problem {
        ScriptProblem::Broken { invariant, .. } => CaseFailure::new(*invariant, error.problem.to_string()),
        problem => CaseFailure::new("Progress", problem.to_string()),
    };
    Err(match document {
        Some(document) => broke.shown_by(document),
        None => broke,
    })
}
