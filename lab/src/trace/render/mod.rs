//! Text renderers for a terminal: the [log](log()), one event per line, and the [lanes](lanes()),
//! one column per node.
//!
//! Both need only a [`Document`](super::Document), so they can show any trace. A message is shown
//! when it is *delivered*, because that is when something happens; the time of the send is given if
//! the delivery was unusually slow or overtaken. The expected is omitted unless requested: the
//! start of nodes at time zero, the arming of timers.
//!
//! Text from the trace is escaped before it is shown: control characters could move a terminal's
//! cursor or change its colours.

mod heartbeats;
mod in_flight;
mod lanes;
mod layout;
mod log;
mod narrate;
#[cfg(test)]
mod pictures;
mod plain;
mod sentences;
mod style;
#[cfg(test)]
mod tests;

pub use lanes::lanes;
pub use layout::TooNarrow;
pub use log::{Log, log};
pub(crate) use sentences::clauses;
pub use sentences::sentences;

use quorate_protocol::Time;

use super::Header;

/// Style and level of detail of a rendering.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Options {
    /// Available columns.
    pub width: usize,
    /// Whether to use colours (ANSI escape sequences).
    pub colour: bool,
    /// Whether to show the reasons: each rule with its citation and explanation, and each durable
    /// write.
    pub why: bool,
    /// Names of the nodes and rules whose reasons are shown, with [`why`](Self::why); if there are
    /// none, all reasons are.
    pub reasons_of: Vec<String>,
    /// Whether to show sends too.
    pub sends: bool,
    /// Whether to show the arming and disarming of timers too.
    pub timers: bool,
    /// Whether to show changes of the nodes' views.
    pub state: bool,
    /// Whether heartbeats that change nothing are folded into one line. Only [`log()`] and
    /// [`lanes()`] do so: a [`Log`] does not know what a message will lead to.
    pub fold: bool,
    /// Time of the first event that is shown; `None` from the beginning.
    pub from: Option<Time>,
    /// Time of the last event that is shown; `None` to the end.
    pub to: Option<Time>,
    /// Names of facts that are omitted unless the reasons are shown: another fact of the same step
    /// implies them.
    pub implied: &'static [&'static str],
}

impl Default for Options {
    /// 100 columns, no colours, no details.
    fn default() -> Self {
        Options {
            width: 100,
            colour: false,
            why: false,
            reasons_of: Vec::new(),
            sends: false,
            timers: false,
            state: false,
            fold: false,
            from: None,
            to: None,
            implied: &[],
        }
    }
}

impl Options {
    /// Whether what happens at that time is shown.
    pub fn shows(&self, at: Time) -> bool {
        self.from.is_none_or(|from| from <= at) && self.to.is_none_or(|to| at <= to)
    }

    /// Whether every reason is shown.
    fn shows_all_reasons(&self) -> bool {
        self.why && self.reasons_of.is_empty()
    }

    /// Whether a node or a rule is among those whose reasons are requested.
    fn names(&self, name: &str) -> bool {
        self.reasons_of.iter().any(|named| named == name)
    }
}

/// Returns a one-line description of a trace: the title, the protocol and the seed.
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
