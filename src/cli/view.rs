//! `quorate view`: renders a trace from a file.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use clap::Args;
use quorate::lab::trace::html::PageInfo;
use quorate::lab::trace::{Document, ReadError, render};

use super::failure::Failure;
use super::output::{Output, save_jsonl};
use super::pictures::Pictures;
use super::showing::Showing;
use super::stamps::Stamps;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// A trace as JSON Lines, from Quorate or any other program (`-`: from standard input)
    trace: PathBuf,
    #[command(flatten)]
    showing: Showing,
    #[command(flatten)]
    stamps: Stamps,
    /// Save the trace again, in the format that Quorate writes (`-`: to standard output, and print
    /// nothing else)
    #[arg(long, value_name = "FILE")]
    jsonl: Option<PathBuf>,
    #[command(flatten)]
    pictures: Pictures,
}

pub(crate) fn view(arguments: &Arguments, output: &mut Output) -> Result<(), Failure> {
    let document = arguments.stamps.on(&read(&arguments.trace)?).into_owned();
    arguments.pictures.suit(&document.header.protocol)?;
    arguments.showing.suit(&document)?;
    if let Some(path) = &arguments.jsonl {
        save_jsonl(&document, path, output)?;
        if path.as_os_str() == "-" {
            return arguments.pictures.write(&document, &PageInfo::default()).map(drop);
        }
    }
    let written = arguments.pictures.write(&document, &PageInfo::default())?;
    output.line(render::heading(&document.header))?;
    output.line("")?;
    output.trace(&document, &arguments.showing)?;
    written.report(output)
}

/// Reads a trace from a file or, for `-`, from the standard input.
pub(super) fn read(path: &Path) -> Result<Document, Failure> {
    let name = path.display();
    let unusable = |error: ReadError| Failure::unusable(format_args!("{name}: {error}"));
    if path == Path::new("-") {
        return Document::read_jsonl(io::stdin().lock()).map_err(unusable);
    }
    let file = File::open(path).map_err(|error| Failure::unusable(format_args!("{name}: {error}")))?;
    Document::read_jsonl(BufReader::new(file)).map_err(unusable)
}
