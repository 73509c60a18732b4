//! Line-based communication with a process that may be slow, silent or flood its output.

use std::io::{self, ErrorKind, Read, Write};
use std::time::Instant;

use super::stream::Stream;

/// One end of the connection to a process.
#[derive(Debug)]
pub(super) struct Lines {
    stream: Stream,
    read: Vec<u8>,
    /// Length of the prefix that has been returned.
    taken: usize,
    /// Length of the prefix without a line break.
    searched: usize,
}

/// Reason why there is no line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum NoLine {
    /// The other end is closed.
    Closed,
    /// The deadline has passed.
    Late,
    /// The line is too long.
    Long,
}

impl Lines {
    pub(super) const fn new(stream: Stream) -> Self {
        Lines { stream, read: Vec::new(), taken: 0, searched: 0 }
    }

    /// Returns the next line, of at most `bytes_max` bytes, before the deadline.
    pub(super) fn next(&mut self, bytes_max: usize, until: Instant) -> Result<String, NoLine> {
        loop {
            if let Some(length) = self.read[self.searched..].iter().position(|byte| *byte == b'\n') {
                let end = self.searched + length;
                let line = String::from_utf8_lossy(&self.read[self.taken..end]).into_owned();
                (self.taken, self.searched) = (end + 1, end + 1);
                return Ok(line);
            }
            self.searched = self.read.len();
            if self.read.len() - self.taken > bytes_max {
                return Err(NoLine::Long);
            }
            // A process that writes continuously without ending a line is late as well.
            if Instant::now() > until {
                return Err(NoLine::Late);
            }
            self.more(until)?;
        }
    }

    /// Returns the remaining text without a line break, once the connection is closed.
    pub(super) fn rest(&mut self) -> String {
        let rest = String::from_utf8_lossy(&self.read[self.taken..]).into_owned();
        (self.taken, self.searched) = (self.read.len(), self.read.len());
        rest
    }

    fn more(&mut self, until: Instant) -> Result<(), NoLine> {
        self.read.drain(..self.taken);
        self.searched -= self.taken;
        self.taken = 0;
        let mut chunk = [0; 1 << 14];
        loop {
            match self.stream.read(&mut chunk) {
                Ok(0) => return Err(NoLine::Closed),
                Ok(count) => {
                    self.read.extend_from_slice(&chunk[..count]);
                    return Ok(());
                }
                Err(error) => waits(&error, until)?,
            }
        }
    }

    /// Sends a line before the deadline.
    pub(super) fn send(&mut self, line: &str, until: Instant) -> Result<(), NoLine> {
        let mut left = line.as_bytes();
        while !left.is_empty() {
            if Instant::now() > until {
                return Err(NoLine::Late);
            }
            match self.stream.write(left) {
                Ok(0) => return Err(NoLine::Closed),
                Ok(count) => left = &left[count..],
                Err(error) => waits(&error, until)?,
            }
        }
        Ok(())
    }
}

/// Returns `Ok` if an operation that failed with this error can be retried.
fn waits(error: &io::Error, until: Instant) -> Result<(), NoLine> {
    match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted if Instant::now() < until => Ok(()),
        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted => Err(NoLine::Late),
        _ => Err(NoLine::Closed),
    }
}
