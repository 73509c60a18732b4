//! Lines of a history file (arbitrary bytes), and the history that is built from them.

use std::io::BufRead;

use quorate_protocol::{ClientId, Time};

use super::{HistoryError, HistoryProblem};
use crate::linearizability::{CallId, History, Misuse, Model};
use crate::trace::lines::{Limits, LineProblem, Lines};

/// Up to 16 MiB for a line; a history is read line by line, whatever the size of its file.
const LINES: Limits = Limits { line_bytes_max: 16 << 20, file_bytes_max: u64::MAX };

/// Up to 1 GiB for a file that is read as a whole.
const WHOLE: Limits = Limits { line_bytes_max: 1 << 30, file_bytes_max: 1 << 30 };

/// Calls `each` with every line: its number, from 1, and its text without the line break.
pub(super) fn each_line(
    input: impl BufRead,
    mut each: impl FnMut(usize, &str) -> Result<(), HistoryError>,
) -> Result<(), HistoryError> {
    let mut lines = Lines::new(input, LINES);
    loop {
        let number = lines.number() + 1;
        match lines.next() {
            Ok(None) => return Ok(()),
            Ok(Some(line)) => each(number, line.trim_end_matches(['\n', '\r']))?,
            Err(problem) => return Err(refusal(problem, LINES).on(number)),
        }
    }
}

/// Reads the whole file as text.
pub(super) fn whole(input: impl BufRead) -> Result<String, HistoryError> {
    let mut lines = Lines::new(input, WHOLE);
    lines.text().map_err(|problem| refusal(problem, WHOLE).on(lines.number()))
}

fn refusal(problem: LineProblem, limits: Limits) -> HistoryProblem {
    match problem {
        LineProblem::Io(error) => HistoryProblem::Io(error),
        LineProblem::LineTooLong => HistoryProblem::TooLong { bytes_max: limits.line_bytes_max },
        LineProblem::FileTooLong => {
            HistoryProblem::TooLong { bytes_max: usize::try_from(limits.file_bytes_max).unwrap_or(usize::MAX) }
        }
        LineProblem::NotUtf8 { column } => HistoryProblem::NotUtf8 { column },
    }
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
    pub fn refuse(&self, problem: HistoryProblem) -> HistoryError {
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

    pub fn invoke(&mut self, client: ClientId, op: M::Op, at: Time) -> Result<(), HistoryError> {
        let invoked = self.history.invoke(client, op, at).map(drop);
        self.happened(at, invoked)
    }

    /// The call that an answer to this client is for.
    pub fn waiting(&self, client: ClientId) -> Result<CallId, HistoryError> {
        self.history.waiting(client).map_err(|misuse| self.out_of_order(misuse))
    }

    pub fn answer(
        &mut self,
        at: Time,
        answer: impl FnOnce(&mut History<M>) -> Result<(), Misuse>,
    ) -> Result<(), HistoryError> {
        let answered = answer(&mut self.history);
        self.happened(at, answered)
    }

    fn happened(&mut self, at: Time, event: Result<(), Misuse>) -> Result<(), HistoryError> {
        event.map_err(|misuse| self.out_of_order(misuse))?;
        self.at = at;
        self.lines.push(self.line);
        Ok(())
    }

    fn out_of_order(&self, misuse: Misuse) -> HistoryError {
        self.refuse(HistoryProblem::Order { misuse, since: misuse.earlier().map(|position| self.line_of(position)) })
    }
}
