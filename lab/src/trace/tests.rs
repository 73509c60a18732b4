//! Tests of the round trip from recording to file and back.

use quorate_protocol::{ClientId, InvariantViolation, Names, NodeId, RequestId, Time};
use serde_json::json;

use super::toy::{Fact, Message, Node, Timer, Toy, View, empty};
use super::*;

const A: NodeId = NodeId(0);
const X: NodeId = NodeId(1);
const CAROL: ClientId = ClientId(0);

fn ms(millis: u64) -> Time {
    Time::from_millis(millis)
}

/// Two steps caused by a request, followed by every kind of fault.
fn one_of_each() -> Recording<Node> {
    let mut r = empty();
    let ticket = RequestId { client: CAROL, number: 1 };
    let (a, x, carol) = (Some(Lane::Node(A)), Some(Lane::Node(X)), Some(Lane::Client(CAROL)));
    for lane in [a, x] {
        r.push(ms(0), lane, None, TypedEvent::Boot { incarnation: 1, state: View { round: 0, leader: None } });
    }
    let ask = r.push(ms(1), carol, None, TypedEvent::Ask { msg: MessageId(1), to: A, ticket, command: 8 });
    let wait = r.push(ms(1), carol, None, TypedEvent::Wait { ticket, due: ms(50) });
    let trigger = r.push(ms(2), a, Some(ask), TypedEvent::Request { msg: MessageId(1), ticket, command: 8 });
    let why = r.text("round 1 is the first");
    r.push(ms(2), a, Some(trigger), TypedEvent::Rule { rule: Toy::Start, why });
    r.push(ms(2), a, Some(trigger), TypedEvent::Persist { record: 1 });
    let message = Message::Count { round: 1, from: A };
    let send = r.push(ms(2), a, Some(trigger), TypedEvent::Send { msg: MessageId(2), to: X, message });
    let arm = r.push(ms(2), a, Some(trigger), TypedEvent::Arm { timer: Timer::Expiry("lock".into()), due: ms(9) });
    r.push(ms(2), a, Some(trigger), TypedEvent::State { view: View { round: 1, leader: Some(A) } });
    let copy = TypedEvent::Duplicate { msg: MessageId(2), copy: MessageId(3) };
    let copy = r.push(ms(2), a, Some(send), copy);
    let trigger = r.push(ms(4), x, Some(send), TypedEvent::Deliver { msg: MessageId(2), from: A });
    let why = r.text("");
    r.push(ms(4), x, Some(trigger), TypedEvent::Rule { rule: Toy::Follow, why });
    r.push(ms(4), x, Some(trigger), TypedEvent::Disarm { timer: Timer::Election });
    r.push(ms(4), x, Some(trigger), TypedEvent::Fact { fact: Fact::Chosen { value: 8 } });
    let reply = TypedEvent::Reply { msg: MessageId(4), ticket, reply: true };
    let reply = r.push(ms(4), x, Some(trigger), reply);
    r.push(ms(5), x, Some(copy), TypedEvent::Drop { msg: MessageId(3), reason: DropReason::Loss });
    r.push(ms(9), a, Some(arm), TypedEvent::Fire { timer: Timer::Expiry("lock".into()) });
    r.push(ms(9), a, Some(arm), TypedEvent::State { view: View { round: 2, leader: None } });
    r.push(ms(50), carol, Some(wait), TypedEvent::TimedOut { ticket, gave_up: true });
    r.push(ms(51), carol, Some(reply), TypedEvent::Answer { msg: MessageId(4), from: X, late: true });
    r.push(ms(60), a, None, TypedEvent::Drift { ppm: -200 });
    r.push(ms(60), a, None, TypedEvent::Jump { nanos: -5 });
    r.push(ms(61), a, None, TypedEvent::Pause);
    r.push(ms(62), a, None, TypedEvent::Resume);
    r.push(ms(63), a, None, TypedEvent::Crash { lost: 2, wiped: true, restored: None });
    r.push(ms(64), None, None, TypedEvent::Partition { groups: vec![vec![A], vec![X]] });
    r.push(ms(65), None, None, TypedEvent::Link { from: A, to: X, up: false });
    r.push(ms(66), None, None, TypedEvent::Heal);
    r.push(ms(67), None, None, TypedEvent::Note("That was all.".into()));
    r.push(ms(67), None, None, TypedEvent::Violation(InvariantViolation::new("NoToys", "there is a toy")));
    let forged = Payload { name: "Count".into(), body: json!({"round": 9, "from": "A"}).into() };
    let (msg, to, field) = (MessageId(3), Lane::Node(X), "round".to_owned());
    let forgery = Forgery { msg, to, field, old: 1.into(), new: 9.into(), payload: forged };
    r.push(ms(68), a, Some(copy), TypedEvent::Forge(Box::new(forgery)));
    r.push(ms(69), a, None, TypedEvent::Suspend);
    r
}

