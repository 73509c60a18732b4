//! Tests of the reader: accepted files, rejected files, and the error messages.

use std::io::Read;

use proptest::prelude::*;

use super::*;
use crate::trace::{EventId, EventKind, Lane};

const SCHEMA: &str = include_str!("../../../../docs/TRACE.md");

/// The example in the format description.
fn example() -> &'static str {
    let (_, example) = SCHEMA.split_once("```jsonl\n").expect("the description has an example");
    example.split_once("```").expect("the example ends").0
}

fn refusal(file: impl AsRef<[u8]>) -> String {
    match Document::read_jsonl(file.as_ref()) {
        Ok(document) => panic!("accepted: {document:?}"),
        Err(error) => error.to_string(),
    }
}

/// Returns the error for the example with one line changed.
fn refused_with(line: usize, from: &str, to: &str) -> String {
    let mut lines: Vec<_> = example().lines().map(str::to_owned).collect();
    assert!(lines[line - 1].contains(from), "line {line} has no {from}");
    lines[line - 1] = lines[line - 1].replacen(from, to, 1);
    refusal(lines.join("\n"))
}

#[test]
fn the_example_of_the_description_is_read_and_written_back_byte_by_byte() {
    let document = Document::read_jsonl(example().as_bytes()).unwrap();
    assert_eq!((document.header.nodes.len(), document.header.rules.len(), document.events.len()), (2, 3, 19));
    let mut written = Vec::new();
    document.write_jsonl(&mut written).unwrap();
    assert_eq!(String::from_utf8(written).unwrap(), example());
}

#[test]
fn a_crash_refers_to_the_event_whose_disk_it_puts_back() {
    let file = |restored: &str| {
        format!(
            r#"{{"quorate_trace":1,"protocol":"p","title":"","nodes":["a"],"clients":[],"rules":{{}}}}
{{"id":3,"at":0,"kind":"note","text":"a backup"}}
{{"id":4,"at":0,"kind":"crash","node":"a","lost":0,"restored":{restored}}}
"#
        )
    };
    let document = Document::read_jsonl(file("3").as_bytes()).unwrap();
    assert_eq!(document.events[1].what, EventKind::Crash { lost: 0, wiped: false, restored: EventId::new(3) });
    let mut written = Vec::new();
    document.write_jsonl(&mut written).unwrap();
    assert_eq!(String::from_utf8(written).unwrap(), file("3"));
    assert_eq!(refusal(file("4")), "line 3: `restored` is 4, but no earlier event has that id");
    assert!(refusal(file("true")).contains("`restored` is true; it must be the id of an earlier event"));
}

#[test]
fn the_description_names_every_kind() {
    for kind in EventKind::KINDS {
        assert!(SCHEMA.contains(&format!("| `{kind}` |")), "{kind}");
    }
}

#[test]
fn other_programs_may_leave_out_what_they_do_not_know() {
    let file = r#"{"nodes":["a"],"clients":["c"],"protocol":"mine","quorate_trace":1,"author":"me"}

{"kind":"request","id":5,"node":"a","client":"c","ticket":1,"at":0,"cause":null,"priority":{"high":true}}
{"id":9,"at":0,"kind":"boot","node":"a","incarnation":1}
{"id":10,"at":0,"kind":"reply","node":"a","client":"c","ticket":1,"body":3}
{"id":11,"at":0,"kind":"rule","node":"a","rule":"Mine"}
{"id":12,"at":0,"kind":"violation","node":"a","invariant":"None"}"#;
    let document = Document::read_jsonl(file.as_bytes()).unwrap();
    let kinds: Vec<_> = document.events.iter().map(|event| event.what.kind()).collect();
    assert_eq!(kinds, ["request", "boot", "reply", "rule", "violation"]);
    let EventKind::Request { msg: None, payload, .. } = &document.events[0].what else { panic!("{document:?}") };
    assert_eq!(payload.name, "Request");
    assert_eq!(document.events[1].what, EventKind::Boot { incarnation: 1, state: None });
    assert_eq!(document.events[1].id, EventId::new(9).unwrap());
    assert!(matches!(document.events[4].lane, Some(Lane::Node(_))));
}

