//! Exhaustive searches of a protocol that is known by its name.

use quorate_bugs::{Bug, NamedRulebook, NamedRulebookOf};
use quorate_lab::Stop;
use quorate_lab::check::{Limit, Model, Path, Reductions, Search, SearchProgress, SearchVerdict, SyncMachine};
use quorate_lab::script::{ExportError, Protocol, Schedule};
use quorate_lab::trace::Document;
use quorate_protocol::{Duration, Invariant, InvariantSummary};

use super::{ByNameError, rulebook};
use crate::TargetError;
use crate::checks::{Budget, SearchTarget, Searched, Unreached, guided_within};
use crate::protocols::{SearchVisitor, Target, Visitor};

/// Protocol with a rulebook, to be searched.
pub trait Searchable {
    /// Name of the search on the command line.
    fn name(&self) -> &'static str;

    /// The schedules that are searched, as far as messages and timers go.
    fn network(&self) -> &'static str;

    /// The declared budget: the smallest that exposes the rulebook's bug.
    fn budget(&self) -> Budget;

    /// Names of the waypoints of a guided search; empty if plain breadth-first search suffices.
    fn waypoints(&self) -> Vec<&'static str>;

    /// Builds the cluster. `symmetry` is left out of a guided search, whose waypoints name nodes.
    ///
    /// # Errors
    /// If there can be no such cluster, or nothing can happen to it.
    fn cluster(
        &self,
        budget: &Budget,
        symmetry: bool,
        reductions: Reductions,
    ) -> Result<Box<dyn ClusterSearch>, TargetError>;
}

/// A cluster that is searched: first from waypoint to waypoint, then on from there.
pub trait ClusterSearch {
    /// Searches for the waypoints. Returns the number of steps to the last one, or to a violation
    /// on the way; `None` if the search is not guided.
    ///
    /// # Errors
    /// [`Unreached`] if some waypoint is not reached.
    fn guide(&mut self, limits: &SearchLimits) -> Result<Option<usize>, Unreached>;

    /// Searches from the initial state, or from the last waypoint, and reports progress about twice
    /// a second.
    ///
    /// # Errors
    /// [`TargetError`]: a limit is zero, or the cluster has too many successors. Also if the
    /// counterexample could not be replayed.
    fn search(
        &self,
        limits: &SearchLimits,
        progress: &mut (dyn FnMut(&SearchProgress) + Send),
    ) -> Result<SearchOutcome, TargetError>;
}

/// Limits of a search.
#[derive(Clone, Debug)]
pub struct SearchLimits {
    /// Time.
    pub time: Duration,
    /// Memory, in bytes.
    pub memory: usize,
    /// Number of threads; `None` for one per processor.
    pub threads: Option<usize>,
    /// Ends the search when it is requested.
    pub stop: Stop,
}

/// Outcome of a search.
#[derive(Debug)]
pub struct SearchOutcome {
    /// The report in words.
    pub report: String,
    /// Progress at the end.
    pub progress: SearchProgress,
    /// Whether there is no violation and every goal was reached.
    pub passed: bool,
    /// Limit that ended the search, if one did.
    pub limit: Option<Limit>,
    /// Shortest schedule that breaks an invariant.
    pub counterexample: Option<Counterexample>,
}

/// Schedule that breaks an invariant.
#[derive(Debug)]
pub struct Counterexample {
    /// Number of steps, those to the last waypoint included.
    pub steps: usize,
    /// The violation in words.
    pub broken: Option<String>,
    /// The trace.
    pub document: Document,
    /// Invariants that were checked after each step.
    pub invariants: Vec<InvariantSummary>,
    /// The same schedule under the papers' rulebook.
    pub by_the_book: ByTheBook,
    /// The schedule in commands of a scenario, if each step has one.
    pub schedule: Result<Schedule, ExportError>,
}

/// A schedule followed under the papers' rulebook.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ByTheBook {
    /// Number of steps that happen there, too.
    pub possible: usize,
    /// The violation in words, if something breaks there, too.
    pub broken: Option<String>,
}

