//! Tests of the lists beside a run: the client requests, as a check of linearizability sees them,
//! and the invariants with their state at the selected step.

use std::collections::BTreeSet;

use quorate::catalogue;
use quorate::lab::trace::{EventKind, html};
use quorate_browsers::Tab;
use serde_json::{Value, json};

use crate::{info, tab, trace};

const NONE: Vec<String> = Vec::new();

/// Opens a menu by a click, and waits until it is filled: browsers report that later.
fn open(tab: &mut Tab, menu: &str) {
    tab.click(&format!("#{menu} summary"));
    tab.run("new Promise((done) => setTimeout(done, 100))");
    assert_eq!(tab.run(&format!("document.getElementById('{menu}').open")), json!(true));
}

/// State of every listed invariant: its name, and whether it holds.
const LISTED: &str = "[...document.querySelectorAll('#invariant-list .invariant')].map((listed) => [listed.dataset.invariant, listed.classList.contains('holds')])";

#[test]
fn every_checked_invariant_is_listed_with_its_state_at_the_step() {
    let Some((_browser, mut tab)) = tab() else { return };
    let document = trace("dual-primary-by-heartbeat");
    let broken = document
        .events
        .iter()
        .position(|event| matches!(event.what, EventKind::Violation { .. }))
        .expect("an invariant breaks");
    tab.show(&html::page_with(&document, &info("dual-primary-by-heartbeat")).expect("names differ"), "");
    open(&mut tab, "invariants");
    assert_eq!(tab.run(LISTED), json!([["AtMostOnePrimary", true], ["TokensNeverDecrease", true]]));
    assert!(tab.text("#invariant-list").contains("At most one node acts as primary at any real instant."));
    // Before it breaks, its entry leads to where it does.
    tab.click("#invariant-list .jump");
    assert_eq!(tab.place() as usize, broken + 1);
    assert_eq!(tab.run(LISTED), json!([["AtMostOnePrimary", false], ["TokensNeverDecrease", true]]));
    let list = tab.text("#invariant-list .broken");
    assert!(list.contains("is broken since 6003.0 ms"), "{list}");
    // The violation, and the last act of each of the two nodes that it names.
    let witnesses =
        tab.run("[...document.querySelectorAll('#invariant-list .broken li')].map((item) => item.textContent)");
    let witnesses: Vec<&str> = witnesses.as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    for node in ["A", "B"] {
        let acts = format!(", {node} fact Acted: ");
        assert!(witnesses.iter().any(|said| said.contains(&acts)), "no act of {node} among {witnesses:?}");
    }
    tab.click("#invariant-list .broken li:nth-child(2) .jump");
    assert!((tab.place() as usize) <= broken, "a witness comes before the violation");
    assert_eq!(tab.complaints(), NONE);
}

#[test]
fn the_invariants_that_break_in_scenarios_are_among_those_listed() {
    let Some((_browser, mut tab)) = tab() else { return };
    let mut broke = BTreeSet::new();
    for scenario in catalogue::all() {
        let info = info(scenario.name());
        assert!(!info.invariants.is_empty(), "{} lists no invariants", scenario.name());
        let document = trace(scenario.name());
        for event in &document.events {
            let EventKind::Violation { invariant, .. } = &event.what else { continue };
            let is_listed = info.invariants.iter().any(|listed| listed.name == invariant);
            assert!(is_listed, "{} breaks {invariant}, which is not listed", scenario.name());
            broke.insert(invariant.clone());
        }
    }
    assert!(broke.len() > 3, "only {broke:?} break");
    // A page that was not told what was checked lists what broke.
    tab.show(&html::page(&trace("dual-primary-by-heartbeat")).expect("names differ"), "");
    tab.press("End");
    open(&mut tab, "invariants");
    assert_eq!(tab.run(LISTED), json!([["AtMostOnePrimary", false]]));
    tab.show(&html::page(&trace("two-proposers")).expect("names differ"), "");
    open(&mut tab, "invariants");
    assert!(tab.text("#invariant-list").contains("does not say which invariants were checked"));
}

