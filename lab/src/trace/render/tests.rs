//! Properties of all renderers, for arbitrary traces.

use proptest::prelude::*;

use super::pictures::{ONE_OF_EACH, assert_picture, everything, read, wide};
use super::*;
use crate::trace::{Document, Event, EventId, EventKind, Lane};

/// A document with these events, for nodes A and X.
fn events(events: &[&str]) -> Document {
    let header = r#"{"quorate_trace":1,"protocol":"p","nodes":["A","X"]}"#;
    let numbered = events.iter().enumerate().map(|(index, event)| format!("{{\"id\":{},{event}}}", index + 1));
    read(&std::iter::once(header.to_owned()).chain(numbered).collect::<Vec<_>>().join("\n"))
}

#[test]
fn lanes_that_do_not_fit_say_what_to_do() {
    let error = lanes(&read(ONE_OF_EACH), wide(40)).unwrap_err();
    assert_eq!(error, TooNarrow { lanes: 4, width: 40, needed: 53 });
    assert_eq!(error.to_string(), "4 lanes do not fit into 40 columns; use the log view, or at least 53 columns");
    assert!(lanes(&read(ONE_OF_EACH), wide(53)).is_ok());
}

#[test]
fn five_nodes_and_a_client_fit_eighty_columns_and_long_names_are_cut() {
    let lanes_of = |client: &str| {
        let file = format!(
            r#"{{"quorate_trace":1,"protocol":"p","nodes":["n1","n2","n3","n4","n5"],"clients":["{client}"]}}
{{"id":1,"at":0,"kind":"send","node":"n5","msg":1,"to":"n1","name":"AppendEntries","body":{{"term":2}}}}
{{"id":2,"at":1000000,"kind":"deliver","node":"n1","msg":1,"from":"n5"}}"#
        );
        lanes(&read(&file), wide(80)).unwrap()
    };
    assert_picture(
        &lanes_of("client"),
        "
           client   n1     n2     n3     n4     n5
             │      │      │      │      │      │
    1.0 ms   │      │◀─────┼──────┼──────┼──────┤     AppendEntries term 2
",
    );
    assert_picture(
        &lanes_of("accounting"),
        "
           accou…   n1     n2     n3     n4     n5
             │      │      │      │      │      │
    1.0 ms   │      │◀─────┼──────┼──────┼──────┤     AppendEntries term 2
",
    );
}

#[test]
fn a_time_of_hours_has_its_room_in_both_views() {
    let document = events(&[
        r#""at":0,"kind":"send","node":"A","msg":1,"to":"X","name":"Ask","body":{"n":1}"#,
        r#""at":3611012000000,"kind":"deliver","node":"X","msg":1,"from":"A""#,
    ]);
    for columns in [50, 80] {
        let drawn = lanes(&document, wide(columns)).unwrap();
        assert!(drawn.lines().all(|line| line.chars().count() <= columns), "{drawn}");
        assert!(drawn.lines().any(|line| line.starts_with("3611012.0 ms ├")), "{drawn}");
    }
    assert!(log(&document, wide(80)).starts_with("3611012.0 ms A ──Ask"), "{}", log(&document, wide(80)));
}

#[test]
fn eight_lanes_fit_eighty_columns() {
    let file = r#"{"quorate_trace":1,"protocol":"p","nodes":["n1","n2","n3","n4","n5","n6","n7"],"clients":["c1"]}
{"id":1,"at":0,"kind":"send","node":"n7","msg":1,"to":"n1","name":"AppendEntries","body":{"term":2,"previous":"4@1","entries":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22]}}
{"id":2,"at":1000000,"kind":"deliver","node":"n1","msg":1,"from":"n7"}"#;
    assert_picture(
        &lanes(&read(file), wide(80)).unwrap(),
        "
           c1  n1  n2  n3  n4  n5  n6  n7
           │   │   │   │   │   │   │   │
    1.0 ms │   │◀──┼───┼───┼───┼───┼───┤   AppendEntries term 2, previous 4@1,
           │   │   │   │   │   │   │   │   entries [1, 2, 3, 4, 5, 6, 7, 8, 9,…
",
    );
}

