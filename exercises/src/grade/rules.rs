//! Grading of decisions: a rulebook with some of the learner's decisions, in the machines of the
//! reference.
//!
//! The cases follow from the bugs of an exercise: each has machines that it can break, a schedule
//! that exposes it, and random runs. The answer goes through all of them. It must also make
//! progress, since an acceptor that promises nothing breaks nothing.
//!
//! The first failing case is shown, so cases are in order of readability: a fault-free run, then
//! the bugs' own schedules, which are the shortest, then random faults, and last unit cases.

use std::collections::BTreeSet;

use quorate_bugs::replication::register;
use quorate_bugs::transactions::{outbox, paxos_commit, two_phase};
use quorate_bugs::{Bug, NamedRulebookOf, ProtocolId, coordination, find, lease, locks, paxos, raft};
use quorate_harness::experiments::SimTarget;
use quorate_harness::protocols::{
    ChubbyTarget, EtcdTarget, LeaseCacheTarget, LeaseMajorityTarget, LeaseRaftTarget, LeaseStoreTarget, LeaseTarget,
    LockTarget, MultiPaxosTarget, OutboxTarget, PaxosCommitTarget, PaxosTarget, RaftTarget, RedlockTarget,
    RegisterTarget, TwoPhaseTarget, ZooKeeperTarget,
};
use quorate_protocol::Duration;

use super::liveness::{AllUp, MinorityDown, NoLaggard};
use super::random_runs::{RunSet, random_runs};
use super::{known_schedules, unit_cases};
use crate::answer::Answer;
use crate::course::Exercise;
use crate::grading::{Failed, Grading};

impl Answer for quorate_paxos::Rulebook {
    fn grade(&self, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
        paxos((*self).into(), exercise, grading)
    }
}

impl Answer for quorate_raft::Rulebook {
    fn grade(&self, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
        raft((*self).into(), exercise, grading)
    }
}

impl Answer for quorate_lease::Rulebook {
    fn grade(&self, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
        lease((*self).into(), exercise, grading)
    }
}

impl Answer for quorate_locks::Rulebook {
    fn grade(&self, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
        locks((*self).into(), exercise, grading)
    }
}

impl Answer for quorate_locks::coordination::Rulebook {
    fn grade(&self, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
        coordination((*self).into(), exercise, grading)
    }
}

impl Answer for quorate_transactions::two_phase::Rulebook {
    fn grade(&self, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
        two_phase((*self).into(), exercise, grading)
    }
}

impl Answer for quorate_transactions::paxos_commit::Rulebook {
    fn grade(&self, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
        paxos_commit((*self).into(), exercise, grading)
    }
}

impl Answer for quorate_transactions::outbox::Rulebook {
    fn grade(&self, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
        outbox((*self).into(), exercise, grading)
    }
}

impl Answer for quorate_replication::register::Rulebook {
    fn grade(&self, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
        register((*self).into(), exercise, grading)
    }
}

/// Grades a rulebook of Paxos.
///
/// # Errors
/// [`Failed`], if a case failed.
pub fn paxos(rules: paxos::NamedRulebook, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
    for protocol in protocols(exercise) {
        match protocol {
            ProtocolId::MultiPaxos => quiet::<MultiPaxosTarget>(rules, grading)?,
            _ => quiet::<PaxosTarget>(rules, grading)?,
        }
    }
    bugs(exercise).try_for_each(|bug| known_schedules::paxos(bug, rules, grading))?;
    for protocol in protocols(exercise) {
        match protocol {
            ProtocolId::MultiPaxos => in_random_runs::<MultiPaxosTarget>(rules, grading)?,
            _ => {
                minority_down::<PaxosTarget>(rules, grading)?;
                in_random_runs::<PaxosTarget>(rules, grading)?;
            }
        }
    }
    unit_cases::paxos(rules.rules, exercise, grading)
}

/// Grades a rulebook of Raft.
///
/// # Errors
/// [`Failed`], if a case failed.
pub fn raft(rules: raft::NamedRulebook, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
    quiet::<RaftTarget>(rules, grading)?;
    bugs(exercise).try_for_each(|bug| known_schedules::raft(bug, rules, grading))?;
    minority_down::<RaftTarget>(rules, grading)?;
    // This number of seeds covers every optional part, including membership changes and snapshots.
    random_runs::<NoLaggard>(
        grading,
        "raft, all nodes catch up",
        RunSet { fixed: 64, ..RunSet::without_faults() },
        rules,
    )?;
    in_random_runs::<RaftTarget>(rules, grading)?;
    unit_cases::raft(rules.rules, exercise, grading)
}

