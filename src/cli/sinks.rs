//! Outputs of a growing trace: the terminal, a file, diagrams. Each keeps only as much of it as it
//! needs.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use indicatif::HumanCount;
use quorate::by_name::Piece;
use quorate::lab::trace::html::PageInfo;
use quorate::lab::trace::render::{Log, Options};
use quorate::lab::trace::{Document, Header, JsonlWriter};
use quorate::protocols;

use super::failure::Failure;
use super::output::Output;
use super::pictures::Pictures;

/// Maximum number of events in a diagram: larger ones are unreadable, and all events are in memory
/// at once.
const DRAWN_MAX: usize = 200_000;

/// Trace file that is written during the run.
pub(crate) struct Stream {
    path: PathBuf,
    out: Box<dyn Write>,
}

impl Stream {
    /// Opens a file or, for `-`, the standard output. Reports an unwritable file before anything
    /// runs.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let out: Box<dyn Write> = match path == Path::new("-") {
            true => Box::new(BufWriter::new(io::stdout())),
            false => Box::new(BufWriter::new(File::create(path).map_err(|error| unwritable(path, &error))?)),
        };
        Ok(Stream { path: path.to_owned(), out })
    }
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::BrokenPipe,
        _ => Failure::unusable(format_args!("{}: {error}", path.display())),
    }
}

/// All outputs of a growing trace, which is passed to them piece by piece.
#[derive(Default)]
pub(crate) struct Sinks {
    log: Option<Log>,
    file: Option<(PathBuf, JsonlWriter<Box<dyn Write>>)>,
    drawn: Option<Document>,
    /// Number of events omitted from the diagrams.
    left_out: u64,
}

impl Sinks {
    /// Adds a log on the terminal.
    pub(crate) fn log(self, options: Options, protocol: &str) -> Self {
        let options = Options { implied: protocols::implied(protocol), ..options };
        Sinks { log: Some(Log::new(options)), ..self }
    }

    /// Adds a trace file.
    pub(crate) fn file(self, Stream { path, out }: Stream, header: Header) -> Result<Self, Failure> {
        let writer = JsonlWriter::new(header, out).map_err(|error| unwritable(&path, &error))?;
        Ok(Sinks { file: Some((path, writer)), ..self })
    }

    /// Adds diagrams, drawn at the end.
    pub(crate) fn drawn(self, header: Header) -> Self {
        Sinks { drawn: Some(Document { header, events: Vec::new() }), ..self }
    }

    /// Passes on the next piece.
    pub(crate) fn tell(&mut self, Piece { header, events }: &Piece, output: &mut Output) -> Result<(), Failure> {
        if let Some(log) = &mut self.log {
            let mut text = String::new();
            // Writing to a String does not fail.
            let _ = log.tell(header, events, &mut text);
            log.forget();
            output.text(&text)?;
            output.flush()?;
        }
        if let Some((path, writer)) = &mut self.file {
            writer.write(events).map_err(|error| unwritable(path, &error))?;
        }
        if let Some(Document { events: drawn, .. }) = &mut self.drawn {
            let room = DRAWN_MAX.saturating_sub(drawn.len());
            self.left_out += events.len().saturating_sub(room) as u64;
            drawn.extend(events.iter().take(room).cloned());
        }
        Ok(())
    }

    /// Closes the file and draws the diagrams.
    pub(crate) fn finish(&mut self, pictures: &Pictures, output: &mut Output) -> Result<(), Failure> {
        if let Some((path, writer)) = &mut self.file {
            writer.flush().map_err(|error| unwritable(path, &error))?;
        }
        let Some(document) = &self.drawn else { return Ok(()) };
        if self.left_out > 0 {
            let (shown, all) = (document.events.len() as u64, document.events.len() as u64 + self.left_out);
            let (shown, all) = (HumanCount(shown), HumanCount(all));
            output
                .prose(&format!("The diagrams show the first {shown} of {all} events; --jsonl saves all of them."))?;
        }
        pictures.write(document, &PageInfo::default())?.report(output)
    }
}
