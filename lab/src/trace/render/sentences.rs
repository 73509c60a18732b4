//! One sentence for each event, without columns: what the log says of it. The interactive page
//! words its events in the same way, and a browser test compares the two.

use std::ops::Range;

use super::Options;
use super::narrate::{Arrow, Narrator, Scene, name_of};
use crate::trace::{Document, Event, Header};

/// Returns one sentence for each event of a trace, with its time; empty for an answer whose arrival
/// is an event of its own.
///
/// ```
/// use quorate_lab::trace::{Document, render};
///
/// let file = r#"{"quorate_trace":1,"protocol":"raft","nodes":["n1","n3"]}
/// {"id":1,"at":150000000,"kind":"send","node":"n1","msg":1,"to":"n3","name":"RequestVote","body":{"term":2}}
/// {"id":2,"at":153000000,"kind":"deliver","node":"n3","cause":1,"msg":1,"from":"n1"}"#;
/// let document = Document::read_jsonl(file.as_bytes())?;
/// assert_eq!(
///     render::sentences(&document),
///     ["150.0 ms, n1 sends RequestVote to n3: term 2", "153.0 ms, n1 → n3: RequestVote: term 2"],
/// );
/// # Ok::<(), quorate_lab::trace::ReadError>(())
/// ```
pub fn sentences(document: &Document) -> Vec<String> {
    let texts = clauses(document, 0..document.events.len()).into_iter();
    let dated = |text: String, event: &Event| if text.is_empty() { text } else { format!("{}, {text}", event.at) };
    texts.zip(&document.events).map(|(text, event)| dated(text, event)).collect()
}

/// Returns one sentence for each event of a range, without its time. The events before it are read,
/// too: later ones refer to them.
pub(crate) fn clauses(document: &Document, range: Range<usize>) -> Vec<String> {
    let options = Options { why: true, sends: true, timers: true, state: true, ..Options::default() };
    let mut narrator = Narrator::new(options);
    let header = &document.header;
    let mut clauses = Vec::with_capacity(range.len());
    for (index, event) in document.events.iter().enumerate().take(range.end) {
        let mut text = String::new();
        let mut note = |_, scene: Scene| text = clause(header, scene);
        narrator.tell(header, event, &mut note);
        // Sends to several nodes are not merged here.
        narrator.flush(&mut note);
        if range.contains(&index) {
            clauses.push(text);
        }
    }
    clauses
}

fn clause(header: &Header, scene: Scene) -> String {
    match scene {
        Scene::Arrow(arrow) => arrow_clause(header, &arrow),
        Scene::Aside { lane, text, .. } => format!("{} {text}", name_of(header, lane)),
        Scene::Because { lane, rule, why, .. } => {
            format!("{} because {}", name_of(header, lane), joined(&rule, ": ", &why))
        }
        Scene::Network { text, .. } | Scene::Folded(text) => text,
        Scene::Broken { invariant, detail } => joined(&format!("{invariant} is broken"), ": ", &detail),
        Scene::Prose(text) => text,
    }
}

fn arrow_clause(header: &Header, arrow: &Arrow) -> String {
    let Arrow { from, to, name, body, remark, .. } = arrow;
    // Whether a message is slow or overtaken is relative to those before it, which the page does
    // not compare.
    let is_of_the_event = |remark: &&str| !remark.starts_with("slow, ") && !remark.starts_with("overtaken, ");
    let remarks: Vec<&str> = remark.split("; ").filter(is_of_the_event).collect();
    let said = joined(name, ": ", body);
    let remark = remarks.join("; ");
    let remark = if remark.is_empty() { remark } else { format!(" ({remark})") };
    format!("{} → {}: {said}{remark}", name_of(header, *from), name_of(header, *to))
}

/// Two texts with something in between, unless the second is empty.
fn joined(text: &str, between: &str, more: &str) -> String {
    if more.is_empty() { text.to_owned() } else { format!("{text}{between}{more}") }
}