#[test]
fn a_trace_cannot_steer_the_terminal() {
    let escape = "\\u001b[2J\\u009b31m\\u202e\\r\\n\\t\\u0000";
    let file = format!(
        r#"{{"quorate_trace":1,"protocol":"{escape}","title":"{escape}","nodes":["A{escape}","X"],"clients":["{escape}"],"rules":{{"{escape}":{{"cite":"{escape}","says":"{escape}"}}}}}}
{{"id":1,"at":0,"kind":"send","node":"A{escape}","msg":1,"to":"X","name":"{escape}","body":{{"{escape}":"{escape}"}}}}
{{"id":2,"at":0,"kind":"deliver","node":"X","msg":1,"from":"A{escape}"}}
{{"id":3,"at":0,"kind":"rule","node":"X","rule":"{escape}","why":"{escape}"}}
{{"id":4,"at":0,"kind":"rule","node":"X","rule":"{escape}"}}
{{"id":5,"at":0,"kind":"fact","node":"X","name":"{escape}","body":"{escape}"}}
{{"id":6,"at":0,"kind":"persist","node":"X","name":"{escape}","body":["{escape}"]}}
{{"id":7,"at":0,"kind":"arm","node":"X","timer":"{escape}","due":1}}
{{"id":8,"at":0,"kind":"disarm","node":"X","timer":"{escape}"}}
{{"id":9,"at":0,"kind":"fire","node":"X","timer":"{escape}"}}
{{"id":10,"at":0,"kind":"state","node":"X","diff":{{"{escape}":"{escape}"}}}}
{{"id":11,"at":0,"kind":"violation","invariant":"{escape}","detail":"{escape}"}}
{{"id":12,"at":0,"kind":"note","text":"{escape}"}}
{{"id":13,"at":0,"kind":"request","node":"X","client":"{escape}","ticket":1,"name":"{escape}","body":"{escape}"}}
{{"id":14,"at":0,"kind":"reply","node":"X","client":"{escape}","ticket":1,"name":"{escape}","body":"{escape}"}}
{{"id":15,"at":0,"kind":"send","node":"X","msg":2,"to":"A{escape}","name":"{escape}"}}
{{"id":16,"at":0,"kind":"duplicate","node":"X","msg":2,"copy":3}}
{{"id":17,"at":0,"kind":"drop","node":"A{escape}","msg":3,"reason":"crashed"}}
{{"id":18,"at":0,"kind":"net","partition":[["A{escape}"],["X"]]}}
{{"id":19,"at":0,"kind":"net","link":{{"from":"A{escape}","to":"X","up":false}}}}"#
    );
    let document = read(&file);
    for text in [log(&document, everything(100)), lanes(&document, everything(300)).unwrap(), heading(&document.header)]
    {
        assert!(text.contains("\\u{1b}[2J"), "{text}");
        let steers = |char: &char| (char.is_control() && *char != '\n') || *char == '\u{202e}';
        assert_eq!(text.chars().find(steers), None, "{text:?}");
    }
}

#[test]
fn colour_is_only_there_if_asked_for_and_changes_no_text() {
    let document = read(ONE_OF_EACH);
    for options in [wide(100), everything(100)] {
        let colour = Options { colour: true, ..options.clone() };
        for (plain, coloured) in [
            (log(&document, options.clone()), log(&document, colour.clone())),
            (lanes(&document, options).unwrap(), lanes(&document, colour).unwrap()),
        ] {
            assert!(!plain.contains('\u{1b}'));
            assert!(coloured.contains("\u{1b}[36mP"), "messages' names are cyan: {coloured:?}");
            let parts = coloured.split('\u{1b}');
            let text: String =
                parts.map(|part| part.strip_prefix('[').map_or(part, |part| part.split_once('m').unwrap().1)).collect();
            assert_eq!(text, plain);
        }
    }
}

#[test]
fn names_of_any_script_keep_the_columns() {
    let file = r#"{"quorate_trace":1,"protocol":"p","nodes":["東京","é"]}
{"id":1,"at":0,"kind":"send","node":"é","msg":1,"to":"東京","name":"提案","body":"値"}
{"id":2,"at":0,"kind":"deliver","node":"東京","msg":1,"from":"é"}"#;
    assert_picture(&log(&read(file), wide(80)), "    0.0 ms  é ─────提案──────────▶ 東京  値");
    assert_picture(
        &lanes(&read(file), wide(80)).unwrap(),
        "
           東京     é
            │       │
    0.0 ms  │◀─提案─┤    値
",
    );
}

#[test]
fn a_log_told_in_pieces_is_the_log_told_at_once() {
    let document = read(ONE_OF_EACH);
    let (mut text, mut pieces) = (String::new(), Log::new(everything(90)));
    for events in document.events.chunks(1) {
        pieces.tell(&document.header, events, &mut text).unwrap();
    }
    pieces.finish(&document.header, &mut text).unwrap();
    let together = "sends Prepare to X, Y, A: ballot 1.A";
    let apart = "sends Prepare to X: ballot 1.A";
    assert!(text.contains(apart), "{text}");
    let rest =
        |text: &str| text.lines().filter(|line| !line.contains("sends Prepare")).map(str::to_owned).collect::<Vec<_>>();
    let whole = log(&document, everything(90));
    assert!(whole.contains(together), "{whole}");
    assert_eq!(rest(&text), rest(&whole));
}

#[test]
fn a_part_whose_beginning_is_missing_is_told_as_far_as_it_goes() {
    let mut document = read(ONE_OF_EACH);
    let (arrival, _) = document.events.iter().enumerate().find(|(_, event)| event.id.get() == 12).unwrap();
    document.events.drain(..arrival);
    let text = log(&document, wide(80));
    assert!(text.starts_with("    2.5 ms  A ───message 2─────▶ X\n"), "{text}");
}

