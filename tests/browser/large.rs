//! Large traces: a page with a hundred thousand events loads at once, one with a million at a
//! stated level of detail.

use quorate::lab::trace::{Document, html};
use serde_json::json;

use crate::{report, tab};

/// A ring of five nodes that forward numbers: each hop is a delivery, a rule, a send and a state.
fn ring(events: u64) -> Document {
    let mut lines = vec![
        json!({"quorate_trace": 1, "protocol": "ring", "title": "A ring", "nodes": ["n0", "n1", "n2", "n3", "n4"],
        "rules": {"PassOn": {"cite": "nowhere", "says": "pass it on"}}})
        .to_string(),
    ];
    for node in 0..5 {
        lines.push(format!(r#"{{"id":{},"at":0,"kind":"boot","node":"n{node}","incarnation":1,"state":{{"role":"member","term":0,"log":{{}}}}}}"#, node + 1));
    }
    lines.push(
        r#"{"id":6,"at":0,"kind":"send","node":"n0","msg":1,"to":"n1","name":"Token","body":{"term":0}}"#.to_owned(),
    );
    let (mut id, mut msg, mut sent) = (7, 1_u64, 6);
    while id + 4 <= events {
        let (node, from, at) = (msg % 5, (msg + 4) % 5, msg * 100_000);
        let (term, next, role) = (msg / 1000, (node + 1) % 5, if node == 0 { "leader" } else { "member" });
        lines.push(format!(
            r#"{{"id":{id},"at":{at},"kind":"deliver","node":"n{node}","cause":{sent},"msg":{msg},"from":"n{from}"}}"#
        ));
        lines.push(format!(
            r#"{{"id":{},"at":{at},"kind":"rule","node":"n{node}","cause":{id},"rule":"PassOn","why":"number {msg}"}}"#,
            id + 1
        ));
        lines.push(format!(r#"{{"id":{},"at":{at},"kind":"send","node":"n{node}","cause":{id},"msg":{},"to":"n{next}","name":"Token","body":{{"term":{term}}}}}"#, id + 2, msg + 1));
        lines.push(format!(r#"{{"id":{},"at":{at},"kind":"state","node":"n{node}","cause":{id},"diff":{{"role":"{role}","term":{term},"last":{msg}}}}}"#, id + 3));
        sent = id + 2;
        id += 4;
        msg += 1;
    }
    Document::read_jsonl(lines.join("\n").as_bytes()).expect("it conforms")
}

/// Median milliseconds for one of a hundred steps, and for drawing one of a hundred positions.
const PACE: &str = r"(() => {
  const middle = (times) => times.sort((a, b) => a - b)[times.length >> 1];
  const timed = (action) => { const begun = performance.now(); action(); return performance.now() - begun; };
  const scroller = document.querySelector('.scroller');
  const steps = [], draws = [], jumps = [];
  for (let i = 0; i < 100; i += 1) steps.push(timed(() => quorate.page.move('step', 1)));
  for (let i = 0; i < 100; i += 1) { scroller.scrollTop += 400; draws.push(timed(() => quorate.page.diagram.redraw())); }
  for (let i = 0; i < 20; i += 1) jumps.push(timed(() => quorate.select((i * 7919 * 131) % quorate.trace.count)));
  return [middle(steps), middle(draws), middle(jumps)];
})()";

#[test]
fn a_hundred_thousand_events_open_and_step_without_drawing_what_is_off_screen() {
    let Some((_browser, mut tab)) = tab() else { return };
    let page = html::page(&ring(100_000)).expect("names differ");
    // The best of several, because other tests run at the same time.
    let ready = (0..4).map(|_| tab.show(&page, "")).fold(f64::MAX, f64::min);
    let pace = (0..3)
        .map(|_| tab.run(PACE))
        .min_by(|a, b| a[0].as_f64().partial_cmp(&b[0].as_f64()).expect("numbers"))
        .expect("three");
    report(&format!("100,000 events: ready in {ready:.0} ms; [step, draw, jump] in {pace} ms"));
    // The figure of interest is reported above. On a busy machine a test can only detect a slowdown
    // by an order of magnitude.
    assert!(ready < 20_000.0, "it took {ready} ms");
    assert!((0..3).all(|which| pace[which].as_f64() < Some(1_000.0)), "{pace}");
    assert!(tab.count("*") < 3_000, "what is off screen is not drawn");
    tab.press("End");
    assert!(tab.text("#nodes").contains(&format!("{}", (100_000 - 6) / 4)) || tab.place() > 99_990);
    assert_eq!(tab.complaints(), Vec::<String>::new());
}

#[test]
fn a_million_events_open_with_a_stated_level_of_detail() {
    let Some((_browser, mut tab)) = tab() else { return };
    let document = ring(1_000_000);
    let page = html::page(&document).expect("names differ");
    let ready = tab.show(&page, "");
    let pace = tab.run(PACE);
    report(&format!("{} events: ready in {ready:.0} ms; [step, draw, jump] in {pace} ms", document.events.len()));
    let subtitle = tab.text("#subtitle");
    assert!(subtitle.contains("999,") && subtitle.contains("events to a column"), "{subtitle}");
    assert!(tab.text("#detail").contains("Level of detail"));
    tab.press("End");
    assert_eq!(tab.place() as usize, document.events.len());
    let bottom = tab.run("(() => { const box = document.querySelector('.row.selected').getBoundingClientRect(); return box.top > 100 && box.bottom < innerHeight; })()");
    assert_eq!(bottom, json!(true), "the last row can be scrolled to, though no browser lays out so high a page");
    assert!(tab.count("*") < 3_000);
    assert_eq!(tab.complaints(), Vec::<String>::new());
}
