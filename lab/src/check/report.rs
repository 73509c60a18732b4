//! Result and progress of a search.

use std::fmt;

use quorate_protocol::{Duration, InvariantViolation};

use super::Model;
use crate::plural;

/// A run of a model: its initial state, and each action with the state that it led to.
pub struct Path<M: Model> {
    /// The initial state.
    pub initial: M::State,
    /// The actions, each with the state that it led to.
    pub steps: Vec<(M::Action, M::State)>,
}

impl<M: Model> Path<M> {
    /// The last state.
    pub fn end(&self) -> &M::State {
        self.steps.last().map_or(&self.initial, |(_, state)| state)
    }

    /// Appends a path that begins where this one ends: for searches in stages.
    #[must_use]
    pub fn then(mut self, further: Self) -> Self {
        self.steps.extend(further.steps);
        self
    }
}

impl<M: Model> Clone for Path<M>
where
    M::Action: Clone,
{
    fn clone(&self) -> Self {
        Path { initial: self.initial.clone(), steps: self.steps.clone() }
    }
}

impl<M: Model> fmt::Debug for Path<M>
where
    M::State: fmt::Debug,
    M::Action: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Path").field("initial", &self.initial).field("steps", &self.steps).finish()
    }
}

/// Verdict of a search.
pub enum SearchVerdict<M: Model> {
    /// Every state was checked, and none violates an invariant.
    Exhausted,
    /// A state violates an invariant. No shorter run leads to a violation.
    Broken {
        /// The violation.
        broken: InvariantViolation,
        /// The first run that leads to it.
        path: Path<M>,
    },
    /// All goals were reached, and the search was to end then.
    Reached,
    /// A limit ended the search. No violation was found; there may be more states.
    Stopped(Limit),
}

impl<M: Model> Clone for SearchVerdict<M>
where
    M::Action: Clone,
{
    fn clone(&self) -> Self {
        match self {
            SearchVerdict::Exhausted => SearchVerdict::Exhausted,
            SearchVerdict::Broken { broken, path } => {
                SearchVerdict::Broken { broken: broken.clone(), path: path.clone() }
            }
            SearchVerdict::Reached => SearchVerdict::Reached,
            SearchVerdict::Stopped(limit) => SearchVerdict::Stopped(*limit),
        }
    }
}

impl<M: Model> fmt::Debug for SearchVerdict<M>
where
    M::State: fmt::Debug,
    M::Action: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SearchVerdict::Exhausted => f.write_str("Exhausted"),
            SearchVerdict::Broken { broken, path } => {
                f.debug_struct("Broken").field("broken", broken).field("path", path).finish()
            }
            SearchVerdict::Reached => f.write_str("Reached"),
            SearchVerdict::Stopped(limit) => f.debug_tuple("Stopped").field(limit).finish(),
        }
    }
}

/// Limit that ended a search before it was exhausted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Limit {
    /// Maximum length of runs, in actions.
    Depth(u32),
    /// Time.
    Time(Duration),
    /// Memory, in bytes.
    Memory(usize),
    /// Number of states that can be numbered: about four billion.
    States,
    /// A stop was requested.
    Interrupted,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Limit::Depth(depth) => write!(f, "the depth limit of {depth}"),
            Limit::Time(time) => write!(f, "the time limit of {time:?}"),
            Limit::Memory(bytes) => write!(f, "the memory limit of {}", Bytes(*bytes)),
            Limit::States => write!(f, "the limit of {} states", u32::MAX),
            Limit::Interrupted => write!(f, "an interrupt"),
        }
    }
}

/// A goal, and a shortest run to it.
pub struct GoalResult<M: Model> {
    /// Name of the goal.
    pub name: String,
    /// A shortest run to it; `None` if it was not reached.
    pub path: Option<Path<M>>,
}

impl<M: Model> Clone for GoalResult<M>
where
    M::Action: Clone,
{
    fn clone(&self) -> Self {
        GoalResult { name: self.name.clone(), path: self.path.clone() }
    }
}

impl<M: Model> fmt::Debug for GoalResult<M>
where
    M::State: fmt::Debug,
    M::Action: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GoalResult").field("name", &self.name).field("path", &self.path).finish()
    }
}

/// Progress of a search.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SearchProgress {
    /// Number of distinct states found.
    pub unique: u64,
    /// Number of successors generated, including initial states and repetitions.
    pub generated: u64,
    /// All states up to this depth were checked; `None` before the initial states were.
    pub depth: Option<u32>,
    /// Number of states without any successor.
    pub terminal: u64,
    /// Number of states found but not checked yet.
    pub waiting: u64,
    /// Memory in use for all this, in bytes.
    pub bytes: usize,
    /// Time since the search began; zero where there is no clock.
    pub elapsed: Duration,
}

