//! Renderings for a terminal: the [log](log()), one line after the other, and the [lanes](lanes()), a column for each
//! node.
//!
//! Both tell the same story from a [`Document`](super::Document) alone, so they show anybody's trace. A message has its line where it
//! *arrives*, because that is where something happens; when it was sent is said if it took unusually long or was
//! overtaken. What everybody expects is left out unless it is asked for: that nodes start at time zero, that timers are armed.
//!
//! Whatever comes from the trace is made harmless before it is shown: control characters, which could move a
//! terminal's cursor or change its colours, are escaped.

mod flights;
mod ink;
mod lanes;
mod layout;
mod log;
#[cfg(test)]
mod pictures;
mod plain;
mod story;
#[cfg(test)]
mod tests;

pub use lanes::lanes;
pub use layout::TooNarrow;
pub use log::{Log, log};

use super::Header;

/// How a rendering should look, and how much it should tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Options {
    /// The columns that there are.
    pub width: usize,
    /// Whether to colour, with ANSI escape sequences.
    pub colour: bool,
    /// Whether to give the reasons: each rule with its citation and its sentence, and each durable write.
    pub why: bool,
    /// Whether to tell also when messages leave.
    pub sends: bool,
    /// Whether to tell also when timers are armed and disarmed.
    pub timers: bool,
    /// Whether to tell how the nodes' views change.
    pub state: bool,
    /// Facts, by name, that are left out unless the reasons are given: those that another fact of the same step implies.
    pub implied: &'static [&'static str],
}

impl Default for Options {
    /// 100 columns, no colours, no details.
    fn default() -> Self {
        Options { width: 100, colour: false, why: false, sends: false, timers: false, state: false, implied: &[] }
    }
}

/// One line that says what a trace is about: the title, the protocol and the seed.
///
/// ```
/// use quorate_lab::trace::{Header, render::heading};
///
/// let header = Header { protocol: "paxos".into(), title: "Two proposers".into(), seed: Some(7), ..Header::default() };
/// assert_eq!(heading(&header), "Two proposers (paxos, seed 7)");
/// ```
pub fn heading(header: &Header) -> String {
    let seed = header.seed.map(|seed| format!(", seed {seed}")).unwrap_or_default();
    match plain::plain(&header.title).as_str() {
        "" => format!("{}{seed}", plain::plain(&header.protocol)),
        title => format!("{title} ({}{seed})", plain::plain(&header.protocol)),
    }
}
