//! Lines of a history file (arbitrary bytes), and the history that is built from them.

use std::io::{self, BufRead, Read};

use quorate_protocol::{ClientId, Time};

use super::{Problem, ReadError};
use crate::linearizability::{CallId, History, Misuse, Model};

/// The longest line that is read: 16 MiB.
const LINE_BYTES_MAX: usize = 16 << 20;

/// Calls `each` with every line: its number, from 1, and its text without the line break.
pub(super) fn each_line(
    mut input: impl BufRead,
    mut each: impl FnMut(usize, &str) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    let mut bytes = Vec::new();
    for number in 1.. {
        bytes.clear();
        let mut limited = input.by_ref().take(LINE_BYTES_MAX as u64 + 1);
        let read = limited.read_until(b'\n', &mut bytes).map_err(|error| Problem::Io(error).on(number))?;
        if read == 0 {
            break;
        }
        if read > LINE_BYTES_MAX {
            return Err(Problem::TooLong { bytes_max: LINE_BYTES_MAX }.on(number));
        }
        each(number, text(&bytes, number)?)?;
    }
    Ok(())
}

fn text(bytes: &[u8], line: usize) -> Result<&str, ReadError> {
    let text =
        std::str::from_utf8(bytes).map_err(|error| Problem::NotUtf8 { column: error.valid_up_to() + 1 }.on(line))?;
    let text = if line == 1 { text.strip_prefix('\u{feff}').unwrap_or(text) } else { text };
    Ok(text.trim_end_matches(['\n', '\r']))
}

/// The longest file that is read as a whole: 1 GiB.
const FILE_BYTES_MAX: usize = 1 << 30;

/// Reads the whole file as text.
pub(super) fn whole(input: impl BufRead) -> Result<String, ReadError> {
    let mut bytes = Vec::new();
    let read = input.take(FILE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|error: io::Error| Problem::Io(error).on(1))?;
    if bytes.len() > FILE_BYTES_MAX {
        return Err(Problem::TooLong { bytes_max: FILE_BYTES_MAX }.on(1));
    }
    String::from_utf8(bytes).map_err(|error| {
        let (good, _) = error.as_bytes().split_at(error.utf8_error().valid_up_to());
        let line = good.iter().filter(|byte| **byte == b'\n').count() + 1;
        let column = good.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
        Problem::NotUtf8 { column }.on(line)
    })
}

/// A history under construction, with the line of each of its events.
pub(super) struct Growing<M: Model> {
    pub history: History<M>,
    lines: Vec<usize>,
    line: usize,
    at: Time,
}

impl<M: Model> Growing<M> {
    pub fn new() -> Self {
        Growing { history: History::new(), lines: Vec::new(), line: 1, at: Time::ZERO }
    }

    /// Sets the line that the following events are from.
    pub fn on(&mut self, line: usize) {
        self.line = line;
    }

    /// Attaches the current line to a problem.
    pub fn refuse(&self, problem: Problem) -> ReadError {
        problem.on(self.line)
    }

    /// The line of the event at a position.
    pub fn line_of(&self, position: usize) -> usize {
        self.lines.get(position).copied().unwrap_or(self.line)
    }

    /// The time of the latest event.
    pub fn now(&self) -> Time {
        self.at
    }

    pub fn invoke(&mut self, client: ClientId, op: M::Op, at: Time) -> Result<(), ReadError> {
        let invoked = self.history.invoke(client, op, at).map(drop);
        self.happened(at, invoked)
    }

    /// The call that an answer to this client is for.
    pub fn waiting(&self, client: ClientId) -> Result<CallId, ReadError> {
        self.history.waiting(client).map_err(|misuse| self.out_of_order(misuse))
    }

    pub fn answer(
        &mut self,
        at: Time,
        answer: impl FnOnce(&mut History<M>) -> Result<(), Misuse>,
    ) -> Result<(), ReadError> {
        let answered = answer(&mut self.history);
        self.happened(at, answered)
    }

    fn happened(&mut self, at: Time, event: Result<(), Misuse>) -> Result<(), ReadError> {
        event.map_err(|misuse| self.out_of_order(misuse))?;
        self.at = at;
        self.lines.push(self.line);
        Ok(())
    }

    fn out_of_order(&self, misuse: Misuse) -> ReadError {
        self.refuse(Problem::Order { misuse, since: misuse.earlier().map(|position| self.line_of(position)) })
    }
}
