//! Talking with the process of an answer: questions and what is said to them, each bounded in time and size.

use std::io;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use quorate_answer::wire::{Greeting, MARK, VERSION};
use serde::Deserialize;

use super::confine::{Confined, Launcher};
use super::group;
use super::line::{Lines, NoLine};
use super::stop::{Printed, Stop};
use super::stream::{Ends, connect};
use crate::course::Exercise;

/// An answer may be so long, in bytes.
const ANSWER_BYTES_MAX: usize = 4 << 20;
/// What an answer says of a run is kept until its end: so much at most.
const RUN_BYTES_MAX: u64 = 512 << 20;
/// A process that has closed its connection has so long to end.
const ENDS_WITHIN: Duration = Duration::from_millis(500);

/// A question to be put.
#[derive(Clone, Copy, Debug)]
pub(super) struct Put<'a> {
    pub(super) state: u64,
    pub(super) from: Option<u64>,
    pub(super) what: &'a str,
}

/// What answers what the answer asks back; `None` if that makes no sense.
pub(super) type Back<'a> = &'a mut dyn FnMut(&str) -> Option<String>;

/// A process, and the talk with it.
#[derive(Debug)]
pub(super) struct Talk {
    child: Child,
    /// Whether the process has been waited for.
    is_over: bool,
    lines: Lines,
    number: u64,
    /// How much was said in this run.
    said: u64,
    printed: Printed,
}

/// In a process group of its own, so that it can be ended with all that it may have started. A program that has just been written may
/// be busy for a moment, where another thread starts a process at that time.
fn spawn(command: &mut Command) -> io::Result<Child> {
    for _ in 0..20 {
        match group::lead(command).spawn() {
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

impl Talk {
    /// Starts the program of an answer.
    pub(super) fn start(launcher: &Launcher, program: &Path) -> io::Result<Self> {
        let (ours, Ends { stdin, stdout, stderr }) = connect()?;
        let mut command = launcher.command(program);
        // The answer's end goes with the command, and is the child's alone then: when that is gone, this one is closed.
        let child = spawn(command.stdin(stdin).stdout(stdout).stderr(stderr))?;
        let lines = Lines::new(ours);
        Ok(Talk { child, is_over: false, lines, number: 0, said: 0, printed: Printed::default() })
    }

    /// What it has printed so far.
    pub(super) const fn printed(&self) -> &Printed {
        &self.printed
    }

    /// A run is over: what was said in it is no longer kept.
    pub(super) const fn run_is_over(&mut self) {
        self.said = 0;
    }

    /// What it says before it is asked anything: what it cannot do, and which decisions are the learner's.
    pub(super) fn greeted(&mut self, exercise: &Exercise, patience: Duration) -> Result<(Confined, Vec<String>), Stop> {
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

    /// Puts a question, and waits for its answer until that moment. `gone` are states that nobody will ask any more.
    pub(super) fn ask(
        &mut self,
        put: Put<'_>,
        gone: &[u64],
        given: &str,
        until: Instant,
        back: Back<'_>,
    ) -> Result<String, Stop> {
        self.number += 1;
        let number = self.number;
        let from = put.from.map_or_else(|| "-".to_owned(), |from| from.to_string());
        let gone: Vec<String> = gone.iter().map(u64::to_string).collect();
        let gone = if gone.is_empty() { "-".to_owned() } else { gone.join(",") };
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
                self.printed.line(&line)?;
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

    /// Why there is nobody any more.
    fn ended(&mut self) -> Stop {
        let rest = self.lines.rest();
        // Too much of it was too much before.
        let _ = self.printed.line(&rest);
        let status = self.waited();
        if self.printed.ends_about("memory allocation of") {
            return Stop::Greedy;
        }
        if self.printed.ends_about("has overflowed its stack") || status.is_some_and(group::has_crashed) {
            return Stop::Ended("something calls itself for ever: the stack has overflowed".to_owned());
        }
        let how = status.map_or_else(|| "it closed its connection".to_owned(), |status| status.to_string());
        match self.printed.last() {
            None => Stop::Ended(how),
            Some(last) => Stop::Ended(format!("{how}; it said: {last}")),
        }
    }

    /// How the process has ended, if it has by itself or does so in a moment. It is gone afterwards.
    fn waited(&mut self) -> Option<ExitStatus> {
        let late = Instant::now() + ENDS_WITHIN;
        while !group::has_ended(&mut self.child) {
            if Instant::now() > late {
                self.end();
                return None;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        self.end()
    }

    /// Ends the process, and all that it has started. How it ended, if it was still there.
    pub(super) fn end(&mut self) -> Option<ExitStatus> {
        if self.is_over {
            return None;
        }
        self.is_over = true;
        group::end(&mut self.child)
    }
}

impl Drop for Talk {
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
