//! The bug's own ground: an answer is put where a bug of the zoo was found, under the very schedules that show it.
//!
//! Each bug says how it is [found](quorate_bugs::Found): by a search, a random run or a story. Whoever decides as the paper does gets
//! through all of them; whoever decides as the bug does breaks what it breaks.

use quorate_bugs::{Bug, Found, Protocol, lease, paxos, raft};
use quorate_lab::check::{Path, Search, Shared};
use quorate_lab::script::{Problem, Repertoire, Staging, perform};
use quorate_lab::sim::duration;
use quorate_workshop::catalogue;
use quorate_workshop::checks::{Ballots, Examined, Leases, Reigns, Searched, Terms, by_way_of};
use quorate_workshop::experiments::{
    LeaseCacheRuns, LeaseMajorityRuns, LeaseRaftRuns, LeaseRuns, LeaseStoreRuns, MultiPaxosRuns, PaxosRuns, RaftRuns,
    Run, Subject,
};
use quorate_workshop::protocols::{
    LeaseCacheScript, LeaseMajorityScript, LeaseRaftScript, LeaseScript, LeaseStoreScript, MultiPaxosScript,
    PaxosScript, RaftScript, repertoire,
};

use super::storm::weather_out;
use crate::exam::{Broke, Exam, Failed};

/// Puts a rulebook of Paxos where a bug was found.
///
/// # Errors
/// [`Failed`], if it goes wrong there.
pub fn paxos(bug: &'static Bug, rules: paxos::Book, exam: &mut Exam) -> Result<(), Failed> {
    hunt(bug, exam, || match bug.found {
        Found::Search { .. } | Found::Stages { .. } => search::<Ballots>(bug, paxos::Book::named(bug.id), rules),
        Found::Seed { .. } if bug.protocol == Protocol::MultiPaxos => seed::<MultiPaxosRuns<_>>(bug, rules),
        Found::Seed { .. } => seed::<PaxosRuns<_>>(bug, rules),
        _ => story(bug, repertoire().under::<PaxosScript>(rules).under::<MultiPaxosScript>(rules)),
    })
}

/// Puts a rulebook of Raft where a bug was found.
///
/// # Errors
/// [`Failed`], if it goes wrong there.
pub fn raft(bug: &'static Bug, rules: raft::Book, exam: &mut Exam) -> Result<(), Failed> {
    let wrong = raft::Book::named(bug.id);
    hunt(bug, exam, || match bug.found {
        Found::Search { .. } | Found::Stages { .. } if wrong.is_some_and(Reigns::shows) => {
            search::<Reigns>(bug, wrong, rules)
        }
        Found::Search { .. } | Found::Stages { .. } => search::<Terms>(bug, wrong, rules),
        Found::Seed { .. } => seed::<RaftRuns<_>>(bug, rules),
        _ => story(bug, repertoire().under::<RaftScript>(rules)),
    })
}

/// Puts a rulebook of leases where a bug was found.
///
/// # Errors
/// [`Failed`], if it goes wrong there.
pub fn lease(bug: &'static Bug, rules: lease::Book, exam: &mut Exam) -> Result<(), Failed> {
    hunt(bug, exam, || match (bug.found, bug.protocol) {
        (Found::Search { .. } | Found::Stages { .. }, _) => search::<Leases>(bug, lease::Book::named(bug.id), rules),
        (Found::Seed { .. }, Protocol::MajorityLease) => seed::<LeaseMajorityRuns<_>>(bug, rules),
        (Found::Seed { .. }, Protocol::FencedStore) => seed::<LeaseStoreRuns<_>>(bug, rules),
        (Found::Seed { .. }, Protocol::CacheLease) => seed::<LeaseCacheRuns<_>>(bug, rules),
        (Found::Seed { .. }, Protocol::RaftLease) => seed::<LeaseRaftRuns<_>>(bug, rules),
        (Found::Seed { .. }, _) => seed::<LeaseRuns<_>>(bug, rules),
        _ => {
            let stage = repertoire().under::<LeaseScript>(rules).under::<LeaseMajorityScript>(rules);
            let stage = stage.under::<LeaseStoreScript>(rules).under::<LeaseCacheScript>(rules);
            story(bug, stage.under::<LeaseRaftScript>(rules))
        }
    })
}

/// What was tried, or what went wrong.
type Trial = Result<String, Broke>;