/// Grades a rulebook of leases.
///
/// # Errors
/// [`Failed`], if a case failed.
pub fn lease(rules: lease::NamedRulebook, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
    unit_cases::standstills(rules.rules, exercise, grading)?;
    for protocol in protocols(exercise) {
        match protocol {
            ProtocolId::MajorityLease => quiet::<LeaseMajorityTarget>(rules, grading)?,
            ProtocolId::FencedStore => quiet::<LeaseStoreTarget>(rules, grading)?,
            ProtocolId::CacheLease => quiet::<LeaseCacheTarget>(rules, grading)?,
            ProtocolId::RaftLease => quiet::<LeaseRaftTarget>(rules, grading)?,
            _ => quiet::<LeaseTarget>(rules, grading)?,
        }
    }
    bugs(exercise).try_for_each(|bug| known_schedules::lease(bug, rules, grading))?;
    for protocol in protocols(exercise) {
        match protocol {
            ProtocolId::MajorityLease => in_random_runs::<LeaseMajorityTarget>(rules, grading)?,
            ProtocolId::FencedStore => in_random_runs::<LeaseStoreTarget>(rules, grading)?,
            ProtocolId::CacheLease => in_random_runs::<LeaseCacheTarget>(rules, grading)?,
            ProtocolId::RaftLease => in_random_runs::<LeaseRaftTarget>(rules, grading)?,
            _ => in_random_runs::<LeaseTarget>(rules, grading)?,
        }
    }
    unit_cases::lease(rules.rules, exercise, grading)
}

/// Grades a rulebook of locks on one server, or by Redlock.
///
/// # Errors
/// [`Failed`], if a case failed.
pub fn locks(rules: locks::NamedRulebook, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
    for protocol in protocols(exercise) {
        match protocol {
            ProtocolId::Redlock => quiet::<RedlockTarget>(rules, grading)?,
            _ => quiet::<LockTarget>(rules, grading)?,
        }
    }
    bugs(exercise).try_for_each(|bug| known_schedules::locks(bug, rules, grading))?;
    for protocol in protocols(exercise) {
        match protocol {
            ProtocolId::Redlock => in_random_runs::<RedlockTarget>(rules, grading)?,
            _ => in_random_runs::<LockTarget>(rules, grading)?,
        }
    }
    unit_cases::locks(rules.rules, exercise, grading)
}

/// Grades a rulebook of locks on a coordination service.
///
/// # Errors
/// [`Failed`], if a case failed.
pub fn coordination(
    rules: coordination::NamedRulebook,
    exercise: &Exercise,
    grading: &mut Grading,
) -> Result<(), Failed> {
    unit_cases::coordination_standstills(rules.rules, exercise, grading)?;
    for protocol in protocols(exercise) {
        match protocol {
            ProtocolId::Etcd => quiet::<EtcdTarget>(rules, grading)?,
            ProtocolId::Chubby => quiet::<ChubbyTarget>(rules, grading)?,
            _ => quiet::<ZooKeeperTarget>(rules, grading)?,
        }
    }
    bugs(exercise).try_for_each(|bug| known_schedules::coordination(bug, rules, grading))?;
    for protocol in protocols(exercise) {
        match protocol {
            ProtocolId::Etcd => in_random_runs::<EtcdTarget>(rules, grading)?,
            ProtocolId::Chubby => in_random_runs::<ChubbyTarget>(rules, grading)?,
            _ => in_random_runs::<ZooKeeperTarget>(rules, grading)?,
        }
    }
    unit_cases::coordination(rules.rules, exercise, grading)
}

/// Grades a rulebook of two-phase commit.
///
/// # Errors
/// [`Failed`], if a case failed.
pub fn two_phase(rules: two_phase::NamedRulebook, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
    quiet::<TwoPhaseTarget>(rules, grading)?;
    bugs(exercise).try_for_each(|bug| known_schedules::two_phase(bug, rules, grading))?;
    in_random_runs::<TwoPhaseTarget>(rules, grading)?;
    unit_cases::two_phase(rules.rules, exercise, grading)
}

