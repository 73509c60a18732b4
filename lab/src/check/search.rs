//! Configuration of a search: initial states, limits and goals.

use std::num::NonZero;

use quorate_protocol::Duration;

use super::engine::Engine;
use super::expand::Reached;
use super::{CheckError, Model, SearchProgress, SearchReport};
use crate::Stop;

/// Callback that receives the progress of a search.
pub(super) type Listener<'a> = Box<dyn FnMut(&SearchProgress) + Send + 'a>;

/// A breadth-first search through every state of a model. Finish with [`run`](Self::run).
///
/// A violation is reported with a shortest run that leads to it: the same one, whatever the number
/// of threads.
#[must_use = "call `run` to search"]
pub struct Search<'a, M: Model> {
    pub(super) model: &'a M,
    pub(super) from: Option<Vec<M::State>>,
    pub(super) goals: Vec<(String, Box<Reached<'a, M::State>>)>,
    pub(super) until_reached: bool,
    pub(super) threads: usize,
    pub(super) depth: Option<u32>,
    pub(super) time: Option<Duration>,
    pub(super) memory: Option<usize>,
    pub(super) stop: Option<Stop>,
    pub(super) listener: Option<(Duration, Listener<'a>)>,
}

impl<'a, M: Model> Search<'a, M> {
    /// A search from the model's initial states, without limits, on all processors.
    pub fn new(model: &'a M) -> Self {
        Search {
            model,
            from: None,
            goals: Vec::new(),
            until_reached: false,
            threads: processors(),
            depth: None,
            time: None,
            memory: None,
            stop: None,
            listener: None,
        }
    }

    /// Begins in these states instead, such as those that an earlier search has reached.
    pub fn from(self, states: impl IntoIterator<Item = M::State>) -> Self {
        Search { from: Some(states.into_iter().collect()), ..self }
    }

    /// Adds a goal, which must be reached for the check to [pass](SearchReport::passed).
    pub fn goal(mut self, name: impl Into<String>, reached: impl Fn(&M::State) -> bool + Send + Sync + 'a) -> Self {
        self.goals.push((name.into(), Box::new(reached)));
        self
    }

    /// Ends as soon as all goals are reached.
    pub fn until_reached(self) -> Self {
        Search { until_reached: true, ..self }
    }

    /// Sets the number of threads.
    pub fn threads(self, threads: usize) -> Self {
        Search { threads, ..self }
    }

    /// Limits the length of runs to this many actions. States at that distance are still checked.
    pub fn depth(self, depth: u32) -> Self {
        Search { depth: Some(depth), ..self }
    }

    /// Limits the time. The clock is read after every few thousand states.
    pub fn time(self, time: Duration) -> Self {
        Search { time: Some(time), ..self }
    }

    /// Limits the memory to this many bytes, counting the search's tables and the queued states as
    /// measured by [`Model::bytes`].
    pub fn memory(self, bytes: usize) -> Self {
        Search { memory: Some(bytes), ..self }
    }

    /// Stops when this is requested. It is polled as often as the time.
    pub fn stop(self, stop: Stop) -> Self {
        Search { stop: Some(stop), ..self }
    }

    /// Reports progress, about this often.
    pub fn progress(self, every: Duration, listener: impl FnMut(&SearchProgress) + Send + 'a) -> Self {
        Search { listener: Some((every, Box::new(listener))), ..self }
    }

    /// Runs the search.
    ///
    /// # Errors
    /// [`CheckError::Zero`] for a limit of zero, [`CheckError::NoInitialState`] without an
    /// initial state, and [`CheckError::TooManySuccessors`] if a state has more than 65,536.
    pub fn run(mut self) -> Result<SearchReport<M>, CheckError> {
        let zeros = [
            ("the number of threads", self.threads == 0),
            ("the depth limit", self.depth == Some(0)),
            ("the time limit", self.time == Some(Duration::ZERO)),
            ("the memory limit", self.memory == Some(0)),
            ("the number of goals to stop at", self.until_reached && self.goals.is_empty()),
        ];
        match zeros.into_iter().find(|(_, zero)| *zero) {
            Some((what, _)) => Err(CheckError::Zero(what)),
            None => Engine::new(&mut self)?.run(),
        }
    }
}

/// Returns the number of available processors; one if it is unknown.
fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}
