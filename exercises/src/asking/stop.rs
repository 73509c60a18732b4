//! Reasons why an answer stopped, and its printed output.

use std::collections::VecDeque;
use std::time::Duration;

use crate::answer::MEMORY_BYTES_MAX;
use crate::grading::GradingVerdict;

/// Maximum size of the printed output.
const PRINTED_BYTES_MAX: u64 = 2 << 20;
/// Size of the printed output that is kept.
const KEPT_BYTES_MAX: usize = 1 << 14;
/// Number of last printed lines that are kept.
const LAST_LINES: usize = 8;
/// Number of characters kept of each of them.
const LAST_CHARS: usize = 200;

/// Reason why an answer was stopped, or stopped by itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Termination {
    /// It contains a placeholder.
    Unfinished,
    /// It panicked with this message.
    Panicked(String),
    /// Timeout: a question was not answered in time, or a case took too long.
    TimedOut,
    /// Out of memory: it asked for more than its limit.
    OutOfMemory,
    /// It exceeded the limit of its output.
    Flooded(String),
    /// It ended, as described.
    Ended(String),
    /// It sent something that is not a valid answer.
    InvalidAnswer(String),
}

/// Panic payload when an answer has stopped; the link has the reason.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stopped;

impl Termination {
    /// Converts to the verdict of that case.
    pub fn verdict(self, case: &str, time_limit: Duration) -> GradingVerdict {
        let case = if case.is_empty() { "the first case".to_owned() } else { case.to_owned() };
        match self {
            Termination::Unfinished => GradingVerdict::Unfinished,
            Termination::Panicked(message) => GradingVerdict::Panicked { case, message },
            Termination::TimedOut => GradingVerdict::Endless { case, seconds: time_limit.as_secs() },
            Termination::OutOfMemory => GradingVerdict::Greedy { case, megabytes: MEMORY_BYTES_MAX as u64 >> 20 },
            Termination::Flooded(what) => GradingVerdict::Lost {
                case,
                message: format!("{what}; look for endless output or messages without end"),
            },
            Termination::Ended(message) | Termination::InvalidAnswer(message) => GradingVerdict::Lost { case, message },
        }
    }
}

/// Printed output of an answer, truncated.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Printed {
    /// Beginning of the output.
    pub text: String,
    /// Total size in bytes.
    pub bytes: u64,
    /// Last lines: a program that crashes prints the reason there.
    last: VecDeque<String>,
}

impl Printed {
    /// Records a line.
    pub(super) fn line(&mut self, line: &str) -> Result<(), Termination> {
        if line.is_empty() {
            return Ok(());
        }
        self.bytes += line.len() as u64 + 1;
        if self.text.len() < KEPT_BYTES_MAX {
            self.text.extend(line.chars().take(KEPT_BYTES_MAX - self.text.len()));
            self.text.push('\n');
        }
        if self.last.len() == LAST_LINES {
            self.last.pop_front();
        }
        self.last.push_back(line.chars().take(LAST_CHARS).collect());
        match self.bytes {
            few if few <= PRINTED_BYTES_MAX => Ok(()),
            _ => Err(Termination::Flooded(format!("it printed more than {} MB", PRINTED_BYTES_MAX >> 20))),
        }
    }

    /// Whether one of the last lines contains these words.
    pub(super) fn ends_about(&self, words: &str) -> bool {
        self.last.iter().any(|line| line.contains(words))
    }

    /// Last line.
    pub(super) fn last(&self) -> Option<&str> {
        self.last.back().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_is_kept_and_the_rest_is_counted_up_to_what_is_too_much() {
        let mut printed = Printed::default();
        let line = "x".repeat(1 << 20);
        assert_eq!(printed.line(&line), Ok(()));
        assert!(matches!(printed.line(&line), Err(Termination::Flooded(_))));
        assert_eq!((printed.text.len(), printed.bytes), (KEPT_BYTES_MAX + 1, (2 << 20) + 2));
        assert_eq!(printed.last().map(str::len), Some(LAST_CHARS));
    }
}
