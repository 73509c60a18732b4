//! The process of an answer: started, asked, bounded and ended.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::panic;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use quorate_answer::wire::{Form, Greeting, MARK, VERSION};
use quorate_protocol::Names;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::confine::{Confined, Launcher};
use super::line::{Lines, NoLine};
use crate::answer::MEMORY_BYTES_MAX;
use crate::course::Exercise;
use crate::exam::Verdict;

/// An answer may be so long, in bytes.
const ANSWER_BYTES_MAX: usize = 4 << 20;
/// What an answer says of a run is kept until its end: so much at most.
const RUN_BYTES_MAX: u64 = 512 << 20;
/// So much may be printed.
const PRINTED_BYTES_MAX: u64 = 2 << 20;
/// So much of what is printed is kept.
const KEPT_BYTES_MAX: usize = 1 << 14;
/// So many lines are kept of what was printed last.
const LAST_LINES: usize = 8;
/// So many answers to the same questions are remembered.
const REMEMBERED_MAX: usize = 500_000;
/// A case may take so many times as long as a single question.
const CASE_QUESTIONS: u32 = 6;

/// Why an answer was stopped, or stopped by itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Stop {
    /// There is a gap in it.
    Unfinished,
    /// It panicked, and said this.
    Panicked(String),
    /// A question was not answered in time, or a case took too long.
    Endless,
    /// It asked for more memory than there is.
    Greedy,
    /// It said more than anybody can take.
    Flooded(String),
    /// It ended, and this is how.
    Ended(String),
    /// What it says is no answer.
    Unreadable(String),
}

/// What is thrown when an answer has stopped: the link knows why.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stopped;

/// What an answer has printed: the beginning of it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Printed {
    /// The beginning.
    pub text: String,
    /// How many bytes there were in all.
    pub bytes: u64,
}

/// A connection to the process of an answer.
#[derive(Debug)]
pub struct Link {
    inner: Mutex<Inner>,
    given: Vec<String>,
    confined: Confined,
    patience: Duration,
}

#[derive(Debug)]
struct Inner {
    child: Child,
    lines: Lines,
    number: u64,
    states: u64,
    living: u64,
    gone: Vec<u64>,
    /// How much was said since no state was left over.
    said: u64,
    case_until: Instant,
    remembered: HashMap<String, String>,
    printed: Printed,
    /// What it printed last: a program that dies says why.
    last: VecDeque<String>,
    stop: Option<Stop>,
}

/// The answer that is being graded. Decisions are plain functions, and watchers come from nothing: they find it here.
static PRESENT: Mutex<Option<Arc<Link>>> = Mutex::new(None);
/// One answer is graded at a time.
static TURN: Mutex<()> = Mutex::new(());

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// While this lives, a link is the present one.
pub(super) struct Present(#[allow(dead_code, reason = "held until the grading is over")] MutexGuard<'static, ()>);

/// Makes a link the present one, after those before it.
pub(super) fn enter(link: &Arc<Link>) -> Present {
    let turn = locked(&TURN);
    *locked(&PRESENT) = Some(link.clone());
    Present(turn)
}

impl Drop for Present {
    fn drop(&mut self) {
        *locked(&PRESENT) = None;
    }
}

/// The answer that is being graded.
pub(super) fn present() -> Arc<Link> {
    locked(&PRESENT).clone().unwrap_or_else(|| panic::resume_unwind(Box::new(Stopped)))
}

/// A new case has begun, if an answer is being asked.
pub(crate) fn case_begins() {
    if let Some(link) = locked(&PRESENT).as_ref() {
        link.inner().case_until = Instant::now() + link.patience * CASE_QUESTIONS;
    }
}

/// Names nobody has: ids go as numbers.
pub(super) fn nameless<T>(work: impl FnOnce() -> T) -> T {
    thread_local! {
        static NOBODY: Names = Names::default();
    }
    NOBODY.with(Names::clone).scope(work)
}

/// A question to be put.
#[derive(Clone, Copy, Debug)]
pub(super) struct Put<'a> {
    pub(super) state: u64,
    pub(super) from: Option<u64>,
    pub(super) what: &'a str,
}

