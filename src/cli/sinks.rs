//! Where a trace goes while it grows: to the screen, into a file, into the pictures. Nobody keeps more of it than that takes.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use indicatif::HumanCount;
use quorate::lab::trace::render::{Log, Options};
use quorate::lab::trace::{Document, Event, Header, JsonlWriter, Recording};
use quorate::protocol::Machine;
use quorate::protocols;

use super::failure::Failure;
use super::pictures::Pictures;
use super::screen::Screen;

/// Events that a picture shows: more of them nobody looks at, and all of them are in memory at once.
const DRAWN_MAX: usize = 200_000;

/// A trace file that is written while the run goes on.
pub(crate) struct Stream {
    path: PathBuf,
    out: Box<dyn Write>,
}

impl Stream {
    /// Opens a file or, for `-`, the standard output: what cannot be written is known before anything runs.
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
        io::ErrorKind::BrokenPipe => Failure::NobodyReads,
        _ => Failure::unusable(format_args!("{}: {error}", path.display())),
    }
}

/// All that a growing trace is handed to, piece by piece.
#[derive(Default)]
pub(crate) struct Sinks {
    log: Option<Log>,
    file: Option<(PathBuf, JsonlWriter<Box<dyn Write>>)>,
    drawn: Option<Document>,
    /// Events that the pictures leave out.
    left_out: u64,
}

impl Sinks {
    /// The same, with a log on the screen.
    pub(crate) fn log(self, options: Options, protocol: &str) -> Self {
        let options = Options { implied: protocols::implied(protocol), ..options };
        Sinks { log: Some(Log::new(options)), ..self }
    }

    /// The same, with a file.
    pub(crate) fn file(self, Stream { path, out }: Stream, header: Header) -> Result<Self, Failure> {
        let writer = JsonlWriter::new(header, out).map_err(|error| unwritable(&path, &error))?;
        Ok(Sinks { file: Some((path, writer)), ..self })
    }

    /// The same, with what is to be drawn at the end.
    pub(crate) fn drawn(self, header: Header) -> Self {
        Sinks { drawn: Some(Document { header, events: Vec::new() }), ..self }
    }

    /// Hands over the next piece.
    pub(crate) fn tell<M: Machine>(&mut self, piece: &Recording<M>, screen: &mut Screen) -> Result<(), Failure> {
        let events: Vec<Event> = piece.events_from(piece.first_id()).collect();
        if let Some(log) = &mut self.log {
            let mut text = String::new();
            // Writing to a String does not fail.
            let _ = log.tell(&piece.header(), &events, &mut text);
            log.forget();
            screen.text(&text)?;
            screen.flush()?;
        }
        if let Some((path, writer)) = &mut self.file {
            writer.write(&events).map_err(|error| unwritable(path, &error))?;
        }
        if let Some(Document { events: drawn, .. }) = &mut self.drawn {
            let room = DRAWN_MAX.saturating_sub(drawn.len());
            self.left_out += events.len().saturating_sub(room) as u64;
            drawn.extend(events.into_iter().take(room));
        }
        Ok(())
    }

    /// Nothing more comes: ends the file and draws the pictures.
    pub(crate) fn finish(&mut self, pictures: &Pictures, screen: &mut Screen) -> Result<(), Failure> {
        if let Some((path, writer)) = &mut self.file {
            writer.flush().map_err(|error| unwritable(path, &error))?;
        }
        let Some(document) = &self.drawn else { return Ok(()) };
        if self.left_out > 0 {
            let (shown, all) = (document.events.len() as u64, document.events.len() as u64 + self.left_out);
            let (shown, all) = (HumanCount(shown), HumanCount(all));
            screen
                .prose(&format!("Of {all} events the pictures show the first {shown}; --jsonl saves all of them."))?;
        }
        pictures.save(document, screen)
    }
}
