//! Tests of all exports: a trace with every kind of event, the smallest trace, and hostile ones.

use serde_json::{Value, json};

use super::{itf, mermaid, shiviz, svg};
use crate::trace::Document;

const EVIL: &str =
    "</svg><script>alert(1)</script>; end\nloop \"x\" & #35; %% A->>B: --x {\"a\":1} ]]>\u{0}\u{2028}\u{1b}[2J";

fn one_of_each() -> Document {
    Document::read_jsonl(include_bytes!("../render/one_of_each.jsonl").as_slice()).expect("it conforms")
}

/// A trace with the same text in every string.
fn evil() -> Document {
    let lines = [
        json!({"quorate_trace": 1, "protocol": EVIL, "title": EVIL, "nodes": [format!("a{EVIL}"), "b c"], "clients": ["b_c"]}),
        json!({"id": 1, "at": 0, "kind": "boot", "node": "b c", "incarnation": 1, "state": {"role": "leader", "term": EVIL, EVIL: EVIL, "#map": 1, "tag": null}}),
        json!({"id": 2, "at": 0, "kind": "send", "node": "b c", "msg": 1, "to": format!("a{EVIL}"), "name": EVIL, "body": EVIL}),
        json!({"id": 3, "at": 9, "kind": "deliver", "node": format!("a{EVIL}"), "cause": 2, "msg": 1, "from": "b c"}),
        json!({"id": 4, "at": 9, "kind": "fact", "node": format!("a{EVIL}"), "cause": 3, "name": EVIL, "body": EVIL}),
        json!({"id": 5, "at": 9, "kind": "violation", "invariant": EVIL, "detail": EVIL}),
        json!({"id": 6, "at": 9, "kind": "note", "text": EVIL}),
    ];
    let file: Vec<String> = lines.iter().map(Value::to_string).collect();
    Document::read_jsonl(file.join("\n").as_bytes()).expect("it conforms, however evil")
}

fn document(lines: &[&str]) -> Document {
    Document::read_jsonl(lines.join("\n").as_bytes()).expect("it conforms")
}

#[test]
fn one_of_each_kind_is_in_the_diagram() {
    let picture = svg(&one_of_each()).expect("it is small");
    for part in [
        "One of each",
        ">Promise</text>",
        "restarts",
        "resumes",
        "clock runs",
        "AtMostOneChosen is broken",
        "is cut",
        "Timeout fires",
    ] {
        assert!(picture.contains(part), "{part} is not in the picture");
    }
    assert_eq!(picture, svg(&one_of_each()).expect("it is small"), "the same document gives the same bytes");
}

#[test]
fn one_of_each_kind_is_in_the_sequence() {
    let diagram = mermaid(&one_of_each()).expect("it is small");
    for part in [
        "--xn2: Prepare ballot 1.A (receiver down)",
        "--xn0: Promise",
        "-->>n1: Prepare ballot 1.A (a copy)",
        "Note over n0: forges Accept#58; value 9",
        "Note over n2: crashes",
        "Note over n2: restarts",
        "Note over c0,n2: ",
    ] {
        assert!(diagram.contains(part), "{part} is not in:\n{diagram}");
    }
}

#[test]
fn nothing_in_a_trace_is_markup_or_syntax() {
    let picture = svg(&evil()).expect("it is small");
    assert_eq!(
        (picture.matches("<svg").count(), picture.matches("</svg>").count(), picture.matches("<script").count()),
        (1, 1, 0)
    );
    assert!(!picture.contains(|char: char| char.is_control() && char != '\n'), "XML allows no control characters");
    let diagram = mermaid(&evil()).expect("it is small");
    for line in diagram.lines().skip(1) {
        let payload = line.split_once(": ").map_or(line, |(_, payload)| payload);
        let plain = payload.chars().all(|c| c.is_ascii_alphanumeric() || " .,_-()=@/#;".contains(c));
        assert!(
            plain
                && ["participant", "actor", "Note over", "n0", "n1", "c0"]
                    .iter()
                    .any(|word| line.trim_start().starts_with(word)),
            "{line}"
        );
    }
    let log = shiviz(&evil()).expect("it is small");
    assert!(
        log.lines().count().is_multiple_of(2)
            && log
                .lines()
                .skip(1)
                .step_by(2)
                .all(|line| line.split_once(' ').is_some_and(|(_, clock)| clock.starts_with('{'))),
        "{log}"
    );
}

#[test]
fn lanes_whose_names_fall_together_are_told_apart() {
    let log = shiviz(&evil()).expect("it is small");
    let hosts: std::collections::BTreeSet<&str> =
        log.lines().skip(1).step_by(2).filter_map(|line| line.split(' ').next()).collect();
    assert!(hosts.contains("b_c_2"), "the client is called b_c, so the node b c is not: {hosts:?}");
}

