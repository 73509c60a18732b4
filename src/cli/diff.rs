//! `quorate diff`: first divergence of two traces, and the rule that caused it.

use std::path::PathBuf;

use clap::Args;
use quorate::lab::trace::html;

use super::failure::Failure;
use super::output::Output;
use super::pictures::write_file;
use super::view::read;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// A trace
    #[arg(value_name = "A.jsonl")]
    left: PathBuf,
    /// Another trace, for example of the same schedule under another rulebook
    #[arg(value_name = "B.jsonl")]
    right: PathBuf,
    /// Save an interactive page that shows both traces side by side
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

pub(crate) fn diff(arguments: &Arguments, output: &mut Output) -> Result<(), Failure> {
    let (left, right) = (read(&arguments.left)?, read(&arguments.right)?);
    let written = arguments.html.as_deref().map(|path| write_file(path, html::compare(&left, &right))).transpose()?;
    match html::first_divergence(&left, &right) {
        Some(divergence) => output.prose(&divergence.says)?,
        None => output.line("The traces are the same, event for event.")?,
    }
    written.map_or(Ok(()), |saved| output.line(saved))
}
