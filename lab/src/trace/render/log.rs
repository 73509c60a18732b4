//! Log rendering: one line for each event, a message at the time of its delivery.

use std::borrow::Borrow;
use std::fmt;

use quorate_protocol::Time;

use super::Options;
use super::narrate::{Arrow, Mark, Narrator, Scene, name_of};
use super::plain::{cut, padded, width, wrap};
use super::style::{Line, Tone};
use crate::trace::{Document, Event, Header, Lane};

/// First column of the text, after the time.
const TEXT_COLUMN: usize = 12;
/// Lanes' names are aligned up to this width.
const NAME_MAX: usize = 10;
/// Minimum width of a message's payload, even on a narrow terminal.
const BODY_MIN: usize = 20;

/// Renders a document as a log.
///
/// ```
/// use quorate_lab::trace::{Document, render};
///
/// let file = r#"{"quorate_trace":1,"protocol":"raft","nodes":["n1","n3"]}
/// {"id":1,"at":150000000,"kind":"send","node":"n1","msg":1,"to":"n3","name":"RequestVote","body":{"term":2}}
/// {"id":2,"at":153000000,"kind":"deliver","node":"n3","cause":1,"msg":1,"from":"n1"}"#;
/// let document = Document::read_jsonl(file.as_bytes())?;
/// assert_eq!(
///     render::log(&document, render::Options::default()),
///     "  153.0 ms  n1 ──RequestVote─────▶ n3  term 2\n",
/// );
/// # Ok::<(), quorate_lab::trace::ReadError>(())
/// ```
pub fn log(document: &Document, options: Options) -> String {
    let mut text = String::new();
    let mut log = Log::new(options);
    log.tell_all(document, &mut text)
        .and_then(|()| log.finish(&document.header, &mut text))
        .expect("writing to a String does not fail");
    text
}

/// Incremental log renderer, e.g. one call after each block of a script. It remembers the messages
/// in flight.
#[derive(Debug)]
pub struct Log {
    options: Options,
    narrator: Narrator,
    last: Option<Time>,
    /// Whether prose needs no blank line above: there is one already, or nothing was printed.
    gap_above: bool,
}

impl Log {
    /// Creates a log without any lines.
    pub fn new(options: Options) -> Self {
        Log { narrator: Narrator::new(options.clone()), options, last: None, gap_above: true }
    }

    /// Writes the lines for the next events.
    ///
    /// # Errors
    /// Errors of `out`; a `String` has none.
    pub fn tell<E: Borrow<Event>>(
        &mut self,
        header: &Header,
        events: impl IntoIterator<Item = E>,
        out: &mut impl fmt::Write,
    ) -> fmt::Result {
        let (mut page, narrator) = self.page(header, out);
        for event in events {
            narrator.tell(header, event.borrow(), &mut |at, scene| page.show(at, scene));
        }
        narrator.flush(&mut |at, scene| page.show(at, scene));
        page.written
    }

    /// Writes the lines for a whole trace.
    fn tell_all(&mut self, document: &Document, out: &mut impl fmt::Write) -> fmt::Result {
        let (mut page, narrator) = self.page(&document.header, out);
        narrator.tell_all(document, &mut |at, scene| page.show(at, scene));
        page.written
    }

    fn page<'a, W>(&'a mut self, header: &'a Header, out: &'a mut W) -> (Page<'a, W>, &'a mut Narrator) {
        let aligned = header.lanes().map(|lane| width(&name_of(header, lane))).max().unwrap_or(0).min(NAME_MAX);
        let Log { options, narrator, last, gap_above } = self;
        (Page { header, options, aligned, last, gap_above, out, written: Ok(()) }, narrator)
    }

    /// Forgets state that later events hardly need, so that a long-running log does not grow in
    /// memory. A duplicate of a message delivered long ago is no longer recognised as one.
    pub fn forget(&mut self) {
        self.narrator.forget();
    }

    /// Lists the messages that were neither delivered nor lost; prints nothing if there are none.
    ///
    /// # Errors
    /// Errors of `out`; a `String` has none.
    pub fn finish(&self, header: &Header, out: &mut impl fmt::Write) -> fmt::Result {
        self.narrator.write_under_way(header, out)
    }
}

/// Converts scenes to lines.
struct Page<'a, W> {
    header: &'a Header,
    options: &'a Options,
    /// Width to which lanes' names are padded.
    aligned: usize,
    last: &'a mut Option<Time>,
    gap_above: &'a mut bool,
    out: &'a mut W,
    written: fmt::Result,
}