#[test]
fn a_receivers_clock_knows_what_its_sender_knew_and_no_more() {
    let log = shiviz(&document(&[
        r#"{"quorate_trace":1,"protocol":"p","nodes":["a","b"]}"#,
        r#"{"id":1,"at":0,"kind":"boot","node":"a","incarnation":1}"#,
        r#"{"id":2,"at":1,"kind":"send","node":"a","msg":1,"to":"b","name":"M"}"#,
        r#"{"id":3,"at":2,"kind":"pause","node":"a"}"#,
        r#"{"id":4,"at":3,"kind":"duplicate","msg":1,"cause":2,"copy":2}"#,
        r#"{"id":5,"at":4,"kind":"deliver","node":"b","cause":4,"msg":2,"from":"a"}"#,
    ]))
    .expect("it is small");
    assert!(log.ends_with("b {\"b\":1,\"a\":2}\n"), "{log}");
}

/// A lie that arrives.
fn forged() -> Document {
    document(&[
        r#"{"quorate_trace":1,"protocol":"paxos","nodes":["a","b"]}"#,
        r#"{"id":1,"at":0,"kind":"boot","node":"a","incarnation":1,"state":{"proposer":{"stage":"idle"}}}"#,
        r#"{"id":2,"at":1,"kind":"send","node":"a","msg":1,"to":"b","name":"Accept","body":{"value":8}}"#,
        r#"{"id":3,"at":1,"kind":"forge","node":"a","cause":2,"msg":1,"to":"b","name":"Accept","body":{"value":9},"field":"value","old":8,"new":9}"#,
        r#"{"id":4,"at":4,"kind":"deliver","node":"b","cause":3,"msg":1,"from":"a"}"#,
    ])
}

#[test]
fn a_lie_is_seen_as_a_lie() {
    let diagram = mermaid(&forged()).expect("it is small");
    assert!(
        diagram.contains("Note over n0: forges Accept#58; value 9\n    n0->>n1: Accept value 9 (forged)\n"),
        "{diagram}"
    );
    let log = shiviz(&forged()).expect("it is small");
    assert!(log.contains("forges Accept value 9, was 8\na {\"a\":3}\n"), "{log}");
    assert!(log.ends_with("Accept value 9\nb {\"b\":1,\"a\":3}\n"), "the receiver knows what the liar did: {log}");
    let picture = svg(&forged()).expect("it is small");
    assert!(picture.contains("forges Accept") && picture.contains("value 9, was 8"), "{picture}");
    assert!(picture.contains("value 9 · forged"), "{picture}");
    let refused = super::tla(&forged()).expect_err("no specification has liars").to_string();
    assert_eq!(refused, "event 3 forges a message, and the specifications know no liars");
}

#[test]
fn states_are_those_after_each_step_and_names_are_fields_only_where_they_can_be() {
    let trace: Value = serde_json::from_str(&itf(&evil()).expect("it is small")).expect("it is JSON");
    assert_eq!(trace["vars"], json!(["nodes", "down", "at", "action"]));
    let states = trace["states"].as_array().expect("a list");
    for (index, state) in states.iter().enumerate() {
        assert_eq!(state["#meta"]["index"], index);
        assert!(
            trace["vars"]
                .as_array()
                .expect("a list")
                .iter()
                .all(|var| state.get(var.as_str().expect("a text")).is_some())
        );
    }
    let view = &states[0]["nodes"]["#map"][0];
    assert_eq!(view[0], "b c");
    let members = view[1]["#map"].as_array().expect("such names are no fields, so the view is a map");
    assert!(members.contains(&json!(["#map", {"#bigint": "1"}])) && members.contains(&json!([EVIL, EVIL])));
    assert!(!members.iter().any(|member| member[0] == "tag"), "a member that is null is one that is absent");
}

#[test]
fn what_is_too_large_is_refused_with_what_to_do() {
    let mut lines = vec![r#"{"quorate_trace":1,"protocol":"p","nodes":["a"]}"#.to_owned()];
    lines.extend(
        (1..=2_000)
            .map(|id| format!(r#"{{"id":{id},"at":{id},"kind":"send","node":"a","msg":{id},"to":"a","name":"M"}}"#)),
    );
    let long = Document::read_jsonl(lines.join("\n").as_bytes()).expect("it conforms");
    assert_eq!(
        svg(&long).expect_err("2,000 rows are a wall").to_string(),
        "2000 steps are too many for SVG, which shows at most 1500; use the interactive page (HTML), which has no limit"
    );
    assert_eq!(mermaid(&long).expect_err("so many arrows").count, 2_000);
    assert!(shiviz(&long).is_ok() && itf(&long).is_ok());
}

#[test]
fn the_smallest_trace_can_be_drawn() {
    let empty = document(&[r#"{"quorate_trace":1,"protocol":"p","nodes":[]}"#]);
    assert!(svg(&empty).is_ok() && mermaid(&empty).is_ok() && shiviz(&empty).is_ok() && itf(&empty).is_ok());
}