#[test]
fn requests_are_boxes_with_the_point_where_they_took_effect() {
    let Some((_browser, mut tab)) = tab() else { return };
    let document = trace("duplicate-request");
    tab.show(&html::page_with(&document, &info("duplicate-request")).expect("names differ"), "");
    open(&mut tab, "requests");
    let requests = tab.run("quorate.page.model.requests");
    let requests = requests.as_array().expect("a list");
    assert!(requests.len() > 1);
    for request in requests {
        let place = |key: &str| request[key].as_u64().map(|place| place as usize);
        let (called, returned) = (place("called").expect("it is asked"), place("returned").expect("it is answered"));
        let effect = place("effect").expect("a log entry is committed for it");
        assert!(called < effect && effect <= returned, "{request}");
        let ticket = format!("{} #{}", request["client"].as_str().expect("a name"), request["ticket"]);
        let EventKind::Fact(fact) = &document.events[effect].what else { panic!("{ticket} takes effect by a fact") };
        assert_eq!(fact.name, "Committed");
        assert_eq!(fact.body.as_object().and_then(|body| body.get("ticket")?.as_str()), Some(ticket.as_str()));
    }
    assert_eq!(tab.count("#history .box") as usize, requests.len());
    assert_eq!(tab.count("#history .mark.effect") as usize, requests.len());
    // A mark lies within its box.
    let outside = tab.run("[...document.querySelectorAll('#history .trackline')].flatMap((line) => [...line.querySelectorAll('.mark.effect')].filter((mark) => { const x = parseFloat(mark.style.left); return ![...line.querySelectorAll('.box')].some((box) => { const left = parseFloat(box.style.left); return x >= left && x <= left + parseFloat(box.style.width.replace('max(4px, ', '')) + 0.01; }); })).length");
    assert_eq!(outside, json!(0));
    tab.click("#history .requests li:nth-child(1) .jump:nth-child(2)");
    assert_eq!(json!(tab.place() - 1), requests[0]["effect"], "the mark's link leads there");
    assert_eq!(tab.complaints(), NONE);
}

#[test]
fn requests_that_overlap_are_named() {
    let Some((_browser, mut tab)) = tab() else { return };
    let lines = [
        json!({"quorate_trace": 1, "protocol": "p", "nodes": ["A"], "clients": ["c", "d", "e"]}),
        json!({"id": 1, "at": 0, "kind": "request", "node": "A", "client": "c", "ticket": 1, "name": "Put", "body": 8}),
        json!({"id": 2, "at": 1, "kind": "request", "node": "A", "client": "d", "ticket": 1, "name": "Get"}),
        json!({"id": 3, "at": 2, "kind": "reply", "node": "A", "client": "c", "ticket": 1, "name": "Done"}),
        json!({"id": 4, "at": 3, "kind": "reply", "node": "A", "client": "d", "ticket": 1, "name": "Value", "body": 8}),
        json!({"id": 5, "at": 4, "kind": "request", "node": "A", "client": "c", "ticket": 2, "name": "Put", "body": 9}),
        json!({"id": 6, "at": 5, "kind": "request", "node": "A", "client": "c", "ticket": 3, "name": "Get"}),
        json!({"id": 7, "at": 6, "kind": "reply", "node": "A", "client": "c", "ticket": 3, "name": "Value", "body": 9}),
    ];
    let file: Vec<String> = lines.iter().map(ToString::to_string).collect();
    let document = quorate::lab::trace::Document::read_jsonl(file.join("\n").as_bytes()).expect("it conforms");
    tab.show(&html::page(&document).expect("names differ"), "#event=2");
    open(&mut tab, "requests");
    let items = tab.run("[...document.querySelectorAll('#history .requests li')].map((item) => [item.className, item.textContent.trim()])");
    let expected = json!([
        ["current", "c #1: Put 8 → Done  overlaps d #1"],
        ["concurrent", "d #1: Get → Value 8  overlaps c #1"],
        ["", "c #2: Put 9 → no answer  overlaps c #3"],
        ["", "c #3: Get → Value 9  overlaps c #2"]
    ]);
    assert_eq!(items, expected);
    assert!(tab.text("#history").contains("does not tell where requests took effect"));
    assert_eq!(tab.count("#history .mark.effect"), 0);
    // Overlapping requests of one client are below each other; the others share its line.
    let tracks = tab.run("[...document.querySelectorAll('#history .track')].map((track) => [track.querySelector('.trackname').textContent, track.querySelectorAll('.box').length])");
    assert_eq!(tracks, json!([["c", 2], ["", 1], ["d", 1]]));
    let flights =
        tab.run("quorate.trace.flights.sent.map((sent, flight) => [sent, quorate.trace.flights.ended[flight]])");
    assert_eq!(flights, json!([[0, 0], [1, 1], [4, 4], [5, 5]]), "a request without a message is an arrow of its own");
    assert_eq!(tab.count("#history .box.open"), 1, "no answer: the box stays open");
    tab.press("Escape");
    assert_eq!(tab.run("document.getElementById('requests').open"), json!(false));
    assert_eq!(tab.complaints(), NONE);
}
