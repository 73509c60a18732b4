//! Connection to an answer for the rest of the grader: it asks questions, and records why the
//! answer stopped.

use std::collections::HashMap;
use std::panic;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use quorate_answer::wire::WireForm;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::confine::{Confined, Launcher};
use super::present::{locked, nameless};
use super::stop::{Printed, Stopped, Termination};
use super::talk::{Back, Put, Talk};
use crate::course::Exercise;

/// Maximum number of cached answers to decisions.
const REMEMBERED_MAX: usize = 500_000;
/// Time limit of a case, in multiples of that of a question.
const CASE_QUESTIONS: u32 = 6;

/// Connection to the process of an answer.
#[derive(Debug)]
pub struct Link {
    inner: Mutex<Inner>,
    given: Vec<String>,
    confined: Confined,
    time_limit: Duration,
}

#[derive(Debug)]
struct Inner {
    talk: Talk,
    states: u64,
    living: u64,
    gone: Vec<u64>,
    case_until: Instant,
    /// Limit of all cases together, with its end.
    over: Option<(Duration, Instant)>,
    remembered: HashMap<String, String>,
    stop: Option<Termination>,
}

impl Link {
    /// Starts the program of an answer under that launcher. `patience` is the time limit of a
    /// question.
    ///
    /// # Errors
    /// A sentence, if it cannot be started. A wrong greeting is a reason to stop (the inner error),
    /// not an error.
    pub fn start(
        launcher: &Launcher,
        program: &Path,
        exercise: &Exercise,
        time_limit: Duration,
    ) -> Result<Result<Arc<Link>, Termination>, String> {
        let mut talk = Talk::start(launcher, program).map_err(|error| format!("{}: {error}", program.display()))?;
        let (confined, given) = match talk.greeted(exercise, time_limit) {
            Ok(greeted) => greeted,
            Err(stop) => return Ok(Err(stop)),
        };
        let inner = Inner {
            talk,
            states: 0,
            living: 0,
            gone: Vec::new(),
            case_until: Instant::now() + time_limit * CASE_QUESTIONS,
            over: launcher.time_limit().map(|within| (within, Instant::now() + within)),
            remembered: HashMap::new(),
            stop: None,
        };
        Ok(Ok(Arc::new(Link { inner: Mutex::new(inner), given, confined, time_limit })))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        locked(&self.inner)
    }

    /// Names of the learner's decisions.
    pub fn given(&self) -> &[String] {
        &self.given
    }

    /// Restrictions in force for the process.
    pub fn confined(&self) -> Confined {
        self.confined
    }

    /// Reason why it stopped, if it has.
    pub fn stop(&self) -> Option<Termination> {
        self.inner().stop.clone()
    }

    /// Output that it has printed so far.
    pub fn printed(&self) -> Printed {
        self.inner().talk.printed().clone()
    }

    /// Starts the time limit of a new case.
    pub(super) fn case_begins(&self) {
        self.inner().case_until = Instant::now() + self.time_limit * CASE_QUESTIONS;
    }

    /// Allocates the number of a new state.
    pub(super) fn state(&self) -> u64 {
        let mut inner = self.inner();
        inner.states += 1;
        inner.living += 1;
        inner.states
    }

    /// Marks a state as no longer needed.
    pub(super) fn gone(&self, state: u64) {
        let mut inner = self.inner();
        inner.gone.push(state);
        inner.living -= 1;
        if inner.living == 0 {
            inner.talk.run_is_over();
        }
    }

    /// Asks a question, with the current names in scope.
    pub(super) fn ask<T: DeserializeOwned>(&self, put: Put<'_>, given: &impl Serialize) -> T {
        let reply = json(given).and_then(|given| self.inner().ask(put, &given, self.time_limit, &mut |_| None));
        self.read(reply)
    }

    /// Asks a question about a decision; repeated questions are answered from the cache. `back`
    /// answers queries that the answer makes meanwhile.
    pub(super) fn decide<T: WireForm>(&self, what: &str, given: &impl Serialize, back: Back<'_>) -> T {
        T::from_wire(self.remembered(what, given, back))
            .unwrap_or_else(|| self.fail(Termination::InvalidAnswer(format!("the answer to `{what}` is invalid"))))
    }

    /// As `decide`, for an answer that is its own wire form.
    pub(super) fn remembered<T: DeserializeOwned>(&self, what: &str, given: &impl Serialize, back: Back<'_>) -> T {
        nameless(|| self.read(self.known(what, given, back)))
    }

    fn known(&self, what: &str, given: &impl Serialize, back: Back<'_>) -> Result<String, Termination> {
        let given = json(given)?;
        let mut inner = self.inner();
        inner.is_in_time()?;
        let key = format!("{what} {given}");
        if let Some(reply) = inner.remembered.get(&key) {
            return Ok(reply.clone());
        }
        let mut asked_back = false;
        let put = Put { state: 0, from: None, what };
        let reply = inner.ask(put, &given, self.time_limit, &mut |about| {
            asked_back = true;
            back(about)
        })?;
        if !asked_back && inner.remembered.len() < REMEMBERED_MAX {
            inner.remembered.insert(key, reply.clone());
        }
        Ok(reply)
    }

    fn read<T: DeserializeOwned>(&self, reply: Result<String, Termination>) -> T {
        match reply.map(|reply| serde_json::from_str(&reply)) {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => self.fail(Termination::InvalidAnswer(format!("cannot read an answer: {error}"))),
            Err(stop) => self.fail(stop),
        }
    }

    /// Records why the answer has stopped, and leaves the grading.
    pub(super) fn fail(&self, stop: Termination) -> ! {
        let mut inner = self.inner();
        inner.stop.get_or_insert(stop);
        inner.talk.end();
        drop(inner);
        // Unwinds without the panic hook, which would print to the standard error.
        panic::resume_unwind(Box::new(Stopped))
    }
}

fn json(value: &impl Serialize) -> Result<String, Termination> {
    serde_json::to_string(value)
        .map_err(|error| Termination::InvalidAnswer(format!("cannot write a question: {error}")))
}

impl Inner {
    fn is_in_time(&self) -> Result<(), Termination> {
        match &self.stop {
            Some(stop) => Err(stop.clone()),
            None if self.is_over() => Err(self.took_too_long()),
            None if Instant::now() > self.case_until => Err(Termination::TimedOut),
            None => Ok(()),
        }
    }

    /// Whether the time for all cases is over.
    fn is_over(&self) -> bool {
        self.over.is_some_and(|(_, end)| Instant::now() > end)
    }

    fn took_too_long(&self) -> Termination {
        let seconds = self.over.map_or(0, |(within, _)| within.as_secs());
        Termination::Ended(format!("all cases together took longer than {seconds} s, and were stopped"))
    }

    fn ask(&mut self, put: Put<'_>, given: &str, time_limit: Duration, back: Back<'_>) -> Result<String, Termination> {
        self.is_in_time()?;
        let until = (Instant::now() + time_limit).min(self.case_until);
        let until = self.over.map_or(until, |(_, end)| until.min(end));
        let gone = std::mem::take(&mut self.gone);
        match self.talk.ask(put, &gone, given, until, back) {
            Err(Termination::TimedOut) if self.is_over() => Err(self.took_too_long()),
            reply => reply,
        }
    }
}