fn hunt(bug: &'static Bug, exam: &mut Exam, trial: impl FnOnce() -> Trial) -> Result<(), Failed> {
    // One step of a node by itself says nothing about a cluster, in which it never happens.
    if matches!(bug.found, Found::Step { .. }) {
        return Ok(());
    }
    // The name of the bug would say what is wrong.
    exam.case(format!("{}, on a known course", bug.protocol), |_| trial())
}

/// Every schedule of the cluster in which the bug shows, up to the length of the shortest that shows it.
fn search<E: Examined<Machine: Shared, Invariants: Sync>>(
    bug: &Bug,
    wrong: Option<E::Rules>,
    rules: E::Rules,
) -> Trial {
    let unusable = |error: &dyn std::fmt::Display| Broke::new("Setup", error.to_string());
    let wrong = wrong.ok_or_else(|| unusable(&"the bug is of another protocol"))?;
    let (budget, stages) = (E::budget(wrong), E::stages(wrong));
    let cluster = E::governed(wrong, rules, &budget).map_err(|error| unusable(&error))?;
    // Whoever never gets to a stage of the bug's way cannot go wrong behind it.
    let way = by_way_of::<E>(&cluster, &stages).unwrap_or_default();
    if let Some(way) = way.as_ref().filter(|way| way.end().broken().is_some()) {
        return Err(shown::<E>(&cluster, way));
    }
    if !stages.is_empty() && way.is_none() {
        return Ok("the way to where it could go wrong is never taken".to_owned());
    }
    let before = way.as_ref().map_or(0, |way| way.steps.len());
    let depth = u32::try_from(bug.found.length() - before.min(bug.found.length())).unwrap_or(u32::MAX);
    let search = Search::new(&cluster).depth(depth.max(1)).threads(1);
    let search = match &way {
        Some(way) => search.from([way.end().clone()]),
        None => search,
    };
    let report = search.run().map_err(|error| unusable(&error))?;
    match (report.counterexample(), way) {
        (None, _) => Ok(report.progress.to_string()),
        (Some(further), Some(way)) => Err(shown::<E>(&cluster, &way.then(further.clone()))),
        (Some(path), None) => Err(shown::<E>(&cluster, path)),
    }
}

fn shown<E: Examined<Machine: Shared, Invariants: Sync>>(cluster: &Searched<E>, path: &Path<Searched<E>>) -> Broke {
    let broke = match path.end().broken() {
        Some((_, broken)) => Broke::new(broken.invariant, broken.detail.clone()),
        None => Broke::new("Progress", "the search ended in a state that breaks nothing"),
    };
    match cluster.replay(path) {
        Ok(recording) => broke.shown_by(recording.document()),
        Err(_) => broke,
    }
}

/// The random run in which the bug shows.
fn seed<S: Subject>(bug: &Bug, rules: S::Rules) -> Trial {
    let unusable = |error: &dyn std::fmt::Display| Broke::new("Setup", error.to_string());
    let Found::Seed { nodes, seed, faults, .. } = bug.found else { return Err(unusable(&"the bug has no seed")) };
    let storm = faults.parse().map_err(|error| unusable(&error))?;
    let span = duration(quorate_bugs::STORM).map_err(|error| unusable(&error))?;
    let planned = S::under(rules, &Run { nodes, seed, storm, span }).map_err(|error| unusable(&error))?;
    weather_out::<S>(&planned, seed)?;
    Ok(format!("a run {}", S::GOAL))
}

/// The story that the bug spoils. What it expects of particular rules does not count, only what comes of them.
fn story(bug: &Bug, stage: Repertoire) -> Trial {
    let unusable = |error: &dyn std::fmt::Display| Broke::new("Setup", error.to_string());
    let Found::Story { scenario, .. } = bug.found else { return Err(unusable(&"the bug has no story")) };
    let text = catalogue::find(scenario).map_err(|error| unusable(&error))?.text();
    let text: String =
        text.lines().filter(|line| !line.starts_with("expect rule=")).map(|line| format!("{line}\n")).collect();
    match perform(&text, &stage, Staging::default()) {
        Ok(_) => Ok("a story came to its end".to_owned()),
        Err(failure) => {
            let broke = match &failure.error.problem {
                Problem::Broken { invariant, .. } => Broke::new(*invariant, failure.error.problem.to_string()),
                problem => Broke::new("Progress", problem.to_string()),
            };
            Err(match failure.document {
                Some(document) => broke.shown_by(document),
                None => broke,
            })
        }
    }
}