impl Link {
    /// Starts the program of an answer, confined by that launcher. No question may take longer than there is `patience` for it.
    ///
    /// # Errors
    /// A sentence, if it cannot be started. That it does not greet as it should is a reason to stop, and no error.
    pub fn start(
        launcher: &Launcher,
        program: &Path,
        exercise: &Exercise,
        patience: Duration,
    ) -> Result<Result<Arc<Link>, Stop>, String> {
        let unusable = |error: io::Error| format!("{}: {error}", program.display());
        let (ours, theirs) = UnixStream::pair().map_err(unusable)?;
        let theirs = OwnedFd::from(theirs);
        let end = || theirs.try_clone().map(Stdio::from).map_err(unusable);
        let mut command = launcher.command(program);
        command.stdin(end()?).stdout(end()?).stderr(end()?);
        let child = spawn(&mut command).map_err(unusable)?;
        // The answer's end is the child's alone: when it is gone, this one is closed.
        drop((command, theirs));
        let mut inner = Inner {
            child,
            lines: Lines::new(ours).map_err(unusable)?,
            number: 0,
            states: 0,
            living: 0,
            gone: Vec::new(),
            said: 0,
            case_until: Instant::now() + patience * CASE_QUESTIONS,
            remembered: HashMap::new(),
            printed: Printed::default(),
            last: VecDeque::new(),
            stop: None,
        };
        Ok(match inner.greeted(exercise, patience) {
            Ok((confined, given)) => Ok(Arc::new(Link { inner: Mutex::new(inner), given, confined, patience })),
            Err(stop) => Err(stop),
        })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        locked(&self.inner)
    }

    /// Which decisions are the learner's.
    pub fn given(&self) -> &[String] {
        &self.given
    }

    /// What the process cannot do.
    pub fn confined(&self) -> Confined {
        self.confined
    }

    /// Why it stopped, if it has.
    pub fn stop(&self) -> Option<Stop> {
        self.inner().stop.clone()
    }

    /// What it has printed so far.
    pub fn printed(&self) -> Printed {
        self.inner().printed.clone()
    }

    /// The number of a state that does not exist yet.
    pub(super) fn state(&self) -> u64 {
        let mut inner = self.inner();
        inner.states += 1;
        inner.living += 1;
        inner.states
    }

    /// Nobody will ask a state any more.
    pub(super) fn gone(&self, state: u64) {
        let mut inner = self.inner();
        inner.gone.push(state);
        inner.living -= 1;
        if inner.living == 0 {
            inner.said = 0;
        }
    }

    /// Puts a question, with the names in scope that are in scope now.
    pub(super) fn ask<T: DeserializeOwned>(&self, put: Put<'_>, given: &impl Serialize) -> T {
        let told = json(given).and_then(|given| self.inner().ask(put, &given, self.patience, &mut |_| None));
        self.read(told)
    }

    /// Puts a question about a decision. What was asked before is known. `back` answers what the answer asks back.
    pub(super) fn decide<T: Form>(
        &self,
        what: &str,
        given: &impl Serialize,
        back: &mut dyn FnMut(&str) -> Option<String>,
    ) -> T {
        T::of(self.remembered(what, given, back))
            .unwrap_or_else(|| self.fail(Stop::Unreadable(format!("to `{what}` it answers what cannot be"))))
    }

    /// The same, for an answer that goes as it is.
    pub(super) fn remembered<T: DeserializeOwned>(
        &self,
        what: &str,
        given: &impl Serialize,
        back: &mut dyn FnMut(&str) -> Option<String>,
    ) -> T {
        nameless(|| self.read(self.known(what, given, back)))
    }

    fn known(
        &self,
        what: &str,
        given: &impl Serialize,
        back: &mut dyn FnMut(&str) -> Option<String>,
    ) -> Result<String, Stop> {
        let given = json(given)?;
        let mut inner = self.inner();
        inner.is_in_time()?;
        let key = format!("{what} {given}");
        if let Some(told) = inner.remembered.get(&key) {
            return Ok(told.clone());
        }
        let mut asked_back = false;
        let put = Put { state: 0, from: None, what };
        let told = inner.ask(put, &given, self.patience, &mut |about| {
            asked_back = true;
            back(about)
        })?;
        if !asked_back && inner.remembered.len() < REMEMBERED_MAX {
            inner.remembered.insert(key, told.clone());
        }
        Ok(told)
    }

    fn read<T: DeserializeOwned>(&self, told: Result<String, Stop>) -> T {
        match told.map(|told| serde_json::from_str(&told)) {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => self.fail(Stop::Unreadable(format!("an answer cannot be read: {error}"))),
            Err(stop) => self.fail(stop),
        }
    }

