//! `quorate view`: a trace from a file, rendered.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::PathBuf;

use clap::Args;
use quorate::lab::trace::{Document, ReadError, render};

use super::failure::Failure;
use super::screen::{Screen, Showing, save_jsonl};

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// A trace as JSON Lines, by Quorate or by any other program (`-`: from the standard input)
    trace: PathBuf,
    #[command(flatten)]
    showing: Showing,
    /// Save the trace again, in the form that Quorate writes (`-`: print nothing else)
    #[arg(long, value_name = "FILE")]
    jsonl: Option<PathBuf>,
}

pub(crate) fn view(arguments: &Arguments, screen: &mut Screen) -> Result<(), Failure> {
    let name = arguments.trace.display();
    let unusable = |error: ReadError| Failure::unusable(format_args!("{name}: {error}"));
    let document = if arguments.trace.as_os_str() == "-" {
        Document::read_jsonl(io::stdin().lock()).map_err(unusable)?
    } else {
        let file = File::open(&arguments.trace).map_err(|error| Failure::unusable(format_args!("{name}: {error}")))?;
        Document::read_jsonl(BufReader::new(file)).map_err(unusable)?
    };
    if let Some(path) = &arguments.jsonl {
        save_jsonl(&document, path, screen)?;
        if path.as_os_str() == "-" {
            return Ok(());
        }
    }
    screen.line(render::heading(&document.header))?;
    screen.line("")?;
    screen.trace(&document, arguments.showing)
}