#[test]
fn every_event_has_its_line() {
    let mut file = Vec::new();
    one_of_each().write_jsonl(&mut file).unwrap();
    let expected = r#"
{"quorate_trace":1,"protocol":"toy","title":"One of each","seed":7,"nodes":["A","X"],"clients":["carol"],"rules":{"Start":{"cite":"Toys §1","says":"a request starts a round"},"Follow":{"cite":"Toys §2","says":"follow the highest round"}}}
{"id":1,"at":0,"kind":"boot","node":"A","incarnation":1,"state":{"round":0,"leader":null}}
{"id":2,"at":0,"kind":"boot","node":"X","incarnation":1,"state":{"round":0,"leader":null}}
{"id":3,"at":1000000,"kind":"send","node":"carol","msg":1,"to":"A","ticket":1,"name":"Request","body":8}
{"id":4,"at":1000000,"kind":"arm","node":"carol","timer":"Timeout","due":50000000,"ticket":1}
{"id":5,"at":2000000,"kind":"request","node":"A","cause":3,"msg":1,"client":"carol","ticket":1,"name":"Request","body":8}
{"id":6,"at":2000000,"kind":"rule","node":"A","cause":5,"rule":"Start","why":"round 1 is the first"}
{"id":7,"at":2000000,"kind":"persist","node":"A","cause":5,"name":"Record","body":1}
{"id":8,"at":2000000,"kind":"send","node":"A","cause":5,"msg":2,"to":"X","name":"Count","body":{"round":1,"from":"A"}}
{"id":9,"at":2000000,"kind":"arm","node":"A","cause":5,"timer":"Expiry(lock)","due":9000000}
{"id":10,"at":2000000,"kind":"state","node":"A","cause":5,"diff":{"round":1,"leader":"A"}}
{"id":11,"at":2000000,"kind":"duplicate","node":"A","cause":8,"msg":2,"copy":3}
{"id":12,"at":4000000,"kind":"deliver","node":"X","cause":8,"msg":2,"from":"A"}
{"id":13,"at":4000000,"kind":"rule","node":"X","cause":12,"rule":"Follow"}
{"id":14,"at":4000000,"kind":"disarm","node":"X","cause":12,"timer":"Election"}
{"id":15,"at":4000000,"kind":"fact","node":"X","cause":12,"name":"Chosen","body":{"value":8}}
{"id":16,"at":4000000,"kind":"reply","node":"X","cause":12,"msg":4,"client":"carol","ticket":1,"name":"Reply","body":true}
{"id":17,"at":5000000,"kind":"drop","node":"X","cause":11,"msg":3,"reason":"loss"}
{"id":18,"at":9000000,"kind":"fire","node":"A","cause":9,"timer":"Expiry(lock)"}
{"id":19,"at":9000000,"kind":"state","node":"A","cause":9,"diff":{"round":2,"leader":null}}
{"id":20,"at":50000000,"kind":"fire","node":"carol","cause":4,"timer":"Timeout","ticket":1,"gave_up":true}
{"id":21,"at":51000000,"kind":"deliver","node":"carol","cause":16,"msg":4,"from":"X","late":true}
{"id":22,"at":60000000,"kind":"clock","node":"A","drift_ppm":-200}
{"id":23,"at":60000000,"kind":"clock","node":"A","jump_ns":-5}
{"id":24,"at":61000000,"kind":"pause","node":"A"}
{"id":25,"at":62000000,"kind":"resume","node":"A"}
{"id":26,"at":63000000,"kind":"crash","node":"A","lost":2,"wiped":true}
{"id":27,"at":64000000,"kind":"net","partition":[["A"],["X"]]}
{"id":28,"at":65000000,"kind":"net","link":{"from":"A","to":"X","up":false}}
{"id":29,"at":66000000,"kind":"net","heal":true}
{"id":30,"at":67000000,"kind":"note","text":"That was all."}
{"id":31,"at":67000000,"kind":"violation","invariant":"NoToys","detail":"there is a toy"}
{"id":32,"at":68000000,"kind":"forge","node":"A","cause":11,"msg":3,"to":"X","name":"Count","body":{"from":"A","round":9},"field":"round","old":1,"new":9}
{"id":33,"at":69000000,"kind":"pause","node":"A","suspended":true}
"#;
    assert_eq!(String::from_utf8(file).unwrap(), expected.trim_start());
}

#[test]
fn streaming_the_document_and_reading_it_back_agree() {
    let recording = one_of_each();
    let (mut streamed, mut written) = (Vec::new(), Vec::new());
    recording.write_jsonl(&mut streamed).unwrap();
    recording.document().write_jsonl(&mut written).unwrap();
    assert_eq!(String::from_utf8(streamed).unwrap(), String::from_utf8(written.clone()).unwrap());
    assert_eq!(Document::read_jsonl(&*written).unwrap(), recording.document());
}

#[test]
fn every_kind_is_recorded_by_this_test() {
    let document = one_of_each().document();
    let missing = |kind: &&str| !document.events.iter().any(|event| event.what.kind() == *kind);
    assert_eq!(EventKind::KINDS.into_iter().find(missing), None);
}