/// Chooses the search that exposes that bug.
pub(super) struct Choose(pub(super) Option<&'static Bug>);

impl Visitor for Choose {
    type Output = Result<Box<dyn Searchable>, ByNameError>;

    fn visit<P: Target>(self) -> Self::Output {
        let rules = rulebook::<P>(self.0)?;
        P::search(rules, Declared(rules)).ok_or(ByNameError::NoSearch { protocol: <P as Protocol>::NAME })
    }
}

struct Declared<R>(NamedRulebook<R>);

impl<R> SearchVisitor<R> for Declared<R> {
    type Output = Box<dyn Searchable>;

    fn visit<E: SearchTarget<Machine: SyncMachine<Rulebook = R>>>(self) -> Self::Output {
        Box::new(Under::<E>(self.0))
    }
}

struct Under<E: SearchTarget>(NamedRulebookOf<E::Machine>);

impl<E: SearchTarget> Searchable for Under<E> {
    fn name(&self) -> &'static str {
        E::NAME
    }

    fn network(&self) -> &'static str {
        E::NETWORK
    }

    fn budget(&self) -> Budget {
        E::budget(self.0)
    }

    fn waypoints(&self) -> Vec<&'static str> {
        E::waypoints(self.0).into_iter().map(|(goal, _)| goal).collect()
    }

    fn cluster(
        &self,
        budget: &Budget,
        symmetry: bool,
        reductions: Reductions,
    ) -> Result<Box<dyn ClusterSearch>, TargetError> {
        let apart = !symmetry || !E::waypoints(self.0).is_empty();
        let cluster = if apart { E::without_symmetry(self.0, budget) } else { E::cluster(self.0, budget) };
        let cluster = cluster?.reductions(reductions);
        Ok(Box::new(OfCluster::<E> { rules: self.0, budget: *budget, cluster, way: None }))
    }
}

struct OfCluster<E: SearchTarget> {
    rules: NamedRulebookOf<E::Machine>,
    budget: Budget,
    cluster: Searched<E>,
    /// The way to the last waypoint.
    way: Option<Path<Searched<E>>>,
}

impl<E: SearchTarget> ClusterSearch for OfCluster<E> {
    fn guide(&mut self, limits: &SearchLimits) -> Result<Option<usize>, Unreached> {
        let waypoints = E::waypoints(self.rules);
        self.way = guided_within::<E>(&self.cluster, &waypoints, |search| limited(search, limits))?;
        Ok(self.way.as_ref().map(|way| way.steps.len()))
    }

    fn search(
        &self,
        limits: &SearchLimits,
        progress: &mut (dyn FnMut(&SearchProgress) + Send),
    ) -> Result<SearchOutcome, TargetError> {
        let mut search = limited(Search::new(&self.cluster), limits).progress(PROGRESS, progress);
        if let Some(depth) = self.budget.depth {
            search = search.depth(depth);
        }
        match &self.way {
            Some(way) => search = search.from([way.end().clone()]),
            None => {
                for (name, reached) in E::goals(&self.budget) {
                    search = search.goal(name, reached);
                }
            }
        }
        let report = search.run()?;
        let counterexample = report.counterexample().map(|path| self.counterexample(path)).transpose()?;
        let limit = match &report.verdict {
            SearchVerdict::Stopped(limit) => Some(*limit),
            _ => None,
        };
        let (says, passed) = (report.to_string(), report.passed());
        Ok(SearchOutcome { report: says, progress: report.progress, passed, limit, counterexample })
    }
}

/// Time between two reports of progress.
const PROGRESS: Duration = Duration::from_millis(500);

impl<E: SearchTarget> OfCluster<E> {
    fn counterexample(&self, found: &Path<Searched<E>>) -> Result<Counterexample, TargetError> {
        let path = match &self.way {
            Some(way) => &way.clone().then(found.clone()),
            None => found,
        };
        let recording = self.cluster.replay(path)?;
        Ok(Counterexample {
            steps: path.steps.len(),
            broken: path.end().broken().map(|(_, broken)| broken.to_string()),
            document: recording.document(),
            invariants: self.cluster.invariants().summaries(),
            by_the_book: self.by_the_book(path)?,
            schedule: E::schedule(&self.cluster, &recording),
        })
    }

    fn by_the_book(&self, path: &Path<Searched<E>>) -> Result<ByTheBook, TargetError> {
        let book = NamedRulebookOf::<E::Machine>::default();
        let book = E::under_rules(self.rules, book, &self.budget)?.reductions(Reductions::NONE);
        let followed = book.replay_under(path);
        let broken = followed.end().broken().map(|(_, broken)| broken.to_string());
        Ok(ByTheBook { possible: followed.steps.len(), broken })
    }
}

/// Applies limits to a search.
fn limited<'s, M: Model>(search: Search<'s, M>, limits: &SearchLimits) -> Search<'s, M> {
    let search = search.time(limits.time).memory(limits.memory).stop(limits.stop.clone());
    match limits.threads {
        Some(threads) => search.threads(threads),
        None => search,
    }
}
