//! Static SVG diagram: a lane for each client and node, time downwards, and a row for each step
//! with a description beside it.
//!
//! It looks like the interactive page, since both show the same elements: messages as arrows with
//! their names at the head, in the colour of their ballot, term or token; epochs of leadership as
//! coloured bands; crashes, pauses, losses and clock faults as symbols. It is one file without
//! scripts, and its style follows the reader's light or dark mode.

mod paper;
mod rows;
mod shapes;

use super::causality::Causality;
use super::epochs::{EpochRole, EpochSpan, Epochs};
use super::{TooLarge, at_most, cut};
use crate::trace::{Document, EventKind, Lane};

use paper::Paper;
use rows::Rows;
use shapes::{arrow, befallen};

/// Larger diagrams are unreadable.
const STEPS_MAX: usize = 1500;
const LANES_MAX: usize = 40;

/// Room for the times, which are right-aligned `TIME_GAP` before its end; longer times need more.
const GUTTER_MIN: f64 = 78.0;
const TIME_GAP: f64 = 12.0;
const TIME_LETTER: f64 = 7.3;
const HEAD: f64 = 74.0;
const LEDGER: f64 = 420.0;

/// Returns the trace as an SVG diagram.
///
/// # Errors
/// [`TooLarge`] beyond 1,500 steps or 40 lanes.
///
/// ```
/// use quorate_lab::trace::{Document, export};
///
/// let file = r#"{"quorate_trace":1,"protocol":"paxos","title":"A < B","nodes":["A","X"]}
/// {"id":1,"at":0,"kind":"send","node":"A","msg":1,"to":"X","name":"Prepare","body":{"ballot":"1.A"}}
/// {"id":2,"at":3000000,"kind":"deliver","node":"X","cause":1,"msg":1,"from":"A"}"#;
/// let picture = export::svg(&Document::read_jsonl(file.as_bytes())?)?;
/// assert!(picture.starts_with("<svg ") && picture.contains("A &lt; B") && picture.contains(">Prepare</text>"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn svg(document: &Document) -> Result<String, TooLarge> {
    let causality = Causality::of(document);
    let lanes = Causality::lanes(document);
    at_most("SVG", "lanes", lanes.len(), LANES_MAX)?;
    let scene = Scene::new(&causality, lanes);
    at_most("SVG", "steps", scene.rows.count(), STEPS_MAX)?;
    let mut paper = Paper::default();
    for (place, lane) in scene.lanes.iter().enumerate() {
        lifeline(&scene, place, *lane, &mut paper);
    }
    for span in &scene.epochs.all {
        band(&scene, span, &mut paper);
    }
    for journey in &causality.journeys {
        arrow(&scene, journey, &mut paper);
    }
    for row in 0..scene.rows.count() {
        befallen(&scene, row, &mut paper);
        beside(&scene, row, &mut paper);
    }
    heads(&scene, &mut paper);
    let title = if document.header.title.is_empty() { "A trace" } else { &document.header.title };
    Ok(paper.finish(&cut(title, 120), (scene.width(), scene.height())))
}

/// Input of the drawing functions.
struct Scene<'a> {
    causality: &'a Causality<'a>,
    lanes: Vec<Lane>,
    rows: Rows,
    epochs: Epochs,
    pitch: f64,
    gutter: f64,
}

impl<'a> Scene<'a> {
    fn new(causality: &'a Causality<'a>, lanes: Vec<Lane>) -> Scene<'a> {
        let pitch = (760.0 / lanes.len().max(1) as f64).clamp(64.0, 124.0).round();
        let note_width = pitch * lanes.len() as f64 + LEDGER - 20.0;
        let rows = Rows::of(causality, HEAD + 12.0, note_width);
        let gutter = gutter(causality, &rows);
        Scene { causality, epochs: Epochs::of(causality.document), rows, lanes, pitch, gutter }
    }

    fn x(&self, lane: Lane) -> Option<f64> {
        let place = self.lanes.iter().position(|other| *other == lane)?;
        Some(self.gutter + (place as f64 + 0.5) * self.pitch)
    }

    /// Vertical position of an event.
    fn y(&self, place: usize) -> f64 {
        self.rows.y(self.causality.step.get(place).copied().unwrap_or(place))
    }

    fn ledger(&self) -> f64 {
        self.gutter + self.lanes.len() as f64 * self.pitch + 14.0
    }

    fn width(&self) -> f64 {
        self.ledger() + LEDGER
    }

    fn bottom(&self) -> f64 {
        self.rows.bottom()
    }

    fn height(&self) -> f64 {
        self.bottom() + 22.0
    }

    fn name(&self, lane: Lane) -> String {
        self.causality.document.header.name(lane).into_owned()
    }

    fn colour(epoch: Option<usize>) -> String {
        epoch.map_or_else(String::new, |epoch| format!(" e{}", epoch % 8))
    }
}