    /// Notes why the answer has stopped, and leaves the grading.
    pub(super) fn fail(&self, stop: Stop) -> ! {
        let mut inner = self.inner();
        inner.stop.get_or_insert(stop);
        inner.end();
        drop(inner);
        // Not a panic: nobody is to hear of it on the standard error.
        panic::resume_unwind(Box::new(Stopped))
    }
}

fn json(value: &impl Serialize) -> Result<String, Stop> {
    serde_json::to_string(value).map_err(|error| Stop::Unreadable(format!("a question cannot be written: {error}")))
}

/// In a process group of its own, so that it can be ended with all that it may have started. A program that has just been written may
/// be busy for a moment, where another thread starts a process at that time.
fn spawn(command: &mut Command) -> io::Result<Child> {
    for _ in 0..20 {
        match command.process_group(0).spawn() {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => {
                std::thread::sleep(Duration::from_millis(10));
            }
            other => return other,
        }
    }
    command.spawn()
}

/// A line that is an answer.
#[derive(Debug)]
struct Said {
    kind: String,
    json: String,
}

impl Inner {
    fn greeted(&mut self, exercise: &Exercise, patience: Duration) -> Result<(Confined, Vec<String>), Stop> {
        let until = Instant::now() + patience;
        let confined = self.said(0, until).and_then(|said| parsed::<Confined>(&said, "confined"))?;
        let hello = self.said(0, until).and_then(|said| parsed::<Greeting>(&said, "hello"))?;
        if hello.version != VERSION {
            return Err(Stop::Unreadable(format!(
                "it speaks version {} of the questions, not {VERSION}",
                hello.version
            )));
        }
        if hello.exercise != exercise.id {
            let detail = format!("the file hands in {}, and not {}", hello.exercise, exercise.id);
            return Err(Stop::Unreadable(detail));
        }
        Ok((confined, hello.given))
    }

    fn is_in_time(&self) -> Result<(), Stop> {
        match &self.stop {
            Some(stop) => Err(stop.clone()),
            None if Instant::now() > self.case_until => Err(Stop::Endless),
            None => Ok(()),
        }
    }

    fn ask(
        &mut self,
        put: Put<'_>,
        given: &str,
        patience: Duration,
        back: &mut dyn FnMut(&str) -> Option<String>,
    ) -> Result<String, Stop> {
        self.is_in_time()?;
        self.number += 1;
        let number = self.number;
        let from = put.from.map_or_else(|| "-".to_owned(), |from| from.to_string());
        let gone: Vec<String> = self.gone.drain(..).map(|state| state.to_string()).collect();
        let gone = if gone.is_empty() { "-".to_owned() } else { gone.join(",") };
        let until = (Instant::now() + patience).min(self.case_until);
        self.send(&format!("{number} {} {from} {gone} {} {given}\n", put.state, put.what), until)?;
        loop {
            let said = self.said(number, until)?;
            match said.kind.as_str() {
                "done" => return Ok(said.json),
                "back" => {
                    let told = back(&said.json).ok_or_else(|| unexpected(&said))?;
                    self.send(&(told + "\n"), until)?;
                }
                "unfinished" => return Err(Stop::Unfinished),
                "panicked" => return Err(Stop::Panicked(serde_json::from_str(&said.json).unwrap_or(said.json))),
                _ => return Err(unexpected(&said)),
            }
        }
    }

    fn send(&mut self, line: &str, until: Instant) -> Result<(), Stop> {
        match self.lines.send(line, until) {
            Ok(()) => Ok(()),
            Err(NoLine::Late) => Err(Stop::Endless),
            // What it said last tells more than that it does not listen.
            Err(_) => Err(self.said(self.number, until).err().unwrap_or(Stop::Endless)),
        }
    }