impl SearchProgress {
    /// Returns the number of distinct states found per second.
    pub fn rate(&self) -> u64 {
        let nanos = self.elapsed.as_nanos().max(1);
        u64::try_from(u128::from(self.unique) * 1_000_000_000 / nanos).unwrap_or(u64::MAX)
    }
}

impl fmt::Display for SearchProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.depth {
            Some(depth) => write!(f, "depth {depth} complete, ")?,
            None => write!(f, "started, ")?,
        }
        write!(
            f,
            "{} distinct states, {} generated, {} waiting, {} per second, {}",
            Grouped(self.unique),
            Grouped(self.generated),
            Grouped(self.waiting),
            Grouped(self.rate()),
            Bytes(self.bytes)
        )
    }
}

/// Report of a search.
pub struct SearchReport<M: Model> {
    /// The verdict.
    pub verdict: SearchVerdict<M>,
    /// The goals, in the order in which they were set.
    pub goals: Vec<GoalResult<M>>,
    /// Progress at the end; `bytes` is the peak.
    pub progress: SearchProgress,
}

impl<M: Model> SearchReport<M> {
    /// Whether there is no violation and every goal was reached: a check that gets nowhere has not
    /// passed.
    pub fn passed(&self) -> bool {
        !matches!(self.verdict, SearchVerdict::Broken { .. }) && self.unreached().next().is_none()
    }

    /// Returns the names of the goals that were not reached.
    pub fn unreached(&self) -> impl Iterator<Item = &str> {
        self.goals.iter().filter(|goal| goal.path.is_none()).map(|goal| goal.name.as_str())
    }

    /// Returns a shortest run that violates an invariant.
    pub fn counterexample(&self) -> Option<&Path<M>> {
        match &self.verdict {
            SearchVerdict::Broken { path, .. } => Some(path),
            _ => None,
        }
    }

    /// Returns the odds (one in …) that *any* state was mistaken for another one and left out:
    /// states are identified by 64 bits. `None` if fewer than two were found.
    pub fn odds_of_omission(&self) -> Option<u128> {
        let unique = u128::from(self.progress.unique);
        (1_u128 << 65).checked_div(unique * unique.saturating_sub(1))
    }
}

impl<M: Model> Clone for SearchReport<M>
where
    M::Action: Clone,
{
    fn clone(&self) -> Self {
        SearchReport { verdict: self.verdict.clone(), goals: self.goals.clone(), progress: self.progress }
    }
}

impl<M: Model> fmt::Debug for SearchReport<M>
where
    M::State: fmt::Debug,
    M::Action: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SearchReport { verdict, goals, progress } = self;
        f.debug_struct("SearchReport")
            .field("verdict", verdict)
            .field("goals", goals)
            .field("progress", progress)
            .finish()
    }
}

impl<M: Model> fmt::Display for SearchReport<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SearchProgress { unique, generated, depth, .. } = self.progress;
        let depth = depth.map_or_else(|| "no depth".to_owned(), |depth| format!("depth {depth}"));
        match &self.verdict {
            SearchVerdict::Exhausted => write!(f, "exhausted at {depth}")?,
            SearchVerdict::Broken { broken, path } => {
                write!(f, "after {}, {broken}", plural(path.steps.len() as u64, "step"))?
            }
            SearchVerdict::Reached => write!(f, "all goals reached")?,
            SearchVerdict::Stopped(limit) => write!(f, "not exhausted: {depth} complete, stopped by {limit}")?,
        }
        write!(f, "; {} distinct states, {} generated", Grouped(unique), Grouped(generated))?;
        for name in self.unreached() {
            write!(f, "; never reached: {name}")?;
        }
        Ok(())
    }
}

/// A number with separated thousands.
struct Grouped(u64);

impl fmt::Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                write!(f, ",")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

/// A memory size with a unit.
struct Bytes(usize);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = |unit: usize| (self.0 / unit, self.0 % unit * 10 / unit);
        let ((whole, tenth), unit) = match self.0 {
            0..1_000 => return write!(f, "{} B", self.0),
            1_000..1_000_000 => (tenths(1_000), "kB"),
            1_000_000..1_000_000_000 => (tenths(1_000_000), "MB"),
            _ => (tenths(1_000_000_000), "GB"),
        };
        write!(f, "{whole}.{tenth} {unit}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_progress_line_is_readable() {
        let progress = SearchProgress {
            unique: 1_234_567,
            generated: 9_999_999,
            depth: Some(12),
            terminal: 0,
            waiting: 1_000,
            bytes: 45_600_000,
            elapsed: Duration::from_secs(2),
        };
        assert_eq!(
            progress.to_string(),
            "depth 12 complete, 1,234,567 distinct states, 9,999,999 generated, 1,000 waiting, 617,283 per second, 45.6 MB"
        );
        assert_eq!(
            SearchProgress::default().to_string(),
            "started, 0 distinct states, 0 generated, 0 waiting, 0 per second, 0 B"
        );
    }
}
