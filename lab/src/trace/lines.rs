//! Lines of a text file, within limits: the one reader of lines, for traces and for histories.

use std::io::{self, BufRead};

/// The most that is read of a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Maximum length of a line.
    pub line_bytes_max: usize,
    /// Maximum size of the file.
    pub file_bytes_max: u64,
}

/// The reason why a line cannot be read.
#[derive(Debug)]
pub(crate) enum LineProblem {
    /// The file cannot be read.
    Io(io::Error),
    /// The line is longer than the limit.
    LineTooLong,
    /// The file is longer than the limit.
    FileTooLong,
    /// The line is not UTF-8.
    NotUtf8 {
        /// First invalid byte of the line, from 1.
        column: usize,
    },
}

/// Reader of lines.
pub(crate) struct Lines<R> {
    input: R,
    limits: Limits,
    buffer: Vec<u8>,
    number: usize,
    bytes: u64,
}

impl<R: BufRead> Lines<R> {
    /// Starts at the first line.
    pub(crate) fn new(input: R, limits: Limits) -> Self {
        Lines { input, limits, buffer: Vec::new(), number: 0, bytes: 0 }
    }

    /// Number of the line that was read last, or that could not be read; from 1.
    pub(crate) fn number(&self) -> usize {
        self.number
    }

    /// Reads the next line, with its line break; `None` at the end of the file. A byte order mark
    /// at the beginning of the file is left out.
    pub(crate) fn next(&mut self) -> Result<Option<&str>, LineProblem> {
        self.number += 1;
        self.buffer.clear();
        let limit = (self.limits.line_bytes_max as u64).saturating_add(1);
        io::Read::take(&mut self.input, limit).read_until(b'\n', &mut self.buffer).map_err(LineProblem::Io)?;
        if self.buffer.is_empty() {
            return Ok(None);
        }
        if self.buffer.len() > self.limits.line_bytes_max {
            return Err(LineProblem::LineTooLong);
        }
        self.bytes = self.bytes.saturating_add(self.buffer.len() as u64);
        if self.bytes > self.limits.file_bytes_max {
            return Err(LineProblem::FileTooLong);
        }
        let text = std::str::from_utf8(&self.buffer)
            .map_err(|error| LineProblem::NotUtf8 { column: error.valid_up_to() + 1 })?;
        let mark = if self.number == 1 { '\u{feff}' } else { return Ok(Some(text)) };
        Ok(Some(text.strip_prefix(mark).unwrap_or(text)))
    }

    /// Reads all further lines as one text. The line of a problem is [`number`](Self::number).
    #[cfg(feature = "linearizability")]
    pub(crate) fn text(&mut self) -> Result<String, LineProblem> {
        let mut text = String::new();
        while let Some(line) = self.next()? {
            text.push_str(line);
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(file: &[u8], line_bytes_max: usize, file_bytes_max: u64) -> (Vec<String>, usize, Option<String>) {
        let mut lines = Lines::new(file, Limits { line_bytes_max, file_bytes_max });
        let mut read = Vec::new();
        loop {
            match lines.next() {
                Ok(Some(line)) => read.push(line.to_owned()),
                Ok(None) => return (read, lines.number(), None),
                Err(problem) => return (read, lines.number(), Some(format!("{problem:?}"))),
            }
        }
    }

    #[test]
    fn lines_keep_their_breaks_and_lose_the_byte_order_mark() {
        let file = "\u{feff}a\r\n\n\u{feff}b";
        assert_eq!(lines(file.as_bytes(), 9, 99), (vec!["a\r\n".into(), "\n".into(), "\u{feff}b".into()], 4, None));
        assert_eq!(lines(b"", 9, 99), (vec![], 1, None));
    }

    #[test]
    fn problems_have_the_number_of_their_line() {
        let problem = |problem: &str| Some(problem.to_owned());
        assert_eq!(lines(b"ab\ncd\n", 3, 6), (vec!["ab\n".into(), "cd\n".into()], 3, None));
        assert_eq!(lines(b"ab\ncd\n", 3, 5), (vec!["ab\n".into()], 2, problem("FileTooLong")));
        assert_eq!(lines(b"ab\ncde\n", 3, 99), (vec!["ab\n".into()], 2, problem("LineTooLong")));
        assert_eq!(lines(b"ab\nc\xff\n", 3, 99), (vec!["ab\n".into()], 2, problem("NotUtf8 { column: 2 }")));
    }
}
