//! Breadth first, level by level: all states that `d` actions lead to, before any that needs `d + 1`.
//!
//! A level is worked off in batches. Only the states of this level and of the next are kept; of all others there is the
//! [fingerprint](Table) and the [origin](Ancestry).

use quorate_protocol::{Broken, Duration};

use super::ancestry::{Ancestry, Number};
use super::crew::Crew;
use super::harvest::{Harvest, Question, Reached, enter, gather, yields};
use super::queue::{Batch, Queue};
use super::stopwatch::Stopwatch;
use super::table::Table;
use super::{CheckError, Goal, Limit, Model, Path, Progress, Report, Search, Verdict};

/// Into how many pieces a batch is cut for each thread: who is done early takes another.
const PIECES: usize = 2;

/// A search under way.
pub(super) struct Engine<'s, 'a, M: Model> {
    search: &'s mut Search<'a, M>,
    roots: Vec<M::State>,
    table: Table,
    ancestry: Ancestry,
    /// The states of this level that were not judged yet, and those of the next that were found so far.
    level: Queue<M::State>,
    next: Queue<M::State>,
    /// Which state reaches each goal.
    reached: Vec<Option<Number>>,
    /// One for each piece of a batch.
    harvests: Vec<Harvest<M>>,
    stopwatch: Stopwatch,
    reported: Duration,
    progress: Progress,
    peak: usize,
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
        let (level, mut next) = (Queue::new(), Queue::new());
        next.extend(search.model, 0, roots.iter().cloned());
        let (stopwatch, reported) = (Stopwatch::start(), Duration::ZERO);
        Ok(Engine {
            search,
            roots,
            table,
            ancestry,
            level,
            next,
            reached,
            harvests: Vec::new(),
            stopwatch,
            reported,
            progress,
            peak: 0,
        })
    }

    pub(super) fn run(mut self) -> Result<Report<M>, CheckError> {
        let crew = Crew::new(self.search.threads);
        let pieces = if crew.threads() == 1 { 1 } else { PIECES * crew.threads() };
        self.harvests = (0..pieces).map(|_| Harvest::new(crew.threads())).collect();
        let end = crew.lead(|| self.search_levels(&crew))?;
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

    /// One level after the other.
    fn search_levels(&mut self, crew: &Crew) -> Result<End, CheckError> {
        for depth in 0.. {
            self.level = std::mem::replace(&mut self.next, Queue::new());
            if self.level.is_empty() {
                return Ok(End::Exhausted);
            }
            self.level.close(self.search.model);
            let last = self.search.depth == Some(depth);
            while let Some(batch) = self.level.pop() {
                if let Some(end) = self.work_off(batch, !last, crew)? {
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
    fn work_off(&mut self, batch: Batch<M::State>, onward: bool, crew: &Crew) -> Result<Option<End>, CheckError> {
        let open: Vec<(usize, &Reached<'_, M::State>)> = (0..self.search.goals.len())
            .filter(|&goal| self.reached[goal].is_none())
            .map(|goal| (goal, &*self.search.goals[goal].1))
            .collect();
        let question = Question { model: self.search.model, goals: &open, onward };
        gather(&question, &self.table, (batch.first, &batch.states), &mut self.harvests, crew);
        drop(batch);
        if let Some(end) = self.evaluate()? {
            return Ok(Some(end));
        }
        let found: usize = self.harvests.iter().map(Harvest::len).sum();
        if self.ancestry.count() + found as u64 > u64::from(u32::MAX) {
            return Ok(Some(End::Stopped(Limit::States)));
        }
        self.take_in(crew);
        self.measure();
        self.tell();
        Ok(self.limit().map(End::Stopped))
    }

    /// Enters what was gathered, and keeps what is new.
    fn take_in(&mut self, crew: &Crew) {
        let fresh = enter(&self.harvests, &mut self.table, crew);
        let (origins, states) = yields(&mut self.harvests, &fresh);
        let (ancestry, next, model) = (&mut self.ancestry, &mut self.next, self.search.model);
        let first = ancestry.count() as Number;
        crew.for_items(fresh.len())
            .both(|| ancestry.extend(fresh.len(), origins), || next.extend(model, first, states));
    }

    /// Adds up what the pieces of a batch have to say: the first violation counts, and the first state that reaches a goal.
    fn evaluate(&mut self) -> Result<Option<End>, CheckError> {
        let mut broken = None;
        for harvest in &self.harvests {
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

    fn measure(&mut self) {
        self.progress.unique = self.ancestry.count();
        self.progress.waiting = self.level.len() + self.next.len();
        let states = self.level.bytes() + self.next.bytes();
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
