//! Lane diagram: a column for each node and client, an arrow for each message, and text beside it.
//!
//! All text is in the right margin, where it can be read from top to bottom; the columns contain
//! only lines, arrows and, if they are wide enough, the names of messages.

use std::fmt;

use quorate_protocol::Time;
use unicode_width::UnicodeWidthChar;

use super::Options;
use super::layout::{Layout, TooNarrow};
use super::narrate::{Arrow, Mark, Narrator, Scene, name_of};
use super::plain::{cut, width, wrap};
use super::style::{Line, Tone};
use crate::trace::{Document, EventKind, Header, Lane};

/// Number of lines after which the lanes' names are repeated.
const NAMES_EVERY: usize = 40;
/// Maximum number of lines of a text in the margin,
const MARGIN_LINES_MAX: usize = 6;
/// and of a message's payload, unless the reader wants all reasons.
const BODY_LINES_MAX: usize = 2;

/// Renders a document as a lane diagram.
///
/// ```
/// use quorate_lab::trace::{Document, render};
///
/// let file = r#"{"quorate_trace":1,"protocol":"paxos","nodes":["A","X"]}
/// {"id":1,"at":0,"kind":"send","node":"A","msg":1,"to":"X","name":"Prepare","body":{"ballot":"1.A"}}
/// {"id":2,"at":3000000,"kind":"deliver","node":"X","cause":1,"msg":1,"from":"A"}"#;
/// let document = Document::read_jsonl(file.as_bytes())?;
/// let lanes = render::lanes(&document, render::Options::default())?;
/// assert_eq!(lanes.lines().collect::<Vec<_>>(), [
///     "           A          X",
///     "           │          │",
///     "    3.0 ms ├─Prepare─▶│  ballot 1.A",
/// ]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`TooNarrow`] if the lanes do not fit next to each other.
pub fn lanes(document: &Document, options: Options) -> Result<String, TooNarrow> {
    let layout = Layout::new(document, &options)?;
    let mut text = String::new();
    let mut chart = Chart::new(document, options, layout, &mut text);
    chart.draw(document).expect("writing to a String does not fail");
    Ok(text)
}

/// Style of a lifeline.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Life {
    Up,
    Paused,
    Down,
}

/// Columns of one line, before the margin. `FILLER` follows a character of width two.
type Cells = Vec<(char, Tone)>;

const FILLER: char = '\0';

struct Chart<'a> {
    header: &'a Header,
    options: Options,
    layout: Layout,
    lives: Vec<Life>,
    /// Time last printed: it is not repeated.
    last: Option<String>,
    rows_since_names: usize,
    /// Whether the line above has only lifelines, so that prose needs no gap.
    gap_above: bool,
    /// Whether the names were printed.
    is_named: bool,
    out: &'a mut String,
}

impl<'a> Chart<'a> {
    fn new(document: &'a Document, options: Options, layout: Layout, out: &'a mut String) -> Self {
        let mut lives = vec![Life::Up; layout.order.len()];
        for event in &document.events {
            let joins_later = matches!(event.what, EventKind::Boot { incarnation: 1, .. }) && event.at > Time::ZERO;
            let index = event.lane.filter(|_| joins_later).and_then(|lane| layout.index(lane));
            if let Some(life) = index.and_then(|index| lives.get_mut(index)) {
                *life = Life::Down;
            }
        }
        Chart {
            header: &document.header,
            options,
            layout,
            lives,
            last: None,
            rows_since_names: 0,
            gap_above: false,
            is_named: false,
            out,
        }
    }

    fn draw(&mut self, document: &Document) -> fmt::Result {
        if self.options.from.is_none() {
            self.names()?;
        }
        let mut narrator = Narrator::new(self.options.clone());
        let mut drawn = Ok(());
        narrator.tell_all(document, &mut |at, scene| drawn = drawn.and_then(|()| self.scene(at, scene)));
        drawn?;
        narrator.write_under_way(self.header, self.out)
    }