/// Grades a rulebook of Paxos Commit.
///
/// # Errors
/// [`Failed`], if a case failed.
pub fn paxos_commit(
    rules: paxos_commit::NamedRulebook,
    exercise: &Exercise,
    grading: &mut Grading,
) -> Result<(), Failed> {
    quiet::<PaxosCommitTarget>(rules, grading)?;
    bugs(exercise).try_for_each(|bug| known_schedules::paxos_commit(bug, rules, grading))?;
    in_random_runs::<PaxosCommitTarget>(rules, grading)?;
    unit_cases::paxos_commit(rules.rules, exercise, grading)
}

/// Grades a rulebook of the local message table.
///
/// # Errors
/// [`Failed`], if a case failed.
pub fn outbox(rules: outbox::NamedRulebook, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
    quiet::<OutboxTarget>(rules, grading)?;
    bugs(exercise).try_for_each(|bug| known_schedules::outbox(bug, rules, grading))?;
    in_random_runs::<OutboxTarget>(rules, grading)?;
    unit_cases::outbox(rules.rules, exercise, grading)
}

/// Grades a rulebook of a replicated register.
///
/// # Errors
/// [`Failed`], if a case failed.
pub fn register(rules: register::NamedRulebook, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
    quiet::<RegisterTarget>(rules, grading)?;
    bugs(exercise).try_for_each(|bug| known_schedules::register(bug, rules, grading))?;
    in_random_runs::<RegisterTarget>(rules, grading)?;
    unit_cases::register(rules.rules, exercise, grading)
}

/// Protocol of an exercise about transactions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum TransactionProtocol {
    TwoPhase,
    PaxosCommit,
    Outbox,
}

impl TransactionProtocol {
    /// The protocol of the bugs that an exercise names.
    pub(crate) fn of(exercise: &Exercise) -> Self {
        match bugs(exercise).next().map(|bug| bug.protocol) {
            Some(ProtocolId::PaxosCommit) => TransactionProtocol::PaxosCommit,
            Some(ProtocolId::Outbox) => TransactionProtocol::Outbox,
            _ => TransactionProtocol::TwoPhase,
        }
    }
}

/// Whether an exercise about locks is about those on a coordination service.
pub(crate) fn is_on_a_service(exercise: &Exercise) -> bool {
    use ProtocolId::{Chubby, Etcd, ZooKeeper};
    bugs(exercise).any(|bug| [ZooKeeper, Etcd, Chubby].contains(&bug.protocol))
}

/// Bugs of an exercise.
pub(super) fn bugs(exercise: &Exercise) -> impl Iterator<Item = &'static Bug> {
    exercise.bugs.iter().filter_map(|id| find(id))
}

/// Machines of an exercise.
fn protocols(exercise: &Exercise) -> BTreeSet<ProtocolId> {
    bugs(exercise).map(|bug| bug.protocol).collect()
}

/// A single fault-free run, in the smallest cluster.
pub(super) fn quiet<S: SimTarget>(rules: NamedRulebookOf<S::Machine>, grading: &mut Grading) -> Result<(), Failed> {
    let run_set = RunSet { fixed: 1, ..RunSet::without_faults() };
    random_runs::<S>(grading, &format!("{}, without faults", S::NAME), run_set, rules)
}

/// Fault-free runs in clusters of all kinds, and then random faults.
fn in_random_runs<S: SimTarget>(rules: NamedRulebookOf<S::Machine>, grading: &mut Grading) -> Result<(), Failed> {
    in_so_many_runs::<S>(RUNS, rules, grading)
}

/// The same, with that number of runs under random faults.
pub(super) fn in_so_many_runs<S: SimTarget>(
    runs: u64,
    rules: NamedRulebookOf<S::Machine>,
    grading: &mut Grading,
) -> Result<(), Failed> {
    random_runs::<S>(
        grading,
        &format!("{}, clusters of all kinds without faults", S::NAME),
        RunSet::without_faults(),
        rules,
    )?;
    random_runs::<S>(grading, &format!("{}, with random faults", S::NAME), RunSet::harsh(runs), rules)
}

/// The largest tolerated minority is down, without other faults.
fn minority_down<S: AllUp>(rules: NamedRulebookOf<S::Machine>, grading: &mut Grading) -> Result<(), Failed> {
    let run_set = RunSet { span: Duration::from_secs(3), ..RunSet::without_faults() };
    random_runs::<MinorityDown<S>>(grading, &format!("{}, with a minority down", S::NAME), run_set, rules)
}

/// Number of runs with random faults that are the same in each grading, and of fresh ones.
pub(super) const RUNS: u64 = 40;
