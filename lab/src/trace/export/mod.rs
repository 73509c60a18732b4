//! Exports of traces to other tools and to print.
//!
//! | function | what it gives | who reads it |
//! |---|---|---|
//! | [`svg`] | a static diagram | papers, slides, web pages; it follows the reader's light or dark |
//! | [`mermaid`] | a `sequenceDiagram` | [Mermaid](https://mermaid.js.org), and what embeds it: many wikis and code forges |
//! | [`shiviz`] | a log with vector clocks | [ShiViz](https://bestchai.bitbucket.io/shiviz/), with [its regular expression](SHIVIZ_REGEX) |
//! | [`itf`] | the states, one for each step | the Informal Trace Format of [Apalache and Quint](https://apalache-mc.org/docs/adr/015adr-trace.html) |
//! | [`tla`] | the steps as a module of TLA+ | TLC, which checks them against the specifications in `docs/specs` |
//!
//! [`reigns`] gives the epochs of leadership to a page that draws them, [`steps`] the order of
//! causes and effects.
//!
//! All exports are text that depends on the document alone. Text from the trace is data in each of
//! these languages: it is escaped for the language, and truncated where a tool could not show it.

mod causality;
pub(in crate::trace) mod epochs;
mod itf;
mod mermaid;
mod shiviz;
mod steps;
mod svg;
#[cfg(test)]
mod tests;
mod tla;

pub use epochs::reigns;
pub use itf::itf;
pub use mermaid::mermaid;
pub use shiviz::{SHIVIZ_REGEX, shiviz};
pub use steps::{Step, Steps, steps};
pub use svg::svg;
pub use tla::{Specification, TlaError, tla};

use std::fmt;

/// A trace is too large for the format.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooLarge {
    /// The format.
    pub format: &'static str,
    /// The counted unit, such as `steps`.
    pub what: &'static str,
    /// The actual number.
    pub count: usize,
    /// The maximum number.
    pub max: usize,
}

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TooLarge { format, what, count, max } = self;
        write!(
            f,
            "{count} {what} are too many for {format}, which shows at most {max}; use the interactive page (HTML), which has no limit"
        )
    }
}

impl std::error::Error for TooLarge {}

/// Rejects a document that is too large for a format.
fn at_most(format: &'static str, what: &'static str, count: usize, max: usize) -> Result<(), TooLarge> {
    if count > max { Err(TooLarge { format, what, count, max }) } else { Ok(()) }
}

/// Truncates the text with an ellipsis.
fn cut(text: &str, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
    }
}

/// Puts the text on one line, with spaces for control characters and other white space.
fn line(text: &str) -> String {
    text.chars().map(|char| if char.is_control() || char.is_whitespace() { ' ' } else { char }).collect()
}
