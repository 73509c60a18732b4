//! Layout of the lane diagram: distance of the lanes, names between them, and width of the margin.

use std::fmt;

use super::Options;
use super::narrate::name_of;
use super::plain::width;
use crate::trace::{Document, EventKind, Lane};

/// First column of the lanes, after the time.
const TIME_COLUMNS: usize = 11;
/// Minimum width of the margin.
const MARGIN_MIN: usize = 26;
/// Minimum width of the margin beside lanes with names on their arrows.
const MARGIN_MIN_NAMED: usize = 28;
/// Minimum width of the margin if it contains sentences.
const MARGIN_MIN_WHY: usize = 44;
/// Minimum distance of lanes.
const PITCH_MIN: usize = 4;
/// Maximum distance of lanes whose arrows have no names.
const PITCH_MAX: usize = 8;
/// Longer names do not widen the columns.
pub(super) const NAME_MAX: usize = 16;

/// The lanes do not fit next to each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooNarrow {
    /// Number of lanes in the trace.
    pub lanes: usize,
    /// Available columns.
    pub width: usize,
    /// Required columns.
    pub needed: usize,
}

impl fmt::Display for TooNarrow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TooNarrow { lanes, width, needed } = self;
        write!(f, "{lanes} lanes do not fit into {width} columns; use the log view, or at least {needed} columns")
    }
}

impl std::error::Error for TooNarrow {}

/// Positions of lanes and margin.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// Lanes from left to right: clients first, because they start everything.
    pub(super) order: Vec<Lane>,
    clients: usize,
    /// Columns before the lanes: the longest time, and a space.
    pub(super) time: usize,
    /// Column of the first lifeline, and the distance between two.
    pub(super) first: usize,
    pitch: usize,
    /// First column of the margin.
    pub(super) margin: usize,
    /// Whether the names of messages fit on the arrows.
    pub(super) named: bool,
    /// Longer names of lanes are cut.
    pub(super) name_max: usize,
}

impl Layout {
    pub(super) fn new(document: &Document, options: &Options) -> Result<Layout, TooNarrow> {
        let columns = options.width;
        let header = &document.header;
        let (nodes, clients): (Vec<Lane>, Vec<Lane>) = header.lanes().partition(|lane| matches!(lane, Lane::Node(_)));
        let (order, clients) = ([&clients[..], &nodes].concat(), clients.len());
        let between = order.len().saturating_sub(1);
        let names_max = order.iter().map(|lane| width(&name_of(header, *lane))).max().unwrap_or(0).min(NAME_MAX);
        let last = document.events.iter().map(|event| event.at).max().unwrap_or_default();
        let time = TIME_COLUMNS.max(last.to_string().len() + 1);
        let first = |widest: usize| time + widest.saturating_sub(1) / 2;
        let margin = |widest: usize, pitch: usize| first(widest) + between * pitch + widest / 2 + 3;
        let closest = |widest: usize| PITCH_MIN.max(widest + 1);
        let with_names = closest(names_max).max(longest_name(document).min(NAME_MAX) + 4);
        let margin_min = if options.why { MARGIN_MIN_WHY } else { MARGIN_MIN_NAMED };
        if margin(names_max, with_names) + margin_min <= columns {
            let (first, margin) = (first(names_max), margin(names_max, with_names));
            return Ok(Layout {
                order,
                clients,
                time,
                first,
                pitch: with_names,
                margin,
                named: true,
                name_max: NAME_MAX,
            });
        }
        // Names of lanes are cut only where the lanes do not fit otherwise.
        let needed = |widest: usize| margin(widest, closest(widest)) + MARGIN_MIN;
        let shortest = names_max.min(PITCH_MIN - 1);
        let Some(widest) = (shortest..=names_max).rev().find(|widest| needed(*widest) <= columns) else {
            return Err(TooNarrow { lanes: order.len(), width: columns, needed: needed(shortest) });
        };
        let in_half = |pitch: &usize| margin(widest, *pitch) <= columns / 2;
        let pitch = (closest(widest)..=PITCH_MAX).rev().find(in_half).unwrap_or(closest(widest));
        let (first, margin) = (first(widest), margin(widest, pitch));
        Ok(Layout { order, clients, time, first, pitch, margin, named: false, name_max: widest })
    }

    /// Index of the lane from the left; `None` for one that the header does not list.
    pub(super) fn index(&self, lane: Lane) -> Option<usize> {
        let index = match lane {
            Lane::Client(client) => client.index(),
            Lane::Node(node) => self.clients.checked_add(node.index())?,
        };
        (self.order.get(index) == Some(&lane)).then_some(index)
    }

    /// Column of the lifeline at an index.
    pub(super) fn column(&self, index: usize) -> usize {
        self.first + index * self.pitch
    }
}

fn longest_name(document: &Document) -> usize {
    let names = document.events.iter().filter_map(|event| match &event.what {
        EventKind::Send { payload, .. } | EventKind::Request { payload, .. } | EventKind::Reply { payload, .. } => {
            Some(width(&payload.name))
        }
        _ => None,
    });
    names.max().unwrap_or(0)
}