#[test]
fn a_part_of_a_recording_is_the_same_part_of_its_document() {
    let recording = one_of_each();
    let whole = recording.document();
    for (index, event) in whole.events.iter().enumerate() {
        assert_eq!(recording.document_from(event.id).events, whole.events[index..]);
    }
    assert_eq!(recording.events_from(recording.next_id()).count(), 0);
    assert_eq!(recording.events_from(EventId::new(u64::MAX).unwrap()).count(), 0);
}

#[test]
fn folding_a_nodes_diffs_gives_its_view() {
    let mut view = Value::Null;
    for event in one_of_each().events_from(EventId::FIRST).filter(|event| event.lane == Some(Lane::Node(A))) {
        match event.what {
            EventKind::Boot { state: Some(state), .. } => view = state,
            EventKind::State { diff } => apply(&mut view, diff),
            _ => {}
        }
    }
    assert_eq!(view, json!({"round": 2}));
    assert_eq!(without_nulls(json!({"round": 2, "leader": null}).into()), view);
}

#[test]
fn typed_events_are_found_by_their_id() {
    let mut recording = empty();
    assert!(recording.is_empty());
    let why = recording.text("because");
    let id = recording.push(ms(3), Some(A.into()), None, TypedEvent::Rule { rule: Toy::Start, why });
    let event = recording.get(id).unwrap();
    assert_eq!((event.at, event.lane, recording.sentence(why)), (ms(3), Some(Lane::Node(A)), "because"));
    assert_eq!((recording.len(), id, recording.next_id()), (1, EventId::FIRST, EventId::new(2).unwrap()));
    assert_eq!(recording.get(recording.next_id()), None);
    assert_eq!(empty().sentence(why), "", "a text of another recording");
}

#[test]
fn who_has_no_name_is_called_by_position() {
    let mut recording = empty();
    let message = Message::Count { round: 1, from: NodeId(3) };
    recording.push(ms(1), Some(A.into()), None, TypedEvent::Send { msg: MessageId(1), to: NodeId(3), message });
    let document = recording.document();
    assert_eq!(document.header.nodes, ["A", "X", "n3", "n4"]);
    let mut file = Vec::new();
    document.write_jsonl(&mut file).unwrap();
    assert_eq!(Document::read_jsonl(&*file).unwrap(), document);

    recording.set_names(Names::new(["A", "X", "Y", "Z"], ["carol"]));
    let document = recording.document();
    assert_eq!(document.header.nodes, ["A", "X", "Y", "Z"]);
    let EventKind::Send { payload, .. } = &document.events[0].what else { panic!("{:?}", document.events[0]) };
    assert_eq!(humanize(&payload.body), "round 1, from Z");
}

#[test]
fn names_that_are_not_unique_are_not_written() {
    let names = Names::new(["A", "B"], ["A"]);
    let recording: Recording<Node> = Recording::new(RunInfo { names, ..RunInfo::default() });
    let error = recording.write_jsonl(Vec::new()).unwrap_err();
    assert_eq!(error.to_string(), "two nodes or clients are called \"A\"; give each a unique name");
}

#[test]
fn a_unit_message_is_its_name() {
    let mut recording = empty();
    let ping = TypedEvent::Send { msg: MessageId(1), to: X, message: Message::Ping };
    recording.push(ms(1), Some(A.into()), None, ping);
    let EventKind::Send { payload, .. } = &recording.document().events[0].what else { panic!("a send") };
    assert_eq!((payload.name.as_str(), &payload.body), ("Ping", &Value::Null));
}

#[test]
fn a_recording_taken_piece_by_piece_is_the_same_trace() {
    let whole = one_of_each();
    let mut pieces = Vec::new();
    let mut left = empty();
    for (index, (_, Recorded { at, lane, cause, what })) in whole.iter().enumerate() {
        let what = match what {
            TypedEvent::Rule { rule, why } => TypedEvent::Rule { rule, why: left.text(whole.sentence(why)) },
            other => other,
        };
        left.push(at, lane, cause, what);
        if index % 4 == 3 {
            pieces.push(left.next_piece());
        }
    }
    pieces.push(left.next_piece());
    assert!(left.is_empty() && left.next_id() == whole.next_id() && pieces.len() > 5);
    let told = pieces.iter().flat_map(|piece| piece.events_from(piece.first_id())).collect::<Vec<_>>();
    assert_eq!(
        told,
        whole.document().events,
        "the numbers go on, and changes are told against views of earlier pieces"
    );
    assert_eq!(pieces[1].get(EventId::FIRST), None);
    assert_eq!(pieces[1].get(pieces[1].first_id()).map(|event| event.at), Some(told[4].at));

    let mut written = Vec::new();
    let mut writer = JsonlWriter::new(whole.header(), &mut written).unwrap();
    pieces.iter().for_each(|piece| writer.write(piece.events_from(piece.first_id())).unwrap());
    writer.flush().unwrap();
    drop(writer);
    let mut at_once = Vec::new();
    whole.write_jsonl(&mut at_once).unwrap();
    assert_eq!(written, at_once);
}
