//! Tests of `docs/TRACE.md`: the rules of its example are those of Paxos.

use std::fs;

use quorate::lab::trace::{Document, EventKind};
use quorate::paxos::PaxosRule;
use quorate::protocol::Rule;

use crate::{is_update, read, root};

const PAGE: &str = "docs/TRACE.md";

/// The example of the page, a trace file.
fn example(page: &str) -> &str {
    page.split("```jsonl\n").nth(1).and_then(|rest| rest.split("```").next()).expect("the page has an example")
}

#[test]
fn the_example_of_the_trace_format_cites_rules_as_they_are() {
    let stored = read(PAGE);
    let header = Document::read_jsonl(example(&stored).as_bytes()).expect("it conforms").header;
    let mut page = stored.clone();
    for known in header.rules {
        let rule = PaxosRule::ALL.iter().find(|rule| rule.id() == known.id);
        let rule = rule.unwrap_or_else(|| panic!("Paxos has no rule {}", known.id));
        for (field, old, new) in [("cite", known.cite, rule.cite()), ("says", known.says, rule.summary())] {
            page = page.replace(&format!(r#""{field}":"{old}""#), &format!(r#""{field}":"{new}""#));
        }
    }
    if is_update() {
        fs::write(root().join(PAGE), page).expect("the page can be written");
        return;
    }
    assert!(page == stored, "a rule says something else than {PAGE}; UPDATE_GOLDENFILES=1 cargo test --test docs");
}

#[test]
fn every_rule_of_the_example_is_in_its_header() {
    let page = read(PAGE);
    let document = Document::read_jsonl(example(&page).as_bytes()).expect("it conforms");
    for event in &document.events {
        if let EventKind::Rule { rule, .. } = &event.what {
            assert!(document.header.rules.iter().any(|known| known.id == *rule), "the header does not explain {rule}");
        }
    }
}