    fn scene(&mut self, at: Time, scene: Scene) -> fmt::Result {
        // A part of the time begins with the nodes that are up then.
        if !self.is_named && self.options.shows(at) {
            self.names()?;
        }
        if let Scene::Aside { lane, mark, .. } = &scene {
            self.follow(*lane, *mark);
        }
        if !self.options.shows(at) {
            return Ok(());
        }
        if self.rows_since_names >= NAMES_EVERY && matches!(scene, Scene::Arrow(_)) {
            self.names()?;
        }
        match scene {
            Scene::Arrow(arrow) => self.arrow(at, &arrow),
            Scene::Aside { lane, tone, mark, text } => self.aside(at, lane, (tone, mark), &text),
            Scene::Because { rule, cite, why, .. } => {
                let cite = if cite.is_empty() { cite } else { format!("({cite})") };
                let mut margin = self.words((Tone::Reason, &format!("because {rule}")), (Tone::Quiet, &cite));
                for line in self.words((Tone::Plain, ""), (Tone::Plain, &why)) {
                    margin.push(line);
                }
                self.rows(at, self.lifelines(), &margin)
            }
            Scene::Network { text, all } => {
                let margin = self.words((Tone::Plain, ""), (Tone::Fault, &text));
                let cells = if all { self.across('╌', Tone::Fault) } else { self.lifelines() };
                self.rows(at, cells, &margin)
            }
            Scene::Folded(text) => {
                let margin = self.words((Tone::Plain, ""), (Tone::Quiet, &text));
                self.rows(at, self.lifelines(), &margin)
            }
            Scene::Broken { invariant, detail } => {
                let margin = self.words((Tone::Broken, &format!("BROKEN {invariant}:")), (Tone::Broken, &detail));
                self.rows(at, self.across('━', Tone::Broken), &margin)
            }
            Scene::Prose(text) => self.prose(&text),
        }
    }

    fn arrow(&mut self, at: Time, arrow: &Arrow) -> fmt::Result {
        let cells = self.arrow_cells(arrow);
        let on_the_arrow = self.layout.named && arrow.from != arrow.to;
        let name = if on_the_arrow { "" } else { &*arrow.name };
        let lines_max = if self.options.why { MARGIN_LINES_MAX } else { BODY_LINES_MAX };
        let mut margin = self.at_most(lines_max, (Tone::Message, name), (Tone::Plain, &arrow.body));
        let to_itself = if arrow.from == arrow.to { "to itself" } else { "" };
        for (tone, remark) in [(Tone::Quiet, to_itself), (Tone::Fault, &arrow.remark)] {
            self.remark(&mut margin, tone, remark);
        }
        self.rows(at, cells, &margin)
    }

    /// Adds a remark: after the last line of the margin if there is room, otherwise below.
    fn remark(&self, margin: &mut Vec<Line>, tone: Tone, remark: &str) {
        let room = self.options.width - self.layout.margin;
        match margin.last_mut().filter(|_| !remark.is_empty()) {
            Some(line) if line.width() + width(remark) + 4 <= room => {
                line.put(tone, format!("  ({remark})"));
            }
            _ => margin.extend(self.words((Tone::Plain, ""), (tone, remark))),
        }
    }

    fn arrow_cells(&self, arrow: &Arrow) -> Cells {
        let mut cells = self.lifelines();
        let column = |lane| self.layout.index(lane).map(|index| self.layout.column(index));
        let (Some(from), Some(to)) = (column(arrow.from), column(arrow.to)) else { return cells };
        if from == to {
            cells[from].0 = '●';
            return cells;
        }
        let rightwards = from < to;
        let (left, right) = (from.min(to), from.max(to));
        for cell in &mut cells[left + 1..right] {
            *cell = (if cell.0 == ' ' { '─' } else { '┼' }, Tone::Quiet);
        }
        if cells[from].0 != ' ' {
            cells[from].0 = if rightwards { '├' } else { '┤' };
        }
        let (head, tip) = if rightwards { (right - 1, '▶') } else { (left + 1, '◀') };
        cells[head] = if arrow.lost { ('╳', Tone::Fault) } else { (tip, Tone::Plain) };
        if self.layout.named {
            let label = cut(&arrow.name, right - left - 4);
            let start = if rightwards { left + 2 } else { right - 1 - width(&label) };
            write_at(&mut cells, start, &label);
        }
        cells
    }

    /// Remembers whether a node is up, also if that is not shown.
    fn follow(&mut self, lane: Lane, mark: Mark) {
        if let Some(life) = self.layout.index(lane).and_then(|index| self.lives.get_mut(index)) {
            *life = match mark {
                Mark::Crash => Life::Down,
                Mark::Pause => Life::Paused,
                Mark::Start | Mark::Resume => Life::Up,
                Mark::None | Mark::Dot => *life,
            };
        }
    }

    fn aside(&mut self, at: Time, lane: Lane, (tone, mark): (Tone, Mark), text: &str) -> fmt::Result {
        let index = self.layout.index(lane);
        let mut cells = self.lifelines();
        match (mark, index.map(|index| self.layout.column(index))) {
            (Mark::None, _) | (_, None) => {}
            (Mark::Crash, Some(column)) => cells[column] = ('╳', Tone::Fault),
            (_, Some(column)) => cells[column] = ('●', tone),
        }
        let name = name_of(self.header, lane);
        let margin = self.words((tone, &name), (tone, text));
        self.rows(at, cells, &margin)
    }

