//! Terminal output: width and colours.

use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use anstream::ColorChoice;
use quorate::lab::trace::render::{self, Options};
use quorate::lab::trace::{Document, Event, Header, render::TooNarrow};
use quorate::protocols;

use super::failure::Failure;
use super::showing::{Showing, View};
use super::{page, wrap};

/// Width when stdout is not a terminal.
const WIDTH: usize = 100;
/// Longest name of a list that has its text beside it; the text of a longer one is below it.
const NAME_MAX: usize = 30;
/// Maximum width: long lines are hard to read.
const WIDTH_MAX: usize = 140;

pub(crate) struct Output {
    out: Box<dyn Write>,
    colour: bool,
    width: usize,
    /// Width of the terminal, which no line exceeds; `None` in a pipe, where lines are whole.
    limit: Option<usize>,
}

impl Output {
    /// Standard output. Colours only on a terminal, and not if `NO_COLOR` is set.
    pub(crate) fn stdout() -> Self {
        let colour = anstream::AutoStream::choice(&io::stdout()) != ColorChoice::Never;
        let columns = wrap::columns().map(|columns| columns.min(WIDTH_MAX));
        Output { out: Box::new(BufWriter::new(io::stdout())), colour, width: columns.unwrap_or(WIDTH), limit: columns }
    }

    /// Discards all output: used when the standard output is reserved for a trace.
    pub(crate) fn silent() -> Self {
        Output { out: Box::new(io::sink()), colour: false, width: WIDTH, limit: None }
    }

    /// Any other writer, without colours.
    #[cfg(test)]
    pub(crate) fn on(out: impl Write + 'static, width: usize) -> Self {
        Output { out: Box::new(out), colour: false, width, limit: None }
    }

    /// Prints a line, or several if it is wider than the terminal.
    pub(crate) fn line(&mut self, line: impl fmt::Display) -> Result<(), Failure> {
        match self.limit {
            Some(width) => writeln!(self.out, "{}", wrap::lines(&line.to_string(), width)),
            None => writeln!(self.out, "{line}"),
        }
        .map_err(Failure::from)
    }

    /// Prints a page of Markdown for the terminal; into a pipe as it stands.
    pub(crate) fn page(&mut self, markdown: &str) -> Result<(), Failure> {
        match self.limit {
            Some(width) => self.line(page::page(markdown, width.min(WIDTH))),
            None => self.line(markdown.trim_end()),
        }
    }

    /// Prints prose, wrapped to the width.
    pub(crate) fn prose(&mut self, text: &str) -> Result<(), Failure> {
        // A paragraph that is indented stays so.
        let indent = &text[..text.len() - text.trim_start().len()];
        wrap::wrap(text, self.width.min(WIDTH), "", indent).iter().try_for_each(|line| self.line(line))
    }

    /// Prints the entry of a list: a name, and beside it a text that is wrapped to the width.
    /// `widest` is the width of the longest name of the list.
    pub(crate) fn entry(&mut self, name: impl fmt::Display, widest: usize, text: &str) -> Result<(), Failure> {
        let widest = widest.min(NAME_MAX);
        let name = name.to_string();
        let mut first = format!("  {name:widest$}  ");
        let rest = " ".repeat(widest + 4);
        if name.chars().count() > widest {
            self.line(format_args!("  {name}"))?;
            first.clone_from(&rest);
        }
        wrap::wrap(text, self.width, &first, &rest).iter().try_for_each(|line| self.line(line))
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

    /// Options for rendering a trace at the width of this output.
    pub(crate) fn options(&self, showing: &Showing, header: &Header, events: &[Event]) -> Result<Options, Failure> {
        Ok(Options { width: self.width, colour: self.colour, ..showing.options(header, events)? })
    }

    /// Prints text unchanged.
    pub(crate) fn text(&mut self, text: &str) -> Result<(), Failure> {
        self.out.write_all(text.as_bytes()).map_err(Failure::from)
    }

    /// Shows a trace.
    pub(crate) fn trace(&mut self, document: &Document, showing: &Showing) -> Result<(), Failure> {
        let (text, _) = self.drawn(document, showing)?;
        self.text(&text)
    }

    /// Whether a trace that is shown like that has at most this many lines.
    pub(crate) fn fits(&self, document: &Document, showing: &Showing, lines_max: usize) -> Result<bool, Failure> {
        let options = self.options(showing, &document.header, &document.events)?;
        let text = render::lanes(document, options.clone()).unwrap_or_else(|_| render::log(document, options));
        Ok(text.lines().count() <= lines_max)
    }

    /// Prints a trace, or only a part of a long one with the number of omitted lines.
    pub(crate) fn part_of_trace(
        &mut self,
        document: &Document,
        showing: &Showing,
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
    fn drawn(&mut self, document: &Document, showing: &Showing) -> Result<(String, View), Failure> {
        let implied = protocols::implied(&document.header.protocol);
        let options = Options { implied, ..self.options(showing, &document.header, &document.events)? };
        self.report_empty(document, &options)?;
        Ok(match showing.view {
            View::Log => (render::log(document, options), View::Log),
            View::Lanes => match render::lanes(document, options.clone()) {
                Ok(text) => (text, View::Lanes),
                Err(narrow @ TooNarrow { .. }) => {
                    self.line(format_args!("{narrow}; showing the log instead"))?;
                    self.line("")?;
                    (render::log(document, options), View::Log)
                }
            },
        })
    }

    /// Says so if nothing happens in the part of the time that is requested.
    fn report_empty(&mut self, document: &Document, options: &Options) -> Result<(), Failure> {
        let events = &document.events;
        match (events.first(), events.last()) {
            (Some(first), Some(last)) if !events.iter().any(|event| options.shows(event.at)) => {
                let (first, last) = (first.at, last.at);
                self.line(format_args!("Nothing happens in that time; the trace goes from {first} to {last}."))
            }
            _ => Ok(()),
        }
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

/// Saves a trace as JSON Lines in a file or, for `-`, on the standard output.
pub(crate) fn save_jsonl(document: &Document, path: &Path, output: &mut Output) -> Result<(), Failure> {
    if path == Path::new("-") {
        return document.write_jsonl(output.bytes()).map_err(Failure::from);
    }
    let unwritable = |error: io::Error| Failure::unusable(format_args!("{}: {error}", path.display()));
    let mut file = BufWriter::new(File::create(path).map_err(unwritable)?);
    document.write_jsonl(&mut file).and_then(|()| file.flush()).map_err(unwritable)
}
