//! Tests with hostile traces: the reader rejects them, or the page shows them as plain text.

use quorate::lab::trace::{Document, html};
use serde_json::json;

use crate::tab;

const EVIL: &str =
    r#"</script><script>window.hurt=1</script><img src=x onerror=window.hurt=2><svg onload=window.hurt=3>{{script}}"#;

/// A trace with the same text in every string.
fn evil(text: &str) -> Document {
    let t = json!(text);
    let lane = |name: &str| json!(format!("{name}{text}"));
    let (a, b, c) = (lane("a"), lane("b"), lane("c"));
    let lines = [
        json!({"quorate_trace": 1, "protocol": t, "title": t, "nodes": [a, b], "clients": [c], "rules": {text: {"cite": t, "says": t}}}),
        json!({"id": 1, "at": 0, "kind": "boot", "node": a, "incarnation": 1, "state": {text: t, "role": t, "term": t, "__proto__": t, "log": [{"term": t, "command": {text: t}}]}}),
        json!({"id": 2, "at": 0, "kind": "boot", "node": b, "incarnation": 1, "state": {"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}}),
        json!({"id": 3, "at": 1, "kind": "send", "node": c, "msg": 1, "to": a, "ticket": 1, "name": t, "body": {text: t, "ballot": t}}),
        json!({"id": 4, "at": 2, "kind": "request", "node": a, "cause": 3, "msg": 1, "client": c, "ticket": 1, "name": t, "body": t}),
        json!({"id": 5, "at": 2, "kind": "rule", "node": a, "cause": 4, "rule": t, "why": t}),
        json!({"id": 6, "at": 2, "kind": "persist", "node": a, "cause": 4, "name": t, "body": [t]}),
        json!({"id": 7, "at": 2, "kind": "send", "node": a, "cause": 4, "msg": 2, "to": b, "name": t, "body": {"term": t}}),
        json!({"id": 8, "at": 2, "kind": "arm", "node": a, "cause": 4, "timer": t, "due": 9}),
        json!({"id": 9, "at": 2, "kind": "fact", "node": a, "cause": 4, "name": t, "body": {"__proto__": t}}),
        json!({"id": 10, "at": 2, "kind": "state", "node": a, "cause": 4, "diff": {text: {text: t}, "__proto__": {"polluted": 1}}}),
        json!({"id": 11, "at": 3, "kind": "net", "partition": [[a], [b]]}),
        json!({"id": 12, "at": 3, "kind": "drop", "cause": 7, "msg": 2, "reason": "partition"}),
        json!({"id": 13, "at": 4, "kind": "violation", "invariant": t, "detail": t}),
        json!({"id": 14, "at": 4, "kind": "note", "text": t}),
    ];
    let file: Vec<String> = lines.iter().map(ToString::to_string).collect();
    Document::read_jsonl(file.join("\n").as_bytes()).expect("it conforms, however evil")
}

#[test]
fn markup_and_script_in_every_field_are_text() {
    let Some((_browser, mut tab)) = tab() else { return };
    tab.show(&html::page(&evil(EVIL)).expect("names differ"), "");
    for place in 0..14 {
        tab.run(&format!("quorate.select({place})"));
        assert_eq!(tab.run("window.hurt ?? 0"), json!(0), "after event {}", place + 1);
    }
    tab.run("quorate.select(4)");
    assert_eq!(tab.text(".live"), EVIL, "the text is shown as it is");
    assert_eq!(tab.count("img, script:not([type]), iframe, object, embed, #main a:not(.link)"), 0);
    assert_eq!(tab.run("({}).polluted ?? 0"), json!(0));
    assert_eq!(
        tab.run(r#"JSON.stringify(quorate.view(quorate.trace.lanes[1], 9)["__proto__"])"#),
        json!(r#"{"polluted":1}"#),
        "a member like any other"
    );
    tab.press("c");
    tab.press("f");
    assert_eq!(tab.complaints(), Vec::<String>::new());
}

#[test]
fn the_policy_stops_what_would_get_through_all_the_same() {
    let Some((_browser, mut tab)) = tab() else { return };
    tab.show(&html::page(&evil("x")).expect("names differ"), "");
    let tried =
        |way: &str| format!("(() => {{ try {{ {way}; return 'done' }} catch (error) {{ return error.name }} }})()");
    for way in [
        "document.body.innerHTML = '<b>'",
        "document.body.insertAdjacentHTML('beforeend', '<b>')",
        "document.write('<b>')",
    ] {
        assert_eq!(tab.run(&tried(way)), json!("TypeError"), "{way}");
    }
    let script = "new Promise((done) => { const script = document.createElement('script'); try { script.textContent = 'window.hurt = 4'; document.body.append(script); } catch (error) { done(error.name); } done(window.hurt ?? 'nothing'); })";
    assert_ne!(tab.run(script), json!(4));
    let network = "fetch('https://example.org/').then(() => 'sent', () => 'refused')";
    assert_eq!(tab.run(network), json!("refused"));
    let image = "new Promise((done) => { const image = new Image(); image.onload = () => done('loaded'); image.onerror = () => done('refused'); image.src = 'https://example.org/x.png'; })";
    assert_eq!(tab.run(image), json!("refused"));
}

/// The longest text of the page, and the element that has it.
const LONGEST: &str = r"[...document.querySelectorAll('body *')]
  .map((each) => [each.firstChild?.nodeType === 3 ? each.firstChild.length : 0, `${each.tagName}.${each.className}`])
  .sort(([a], [b]) => b - a)[0].join(' in ')";

#[test]
fn texts_of_a_megabyte_are_cut_where_they_are_shown() {
    let Some((_browser, mut tab)) = tab() else { return };
    let long = "<b>".repeat(350_000);
    let ready = tab.show(&html::page(&evil(&long)).expect("names differ"), "");
    assert!(ready < 20_000.0, "it took {ready} ms");
    let mut uncut = Vec::new();
    for place in 0..14 {
        tab.run(&format!("quorate.select({place})"));
        let shown = tab.run("document.body.textContent.length").as_u64().expect("a number");
        if shown >= 600_000 {
            let longest = tab.run(LONGEST);
            uncut.push(format!("{shown} characters on the page after event {}, of which {longest}", place + 1));
        }
    }
    assert!(uncut.is_empty(), "{}", uncut.join("\n"));
    assert_eq!(tab.count("b b"), 0);
    assert_eq!(tab.complaints(), Vec::<String>::new());
}

#[test]
fn ten_thousand_nodes_are_drawn_as_far_as_they_are_in_view() {
    let Some((_browser, mut tab)) = tab() else { return };
    let names: Vec<String> = (0..10_000).map(|index| format!("n{index}")).collect();
    let mut lines = vec![json!({"quorate_trace": 1, "protocol": "p", "nodes": names}).to_string()];
    for (index, name) in names.iter().enumerate() {
        let id = index + 1;
        lines.push(
            json!({"id": id, "at": 0, "kind": "boot", "node": name, "incarnation": 1, "state": {"term": index}})
                .to_string(),
        );
    }
    lines.push(
        json!({"id": 10_001, "at": 5, "kind": "send", "node": "n0", "msg": 1, "to": "n9999", "name": "Far"})
            .to_string(),
    );
    lines.push(
        json!({"id": 10_002, "at": 6, "kind": "deliver", "node": "n9999", "cause": 10_001, "msg": 1, "from": "n0"})
            .to_string(),
    );
    let document = Document::read_jsonl(lines.join("\n").as_bytes()).expect("it conforms");
    tab.show(&html::page(&document).expect("names differ"), "");
    assert!(tab.count(".lanehead") < 60 && tab.count(".card") <= 12 && tab.count("*") < 3_000);
    tab.press("End");
    assert_eq!(
        tab.run("[...document.querySelectorAll('.lanehead')].some((head) => head.textContent === 'n9999')"),
        json!(true)
    );
    assert_eq!(tab.run("document.querySelector('.card.acts h3').textContent"), json!("n9999"));
    assert_eq!(tab.complaints(), Vec::<String>::new());
}

#[test]
fn a_byte_order_mark_is_read_over_and_a_key_that_stands_twice_is_refused() {
    let Some((_browser, mut tab)) = tab() else { return };
    let header = r#"{"quorate_trace":1,"protocol":"p","title":"marked","nodes":["a"]}"#;
    let boot = r#"{"id":1,"at":0,"kind":"boot","node":"a","incarnation":1,"state":{"term":7}}"#;
    let document = Document::read_jsonl(format!("\u{feff}{header}\n{boot}").as_bytes()).expect("the mark is no harm");
    tab.show(&html::page(&document).expect("names differ"), "");
    assert_eq!(tab.text("#title"), "marked");
    for (line, key) in [
        (r#"{"id":1,"at":0,"kind":"note","text":"x","text":"y"}"#, "text"),
        (r#"{"id":1,"at":0,"kind":"boot","node":"a","incarnation":1,"state":{"term":1,"term":2}}"#, "term"),
    ] {
        let error = Document::read_jsonl(format!("{header}\n{line}").as_bytes()).expect_err(line).to_string();
        assert!(error.contains("line 2") && error.contains(key), "{error}");
    }
    assert_eq!(tab.complaints(), Vec::<String>::new());
}

#[test]
fn deep_json_is_shown_or_refused() {
    let Some((_browser, mut tab)) = tab() else { return };
    let nested = |depth: usize| {
        let state = format!("{}1{}", r#"{"a":"#.repeat(depth), "}".repeat(depth));
        let text = format!(
            "{}\n{}",
            r#"{"quorate_trace":1,"protocol":"p","nodes":["a"]}"#,
            format_args!(r#"{{"id":1,"at":0,"kind":"boot","node":"a","incarnation":1,"state":{state}}}"#)
        );
        Document::read_jsonl(text.as_bytes())
    };
    tab.show(&html::page(&nested(100).expect("100 levels are few")).expect("names differ"), "");
    assert_eq!(tab.count(".card"), 1);
    assert_eq!(tab.complaints(), Vec::<String>::new());
    let refused = nested(5_000).expect_err("5,000 levels are too many").to_string();
    assert!(refused.contains("line 2"), "{refused}");
}

#[test]
fn wrong_types_are_refused_with_their_line_before_there_is_a_page() {
    for (line, says) in [
        (r#"{"id":"1","at":0,"kind":"note","text":"x"}"#, "line 2"),
        (r#"{"id":1,"at":0,"kind":"note","text":{"toString":"x"}}"#, "line 2"),
        (r#"{"id":1,"at":-5,"kind":"note","text":"x"}"#, "line 2"),
        (r#"{"id":1,"at":0,"kind":"boot","node":["a"],"incarnation":1}"#, "line 2"),
        (r#"{"id":1,"at":0,"kind":"deliver","node":"a","msg":1,"from":"a"}"#, "line 2"),
        ("<script>", "line 2"),
    ] {
        let text = format!("{}\n{line}", r#"{"quorate_trace":1,"protocol":"p","nodes":["a"]}"#);
        let error = Document::read_jsonl(text.as_bytes()).expect_err(line).to_string();
        assert!(error.contains(says), "{error}");
    }
}
