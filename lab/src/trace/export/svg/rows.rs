//! Rows of the diagram: their steps, heights and descriptions.

use std::collections::BTreeMap;

use super::super::causality::{Causality, MessageOutcome};
use super::super::epochs::unwrapped;
use super::super::{cut, line};
use crate::trace::humanize::brief;
use crate::trace::{DropReason, Event, EventKind, Lane, Value, humanize};

const ROW: f64 = 26.0;
const NOTE_LINE: f64 = 20.0;
const NOTE_LETTER: f64 = 6.7;
const NOTE_LINES_MAX: usize = 12;

/// The rows from top to bottom.
#[derive(Debug)]
pub(super) struct Rows {
    heads: Vec<usize>,
    /// Row of each step, by the index of its first event.
    row: BTreeMap<usize, usize>,
    tops: Vec<f64>,
    notes: BTreeMap<usize, Vec<String>>,
}

/// Description beside a row.
#[derive(Debug, Default)]
pub(super) struct RowText {
    pub(super) time: Option<String>,
    pub(super) what: String,
    pub(super) details: String,
    pub(super) facts: Vec<String>,
    /// Whether the row is a banner across all lanes instead.
    pub(super) banner: bool,
}

impl Rows {
    /// Builds the rows. Nodes that start at the same time share a row.
    pub(super) fn of(causality: &Causality<'_>, top: f64, note_width: f64) -> Rows {
        let events = &causality.document.events;
        let mut rows = Rows { heads: Vec::new(), row: BTreeMap::new(), tops: vec![top], notes: BTreeMap::new() };
        for (place, event) in events.iter().enumerate().filter(|(place, _)| causality.step[*place] == *place) {
            let with_last = rows.heads.last().is_some_and(|&last| {
                let last: &Event = &events[last];
                matches!((&last.what, &event.what), (EventKind::Boot { .. }, EventKind::Boot { .. }))
                    && last.at == event.at
            });
            if with_last {
                rows.row.insert(place, rows.heads.len() - 1);
                continue;
            }
            let height = match &event.what {
                EventKind::Note { text } => {
                    let lines = wrapped(text, (note_width / NOTE_LETTER) as usize);
                    let height = lines.len() as f64 * NOTE_LINE + 14.0;
                    rows.notes.insert(rows.heads.len(), lines);
                    height
                }
                _ => ROW,
            };
            rows.row.insert(place, rows.heads.len());
            rows.heads.push(place);
            rows.tops.push(rows.bottom() + height);
        }
        rows
    }

    pub(super) fn count(&self) -> usize {
        self.heads.len()
    }

    pub(super) fn head(&self, row: usize) -> usize {
        self.heads[row]
    }

    /// Returns the steps in a row: one, or several nodes that start at the same time.
    pub(super) fn steps(&self, row: usize) -> impl Iterator<Item = usize> + '_ {
        let end = self.heads.get(row + 1).copied().unwrap_or(usize::MAX);
        self.row.range(self.heads[row]..end).map(|(place, _)| *place)
    }

    pub(super) fn note(&self, row: usize) -> Option<&[String]> {
        self.notes.get(&row).map(Vec::as_slice)
    }

    pub(super) fn top(&self, row: usize) -> f64 {
        self.tops[row]
    }

    /// Vertical position of a row's arrows on the lifelines.
    pub(super) fn middle(&self, row: usize) -> f64 {
        self.tops[row] + ROW / 2.0
    }

    /// Vertical middle of a step's row.
    pub(super) fn y(&self, step: usize) -> f64 {
        self.row.get(&step).map_or_else(|| self.bottom(), |row| self.middle(*row))
    }

    pub(super) fn bottom(&self) -> f64 {
        self.tops.last().copied().unwrap_or_default()
    }

    /// Returns the description of a row.
    pub(super) fn told(&self, causality: &Causality<'_>, row: usize) -> RowText {
        let events = &causality.document.events;
        let head = self.heads[row];
        let event = &events[head];
        let is_note = matches!(event.what, EventKind::Note { .. });
        let same = row > 0 && events[self.heads[row - 1]].at == event.at;
        let after_note = row > 0 && self.notes.contains_key(&(row - 1));
        let time = (!is_note && (!same || after_note)).then(|| event.at.to_string());
        let (what, details) = sentence(causality, head);
        let banner = is_note
            || matches!(
                event.what,
                EventKind::Violation { .. } | EventKind::Partition { .. } | EventKind::Heal | EventKind::Link { .. }
            );
        let step = events.iter().enumerate().skip(head + 1).take_while(|(_, other)| other.at == event.at);
        let facts =
            step.filter(|(place, _)| causality.step[*place] == head).filter_map(|(_, other)| match &other.what {
                EventKind::Fact(payload) => {
                    Some(cut(&line(&format!("{} {}", payload.name, humanize(&payload.body))), 120))
                }
                _ => None,
            });
        RowText { time, what: line(&what), details: line(&details), facts: facts.collect(), banner }
    }
}