#[test]
fn a_document_with_unlisted_lanes_is_drawn_without_them() {
    let stranger = Lane::Node(quorate_protocol::NodeId(u32::MAX));
    let mut document = events(&[r#""at":0,"kind":"pause","node":"A""#]);
    document.events.push(Event { id: EventId::new(2).unwrap(), lane: Some(stranger), ..document.events[0].clone() });
    document.events.push(Event { what: EventKind::Boot { incarnation: 1, state: None }, ..document.events[1].clone() });
    let text = lanes(&document, wide(80)).unwrap();
    assert!(text.contains("n4294967296 pauses"), "{text}");
    assert!(log(&document, wide(80)).contains("n4294967296  pauses"));
}

#[test]
fn slow_is_what_takes_three_times_as_long_as_usual() {
    let mut lines = Vec::new();
    for (number, millis) in [1, 1, 1, 3, 20].into_iter().enumerate() {
        let sent = number * 100 * 1_000_000;
        lines.push(format!(r#""at":{sent},"kind":"send","node":"A","msg":{number},"to":"X","name":"Ping""#));
        lines.push(format!(
            r#""at":{},"kind":"deliver","node":"X","msg":{number},"from":"A""#,
            sent + millis * 1_000_000
        ));
    }
    let text = log(&events(&lines.iter().map(String::as_str).collect::<Vec<_>>()), wide(80));
    let remarks: Vec<_> = text.lines().map(|line| line.contains("(slow, sent at ")).collect();
    assert_eq!(remarks, [false, false, false, false, true], "{text}");
}

#[test]
fn a_part_of_the_time_keeps_what_was_sent_and_who_was_down_before() {
    let document = events(&[
        r#""at":0,"kind":"crash","node":"X","lost":0"#,
        r#""at":1000000,"kind":"send","node":"A","msg":1,"to":"A","name":"Ask","body":{"n":1}"#,
        r#""at":2000000,"kind":"deliver","node":"A","cause":2,"msg":1,"from":"A""#,
        r#""at":3000000,"kind":"boot","node":"X","incarnation":2"#,
        r#""at":4000000,"kind":"fire","node":"A","timer":"Retry""#,
    ]);
    let between = |from: u64, to: u64| Options {
        from: Some(Time::from_nanos(from * 1_000_000)),
        to: Some(Time::from_nanos(to * 1_000_000)),
        ..wide(80)
    };
    assert_picture(&log(&document, between(2, 2)), "    2.0 ms  A ──Ask───────────▶ A  n 1");
    assert_picture(
        &lanes(&document, between(2, 3)).unwrap(),
        "
           A      X
           │
    2.0 ms ●         Ask n 1  (to itself)
    3.0 ms │      ●  X restarts (incarnation 2)
",
    );
    // A message that arrives later is in flight at the end.
    assert_picture(&log(&document, between(1, 1)), " in flight  Ask from A to A, sent at 1.0 ms");
}

#[test]
fn reasons_can_be_limited_to_nodes_and_rules() {
    let step = |node: &str, rule: &str| {
        [
            format!(r#""at":0,"kind":"rule","node":"{node}","rule":"{rule}","why":"of {node}""#),
            format!(r#""at":0,"kind":"persist","node":"{node}","name":"{rule}ed""#),
        ]
    };
    let lines = [step("A", "Prepare"), step("X", "Promise"), step("X", "Accept"), step("A", "Accept")].concat();
    let document = events(&lines.iter().map(String::as_str).collect::<Vec<_>>());
    let reasons = |of: &[&str]| {
        let reasons_of = of.iter().map(|name| (*name).to_owned()).collect();
        let text = log(&document, Options { why: true, reasons_of, ..wide(80) });
        let words = text.split_whitespace().filter(|word| word.starts_with(['P', 'A']) && word.len() > 1);
        words.map(str::to_owned).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(reasons(&[]), "Prepare Prepareed Promise Promiseed Accept Accepted Accept Accepted");
    assert_eq!(reasons(&["X"]), "Promise Promiseed Accept Accepted");
    assert_eq!(reasons(&["Accept"]), "Accept Accepted Accept Accepted");
    assert_eq!(reasons(&["A", "Promise"]), "Prepare Prepareed Promise Promiseed Accept Accepted");
}

proptest! {
    #[test]
    fn no_line_is_wider_than_the_terminal(width in 53..200_usize, why: bool, sends: bool) {
        let document = read(ONE_OF_EACH);
        let options = Options { width, why, sends, ..Options::default() };
        for text in [log(&document, options.clone()), lanes(&document, options).unwrap()] {
            for line in text.lines() {
                prop_assert!(plain::width(line) <= width, "{} columns:\n{}", plain::width(line), line);
                prop_assert_eq!(line.trim_end(), line);
            }
        }
    }

    #[test]
    fn any_width_is_handled(width in 0..60_usize) {
        let document = read(ONE_OF_EACH);
        prop_assert!(!log(&document, everything(width)).is_empty());
        prop_assert_eq!(lanes(&document, everything(width)).is_ok(), width >= 53);
    }
}
