//! Why an answer is not asked any more, and what it has printed until then.

use std::collections::VecDeque;
use std::time::Duration;

use crate::answer::MEMORY_BYTES_MAX;
use crate::exam::Verdict;

/// So much may be printed.
const PRINTED_BYTES_MAX: u64 = 2 << 20;
/// So much of what is printed is kept.
const KEPT_BYTES_MAX: usize = 1 << 14;
/// So many lines are kept of what was printed last.
const LAST_LINES: usize = 8;
/// So many characters of each of them.
const LAST_CHARS: usize = 200;

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

/// What an answer has printed: the beginning of it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Printed {
    /// The beginning.
    pub text: String,
    /// How many bytes there were in all.
    pub bytes: u64,
    /// What came last: a program that dies says why.
    last: VecDeque<String>,
}

impl Printed {
    /// Notes a line.
    pub(super) fn line(&mut self, line: &str) -> Result<(), Stop> {
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
            _ => Err(Stop::Flooded(format!("it printed more than {} MB", PRINTED_BYTES_MAX >> 20))),
        }
    }

    /// Whether one of the last lines has these words.
    pub(super) fn ends_about(&self, words: &str) -> bool {
        self.last.iter().any(|line| line.contains(words))
    }

    /// The last line.
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
        assert!(matches!(printed.line(&line), Err(Stop::Flooded(_))));
        assert_eq!((printed.text.len(), printed.bytes), (KEPT_BYTES_MAX + 1, (2 << 20) + 2));
        assert_eq!(printed.last().map(str::len), Some(LAST_CHARS));
    }
}
