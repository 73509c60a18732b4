//! Tests of the page that need no browser; the others are the browser tests.

use std::collections::{BTreeMap, BTreeSet};

use super::assemble::{MODULES, script};
use super::{compare, first_divergence, page};
use crate::trace::Document;

fn document(title: &str, nodes: &str, events: &str) -> Document {
    let header = format!(r#"{{"quorate_trace":1,"protocol":"p","title":{title},"nodes":{nodes}}}"#);
    Document::read_jsonl(format!("{header}\n{events}").as_bytes()).expect("it conforms")
}

/// Names that a module declares at its top level, and whether it exports them.
fn declared(source: &str) -> BTreeMap<&str, bool> {
    source
        .lines()
        .filter_map(|line| {
            let (exported, rest) = line.strip_prefix("export ").map_or((false, line), |rest| (true, rest));
            let rest = ["function ", "class ", "const ", "let "].iter().find_map(|word| rest.strip_prefix(word))?;
            Some((rest.split(|c: char| !c.is_alphanumeric() && c != '_').next()?, exported))
        })
        .collect()
}

#[test]
fn modules_import_what_earlier_ones_export_and_share_no_names() {
    let mut names: BTreeSet<&str> = BTreeSet::new();
    let mut exports: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (file, source) in MODULES {
        for import in source.lines().filter(|line| line.starts_with("import ")) {
            let (wanted, from) = import.split_once(" from ").expect("imports stand on one line");
            let from = from.trim_matches(['"', ';', '.', '/']);
            let given =
                exports.get(from).unwrap_or_else(|| panic!("{file} imports {from}, which comes later or not at all"));
            for name in wanted.trim_start_matches("import {").trim_end_matches('}').split(',') {
                assert!(given.contains(name.trim()), "{file} imports {} from {from}", name.trim());
            }
        }
        let declared = declared(source);
        for name in declared.keys() {
            assert!(names.insert(name), "{file} declares {name}, as another module does");
        }
        exports.insert(file, declared.into_iter().filter(|(_, exported)| *exported).map(|(name, _)| name).collect());
    }
    assert!(!script().contains("\nimport ") && !script().contains("\nexport "));
}

#[test]
fn no_module_makes_markup_or_code_from_text() {
    for (file, source) in MODULES {
        for way in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "new Function",
            "srcdoc",
            "fetch(",
            "import(",
        ] {
            assert!(!source.contains(way), "{file} uses {way}");
        }
    }
}

#[test]
fn nothing_in_a_trace_ends_its_block_or_fills_a_placeholder() {
    let evil = r#""</script><script>alert(1)</script>{{script}}<!--""#;
    let events = format!(r#"{{"id":1,"at":0,"kind":"note","text":{evil}}}"#);
    let page = page(&document(evil, r#"["<b>"]"#, &events)).expect("names differ");
    assert_eq!(page.matches("<script").count(), 4, "three blocks of data and the script");
    assert_eq!(page.matches("</script>").count(), 4);
    assert!(page.contains(r"\u003c/script>\u003cscript>alert(1)\u003c/script>{{script}}\u003c!--"));
    assert!(page.contains("<title>&lt;/script&gt;&lt;script&gt;"));
}

#[test]
fn the_policy_allows_what_is_there_and_nothing_else() {
    let page = page(&document(r#""t""#, r#"["a"]"#, "")).expect("names differ");
    let policy = page
        .split("Content-Security-Policy\" content=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .expect("it is set");
    assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"));
    for loose in ["unsafe", "http", "data:", "blob:", "*", "self"] {
        assert!(!policy.contains(loose), "{policy}");
    }
    assert!(!page.contains("src=") && !page.contains("@import") && !page.contains("url("));
}

#[test]
fn traces_part_where_their_first_different_event_is() {
    let events = |second: &str| format!("{}\n{}", r#"{"id":1,"at":0,"kind":"note","text":"begin"}"#, second);
    let left = document(r#""l""#, r#"["a"]"#, &events(r#"{"id":2,"at":5,"kind":"pause","node":"a"}"#));
    let right = document(r#""r""#, r#"["a"]"#, &events(r#"{"id":2,"at":5,"kind":"resume","node":"a"}"#));
    let shorter = document(r#""s""#, r#"["a"]"#, r#"{"id":1,"at":0,"kind":"note","text":"begin"}"#);
    assert_eq!(first_divergence(&left, &left), None);
    assert_eq!(first_divergence(&left, &right).map(|divergence| divergence.at), Some(1));
    let over = first_divergence(&left, &shorter).expect("one goes on");
    assert_eq!(over.says, "The traces agree on 0 events. At 0.0 ms, left: a pauses; right: nothing more happens.");
    assert!(compare(&left, &right).expect("names differ").contains(r#""at":[1,1]"#));
}
