//! Terminal output: width and colours.

use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use anstream::ColorChoice;
use clap::{Args, ValueEnum};
use quorate::lab::trace::render::{self, Options};
use quorate::lab::trace::{Document, render::TooNarrow};
use quorate::protocols;

use super::failure::Failure;

/// Width when stdout is not a terminal.
const WIDTH: usize = 100;
/// Maximum width: long lines are hard to read.
const WIDTH_MAX: usize = 140;

pub(crate) struct Output {
    out: Box<dyn Write>,
    colour: bool,
    width: usize,
}

impl Output {
    /// Standard output. Colours only on a terminal, and not if `NO_COLOR` is set.
    pub(crate) fn stdout() -> Self {
        let colour = anstream::AutoStream::choice(&io::stdout()) != ColorChoice::Never;
        let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let width = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)).or(columns).unwrap_or(WIDTH);
        Output { out: Box::new(BufWriter::new(io::stdout())), colour, width: width.min(WIDTH_MAX) }
    }

    /// Discards all output: used when the standard output is reserved for a trace.
    pub(crate) fn silent() -> Self {
        Output { out: Box::new(io::sink()), colour: false, width: WIDTH }
    }

    /// Any other writer, without colours.
    #[cfg(test)]
    pub(crate) fn on(out: impl Write + 'static, width: usize) -> Self {
        Output { out: Box::new(out), colour: false, width }
    }

    pub(crate) fn line(&mut self, line: impl fmt::Display) -> Result<(), Failure> {
        writeln!(self.out, "{line}").map_err(Failure::from)
    }

    /// Prints prose, wrapped to the width.
    pub(crate) fn prose(&mut self, text: &str) -> Result<(), Failure> {
        // A paragraph that is indented stays so.
        let indent = &text[..text.len() - text.trim_start().len()];
        let options = textwrap::Options::new(self.width.min(WIDTH)).subsequent_indent(indent);
        // Names of scenarios and options have hyphens, and are one word.
        for line in textwrap::wrap(text, options.word_splitter(textwrap::WordSplitter::NoHyphenation)) {
            self.line(line)?;
        }
        Ok(())
    }

    pub(crate) fn bytes(&mut self) -> &mut impl Write {
        &mut self.out
    }

    /// Prints clap's help or error, in colours if enabled.
    pub(crate) fn help(&mut self, help: &clap::Error) -> Result<(), Failure> {
        let text = help.render();
        if self.colour { self.text(&text.ansi().to_string()) } else { self.text(&text.to_string()) }
    }

    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// Options for rendering traces.
    pub(crate) fn options(&self, showing: Showing) -> Options {
        Options { width: self.width, colour: self.colour, why: showing.why, ..Options::default() }
    }

    /// Prints text unchanged.
    pub(crate) fn text(&mut self, text: &str) -> Result<(), Failure> {
        self.out.write_all(text.as_bytes()).map_err(Failure::from)
    }

    /// Shows a trace.
    pub(crate) fn trace(&mut self, document: &Document, showing: Showing) -> Result<(), Failure> {
        let (text, _) = self.drawn(document, showing)?;
        self.text(&text)
    }

    /// Prints a trace, or only a part of a long one with the number of omitted lines.
    pub(crate) fn part_of_trace(
        &mut self,
        document: &Document,
        showing: Showing,
        part: Part,
        lines_max: usize,
    ) -> Result<(), Failure> {
        let (text, view) = self.drawn(document, showing)?;
        let lines: Vec<&str> = text.lines().collect();
        let left_out = lines.len().saturating_sub(lines_max);
        match part {
            _ if left_out == 0 => lines.iter().try_for_each(|line| self.line(line)),
            Part::Beginning => {
                lines[..lines_max].iter().try_for_each(|line| self.line(line))?;
                self.line(format_args!("({left_out} more lines omitted)"))
            }
            Part::End => {
                // The names are printed above the lanes even if the beginning is omitted.
                let names = if view == View::Lanes { NAMES_LINES } else { 0 };
                lines[..names].iter().try_for_each(|line| self.line(line))?;
                self.line(format_args!("({left_out} earlier lines omitted)"))?;
                lines[left_out + names..].iter().try_for_each(|line| self.line(line))
            }
        }
    }

    /// Renders a trace as requested, or as a log if the lanes are too wide.
    fn drawn(&mut self, document: &Document, showing: Showing) -> Result<(String, View), Failure> {
        let implied = protocols::implied(&document.header.protocol);
        let options = Options { implied, ..self.options(showing) };
        Ok(match showing.view {
            View::Log => (render::log(document, options), View::Log),
            View::Lanes => match render::lanes(document, options) {
                Ok(text) => (text, View::Lanes),
                Err(narrow @ TooNarrow { .. }) => {
                    self.line(format_args!("{narrow}; showing the log instead"))?;
                    self.line("")?;
                    (render::log(document, options), View::Log)
                }
            },
        })
    }
}

/// Number of lines for the lanes' names and their lifelines.
const NAMES_LINES: usize = 2;

/// Part of a long trace that is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Part {
    /// The beginning of the trace.
    Beginning,
    /// The end of the trace.
    End,
}

/// How a trace is to be shown.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Showing {
    /// How to show the trace
    #[arg(long, value_enum, default_value_t = View::Lanes)]
    pub(crate) view: View,
    /// Show the reasons: each rule with its citation and the values that it was applied to, and
    /// each durable write
    #[arg(long)]
    pub(crate) why: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum View {
    /// A column for each node and client, with messages as arrows between them
    Lanes,
    /// One line per event
    Log,
}

/// Saves a trace as JSON Lines in a file or, for `-`, on the standard output.
pub(crate) fn save_jsonl(document: &Document, path: &Path, output: &mut Output) -> Result<(), Failure> {
    if path == Path::new("-") {
        return document.write_jsonl(output.bytes()).map_err(Failure::from);
    }
    let unwritable = |error: io::Error| Failure::unusable(format_args!("{}: {error}", path.display()));
    let mut file = BufWriter::new(File::create(path).map_err(unwritable)?);
    document.write_jsonl(&mut file).and_then(|()| file.flush()).map_err(unwritable)
}
