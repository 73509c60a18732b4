//! Breadth-first search, level by level: all states at distance `d` come before any at distance
//! `d + 1`.
//!
//! A level is processed in batches. Only the states of this level and of the next are kept; all
//! others are represented by their [fingerprint](Table) and [origin](Predecessors).

use std::ops::Range;

use quorate_protocol::{Duration, InvariantViolation};

use super::expand::{BatchJob, BatchStats, ExpansionBuffer, NewStates, Reached, expand_parallel, expand_sequential};
use super::frontier::Frontier;
use super::predecessors::{Number, Predecessors};
use super::stopwatch::Stopwatch;
use super::table::Table;
use super::worker_pool::WorkerPool;
use super::{CheckError, GoalResult, Limit, Model, Path, Search, SearchProgress, SearchReport, SearchVerdict};
use crate::Stop;

/// A level with fewer states is processed by one thread, faster than others could be woken.
const WORTH_SHARING: usize = 1 << 11;
/// Maximum number of states processed at a time: enough to be worth waking threads, few enough for
/// the results to stay in the processor's cache. Like all these constants it does not depend on the
/// number of threads, so neither does any count.
const BATCH: usize = 1 << 12;
/// The same for one thread alone, which need not hold more at a time than it is about to store.
const SMALL_BATCH: usize = 1 << 7;
/// Number of pieces per thread into which a batch is cut: a thread that finishes early takes
/// another.
const PIECES: usize = 2;

/// A search in progress.
pub(super) struct Engine<'s, 'a, M: Model> {
    search: &'s mut Search<'a, M>,
    roots: Vec<M::State>,
    table: Table,
    predecessors: Predecessors,
    /// States of this level that were not checked yet, and states of the next level found so far.
    level: Frontier<M::State>,
    next: Frontier<M::State>,
    /// The state that reaches each goal.
    reached: Vec<Option<Number>>,
    /// One buffer for each piece of a batch.
    buffers: Vec<ExpansionBuffer<M>>,
    stopwatch: Stopwatch,
    reported: Duration,
    progress: SearchProgress,
    peak: usize,
}

/// Reason for the end of a search.
enum End {
    Exhausted,
    Broken(Number, InvariantViolation),
    Reached,
    Stopped(Limit),
}

impl<'s, 'a, M: Model> Engine<'s, 'a, M> {
    pub(super) fn new(search: &'s mut Search<'a, M>) -> Result<Self, CheckError> {
        let given = search.from.clone().unwrap_or_else(|| search.model.initial());
        let (mut table, mut roots) = (Table::new(), Vec::new());
        let generated = given.len() as u64;
        for state in given {
            let fingerprint = search.model.fingerprint(&state);
            if table.insert(fingerprint) {
                roots.push(search.model.begun(&state));
            }
        }
        if roots.is_empty() {
            return Err(CheckError::NoInitialState);
        }
        let reached = vec![None; search.goals.len()];
        let predecessors = Predecessors::new(roots.len() as Number);
        let progress = SearchProgress { unique: roots.len() as u64, generated, ..SearchProgress::default() };
        let (level, mut next) = (Frontier::new(0), Frontier::new(0));
        next.push(search.model, roots.clone());
        let (stopwatch, reported) = (Stopwatch::start(), Duration::ZERO);
        Ok(Engine {
            search,
            roots,
            table,
            predecessors,
            level,
            next,
            reached,
            buffers: Vec::new(),
            stopwatch,
            reported,
            progress,
            peak: 0,
        })
    }

    pub(super) fn run(mut self) -> Result<SearchReport<M>, CheckError> {
        let workers = WorkerPool::new(self.search.threads);
        let end = self.search_levels(&workers)?;
        self.measure();
        self.progress.bytes = self.peak;
        let verdict = match end {
            End::Exhausted => SearchVerdict::Exhausted,
            End::Broken(number, broken) => SearchVerdict::Broken { broken, path: self.path(number) },
            End::Reached => SearchVerdict::Reached,
            End::Stopped(limit) => SearchVerdict::Stopped(limit),
        };
        let goals = self.search.goals.iter().zip(&self.reached).map(|((name, _), reached)| GoalResult {
            name: name.clone(),
            path: reached.map(|number| self.path(number)),
        });
        Ok(SearchReport { verdict, goals: goals.collect(), progress: self.progress })
    }

    /// Searches one level after the other.
    fn search_levels(&mut self, workers: &WorkerPool) -> Result<End, CheckError> {
        for depth in 0.. {
            let count = self.predecessors.count() as Number;
            self.level = std::mem::replace(&mut self.next, Frontier::new(count));
            let waiting = self.level.numbers().len();
            if waiting == 0 {
                return Ok(End::Exhausted);
            }
            let last = self.search.depth == Some(depth);
            let end = if waiting < WORTH_SHARING {
                self.search_level(!last, None)?
            } else {
                workers.install(|| self.search_level(!last, Some(workers)))?
            };
            if let Some(end) = end {
                return Ok(end);
            }
            self.progress.depth = Some(depth);
            if last {
                return Ok(End::Stopped(Limit::Depth(depth)));
            }
        }
        unreachable!("a search ends before its depth overflows")
    }