/// Describes an event: a short phrase, and details.
pub(super) fn sentence(causality: &Causality<'_>, place: usize) -> (String, String) {
    let header = &causality.document.header;
    let plain = |text: &str| (text.to_owned(), String::new());
    let journey = causality.journey_at.get(&place).map(|at| causality.journeys[*at]);
    match &causality.document.events[place].what {
        EventKind::Boot { incarnation: 1, .. } => plain("start"),
        EventKind::Boot { .. } => plain("restarts"),
        EventKind::Crash { restored: Some(_), .. } => ("crashes".to_owned(), "its disk is an older copy".to_owned()),
        EventKind::Crash { lost: 0, wiped: false, .. } => plain("crashes"),
        EventKind::Crash { lost, wiped, .. } => {
            let disk = if *wiped { ", its disk is gone" } else { "" };
            ("crashes".to_owned(), format!("{lost} writes were not yet on disk{disk}"))
        }
        EventKind::Pause => plain("pauses"),
        EventKind::Suspend => ("is suspended".to_owned(), "its monotonic clock stands still".to_owned()),
        EventKind::Resume => ("resumes".to_owned(), "does not notice the pause".to_owned()),
        EventKind::Drift { ppm } => (format!("clock runs {ppm} ppm fast"), String::new()),
        EventKind::Jump { nanos } => (format!("clock set by {} ms", nanos / 1_000_000), String::new()),
        EventKind::Partition { groups } => {
            let names =
                |group: &Vec<_>| group.iter().map(|node| header.name(Lane::Node(*node))).collect::<Vec<_>>().join(" ");
            let groups = groups.iter().map(names).collect::<Vec<_>>().join(" ┃ ");
            ("network partition:".to_owned(), groups)
        }
        EventKind::Heal => plain("the network heals"),
        EventKind::Link { from, to, up } => {
            let (from, to) = (header.name(Lane::Node(*from)), header.name(Lane::Node(*to)));
            (format!("{from} → {to} {}", if *up { "works again" } else { "is cut" }), String::new())
        }
        EventKind::Request { payload, client, .. } => {
            (payload.name.clone(), with(&payload.body, &format!("from {}", header.name(Lane::Client(*client)))))
        }
        EventKind::Reply { payload, client, .. } => {
            (payload.name.clone(), with(&payload.body, &format!("to {}", header.name(Lane::Client(*client)))))
        }
        EventKind::Send { payload, to, .. } => {
            (payload.name.clone(), with(&payload.body, &format!("to {}", header.name(*to))))
        }
        EventKind::Deliver { late, .. } => {
            let Some(journey) = journey else { return plain("message") };
            let remark = if *late {
                " · too late"
            } else if journey.forged.is_some() {
                " · forged"
            } else if journey.copy {
                " · a copy"
            } else {
                ""
            };
            let (name, body) = unwrapped(&journey.payload.name, &journey.payload.body);
            (name.to_owned(), format!("{}{remark}", humanize(body)))
        }
        EventKind::Drop { .. } => {
            let Some(journey) = journey else { return plain("message lost") };
            let why = match journey.fate {
                MessageOutcome::Lost(_, DropReason::Partition) => "lost: the link is cut",
                MessageOutcome::Lost(_, DropReason::Crashed) => "lost: the receiver is down",
                MessageOutcome::Lost(_, DropReason::Unknown) => "lost: there is no such receiver",
                MessageOutcome::Lost(_, DropReason::Overflow) => "lost: the queue is full",
                _ => "lost",
            };
            (format!("{} {why}", journey.payload.name), humanize(&journey.payload.body))
        }
        EventKind::Duplicate { .. } => {
            (format!("{} is duplicated", journey.map_or("", |j| j.payload.name.as_str())), String::new())
        }
        EventKind::Forge(forgery) => {
            let field = &forgery.field;
            let details = format!("{field} {}, was {}", brief(field, &forgery.new), brief(field, &forgery.old));
            (format!("forges {}", forgery.name_before()), details)
        }
        EventKind::Arm { timer, .. } => (format!("sets {timer}"), String::new()),
        EventKind::Disarm { timer } => (format!("stops {timer}"), String::new()),
        EventKind::Fire { timer, gave_up, .. } => {
            (format!("{timer} fires"), if *gave_up { "gives up".to_owned() } else { String::new() })
        }
        EventKind::Rule { rule, why } => (rule.clone(), why.clone()),
        EventKind::Persist(payload) => (format!("writes {}", payload.name), humanize(&payload.body)),
        EventKind::State { .. } => plain("state"),
        EventKind::Fact(payload) => (format!("◆ {}", payload.name), humanize(&payload.body)),
        EventKind::Violation { invariant, detail } => (format!("▲ {invariant} is broken:"), detail.clone()),
        EventKind::Note { text } => plain(text),
    }
}

/// Formats a payload with a remark.
fn with(body: &Value, remark: &str) -> String {
    let body = humanize(body);
    if body.is_empty() { remark.to_owned() } else { format!("{body} · {remark}") }
}

/// Wraps a note to lines of about `letters` characters.
fn wrapped(text: &str, letters: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            let word = cut(word, letters);
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > letters {
                lines.push(std::mem::take(&mut line));
            }
            line.push_str(if line.is_empty() { "" } else { " " });
            line.push_str(&word);
        }
        lines.push(line);
    }
    lines.truncate(NOTE_LINES_MAX);
    lines
}