/// Returns the width of the column of times: times grow, so that the last is the longest.
fn gutter(causality: &Causality<'_>, rows: &Rows) -> f64 {
    let last = (0..rows.count()).rev().find_map(|row| rows.told(causality, row).time);
    let letters = last.map_or(0, |time| time.chars().count());
    GUTTER_MIN.max(TIME_GAP + letters as f64 * TIME_LETTER)
}

/// Draws a lifeline: solid while the node is up, dotted while it is down, thick and dashed while it
/// is paused.
fn lifeline(scene: &Scene<'_>, place: usize, lane: Lane, paper: &mut Paper) {
    let x = scene.gutter + (place as f64 + 0.5) * scene.pitch;
    let mut class = if matches!(lane, Lane::Client(_)) { "life client" } else { "life" };
    let mut from = HEAD;
    for (at, event) in scene.causality.document.events.iter().enumerate() {
        let next = match event.what {
            _ if event.lane != Some(lane) => continue,
            EventKind::Crash { .. } => "life down",
            EventKind::Pause | EventKind::Suspend => "life paused",
            EventKind::Resume | EventKind::Boot { .. } => "life",
            _ => continue,
        };
        let y = scene.y(at);
        paper.line(class, (x, from), (x, y));
        (class, from) = (next, y);
    }
    paper.line(class, (x, from), (x, scene.bottom()));
}

/// Draws an epoch: a thin band for a follower, a broad one for a candidate, a solid one for a
/// leader or holder.
fn band(scene: &Scene<'_>, span: &EpochSpan, paper: &mut Paper) {
    let Some(x) = scene.x(Lane::Node(span.node)) else { return };
    let (top, end) = (scene.y(span.from), span.to.map_or_else(|| scene.bottom(), |to| scene.y(to)));
    if end - top < 1.0 {
        return;
    }
    let (class, width) = match span.kind {
        EpochRole::Follower => ("s0", 5.0),
        EpochRole::Candidate => ("s1", 15.0),
        EpochRole::Leader => ("s2", 17.0),
    };
    let colour = Scene::colour(span.epoch);
    paper.rect(
        &format!("{class}{colour}"),
        (x - width / 2.0, top),
        (width, end - top),
        if width > 6.0 { 4.0 } else { 2.0 },
    );
    if span.kind > EpochRole::Follower && end - top > span.label.chars().count() as f64 * 6.2 + 16.0 {
        paper.turned(&format!("sn {class}{colour}"), (x - 3.6, top + 12.0), &span.label);
    }
}

/// Draws the description of a row: the time, the trigger, and the facts that it established.
fn beside(scene: &Scene<'_>, row: usize, paper: &mut Paper) {
    let told = scene.rows.told(scene.causality, row);
    let y = scene.rows.middle(row) + 4.0;
    if let Some(time) = told.time {
        paper.text("t", (scene.gutter - TIME_GAP, y), &time);
    }
    if told.banner {
        return;
    }
    let mut parts = vec![("b", cut(&told.what, 46))];
    // Bold letters are the widest, with about this many pixels, so no line exceeds the picture.
    let mut left = ((LEDGER - 16.0) / 7.1) as usize;
    left = left.saturating_sub(parts[0].1.chars().count() + 1);
    if !told.details.is_empty() && left > 8 {
        let details = cut(&told.details, left);
        left = left.saturating_sub(details.chars().count() + 1);
        parts.push(("d", details));
    }
    for fact in &told.facts {
        if left < 12 {
            break;
        }
        let fact = cut(&format!("◆ {fact}"), left);
        left = left.saturating_sub(fact.chars().count() + 1);
        parts.push(("f", fact));
    }
    paper.spans((scene.ledger(), y), &parts);
}

/// Draws the lanes' names and the title.
fn heads(scene: &Scene<'_>, paper: &mut Paper) {
    let header = &scene.causality.document.header;
    let title = if header.title.is_empty() { &header.protocol } else { &header.title };
    paper.text("h", (16.0, 30.0), &cut(title, (scene.width() / 9.2) as usize));
    for lane in &scene.lanes {
        let Some(x) = scene.x(*lane) else { continue };
        let name = cut(&scene.name(*lane), ((scene.pitch - 18.0) / 7.6) as usize);
        let width = name.chars().count() as f64 * 7.8 + 18.0;
        let class = if matches!(lane, Lane::Client(_)) { "hc" } else { "hn" };
        paper.rect(class, (x - width / 2.0, HEAD - 24.0), (width, 22.0), 11.0);
        paper.text(&format!("{class}t"), (x, HEAD - 8.6), &name);
    }
}