#[test]
fn a_bad_file_or_header_is_refused() {
    let version = "use a newer quorate";
    let no_header = "the first line must say \"quorate_trace\":1, the protocol and the nodes";
    for (file, message) in [
        ("", "line 1: the file is empty;"),
        ("\n \n", "line 1: the file is empty;"),
        ("[1]", no_header),
        ("{}", no_header),
        (r#"{"id":1}"#, no_header),
        (r#"{"quorate_trace":2}"#, version),
        (r#"{"quorate_trace":"1"}"#, version),
        (r#"{"quorate_trace":1}"#, "line 1: `protocol` is missing; it must be the protocol's name"),
        (
            r#"{"quorate_trace":1,"protocol":"p"}"#,
            "line 1: `nodes` is missing; it must be the list of the nodes' names",
        ),
        (r#"{"quorate_trace":1,"protocol":"p","nodes":[1]}"#, "line 1: `nodes[0]` is 1; it must be a name"),
        (r#"{"quorate_trace":1,"protocol":"p","nodes":["a",""]}"#, "line 1: `nodes[1]` is \"\"; it must be a name"),
        (r#"{"quorate_trace":1,"protocol":"p","nodes":"a"}"#, "line 1: `nodes` is \"a\"; it must be the list"),
        (
            r#"{"quorate_trace":1,"protocol":"p","nodes":["a"],"clients":["a"]}"#,
            "two nodes or clients are called \"a\"",
        ),
        (
            r#"{"quorate_trace":1,"protocol":"p","nodes":[],"seed":-1}"#,
            "line 1: `seed` is -1; it must be a whole number",
        ),
        (
            r#"{"quorate_trace":1,"protocol":"p","nodes":[],"rules":{"A":1}}"#,
            "line 1: `rules.A` is 1; it must be an object such as {\"cite\"",
        ),
        (
            r#"{"quorate_trace":1,"protocol":"p","nodes":[],"rules":{"A\u001b":{"cite":[]}}}"#,
            "line 1: `rules.\"A\\u{1b}\".cite` is a list; it must be a text",
        ),
        (
            r#"{"quorate_trace":1,"protocol":"p","nodes":[],"rules":[]}"#,
            "line 1: `rules` is a list; it must be an object",
        ),
        ("# A trace", "line 1: this is not JSON (expected value at column 1)"),
        ("{\"quorate_trace\":1", "line 1: the file ends in the middle of this line"),
    ] {
        let refusal = refusal(file);
        assert!(refusal.contains(message), "{file}\n{refusal}");
    }
}

#[test]
fn a_bad_event_is_refused_with_its_line() {
    for ((line, from, to), message) in [
        ((2, "\"id\":1", "\"id\":0"), "line 2: `id` is 0; it must be a whole number from 1"),
        ((3, "\"id\":2", "\"id\":1"), "line 3: event 1 comes after event 1; `id` must increase from line to line"),
        ((2, "\"id\":1,", ""), "line 2: `id` is missing; it must be a whole number from 1"),
        ((6, "\"at\":1200000", "\"at\":1.5"), "line 6: `at` is 1.5; it must be nanoseconds since the start of the run"),
        ((17, "\"at\":4900000", "\"at\":1"), "line 17: `at` goes back from 4100000 to 1 ns; sort the events by time"),
        ((2, "boot", "bot"), "line 2: \"bot\" is not a kind of event in version 1; did you mean boot?"),
        ((2, "boot", "banana"), "line 2: \"banana\" is not a kind of event in version 1"),
        ((2, "\"node\":\"A\",", ""), "line 2: `node` is missing; it must be the name of a node or client"),
        (
            (2, "\"A\"", "\"a\""),
            "line 2: `node` is \"a\", but the header lists no node or client of that name; did you mean \"A\"?",
        ),
        ((2, "\"A\"", "\"c1\""), "line 2: `node` is \"c1\", but the header lists no node of that name"),
        (
            (6, "\"client\":\"c1\"", "\"client\":\"A\""),
            "line 6: `client` is \"A\", but the header lists no client of that name",
        ),
        ((6, "\"cause\":3", "\"cause\":5"), "line 6: `cause` is 5, but no earlier event has that id"),
        ((6, "\"cause\":3", "\"cause\":0"), "line 6: `cause` is 0, but no earlier event has that id"),
        ((6, "\"msg\":1", "\"msg\":2"), "line 6: message 2 was never sent; every `msg` needs an earlier"),
        ((8, "\"msg\":2", "\"msg\":1"), "line 8: message 1 was already sent; give every message and every copy"),
        (
            (11, "\"from\":\"A\"", "\"from\":\"X\""),
            "line 11: message 2 was sent from \"A\" to \"X\", but is delivered from \"X\" to \"X\"",
        ),
        ((17, "\"msg\":3", "\"msg\":9"), "line 17: message 9 was never sent"),
        (
            (17, "loss", "bad luck"),
            "line 17: `reason` is \"bad luck\"; it must be loss, partition, crashed, unknown, script or overflow",
        ),
        ((17, "drop", "duplicate"), "line 17: `copy` is missing; it must be the number of the copy"),
        ((8, "\"name\":\"Prepare\",", ""), "line 8: `name` is missing; it must be the name of the payload"),
        ((9, "\"due\":21200000", "\"due\":\"soon\""), "line 9: `due` is \"soon\"; it must be nanoseconds"),
        ((10, "\"diff\"", "\"difference\""), "line 10: `diff` is missing; it must be a JSON merge patch"),
        (
            (2, "\"kind\":\"boot\"", "\"kind\":\"clock\""),
            "line 2: `jump_ns` is missing; it must be nanoseconds, unless there is `drift_ppm`",
        ),
        ((2, "\"kind\":\"boot\"", "\"kind\":\"net\""), "line 2: `link` is missing; it must be {\"from\":…"),
        ((20, "And", "\u{1b}[2J\\"), "line 20: this is not JSON (control character"),
        (
            (20, "\"text\":\"And so A tries again, with a higher ballot.\"", "\"text\":{}"),
            "line 20: `text` is an object; it must be a text",
        ),
        (
            (20, "}", ""),
            "line 20: the file ends in the middle of this line, perhaps because it was still being written",
        ),
        ((4, "}", ""), "line 4: this is not JSON (EOF while parsing an object at column"),
        ((19, "{", "[{"), "line 19: this is not JSON (EOF while parsing a list at column"),
    ] {
        let refusal = refused_with(line, from, to);
        assert!(refusal.starts_with(message), "{from} → {to}\n{refusal}");
    }
}

#[test]
fn a_key_that_stands_twice_is_refused_by_name() {
    let message = "line 6: the key \"msg\" stands twice in an object (the second time before column";
    assert!(refused_with(6, "\"msg\":1", "\"msg\":1,\"msg\":1").starts_with(message));
    for (line, from, to) in [
        (1, "\"seed\":7", "\"seed\":7,\"seed\":8"),
        (8, "{\"ballot\":\"1.A\"}", "{\"x\":[{\"seed\":1,\"seed\":1}]}"),
        (20, "\"kind\"", "\"seed\":{},\"seed\":{},\"kind\""),
    ] {
        let refusal = refused_with(line, from, to);
        assert!(refusal.starts_with(&format!("line {line}: the key \"seed\" stands twice")), "{refusal}");
    }
}

#[test]
fn a_byte_order_mark_is_accepted_at_the_beginning_alone() {
    let read = |file: String| Document::read_jsonl(file.as_bytes());
    assert_eq!(read(format!("\u{feff}{}", example())).unwrap(), read(example().to_owned()).unwrap());
    assert!(refused_with(2, "{", "\u{feff}{").starts_with("line 2: this is not JSON"));
}

#[test]
fn network_events_are_checked_for_their_names() {
    let header = r#"{"quorate_trace":1,"protocol":"p","nodes":["a"],"clients":["c"]}"#;
    for (net, message) in [
        (r#""partition":[["a","b"]]"#, "line 2: `partition` is \"b\", but the header lists no node of that name"),
        (r#""partition":["a"]"#, "line 2: `partition[0]` is \"a\"; it must be a group of nodes"),
        (r#""partition":[[1]]"#, "line 2: `partition[0][0]` is 1; it must be the name of a node"),
        (
            r#""link":{"from":"a","to":"c","up":true}"#,
            "line 2: `link` is \"c\", but the header lists no node of that name",
        ),
        (r#""link":{"from":"a","to":"a"}"#, "line 2: `link.up` is missing; it must be true or false"),
        (r#""link":["a","a",true]"#, "line 2: `link` is a list; it must be {\"from\""),
        (r#""heal":"yes""#, "line 2: `heal` is \"yes\"; it must be true or false"),
        (r#""heal":false"#, "line 2: `link` is missing"),
    ] {
        let refusal = refusal(format!("{header}\n{{\"id\":1,\"at\":0,\"kind\":\"net\",{net}}}"));
        assert!(refusal.starts_with(message), "{net}\n{refusal}");
    }
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let mut file = example().as_bytes().to_vec();
    let place = file.len() - 10;
    file[place] = 0xff;
    assert!(refusal(&file).starts_with("line 20: byte "), "{}", refusal(&file));
    assert!(refusal(&file).ends_with("is not UTF-8; save the file as UTF-8"));
}

#[test]
fn nesting_without_end_is_refused() {
    let deep = format!("{}\n{}", example().lines().next().unwrap(), "[".repeat(1 << 20));
    assert!(refusal(&deep).starts_with("line 2: this is not JSON (recursion limit exceeded"), "{}", refusal(&deep));
    let body = format!("{}1{}", "[".repeat(1000), "]".repeat(1000));
    assert!(refused_with(8, "{\"ballot\":\"1.A\"}", &body).starts_with("line 8: this is not JSON (recursion limit"));
}

#[test]
fn a_line_without_end_is_refused_before_it_fills_the_memory() {
    let endless = std::io::BufReader::new(std::io::repeat(b' ').take(1 << 40));
    let error = Document::read_jsonl(endless).unwrap_err();
    assert_eq!(error.to_string(), "line 1: the line is longer than 64 MiB; split its contents");
}

#[test]
fn size_alone_is_no_reason_to_refuse_or_to_slow_down() {
    let nodes: Vec<_> = (0..10_000).map(|number| format!("n{number}")).collect();
    let header = serde_json::json!({"quorate_trace": 1, "protocol": "p", "nodes": nodes});
    let mut file = format!("{header}\n");
    for number in 1..=10_000 {
        let event = serde_json::json!({"id": number, "at": 0, "kind": "pause", "node": nodes[number % 10_000]});
        file += &format!("{event}\n");
    }
    let text = "long ".repeat(200_000);
    file += &format!("{}\n", serde_json::json!({"id": 10_001, "at": 0, "kind": "note", "text": text}));
    let document = Document::read_jsonl(file.as_bytes()).unwrap();
    assert_eq!(document.events[10_000].what, EventKind::Note { text });

    let unknown = serde_json::json!({"id": 10_002, "at": 0, "kind": "x".repeat(1 << 20), "node": "n1"});
    let refusal = refusal(format!("{file}{unknown}"));
    assert!(refusal.len() < 200 && refusal.contains("xxx…"), "{refusal}");
}

#[test]
fn quotes_in_messages_are_short_and_cannot_steer_a_terminal() {
    for name in ["\u{1b}[31m", "\u{9b}31m", "\u{7}"] {
        let refusal = refused_with(2, "\"A\"", &serde_json::Value::from(name).to_string());
        assert!(!refusal.contains(char::is_control), "{refusal:?}");
    }
}

/// Property of every input: it is rejected with a line of the file, or read into a document that
/// survives a round trip.
fn is_handled(file: &[u8]) -> Result<(), TestCaseError> {
    match Document::read_jsonl(file) {
        Err(error) => {
            prop_assert!((1..=file.split(|byte| *byte == b'\n').count()).contains(&error.line), "{}", error);
            prop_assert!(!error.to_string().is_empty());
        }
        Ok(document) => {
            let mut written = Vec::new();
            document.write_jsonl(&mut written).expect("what was read can be written");
            prop_assert_eq!(Document::read_jsonl(&*written).expect("and read again"), document);
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_bytes_are_handled(file in prop::collection::vec(any::<u8>(), 0..400)) {
        is_handled(&file)?;
    }

    #[test]
    fn a_truncated_trace_is_refused_unless_a_line_ended(length in 0..example().len()) {
        let file = &example().as_bytes()[..length];
        is_handled(file)?;
        let whole = example().as_bytes()[length] == b'\n' || file.ends_with(b"\n");
        prop_assert_eq!(Document::read_jsonl(file).is_ok(), whole && length > 0);
    }

    #[test]
    fn a_flipped_bit_is_handled(at in 0..example().len(), bit in 0..8) {
        let mut file = example().as_bytes().to_vec();
        file[at] ^= 1_u8 << bit;
        is_handled(&file)?;
    }

    #[test]
    fn swapped_lines_are_refused(first in 0..example().lines().count(), second in 0..example().lines().count()) {
        prop_assume!(first != second);
        let mut lines: Vec<_> = example().lines().collect();
        lines.swap(first, second);
        prop_assert!(Document::read_jsonl(lines.join("\n").as_bytes()).is_err());
    }

    #[test]
    fn a_value_of_another_type_is_handled(line in 1..20_usize, field in 0..9_usize, value in 0..6_usize) {
        let values = [r#"null"#, r#"-1"#, r#"18446744073709551615"#, r#""""#, r#"[[{}]]"#, r#"{"from":1}"#];
        let mut lines: Vec<_> = example().lines().map(str::to_owned).collect();
        let mut event: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&lines[line]).unwrap();
        let key = event.keys().nth(field % event.len()).unwrap().clone();
        event[&key] = serde_json::from_str(values[value]).unwrap();
        lines[line] = serde_json::to_string(&event).unwrap();
        is_handled(lines.join("\n").as_bytes())?;
    }
}