    /// Processes all states of a level, in batches of about the same size. Returns the reason if
    /// the search ends.
    fn search_level(&mut self, onward: bool, workers: Option<&WorkerPool>) -> Result<Option<End>, CheckError> {
        let most = if workers.is_some() { BATCH } else { SMALL_BATCH };
        loop {
            let waiting = self.level.numbers();
            if waiting.is_empty() {
                return Ok(None);
            }
            let size = waiting.len().div_ceil(waiting.len().div_ceil(most)) as Number;
            if let Some(end) = self.work_off(waiting.start..waiting.start + size, onward, workers)? {
                return Ok(Some(end));
            }
        }
    }

    /// Checks the first batch of the level and stores the new states.
    fn work_off(
        &mut self,
        batch: Range<Number>,
        onward: bool,
        workers: Option<&WorkerPool>,
    ) -> Result<Option<End>, CheckError> {
        let end = batch.end;
        let expanded = self.expand(batch, onward, workers);
        let spent = self.level.forget(end);
        match workers {
            // Dropping many states is work that is worth sharing among all threads, too.
            Some(workers) if std::mem::needs_drop::<M::State>() => drop(workers.map(spent, drop)),
            _ => drop(spent),
        }
        let (stats, new_states): (Vec<_>, Vec<_>) = expanded.into_iter().unzip();
        if let Some(end) = self.evaluate(stats)? {
            return Ok(Some(end));
        }
        let new: usize = new_states.iter().map(NewStates::len).sum();
        if self.predecessors.count() + new as u64 > u64::from(u32::MAX) {
            return Ok(Some(End::Stopped(Limit::States)));
        }
        for NewStates { origins, states } in new_states {
            self.predecessors.push(origins);
            states.into_iter().for_each(|chunk| self.next.push(self.search.model, chunk));
        }
        self.measure();
        self.tell();
        Ok(self.limit().map(End::Stopped))
    }

    /// Checks and expands a batch, alone or with the worker threads. Returns the statistics and new
    /// states of each piece.
    fn expand(
        &mut self,
        batch: Range<Number>,
        onward: bool,
        workers: Option<&WorkerPool>,
    ) -> Vec<(BatchStats, NewStates<M::State>)> {
        let goals: Vec<(usize, &Reached<'_, M::State>)> = (0..self.search.goals.len())
            .filter(|&goal| self.reached[goal].is_none())
            .map(|goal| (goal, &*self.search.goals[goal].1))
            .collect();
        let job = BatchJob { model: self.search.model, goals: &goals, onward };
        let pieces = workers.map_or(1, |workers| if workers.threads() == 1 { 1 } else { PIECES * workers.threads() });
        self.buffers.resize_with(self.buffers.len().max(pieces), ExpansionBuffer::new);
        let (table, level, buffers) = (&mut self.table, &self.level, &mut self.buffers[..pieces]);
        match workers {
            Some(workers) => expand_parallel(&job, table, (level, batch), buffers, workers),
            None => expand_sequential(&job, table, level.slices(batch), &mut buffers[0]),
        }
    }

    /// Merges the statistics of the pieces of a batch: the first violation counts, and the first
    /// state that reaches a goal.
    fn evaluate(&mut self, stats: Vec<BatchStats>) -> Result<Option<End>, CheckError> {
        let mut broken = None;
        for piece in stats {
            self.progress.generated += piece.generated;
            self.progress.terminal += piece.terminal;
            if piece.crowded {
                return Err(CheckError::TooManySuccessors { limit: usize::from(u16::MAX) + 1 });
            }
            for (goal, number) in piece.reached {
                self.reached[goal].get_or_insert(number);
            }
            broken = broken.or(piece.broken);
        }
        Ok(match broken {
            Some((number, broken)) => Some(End::Broken(number, broken)),
            None if self.search.until_reached && self.reached.iter().all(Option::is_some) => Some(End::Reached),
            None => None,
        })
    }

    fn measure(&mut self) {
        self.progress.unique = self.predecessors.count();
        self.progress.waiting = (self.level.numbers().len() + self.next.numbers().len()) as u64;
        let states = self.level.bytes() + self.next.bytes();
        self.progress.bytes = self.table.bytes() + self.predecessors.bytes() + states;
        self.progress.elapsed = self.stopwatch.elapsed();
        self.peak = self.peak.max(self.progress.bytes);
    }

    /// Reports progress to the listener at its interval.
    fn tell(&mut self) {
        if let Some((every, listener)) = &mut self.search.listener
            && self.progress.elapsed.saturating_sub(self.reported) >= *every
        {
            self.reported = self.progress.elapsed;
            listener(&self.progress);
        }
    }

    fn limit(&self) -> Option<Limit> {
        if self.search.stop.as_ref().is_some_and(Stop::is_requested) {
            return Some(Limit::Interrupted);
        }
        let time = self.search.time.filter(|&time| self.progress.elapsed >= time).map(Limit::Time);
        time.or_else(|| self.search.memory.filter(|&most| self.progress.bytes >= most).map(Limit::Memory))
    }

    /// Rebuilds the run by which a state was found, by replaying its actions.
    fn path(&self, number: Number) -> Path<M> {
        let (root, ordinals) = self.predecessors.path(number);
        let mut path = Path { initial: self.roots[root as usize].clone(), steps: Vec::new() };
        let mut room = Vec::new();
        for ordinal in ordinals {
            let (mut next, mut left) = (None, ordinal);
            self.search.model.successors(path.end(), &mut room, |action, state| {
                if left == 0 && next.is_none() {
                    next = Some((action, state));
                }
                left = left.saturating_sub(1);
            });
            path.steps.push(next.expect("a model is pure: it has the successors that it had before"));
        }
        path
    }
}
