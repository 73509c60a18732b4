//! Interactive HTML page: one self-contained file that opens from a disk or a mail attachment.
//!
//! The page is a template, a style sheet and a dozen plain ES modules in this folder, combined
//! without any tool: `import` lines and `export` keywords are removed, and the rest is one module.
//! The trace is embedded as JSON Lines, as in a file, in a block that no browser executes. In it
//! every `<` is written `\u003c`, which is equal in JSON, so nothing in a trace can end the block.
//! The page's content security policy allows the one script and the one style by their hashes, and
//! nothing else: no network, no `eval`, and no way to create markup from text.
//!
//! ```text
//! dom words wording sentences  the only place that makes elements; the words of events and panels
//! trace views stances          the trace in memory; diffs folded; how a rule decides
//! causes cone reigns           direct causes; happened-before; epochs of leadership
//! rows labels draw glyphs      places of rows; names on arrows; the visible part as SVG; signs
//! ledger diagram scrubber      the text of a row; scrolling and clicks; the strip at the foot
//! logtable nodes crashed why   the panels
//! chapters presentation        the story; presentation mode
//! requests history invariants  client requests and their picture; what holds at a step
//! saving savemenu printing     pictures and paper
//! verdict filters keys player  what the run came to; what is shown; the keys; automatic play
//! address navigation app       the page around them
//! ```
//!
//! `logtable`, `nodes`, `chapters`, `presentation`, `history` and `invariants` each export a
//! function `render(element, model, step)` that draws the event `step` of a model into an element.
//! A model is `{ trace, reigns, chapters, requests, invariants, shown, opened, onselect }`; an
//! interactive page uses these modules unchanged.

mod assemble;
mod info;
#[cfg(test)]
mod tests;

pub use info::{Chapter, PageInfo};

use assemble::{Data, MODULES, STYLE, assemble};

use super::Document;
pub use super::divergence::{Divergence, first_divergence};

/// Returns the page that shows a trace.
///
/// The trace must be one that could be [read](Document::read_jsonl), as those of this crate are.
///
/// # Errors
/// Errors of [`write_jsonl`](Document::write_jsonl): two lanes have the same name.
///
/// ```
/// use quorate_lab::trace::{Document, html};
///
/// let trace = r#"{"quorate_trace":1,"protocol":"paxos","nodes":["A"],"title":"<script>alert(1)</script>"}"#;
/// let page = html::page(&Document::read_jsonl(trace.as_bytes())?)?;
/// assert!(page.contains(r"\u003cscript>alert(1)\u003c/script>"));
/// assert!(!page.contains("<script>alert"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn page(document: &Document) -> std::io::Result<String> {
    page_with(document, &PageInfo::default())
}

/// Returns the page that shows a trace, with the story of the run, its bug and its failure.
///
/// # Errors
/// As [`page`].
pub fn page_with(document: &Document, info: &PageInfo) -> std::io::Result<String> {
    Ok(assemble(&document.header.title, &[Data::of(document, info)?], None))
}

/// Returns the page that shows two traces side by side, such as those of a correct rulebook and a
/// broken one under the same schedule, with the first event at which they
/// [diverge](first_divergence).
///
/// # Errors
/// As [`page`].
pub fn compare(left: &Document, right: &Document) -> std::io::Result<String> {
    let divergence = first_divergence(left, right);
    let data = [Data::of(left, &PageInfo::default())?, Data::of(right, &PageInfo::default())?];
    Ok(assemble(&left.header.title, &data, divergence.as_ref()))
}

/// The ES modules of the page, as `(name, text)`, for an interactive page that serves them as
/// files.
///
/// `app.js` is the page around the others; an interactive page has its own.
///
/// ```
/// use quorate_lab::trace::html;
///
/// assert!(html::modules().iter().any(|(name, text)| *name == "diagram.js" && text.contains("export class Diagram")));
/// ```
pub fn modules() -> &'static [(&'static str, &'static str)] {
    &MODULES
}

/// The style sheet of the page, with its colours by day and by night.
pub fn style() -> &'static str {
    STYLE
}

/// Compiles and runs the example of the guide.
#[cfg(doctest)]
#[doc = include_str!("../../../../docs/DRAWING.md")]
struct Guide;
