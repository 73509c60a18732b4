//! Text of a page beside the trace of a run: the story as chapters, the bug, the failure.

use quorate_protocol::InvariantSummary;
use serde::Serialize;

/// A part of the story of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Chapter {
    /// Index of the event at which it begins, from 0.
    pub at: usize,
    /// Its text: paragraphs with an empty line between; an indented paragraph is a table.
    pub text: String,
}

/// Text of a page beside the trace of a run. The notes of the trace become chapters by themselves.
///
/// ```
/// use quorate_lab::trace::{Document, html};
///
/// let trace = r#"{"quorate_trace":1,"protocol":"paxos","nodes":["A"]}"#;
/// let info = html::PageInfo { bug: Some("own-value".into()), ..html::PageInfo::story("A proposer is stubborn.") };
/// let page = html::page_with(&Document::read_jsonl(trace.as_bytes())?, &info)?;
/// assert!(page.contains("A proposer is stubborn.") && page.contains("own-value"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PageInfo {
    /// Chapters of the story, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub chapters: Vec<Chapter>,
    /// Name of the bug under which the run was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bug: Option<String>,
    /// The invariants that were checked after every step, whether or not one broke.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub invariants: Vec<InvariantSummary>,
    /// Message of a run that failed, such as an expectation that is not met.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

impl PageInfo {
    /// A story that begins with the run. An empty one has no chapter.
    pub fn story(text: &str) -> Self {
        let chapters = if text.trim().is_empty() { Vec::new() } else { vec![Chapter { at: 0, text: text.to_owned() }] };
        PageInfo { chapters, ..PageInfo::default() }
    }
}
