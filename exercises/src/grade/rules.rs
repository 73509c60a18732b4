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

use quorate_bugs::{BookOf, Bug, Protocol, find, lease, paxos, raft};
use quorate_protocol::Duration;
use quorate_workshop::experiments::Subject;
use quorate_workshop::protocols::{
    LeaseCacheTarget, LeaseMajorityTarget, LeaseRaftTarget, LeaseStoreTarget, LeaseTarget, MultiPaxosTarget,
    PaxosTarget, RaftTarget,
};

use super::goals::{NobodyLeft, ShortHanded, Staffed};
use super::storm::{Weather, storm};
use super::{hunt, questions};
use crate::answer::Answer;
use crate::course::Exercise;
use crate::exam::{Exam, Failed};

impl Answer for quorate_paxos::Rulebook {
    fn sit(&self, exercise: &Exercise, exam: &mut Exam) -> Result<(), Failed> {
        paxos((*self).into(), exercise, exam)
    }
}

impl Answer for quorate_raft::Rulebook {
    fn sit(&self, exercise: &Exercise, exam: &mut Exam) -> Result<(), Failed> {
        raft((*self).into(), exercise, exam)
    }
}

impl Answer for quorate_lease::Rulebook {
    fn sit(&self, exercise: &Exercise, exam: &mut Exam) -> Result<(), Failed> {
        lease((*self).into(), exercise, exam)
    }
}

/// Grades a rulebook of Paxos.
///
/// # Errors
/// [`Failed`], if a case failed.
pub fn paxos(rules: paxos::Book, exercise: &Exercise, exam: &mut Exam) -> Result<(), Failed> {
    for protocol in protocols(exercise) {
        match protocol {
            Protocol::MultiPaxos => quiet::<MultiPaxosTarget>(rules, exam)?,
            _ => quiet::<PaxosTarget>(rules, exam)?,
        }
    }
    bugs(exercise).try_for_each(|bug| hunt::paxos(bug, rules, exam))?;
    for protocol in protocols(exercise) {
        match protocol {
            Protocol::MultiPaxos => stormy::<MultiPaxosTarget>(rules, exam)?,
            _ => {
                short_handed::<PaxosTarget>(rules, exam)?;
                stormy::<PaxosTarget>(rules, exam)?;
            }
        }
    }
    questions::paxos(rules.rules, exercise, exam)
}

/// Grades a rulebook of Raft.
///
/// # Errors
/// [`Failed`], if a case failed.
pub fn raft(rules: raft::Book, exercise: &Exercise, exam: &mut Exam) -> Result<(), Failed> {
    quiet::<RaftTarget>(rules, exam)?;
    bugs(exercise).try_for_each(|bug| hunt::raft(bug, rules, exam))?;
    short_handed::<RaftTarget>(rules, exam)?;
    // This number of seeds covers every optional part, including membership changes and snapshots.
    storm::<NobodyLeft>(exam, "raft, nobody left behind", Weather { fixed: 64, ..Weather::fair() }, rules)?;
    stormy::<RaftTarget>(rules, exam)?;
    questions::raft(rules.rules, exercise, exam)
}

/// Grades a rulebook of leases.
///
/// # Errors
/// [`Failed`], if a case failed.
pub fn lease(rules: lease::Book, exercise: &Exercise, exam: &mut Exam) -> Result<(), Failed> {
    questions::standstills(rules.rules, exercise, exam)?;
    for protocol in protocols(exercise) {
        match protocol {
            Protocol::MajorityLease => quiet::<LeaseMajorityTarget>(rules, exam)?,
            Protocol::FencedStore => quiet::<LeaseStoreTarget>(rules, exam)?,
            Protocol::CacheLease => quiet::<LeaseCacheTarget>(rules, exam)?,
            Protocol::RaftLease => quiet::<LeaseRaftTarget>(rules, exam)?,
            _ => quiet::<LeaseTarget>(rules, exam)?,
        }
    }
    bugs(exercise).try_for_each(|bug| hunt::lease(bug, rules, exam))?;
    for protocol in protocols(exercise) {
        match protocol {
            Protocol::MajorityLease => stormy::<LeaseMajorityTarget>(rules, exam)?,
            Protocol::FencedStore => stormy::<LeaseStoreTarget>(rules, exam)?,
            Protocol::CacheLease => stormy::<LeaseCacheTarget>(rules, exam)?,
            Protocol::RaftLease => stormy::<LeaseRaftTarget>(rules, exam)?,
            _ => stormy::<LeaseTarget>(rules, exam)?,
        }
    }
    questions::lease(rules.rules, exercise, exam)
}

/// Bugs of an exercise.
fn bugs(exercise: &Exercise) -> impl Iterator<Item = &'static Bug> {
    exercise.bugs.iter().filter_map(|id| find(id))
}

/// Machines of an exercise.
fn protocols(exercise: &Exercise) -> BTreeSet<Protocol> {
    bugs(exercise).map(|bug| bug.protocol).collect()
}

/// A single fault-free run, in the smallest cluster.
fn quiet<S: Subject>(rules: BookOf<S::Machine>, exam: &mut Exam) -> Result<(), Failed> {
    let weather = Weather { fixed: 1, ..Weather::fair() };
    storm::<S>(exam, &format!("{}, where nothing goes wrong", S::NAME), weather, rules)
}

/// Fault-free runs in clusters of all kinds, and then random faults.
fn stormy<S: Subject>(rules: BookOf<S::Machine>, exam: &mut Exam) -> Result<(), Failed> {
    storm::<S>(exam, &format!("{}, in quiet clusters of all kinds", S::NAME), Weather::fair(), rules)?;
    storm::<S>(exam, &format!("{}, in storms", S::NAME), Weather::harsh(RUNS), rules)
}

/// The largest tolerated minority is down, without other faults.
fn short_handed<S: Staffed>(rules: BookOf<S::Machine>, exam: &mut Exam) -> Result<(), Failed> {
    let weather = Weather { span: Duration::from_secs(3), ..Weather::fair() };
    storm::<ShortHanded<S>>(exam, &format!("{}, while the lesser half is down", S::NAME), weather, rules)
}

/// Number of runs with random faults that are the same in each grading, and of fresh ones.
const RUNS: u64 = 40;
