//! Traces of threads: their recordings are merged into one trace in causal order, which all readers
//! accept.

use std::collections::{BTreeMap, BTreeSet};

use quorate_lab::env::{CrashPoint, Fault, FaultPlan};
use quorate_lab::trace::{Document, EventId, EventKind, render};

use super::{NODES, add, counters, ms, sum};

/// Returns the trace of a run with crashes, losses and several clients.
fn stormy() -> Document {
    let fault_plan: FaultPlan =
        "loss=2%,duplicate=10%,latency=0ms..2ms,crashes=3,partitions=1,pauses=1,outage=60ms".parse().unwrap();
    let mut cluster = counters(3).title("faults").traced().seed(4).fault_plan(&fault_plan, ms(800)).start().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            let mut client = cluster.client();
            scope.spawn(move || (0..15).for_each(|_| _ = client.ask(add(1)).unwrap()));
        }
    });
    // The clients may finish before the planned crashes.
    cluster.inject(&Fault::Crash { node: NODES[1], point: CrashPoint::BetweenSteps }).unwrap();
    cluster.heal_everything().unwrap();
    assert_eq!(sum(&cluster.client().ask(add(1)).unwrap()), 46);
    cluster.shutdown().unwrap().recording.unwrap().document()
}

#[test]
fn every_effect_comes_after_its_cause_and_every_arrival_after_its_sending() {
    let document = stormy();
    let (mut sent, mut landed) = (BTreeSet::new(), BTreeSet::new());
    let (mut kinds, mut now) = (BTreeMap::new(), document.events[0].at);
    for event in &document.events {
        assert!(event.at >= now, "time goes backwards at {event:?}");
        now = event.at;
        assert!(event.cause.is_none_or(|cause| cause < event.id), "{event:?}");
        *kinds.entry(event.what.kind()).or_insert(0) += 1;
        match &event.what {
            EventKind::Send { msg, .. } | EventKind::Reply { msg: Some(msg), .. } => {
                assert!(sent.insert(*msg), "{event:?}")
            }
            EventKind::Duplicate { msg, copy } => assert!(sent.contains(msg) && sent.insert(*copy), "{event:?}"),
            EventKind::Deliver { msg, .. }
            | EventKind::Request { msg: Some(msg), .. }
            | EventKind::Drop { msg, .. } => {
                assert!(sent.contains(msg) && landed.insert(*msg) && event.cause.is_some(), "{event:?}");
            }
            EventKind::Fire { .. } => assert!(event.cause.is_some(), "{event:?}"),
            _ => {}
        }
    }
    for kind in [
        "boot",
        "crash",
        "request",
        "reply",
        "deliver",
        "drop",
        "duplicate",
        "arm",
        "fire",
        "rule",
        "persist",
        "state",
        "fact",
        "net",
    ] {
        assert!(kinds.contains_key(kind), "no {kind} in {kinds:?}");
    }
}

#[test]
fn every_renderer_and_the_file_format_accept_it() {
    let cluster = counters(3).traced().start().unwrap();
    let mut client = cluster.client();
    assert_eq!(sum(&client.ask(add(1)).unwrap()), 1);
    cluster.inject(&Fault::Pause(NODES[2])).unwrap();
    assert_eq!(sum(&client.ask(add(1)).unwrap()), 2);
    let document = cluster.shutdown().unwrap().recording.unwrap().document();
    let mut file = Vec::new();
    document.write_jsonl(&mut file).unwrap();
    assert_eq!(Document::read_jsonl(&file[..]).unwrap(), document);
    let log = render::log(&document, render::Options { why: true, ..render::Options::default() });
    assert!(log.contains("because") && log.contains("AppendEntries"), "{log}");
    assert!(render::lanes(&document, render::Options::default()).unwrap().contains("n3"));
    assert!(quorate_lab::trace::export::mermaid(&document).unwrap().starts_with("sequenceDiagram"));
    assert!(quorate_lab::trace::export::svg(&document).unwrap().contains("</svg>"));
}

#[test]
fn a_trace_can_be_followed_while_it_grows() {
    let cluster = counters(3).traced().start().unwrap();
    let mut client = cluster.client();
    let (mut next, mut told) = (EventId::FIRST, Vec::new());
    for total in 1..=10 {
        assert_eq!(sum(&client.ask(add(1)).unwrap()), total);
        let events = cluster.trace(|recording| {
            let events = recording.document_from(next).events;
            next = recording.next_id();
            events
        });
        told.extend(events.unwrap());
    }
    cluster.note("the end");
    cluster.inject(&Fault::Partition(vec![vec![NODES[0]]])).unwrap();
    let whole = cluster.shutdown().unwrap().recording.unwrap().document();
    assert!(told.len() > 100);
    assert_eq!(whole.events[..told.len()], told, "what was told stays so");
    assert!(whole.events.iter().any(|event| event.what == EventKind::Note { text: "the end".to_owned() }));
}

#[test]
fn without_tracing_there_is_no_trace() {
    let cluster = counters(1).start().unwrap();
    assert_eq!(sum(&cluster.client().ask(add(1)).unwrap()), 1);
    assert!(cluster.trace(|recording| recording.len()).is_none() && cluster.take_trace().is_none());
    assert_eq!(cluster.kept_events(), 0);
    assert!(cluster.shutdown().unwrap().recording.is_none());
}

#[test]
fn a_trace_that_is_taken_while_it_grows_is_whole_and_is_not_kept() {
    let cluster = counters(3).traced().start().unwrap();
    let mut client = cluster.client();
    let (mut header, mut events, mut most) = (None, Vec::new(), 0);
    let mut take = |piece: quorate_lab::trace::Recording<super::Node>| {
        header.get_or_insert_with(|| piece.header());
        most = most.max(piece.len());
        events.extend(piece.events_from(piece.first_id()));
    };
    for _ in 0..60 {
        // Many requests in flight at once: many events between two calls of `take_trace`.
        (0..200).for_each(|_| _ = client.submit(add(1)));
        while client.under_way() > 0 {
            client.wait().unwrap().unwrap();
        }
        take(cluster.take_trace().unwrap());
        let kept = cluster.kept_events();
        assert!(kept < 700_000, "{kept} events are kept");
    }
    take(cluster.shutdown().unwrap().recording.unwrap());
    assert!(events.len() > 200_000 && most < events.len() / 4, "{} events, {most} at a time", events.len());
    let document = Document { header: header.unwrap(), events };
    let mut file = Vec::new();
    document.write_jsonl(&mut file).unwrap();
    assert!(Document::read_jsonl(&file[..]).unwrap() == document, "every cause and every message is an earlier one");
    let caused = |what: &EventKind| {
        matches!(what, EventKind::Deliver { .. } | EventKind::Request { .. } | EventKind::Fire { .. })
    };
    let uncaused = document.events.iter().filter(|event| caused(&event.what) && event.cause.is_none()).count();
    assert_eq!(uncaused, 0);
}