    fn prose(&mut self, text: &str) -> fmt::Result {
        let lifelines = self.lifelines();
        if !self.gap_above {
            self.row(None, &lifelines, None)?;
        }
        for paragraph in text.lines() {
            for piece in wrap(paragraph, self.options.width) {
                let mut line = Line::default();
                line.put(Tone::Prose, piece).print(self.options.colour, self.out)?;
            }
        }
        self.row(None, &lifelines, None)?;
        (self.gap_above, self.last) = (true, None);
        Ok(())
    }

    /// Prints the lanes' names above their lifelines.
    fn names(&mut self) -> fmt::Result {
        let mut line = Line::default();
        for (index, lane) in self.layout.order.iter().enumerate() {
            let name = cut(&name_of(self.header, *lane), self.layout.name_max);
            line.pad_to(self.layout.column(index) - width(&name).saturating_sub(1) / 2).put(Tone::Plain, name);
        }
        line.print(self.options.colour, self.out)?;
        self.row(None, &self.lifelines(), None)?;
        self.rows_since_names = 0;
        self.gap_above = true;
        self.is_named = true;
        Ok(())
    }

    fn lifelines(&self) -> Cells {
        let mut cells = vec![(' ', Tone::Plain); self.layout.margin];
        for (index, life) in self.lives.iter().enumerate() {
            let line = match life {
                Life::Up => '│',
                Life::Paused => '┊',
                Life::Down => ' ',
            };
            cells[self.layout.column(index)] = (line, Tone::Quiet);
        }
        cells
    }

    /// A line from the first lane to the last, for an event that concerns all.
    fn across(&self, dash: char, tone: Tone) -> Cells {
        let mut cells = self.lifelines();
        let last = self.layout.column(self.lives.len().saturating_sub(1));
        for cell in cells[self.layout.first..=last].iter_mut().filter(|cell| cell.0 == ' ') {
            *cell = (dash, tone);
        }
        cells
    }

    /// Wrapped text for the margin, with the lead in its own tone.
    fn words(&self, lead: (Tone, &str), text: (Tone, &str)) -> Vec<Line> {
        self.at_most(MARGIN_LINES_MAX, lead, text)
    }

    fn at_most(&self, lines_max: usize, lead: (Tone, &str), text: (Tone, &str)) -> Vec<Line> {
        let gap = if lead.1.is_empty() || text.1.is_empty() { "" } else { " " };
        let columns = self.options.width - self.layout.margin;
        let mut pieces = wrap(&format!("{}{gap}{}", lead.1, text.1), columns);
        if pieces.len() > lines_max {
            pieces.truncate(lines_max);
            if let Some(last) = pieces.last_mut() {
                *last = cut(&format!("{last}…"), columns);
            }
        }
        let mut rest = lead.1;
        let line = |piece: String| {
            let mut line = Line::default();
            let same = piece.chars().zip(rest.chars()).take_while(|(piece, rest)| piece == rest);
            let led = same.map(|(char, _)| char.len_utf8()).sum();
            rest = rest[led..].trim_start();
            line.put(lead.0, &piece[..led]).put(text.0, &piece[led..]);
            line
        };
        pieces.into_iter().map(line).collect()
    }

    /// Prints a line with its cells, and a line of lifelines for every further line of the margin.
    fn rows(&mut self, at: Time, cells: Cells, margin: &[Line]) -> fmt::Result {
        let shown = at.to_string();
        let time = (self.last.as_ref() != Some(&shown)).then_some(&*shown);
        self.row(time, &cells, margin.first())?;
        self.last = Some(shown);
        let lifelines = self.lifelines();
        margin.iter().skip(1).try_for_each(|words| self.row(None, &lifelines, Some(words)))
    }

    fn row(&mut self, time: Option<&str>, cells: &Cells, words: Option<&Line>) -> fmt::Result {
        let mut line = Line::default();
        if let Some(time) = time {
            line.put(Tone::Quiet, format!("{time:>width$}", width = self.layout.time - 1));
        }
        line.pad_to(self.layout.time - 1);
        for (char, tone) in cells[self.layout.time - 1..].iter().filter(|(char, _)| *char != FILLER) {
            line.put(*tone, char.to_string());
        }
        if let Some(words) = words {
            line.append(words);
        }
        self.rows_since_names += 1;
        self.gap_above = false;
        line.print(self.options.colour, self.out)
    }
}

/// Writes a text over the cells from a column on.
fn write_at(cells: &mut Cells, column: usize, text: &str) {
    let mut at = column;
    for char in text.chars() {
        let columns = char.width().unwrap_or(0);
        for (offset, cell) in cells.iter_mut().skip(at).take(columns).enumerate() {
            *cell = (if offset == 0 { char } else { FILLER }, Tone::Message);
        }
        at += columns;
    }
}
