//! Breadth first, level by level: all states that `d` actions lead to, before any that needs `d + 1`.
//!
//! A level is worked off in batches of a fixed size, so that neither the result nor any count depends on the number of
//! threads. Only the states of this level and of the next are kept; of all others there is the [fingerprint](Table) and the
//! [origin](Ancestry).

use std::collections::VecDeque;

use quorate_protocol::{Broken, Duration};

use super::ancestry::{Ancestry, Number, Origin};
use super::harvest::{Harvest, Question, Reached, enter, gather};
use super::stopwatch::Stopwatch;
use super::table::Table;
use super::{CheckError, Goal, Limit, Model, Path, Progress, Report, Search, Verdict};

/// How many states are worked on at a time: enough for threads to be worth starting, few enough for what comes of them to stay in
/// a processor's cache.
const BATCH: usize = 1 << 12;
/// How many states of a batch are weighed: the others are taken to be like them.
const WEIGHED: usize = 64;

/// A search under way.
pub(super) struct Engine<'s, 'a, M: Model> {
    search: &'s mut Search<'a, M>,
    roots: Vec<M::State>,
    table: Table,
    ancestry: Ancestry,
    /// The states of this level that were not judged yet, and those of the next that were found so far.
    level: VecDeque<Batch<M::State>>,
    next: VecDeque<Batch<M::State>>,
    /// Which state reaches each goal.
    reached: Vec<Option<Number>>,
    stopwatch: Stopwatch,
    reported: Duration,
    progress: Progress,
    peak: usize,
}

/// States with consecutive numbers.
struct Batch<S> {
    first: Number,
    states: Vec<S>,
    /// What they weigh, once the batch is full.
    bytes: usize,
}