impl<W: fmt::Write> Page<'_, W> {
    fn show(&mut self, at: Time, scene: Scene) {
        if self.written.is_ok() && self.options.shows(at) {
            self.written = self.scene(at, scene);
        }
    }

    fn scene(&mut self, at: Time, scene: Scene) -> fmt::Result {
        match scene {
            Scene::Arrow(arrow) => self.arrow(at, &arrow),
            Scene::Aside { lane, tone, mark, text } => {
                let within_a_step = mark == Mark::None || matches!(tone, Tone::Fact | Tone::Quiet);
                let line = self.start(at, !within_a_step, lane);
                self.wrapped(line, tone, &text)
            }
            Scene::Because { lane, rule, cite, why } => self.because(at, lane, (&rule, &cite, &why)),
            Scene::Network { text, .. } => {
                let mut line = self.timed(at, true);
                line.pad_to(TEXT_COLUMN);
                self.wrapped(line, Tone::Fault, &text)
            }
            Scene::Folded(text) => {
                let mut line = self.timed(at, true);
                line.pad_to(TEXT_COLUMN);
                self.wrapped(line, Tone::Quiet, &text)
            }
            Scene::Broken { invariant, detail } => self.broken(at, &invariant, &detail),
            Scene::Prose(text) => self.prose(&text),
        }
    }

    /// Starts a line, with the time if the scene is not a continuation or the time has changed.
    fn timed(&mut self, at: Time, fresh: bool) -> Line {
        let mut line = Line::default();
        if fresh || *self.last != Some(at) {
            // The space parts a time of more than a quarter of an hour from what follows.
            line.put(Tone::Quiet, format!("{at:>10} "));
        }
        *self.last = Some(at);
        line
    }

    fn start(&mut self, at: Time, fresh: bool, lane: Lane) -> Line {
        let mut line = self.timed(at, fresh);
        line.pad_to(TEXT_COLUMN).put(Tone::Plain, self.name(lane)).put(Tone::Plain, "  ");
        line
    }

    fn arrow(&mut self, at: Time, arrow: &Arrow) -> fmt::Result {
        let mut line = self.timed(at, true);
        let label = cut(&arrow.name, self.options.width / 4);
        let stretch = (self.options.width / 8 + 4).saturating_sub(width(&label)).max(2);
        let from = name_of(self.header, arrow.from);
        let tail = "─".repeat(self.aligned.saturating_sub(width(&from)));
        line.pad_to(TEXT_COLUMN).put(Tone::Plain, from);
        line.put(Tone::Quiet, format!(" ──{tail}")).put(Tone::Message, label);
        line.put(Tone::Quiet, "─".repeat(stretch));
        line.put(if arrow.lost { Tone::Fault } else { Tone::Quiet }, if arrow.lost { "╳ " } else { "▶ " });
        line.put(Tone::Plain, self.name(arrow.to)).put(Tone::Plain, "  ");
        self.body(line, &arrow.body, &arrow.remark)
    }

    /// Prints a message's payload and a remark: on its line if both fit, otherwise the remark
    /// below.
    fn body(&mut self, mut line: Line, body: &str, remark: &str) -> fmt::Result {
        let column = line.width();
        let room = self.options.width.saturating_sub(column).max(BODY_MIN);
        line.put(Tone::Plain, cut(body, room));
        if remark.is_empty() {
            return self.print(&line);
        }
        let remark = format!("({remark})");
        let gap = if body.is_empty() { 0 } else { 2 };
        if width(body) + gap + width(&remark) > room && !body.is_empty() {
            self.print(&line)?;
            line = Line::default();
        } else {
            line.put(Tone::Plain, " ".repeat(gap));
        }
        let column = column.max(line.width());
        line.pad_to(column);
        self.wrapped(line, Tone::Fault, &remark)
    }

    /// Prints the rule with its citation, and the explanation after it or, without room, below it.
    fn because(&mut self, at: Time, lane: Lane, (rule, cite, why): (&str, &str, &str)) -> fmt::Result {
        let mut line = self.start(at, false, lane);
        let column = line.width();
        line.put(Tone::Plain, "because ").put(Tone::Reason, rule);
        let pieces =
            [(Tone::Quiet, 1, if cite.is_empty() { cite } else { &format!("({cite})") }), (Tone::Plain, 3, why)];
        for (tone, gap, text) in pieces.into_iter().filter(|(.., text)| !text.is_empty()) {
            if line.width() + gap + width(text) <= self.options.width {
                line.put(Tone::Plain, " ".repeat(gap)).put(tone, text);
            } else {
                self.print(&line)?;
                let mut below = Line::default();
                below.pad_to(column + 2);
                line = self.all_but_the_last_line(below, tone, text)?;
            }
        }
        self.print(&line)
    }

    /// Prints a prominent bar, and below it the contradiction.
    fn broken(&mut self, at: Time, invariant: &str, detail: &str) -> fmt::Result {
        let mut line = self.timed(at, true);
        line.pad_to(TEXT_COLUMN).put(Tone::Broken, format!("━━ BROKEN: {invariant} "));
        line.put(Tone::Broken, "━".repeat(self.options.width.saturating_sub(line.width()).max(2)));
        self.print(&line)?;
        let mut below = Line::default();
        below.pad_to(TEXT_COLUMN);
        self.wrapped(below, Tone::Broken, detail)
    }

    /// Prints a line that continues with a text, wrapped to its starting column.
    fn wrapped(&mut self, line: Line, tone: Tone, text: &str) -> fmt::Result {
        let last = self.all_but_the_last_line(line, tone, text)?;
        self.print(&last)
    }

    /// Like [`wrapped`](Self::wrapped), but returns the last line to be continued.
    fn all_but_the_last_line(&mut self, mut line: Line, tone: Tone, text: &str) -> Result<Line, fmt::Error> {
        let column = line.width();
        for (index, piece) in
            wrap(text, self.options.width.saturating_sub(column).max(BODY_MIN)).into_iter().enumerate()
        {
            if index > 0 {
                self.print(&line)?;
                line = Line::default();
            }
            line.pad_to(column).put(tone, piece);
        }
        Ok(line)
    }

    fn prose(&mut self, text: &str) -> fmt::Result {
        if !*self.gap_above {
            self.print(&Line::default())?;
        }
        for line in text.lines() {
            self.wrapped(Line::default(), Tone::Prose, line)?;
        }
        self.print(&Line::default())?;
        (*self.gap_above, *self.last) = (true, None);
        Ok(())
    }

    /// Returns a lane's name, padded for alignment.
    fn name(&self, lane: Lane) -> String {
        padded(&name_of(self.header, lane), self.aligned)
    }

    fn print(&mut self, line: &Line) -> fmt::Result {
        *self.gap_above = false;
        line.print(self.options.colour, self.out)
    }
}
