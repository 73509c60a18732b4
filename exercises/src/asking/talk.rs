//! Conversation with the process of an answer: questions and answers, bounded in time and size.

use std::io;
use std::path::Path;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use quorate_answer::wire::{Greeting, MARK, VERSION};
use serde::Deserialize;

use super::confine::{Confined, Launcher};
use super::group;
use super::line::{Lines, NoLine};
use super::stop::{Printed, Termination};
use super::stream::{Ends, connect};
use crate::course::Exercise;

/// Maximum size of an answer, in bytes.
const ANSWER_BYTES_MAX: usize = 4 << 20;
/// Maximum total size of the answers in a run, which are kept until its end.
const RUN_BYTES_MAX: u64 = 512 << 20;
/// Grace period for a process that has closed its connection to exit.
const ENDS_WITHIN: Duration = Duration::from_millis(500);

/// Question to ask.
#[derive(Clone, Copy, Debug)]
pub(super) struct Put<'a> {
    pub(super) state: u64,
    pub(super) from: Option<u64>,
    pub(super) what: &'a str,
}

/// Callback that answers a query of the answer's; `None` if the query is invalid.
pub(super) type Back<'a> = &'a mut dyn FnMut(&str) -> Option<String>;

/// Process, with its connection.
#[derive(Debug)]
pub(super) struct Talk {
    child: Child,
    /// Whether the process has been reaped.
    is_over: bool,
    lines: Lines,
    number: u64,
    /// Total size of the answers in this run, in bytes.
    said: u64,
    printed: Printed,
}

/// Line that is an answer.
#[derive(Debug)]
struct AnswerLine {
    kind: String,
    json: String,
}

impl Talk {
    /// Starts the program of an answer.
    pub(super) fn start(launcher: &Launcher, program: &Path) -> io::Result<Self> {
        let (ours, Ends { stdin, stdout, stderr }) = connect()?;
        let mut command = launcher.command(program);
        // The process's end is dropped with the command, so that only the child holds it: when the
        // child is gone, the connection is closed.
        let child = group::lead(command.stdin(stdin).stdout(stdout).stderr(stderr)).spawn()?;
        let lines = Lines::new(ours);
        Ok(Talk { child, is_over: false, lines, number: 0, said: 0, printed: Printed::default() })
    }

    /// Output that it has printed so far.
    pub(super) const fn printed(&self) -> &Printed {
        &self.printed
    }

    /// Resets the size count at the end of a run: its answers are no longer kept.
    pub(super) const fn run_is_over(&mut self) {
        self.said = 0;
    }

    /// Reads the greeting: the restrictions in force, and the names of the learner's decisions.
    pub(super) fn greeted(
        &mut self,
        exercise: &Exercise,
        time_limit: Duration,
    ) -> Result<(Confined, Vec<String>), Termination> {
        let until = Instant::now() + time_limit;
        let confined = self.said(0, until).and_then(|said| parsed::<Confined>(&said, "confined"))?;
        let hello = self.said(0, until).and_then(|said| parsed::<Greeting>(&said, "hello"))?;
        if hello.version != VERSION {
            return Err(Termination::InvalidAnswer(format!(
                "it uses version {} of the grader's protocol, not {VERSION}",
                hello.version
            )));
        }
        if hello.exercise != exercise.id {
            let detail = format!("the file contains the answer to {}, not to {}", hello.exercise, exercise.id);
            return Err(Termination::InvalidAnswer(detail));
        }
        Ok((confined, hello.given))
    }

    /// Asks a question, and waits for its answer until the deadline. `gone` are states that are no
    /// longer needed.
    pub(super) fn ask(
        &mut self,
        put: Put<'_>,
        gone: &[u64],
        given: &str,
        until: Instant,
        back: Back<'_>,
    ) -> Result<String, Termination> {
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
                    let text = back(&said.json).ok_or_else(|| unexpected(&said))?;
                    self.send(&(text + "\n"), until)?;
                }
                "unfinished" => return Err(Termination::Unfinished),
                "panicked" => return Err(Termination::Panicked(serde_json::from_str(&said.json).unwrap_or(said.json))),
                _ => return Err(unexpected(&said)),
            }
        }
    }

    fn send(&mut self, line: &str, until: Instant) -> Result<(), Termination> {
        match self.lines.send(line, until) {
            Ok(()) => Ok(()),
            Err(NoLine::Late) => Err(Termination::TimedOut),
            // Its last output tells more than the failed write.
            Err(_) => Err(self.said(self.number, until).err().unwrap_or(Termination::TimedOut)),
        }
    }

    /// Reads the next line that is an answer to that question; lines before it are printed output.
    fn said(&mut self, number: u64, until: Instant) -> Result<AnswerLine, Termination> {
        loop {
            // A process that prints continuously is late as well.
            if Instant::now() > until {
                return Err(Termination::TimedOut);
            }
            let line = match self.lines.next(ANSWER_BYTES_MAX, until) {
                Ok(line) => line,
                Err(NoLine::Late) => return Err(Termination::TimedOut),
                Err(NoLine::Long) => {
                    return Err(Termination::Flooded(format!("a line of more than {ANSWER_BYTES_MAX} bytes")));
                }
                Err(NoLine::Closed) => return Err(self.ended()),
            };
            let Some(text) = line.strip_prefix(MARK) else {
                self.printed.line(&line)?;
                continue;
            };
            self.said += text.len() as u64;
            if self.said > RUN_BYTES_MAX {
                return Err(Termination::Flooded(format!(
                    "it sent more than {} MB in a single run",
                    RUN_BYTES_MAX >> 20
                )));
            }
            let mut words = text.splitn(3, ' ');
            let answers = words.next().and_then(|word| word.parse().ok());
            let (Some(kind), Some(json)) = (words.next(), words.next()) else {
                return Err(Termination::InvalidAnswer("an empty answer".to_owned()));
            };
            let said = AnswerLine { kind: kind.to_owned(), json: json.to_owned() };
            return if answers == Some(number) { Ok(said) } else { Err(unexpected(&said)) };
        }
    }

    /// Determines why the process has ended.
    fn ended(&mut self) -> Termination {
        let rest = self.lines.rest();
        // The output limit is irrelevant here: an excess was reported before.
        let _ = self.printed.line(&rest);
        let status = self.waited();
        if self.printed.ends_about("memory allocation of") {
            return Termination::OutOfMemory;
        }
        if self.printed.ends_about("has overflowed its stack") || status.is_some_and(group::has_crashed) {
            return Termination::Ended("the stack overflowed; look for endless recursion".to_owned());
        }
        let how = status.map_or_else(|| "it closed its connection".to_owned(), |status| status.to_string());
        match self.printed.last() {
            None => Termination::Ended(how),
            Some(last) => Termination::Ended(format!("{how}; its last output: {last}")),
        }
    }

    /// Returns the exit status, if the process has ended by itself or does so within the grace
    /// period. It is reaped afterwards.
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

    /// Kills the process with all its descendants. Returns its exit status, if it was still there.
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

fn unexpected(said: &AnswerLine) -> Termination {
    let AnswerLine { kind, json } = said;
    let kind: String = kind.chars().take(20).collect();
    let json: String = json.chars().take(100).collect();
    Termination::InvalidAnswer(format!("it sent \"{kind} {json}\", which answers no question"))
}

fn parsed<T: for<'de> Deserialize<'de>>(said: &AnswerLine, kind: &str) -> Result<T, Termination> {
    if said.kind != kind {
        return Err(unexpected(said));
    }
    serde_json::from_str(&said.json).map_err(|_| unexpected(said))
}
