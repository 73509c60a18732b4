//! Styled lines of output: text in tones, which become colours only on request.

use std::fmt;

use anstyle::{AnsiColor, Style};

use super::plain;

/// Role of a piece of text, which decides its colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Tone {
    /// Plain text.
    Plain,
    /// Time, lifelines, minor details.
    Quiet,
    /// Name of a message.
    Message,
    /// A rule and its citation.
    Reason,
    /// An established fact.
    Fact,
    /// Injected faults.
    Fault,
    /// Invariant violation.
    Broken,
    /// Narration of a scenario.
    Prose,
}

impl Tone {
    const fn style(self) -> Style {
        let style = Style::new();
        match self {
            Tone::Plain => style,
            Tone::Quiet => style.dimmed(),
            Tone::Message => AnsiColor::Cyan.on_default(),
            Tone::Reason => AnsiColor::Blue.on_default(),
            Tone::Fact => AnsiColor::Green.on_default().bold(),
            Tone::Fault => AnsiColor::Yellow.on_default(),
            Tone::Broken => AnsiColor::Red.on_default().bold(),
            Tone::Prose => style.italic(),
        }
    }
}

/// A line built from left to right that knows its width.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    pieces: Vec<(Tone, String)>,
    width: usize,
}

impl Line {
    /// Appends text that is already [escaped](plain::plain).
    pub(super) fn put(&mut self, tone: Tone, text: impl Into<String>) -> &mut Self {
        let text = text.into();
        self.width += plain::width(&text);
        match self.pieces.last_mut() {
            Some((last, piece)) if *last == tone => piece.push_str(&text),
            _ => self.pieces.push((tone, text)),
        }
        self
    }

    /// Appends spaces up to a column.
    pub(super) fn pad_to(&mut self, column: usize) -> &mut Self {
        let blanks = column.saturating_sub(self.width);
        self.put(Tone::Plain, " ".repeat(blanks))
    }

    /// Appends another line.
    pub(super) fn append(&mut self, other: &Line) -> &mut Self {
        for (tone, text) in &other.pieces {
            self.put(*tone, text.as_str());
        }
        self
    }

    /// Number of columns used so far.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Writes the line and a line break, without trailing spaces.
    pub(super) fn print(&self, colour: bool, out: &mut impl fmt::Write) -> fmt::Result {
        let inked = self.pieces.iter().rposition(|(_, text)| !text.trim_end().is_empty()).map_or(0, |last| last + 1);
        for (index, (tone, text)) in self.pieces[..inked].iter().enumerate() {
            let text = if index + 1 == inked { text.trim_end() } else { text };
            let style = tone.style();
            if colour && style != Style::new() && !text.trim().is_empty() {
                write!(out, "{style}{text}{style:#}")?;
            } else {
                out.write_str(text)?;
            }
        }
        out.write_char('\n')
    }
}