    /// The next line that is an answer to that question; what comes before was printed.
    fn said(&mut self, number: u64, until: Instant) -> Result<Said, Stop> {
        loop {
            // Whoever prints all the time is late as well.
            if Instant::now() > until {
                return Err(Stop::Endless);
            }
            let line = match self.lines.next(ANSWER_BYTES_MAX, until) {
                Ok(line) => line,
                Err(NoLine::Late) => return Err(Stop::Endless),
                Err(NoLine::Long) => {
                    return Err(Stop::Flooded(format!("a line of more than {ANSWER_BYTES_MAX} bytes")));
                }
                Err(NoLine::Closed) => return Err(self.ended()),
            };
            let Some(told) = line.strip_prefix(MARK) else {
                self.prints(&line)?;
                continue;
            };
            self.said += told.len() as u64;
            if self.said > RUN_BYTES_MAX {
                return Err(Stop::Flooded(format!("it said more than {} MB in a single run", RUN_BYTES_MAX >> 20)));
            }
            let mut words = told.splitn(3, ' ');
            let answers = words.next().and_then(|word| word.parse().ok());
            let (Some(kind), Some(json)) = (words.next(), words.next()) else {
                return Err(Stop::Unreadable("an answer without words".to_owned()));
            };
            let said = Said { kind: kind.to_owned(), json: json.to_owned() };
            return if answers == Some(number) { Ok(said) } else { Err(unexpected(&said)) };
        }
    }

    fn prints(&mut self, line: &str) -> Result<(), Stop> {
        if line.is_empty() {
            return Ok(());
        }
        self.printed.bytes += line.len() as u64 + 1;
        if self.printed.text.len() < KEPT_BYTES_MAX {
            self.printed.text.extend(line.chars().take(KEPT_BYTES_MAX - self.printed.text.len()));
            self.printed.text.push('\n');
        }
        if self.last.len() == LAST_LINES {
            self.last.pop_front();
        }
        self.last.push_back(line.chars().take(200).collect());
        match self.printed.bytes {
            few if few <= PRINTED_BYTES_MAX => Ok(()),
            _ => Err(Stop::Flooded(format!("it printed more than {} MB", PRINTED_BYTES_MAX >> 20))),
        }
    }

    /// Why there is nobody any more.
    fn ended(&mut self) -> Stop {
        let rest = self.lines.rest();
        // Too much of it was too much before.
        let _ = self.prints(&rest);
        let status = self.waited();
        let said = |words: &str| self.last.iter().any(|line| line.contains(words));
        if said("memory allocation of") {
            return Stop::Greedy;
        }
        let signal = status.and_then(|status| status.signal());
        if said("has overflowed its stack") || signal == Some(rustix::process::Signal::SEGV.as_raw()) {
            return Stop::Ended("something calls itself for ever: the stack has overflowed".to_owned());
        }
        let how = status.map_or_else(|| "it closed its connection".to_owned(), |status| status.to_string());
        match self.last.back() {
            None => Stop::Ended(how),
            Some(last) => Stop::Ended(format!("{how}; it said: {last}")),
        }
    }

    /// How the process has ended, if it has or does so in a moment.
    fn waited(&mut self) -> Option<ExitStatus> {
        for _ in 0..50 {
            match self.child.try_wait() {
                Ok(None) => std::thread::sleep(Duration::from_millis(10)),
                Ok(status) => return status,
                Err(_) => return None,
            }
        }
        None
    }

    /// Ends the process, and all that it has started.
    fn end(&mut self) {
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            return;
        }
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw) {
            // It may have ended just now; then there is nobody to stop.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.end();
    }
}

fn unexpected(said: &Said) -> Stop {
    let Said { kind, json } = said;
    let kind: String = kind.chars().take(20).collect();
    let json: String = json.chars().take(100).collect();
    Stop::Unreadable(format!("it says \"{kind} {json}\", which answers nothing that it was asked"))
}

fn parsed<T: for<'de> Deserialize<'de>>(said: &Said, kind: &str) -> Result<T, Stop> {
    if said.kind != kind {
        return Err(unexpected(said));
    }
    serde_json::from_str(&said.json).map_err(|_| unexpected(said))
}

impl Stop {
    /// What comes of it, in that case.
    pub fn verdict(self, case: &str, patience: Duration) -> Verdict {
        let case = if case.is_empty() { "the first case".to_owned() } else { case.to_owned() };
        match self {
            Stop::Unfinished => Verdict::Unfinished,
            Stop::Panicked(message) => Verdict::Panicked { case, message },
            Stop::Endless => Verdict::Endless { case, seconds: patience.as_secs() },
            Stop::Greedy => Verdict::Greedy { case, megabytes: MEMORY_BYTES_MAX as u64 >> 20 },
            Stop::Flooded(what) => {
                Verdict::Lost { case, message: format!("{what}: is something said, or sent, without an end?") }
            }
            Stop::Ended(message) | Stop::Unreadable(message) => Verdict::Lost { case, message },
        }
    }
}