/// What ended the search.
enum End {
    Exhausted,
    Broken(Number, Broken),
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
            if table.shards_mut()[Table::shard_of(fingerprint)].insert(fingerprint) {
                roots.push(search.model.begun(&state));
            }
        }
        if roots.is_empty() {
            return Err(CheckError::NothingToBeginWith);
        }
        let reached = vec![None; search.goals.len()];
        let ancestry = Ancestry::new(roots.len() as Number);
        let progress = Progress { unique: roots.len() as u64, generated, ..Progress::default() };
        let (level, next) = (VecDeque::new(), VecDeque::new());
        let (stopwatch, reported) = (Stopwatch::start(), Duration::ZERO);
        let mut engine =
            Engine { search, roots, table, ancestry, level, next, reached, stopwatch, reported, progress, peak: 0 };
        for (number, state) in (0..).zip(engine.roots.clone()) {
            engine.wait(number, state);
        }
        Ok(engine)
    }

    pub(super) fn run(mut self) -> Result<Report<M>, CheckError> {
        let end = self.search_levels()?;
        self.measure();
        self.progress.bytes = self.peak;
        let verdict = match end {
            End::Exhausted => Verdict::Exhausted,
            End::Broken(number, broken) => Verdict::Broken { broken, path: self.path(number) },
            End::Reached => Verdict::Reached,
            End::Stopped(limit) => Verdict::Stopped(limit),
        };
        let goals = self
            .search
            .goals
            .iter()
            .zip(&self.reached)
            .map(|((name, _), reached)| Goal { name: name.clone(), path: reached.map(|number| self.path(number)) });
        Ok(Report { verdict, goals: goals.collect(), progress: self.progress })
    }

    fn search_levels(&mut self) -> Result<End, CheckError> {
        for depth in 0.. {
            self.level = std::mem::take(&mut self.next);
            if self.level.is_empty() {
                return Ok(End::Exhausted);
            }
            self.level.iter_mut().for_each(|batch| batch.weigh(self.search.model));
            let last = self.search.depth == Some(depth);
            while let Some(batch) = self.level.pop_front() {
                if let Some(end) = self.work_off(batch, !last)? {
                    return Ok(end);
                }
            }
            self.progress.depth = Some(depth);
            if last {
                return Ok(End::Stopped(Limit::Depth(depth)));
            }
        }
        unreachable!("a search ends before its depth overflows")
    }

    /// Judges a batch and enters its successors. Returns what ends the search, if anything does.
    fn work_off(&mut self, batch: Batch<M::State>, onward: bool) -> Result<Option<End>, CheckError> {
        let threads = self.search.threads;
        let open: Vec<(usize, &Reached<'_, M::State>)> = (0..self.search.goals.len())
            .filter(|&goal| self.reached[goal].is_none())
            .map(|goal| (goal, &*self.search.goals[goal].1))
            .collect();
        let question = Question { model: self.search.model, goals: &open, onward };
        let harvests = gather(&question, &self.table, (batch.first, &batch.states), threads);
        drop(batch);
        if let Some(end) = self.evaluate(&harvests)? {
            return Ok(Some(end));
        }
        let found: usize = harvests.iter().map(Harvest::len).sum();
        if self.ancestry.count() + found as u64 > u64::from(u32::MAX) {
            return Ok(Some(End::Stopped(Limit::States)));
        }
        let mut table = std::mem::replace(&mut self.table, Table::empty());
        let mut origins: Vec<Origin> = Vec::new();
        let first = self.ancestry.count() as Number;
        enter(harvests, &mut table, threads, |origin, state| {
            self.wait(first + origins.len() as Number, state);
            origins.push(origin);
        });
        self.table = table;
        self.ancestry.extend(&origins);
        self.measure();
        self.tell();
        Ok(self.limit().map(End::Stopped))
    }

    /// Adds up what the pieces of a batch have to say: the first violation counts, and the first state that reaches a goal.
    fn evaluate(&mut self, harvests: &[Harvest<M>]) -> Result<Option<End>, CheckError> {
        let mut broken = None;
        for harvest in harvests {
            self.progress.generated += harvest.generated;
            self.progress.terminal += harvest.terminal;
            if harvest.crowded {
                return Err(CheckError::TooManySuccessors { limit: usize::from(u16::MAX) + 1 });
            }
            for &(goal, number) in &harvest.reached {
                self.reached[goal].get_or_insert(number);
            }
            broken = broken.or_else(|| harvest.broken.clone());
        }
        Ok(match broken {
            Some((number, broken)) => Some(End::Broken(number, broken)),
            None if self.search.until_reached && self.reached.iter().all(Option::is_some) => Some(End::Reached),
            None => None,
        })
    }

    /// A state of the next level. Batches are filled to the brim, whatever they come from.
    fn wait(&mut self, number: Number, state: M::State) {
        match self.next.back_mut() {
            Some(batch) if batch.states.len() < BATCH => batch.states.push(state),
            full => {
                if let Some(full) = full {
                    full.weigh(self.search.model);
                }
                self.next.push_back(Batch { first: number, states: vec![state], bytes: 0 });
            }
        }
    }

    fn measure(&mut self) {
        let waiting = || self.level.iter().chain(&self.next);
        self.progress.unique = self.ancestry.count();
        self.progress.waiting = waiting().map(|batch| batch.states.len() as u64).sum();
        let states: usize = waiting().map(|batch| batch.bytes).sum();
        self.progress.bytes = self.table.bytes() + self.ancestry.bytes() + states;
        self.progress.elapsed = self.stopwatch.elapsed();
        self.peak = self.peak.max(self.progress.bytes);
    }

    /// Reports from time to time to whoever wants to know.
    fn tell(&mut self) {
        if let Some((every, listener)) = &mut self.search.listener
            && self.progress.elapsed.saturating_sub(self.reported) >= *every
        {
            self.reported = self.progress.elapsed;
            listener(&self.progress);
        }
    }

    fn limit(&self) -> Option<Limit> {
        let time = self.search.time.filter(|&time| self.progress.elapsed >= time).map(Limit::Time);
        time.or_else(|| self.search.memory.filter(|&most| self.progress.bytes >= most).map(Limit::Memory))
    }

    /// The run that led to a state when it was found: the same actions again.
    fn path(&self, number: Number) -> Path<M> {
        let (root, ordinals) = self.ancestry.path(number);
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

impl<S> Batch<S> {
    fn weigh<M: Model<State = S>>(&mut self, model: &M) {
        let stride = self.states.len().div_ceil(WEIGHED).max(1);
        let weighed = self.states.len().div_ceil(stride).max(1);
        let sum: usize = self.states.iter().step_by(stride).map(|state| model.bytes(state)).sum();
        self.bytes = sum * self.states.capacity() / weighed;
    }
}
