//! Decisions: a rulebook of which some answers are the learner's, in the machines of the reference.
//!
//! Which cases there are follows from the bugs that an exercise is about: each has machines that it can break, a schedule on which
//! it is seen, and random runs. The answer goes through all of them. It also has to get somewhere: who promises nothing breaks nothing.

use std::collections::BTreeSet;

use quorate_bugs::{Bug, Protocol, find, lease, paxos, raft};
use quorate_workshop::experiments::{
    LeaseCacheRuns, LeaseMajorityRuns, LeaseRaftRuns, LeaseRuns, LeaseStoreRuns, MultiPaxosRuns, PaxosRuns, RaftRuns,
    Subject,
};

use super::hunt;
use super::storm::{Weather, storm};
use crate::answer::Answer;
use crate::course::Exercise;
use crate::exam::{Exam, Failed};

impl Answer for paxos::Yours {
    fn sit(&self, exercise: &Exercise, exam: &mut Exam) -> Result<(), Failed> {
        paxos(paxos::Book::Yours(Box::leak(Box::new(*self))), exercise, exam)
    }
}

impl Answer for raft::Yours {
    fn sit(&self, exercise: &Exercise, exam: &mut Exam) -> Result<(), Failed> {
        raft(raft::Book::Yours(Box::leak(Box::new(*self))), exercise, exam)
    }
}

impl Answer for lease::Yours {
    fn sit(&self, exercise: &Exercise, exam: &mut Exam) -> Result<(), Failed> {
        lease(lease::Book::Yours(Box::leak(Box::new(*self))), exercise, exam)
    }
}

/// Tries a rulebook of Paxos.
///
/// # Errors
/// [`Failed`], if a case went wrong.
pub fn paxos(rules: paxos::Book, exercise: &Exercise, exam: &mut Exam) -> Result<(), Failed> {
    for protocol in protocols(exercise) {
        match protocol {
            Protocol::MultiPaxos => weather::<MultiPaxosRuns<_>>(rules, exam)?,
            _ => weather::<PaxosRuns<_>>(rules, exam)?,
        }
    }
    bugs(exercise).try_for_each(|bug| hunt::paxos(bug, rules, exam))
}

/// Tries a rulebook of Raft.
///
/// # Errors
/// [`Failed`], if a case went wrong.
pub fn raft(rules: raft::Book, exercise: &Exercise, exam: &mut Exam) -> Result<(), Failed> {
    weather::<RaftRuns<_>>(rules, exam)?;
    bugs(exercise).try_for_each(|bug| hunt::raft(bug, rules, exam))
}

/// Tries a rulebook of leases.
///
/// # Errors
/// [`Failed`], if a case went wrong.
pub fn lease(rules: lease::Book, exercise: &Exercise, exam: &mut Exam) -> Result<(), Failed> {
    for protocol in protocols(exercise) {
        match protocol {
            Protocol::MajorityLease => weather::<LeaseMajorityRuns<_>>(rules, exam)?,
            Protocol::FencedStore => weather::<LeaseStoreRuns<_>>(rules, exam)?,
            Protocol::CacheLease => weather::<LeaseCacheRuns<_>>(rules, exam)?,
            Protocol::RaftLease => weather::<LeaseRaftRuns<_>>(rules, exam)?,
            _ => weather::<LeaseRuns<_>>(rules, exam)?,
        }
    }
    bugs(exercise).try_for_each(|bug| hunt::lease(bug, rules, exam))
}

/// The bugs that an exercise is about.
fn bugs(exercise: &Exercise) -> impl Iterator<Item = &'static Bug> {
    exercise.bugs.iter().filter_map(|id| find(id))
}

/// The machines that it is about.
fn protocols(exercise: &Exercise) -> BTreeSet<Protocol> {
    bugs(exercise).map(|bug| bug.protocol).collect()
}

fn weather<S: Subject>(rules: S::Rules, exam: &mut Exam) -> Result<(), Failed> {
    storm::<S>(exam, &format!("{}, where nothing goes wrong", S::NAME), Weather::fair(), rules)?;
    storm::<S>(exam, &format!("{}, in storms", S::NAME), Weather::harsh(RUNS), rules)
}

/// So many runs in storms are the same in each grading, and as many new in each.
const RUNS: u64 = 40;
