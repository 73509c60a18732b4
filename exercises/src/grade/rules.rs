//! Decisions: a rulebook of which some answers are the learner's, in the machines of the reference.
//!
//! Which cases there are follows from the bugs that an exercise is about: each has machines that it can break, a schedule on which
//! it is seen, and random runs. The answer goes through all of them. It also has to get somewhere: who promises nothing breaks nothing.
//!
//! What is broken is shown by the first case that fails, so cases come in the order in which a failure is easily read: a quiet run,
//! then the bugs' own schedules, which are the shortest there are, then storms, and last the decisions by themselves.

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

/// Tries a rulebook of Paxos.
///
/// # Errors
/// [`Failed`], if a case went wrong.
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

/// Tries a rulebook of Raft.
///
/// # Errors
/// [`Failed`], if a case went wrong.
pub fn raft(rules: raft::Book, exercise: &Exercise, exam: &mut Exam) -> Result<(), Failed> {
    quiet::<RaftTarget>(rules, exam)?;
    bugs(exercise).try_for_each(|bug| hunt::raft(bug, rules, exam))?;
    short_handed::<RaftTarget>(rules, exam)?;
    // In so many seeds every optional part is met: membership changes, snapshots and all.
    storm::<NobodyLeft>(exam, "raft, nobody left behind", Weather { fixed: 64, ..Weather::fair() }, rules)?;
    stormy::<RaftTarget>(rules, exam)?;
    questions::raft(rules.rules, exercise, exam)
}

/// Tries a rulebook of leases.
///
/// # Errors
/// [`Failed`], if a case went wrong.
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

/// The bugs that an exercise is about.
fn bugs(exercise: &Exercise) -> impl Iterator<Item = &'static Bug> {
    exercise.bugs.iter().filter_map(|id| find(id))
}

/// The machines that it is about.
fn protocols(exercise: &Exercise) -> BTreeSet<Protocol> {
    bugs(exercise).map(|bug| bug.protocol).collect()
}

/// A single quiet run, in the smallest cluster that there is.
fn quiet<S: Subject>(rules: BookOf<S::Machine>, exam: &mut Exam) -> Result<(), Failed> {
    let weather = Weather { fixed: 1, ..Weather::fair() };
    storm::<S>(exam, &format!("{}, where nothing goes wrong", S::NAME), weather, rules)
}

/// Quiet runs in clusters of all kinds, and then the storms.
fn stormy<S: Subject>(rules: BookOf<S::Machine>, exam: &mut Exam) -> Result<(), Failed> {
    storm::<S>(exam, &format!("{}, in quiet clusters of all kinds", S::NAME), Weather::fair(), rules)?;
    storm::<S>(exam, &format!("{}, in storms", S::NAME), Weather::harsh(RUNS), rules)
}

/// The lesser half is down, and that is all that goes wrong.
fn short_handed<S: Staffed>(rules: BookOf<S::Machine>, exam: &mut Exam) -> Result<(), Failed> {
    let weather = Weather { span: Duration::from_secs(3), ..Weather::fair() };
    storm::<ShortHanded<S>>(exam, &format!("{}, while the lesser half is down", S::NAME), weather, rules)
}

/// So many runs in storms are the same in each grading, and as many new in each.
const RUNS: u64 = 40;
