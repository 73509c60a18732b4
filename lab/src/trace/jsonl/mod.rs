//! Trace file format: JSON Lines, one line for the header and one for each event.
//!
//! The bytes written depend on the document alone, so two runs are equal exactly if their files
//! are. The reader accepts files from any program in any language, and therefore trusts nothing: it
//! rejects what `docs/TRACE.md` does not allow, with the line and what was expected there, and
//! ignores unknown fields.

mod error;
mod read;
mod shape;
#[cfg(test)]
mod tests;
mod typed;
mod write;

pub use error::{ReadError, ReadProblem};
pub use write::JsonlWriter;
pub(super) use write::write;

use std::io;

use super::Document;

impl Document {
    /// Writes the document as JSON Lines.
    ///
    /// # Errors
    /// Errors of `out`; [`io::ErrorKind::InvalidInput`] if two lanes have the same name, which no
    /// reader could tell apart.
    pub fn write_jsonl(&self, out: impl io::Write) -> io::Result<()> {
        write(&self.header, &self.events, out)
    }

    /// Reads JSON Lines.
    ///
    /// # Errors
    /// [`ReadError`]: the line, and what was expected there.
    ///
    /// ```
    /// use quorate_lab::trace::Document;
    ///
    /// let file = r#"{"quorate_trace":1,"protocol":"paxos","nodes":["A","X"]}
    /// {"id":1,"at":0,"kind":"send","node":"A","msg":1,"to":"X","name":"Prepare","body":{"ballot":"1.A"}}
    /// {"id":2,"at":3000000,"kind":"deliver","node":"X","cause":1,"msg":1,"from":"A"}"#;
    /// let document = Document::read_jsonl(file.as_bytes())?;
    /// assert_eq!(document.events.len(), 2);
    ///
    /// let broken = file.replace(r#""msg":1,"from""#, r#""msg":7,"from""#);
    /// let error = Document::read_jsonl(broken.as_bytes()).unwrap_err();
    /// assert_eq!(error.to_string(), "line 3: message 7 was never sent; every `msg` needs an earlier `send`, `reply` or `duplicate`");
    /// # Ok::<(), quorate_lab::trace::ReadError>(())
    /// ```
    pub fn read_jsonl(input: impl io::BufRead) -> Result<Document, ReadError> {
        read::read(input)
    }
}
