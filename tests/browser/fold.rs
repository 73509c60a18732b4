//! Tests that the state in every panel, at every step, equals the accumulated diffs of the trace.

use std::collections::BTreeMap;

use quorate::lab::trace::{self, Document, EventKind, Lane, apply, html, without_nulls};
use serde_json::{Map, Value, json};

use crate::{tab, trace};

/// Folds the diffs: the views changed by each event.
fn folded(document: &Document) -> Vec<Option<(String, trace::Value)>> {
    let mut views: BTreeMap<Lane, trace::Value> = BTreeMap::new();
    let fold = document.events.iter().map(|event| {
        let lane = event.lane?;
        match &event.what {
            EventKind::Boot { state, .. } => {
                views.insert(lane, state.clone().unwrap_or_else(|| trace::Object::new().into()));
            }
            EventKind::State { diff } => apply(views.entry(lane).or_default(), diff.clone()),
            _ => return None,
        }
        Some((document.header.name(lane).into_owned(), without_nulls(views[&lane].clone())))
    });
    fold.collect()
}

/// Reconstructs the view in a panel from its lines, each of which has a path and a value.
const PANEL: &str = r"
(node) => {
  const card = [...document.querySelectorAll('.card')].find((card) => card.dataset.node === node);
  return [...card.querySelectorAll('[data-path]')].map((line) => [JSON.parse(line.dataset.path), JSON.parse(line.dataset.value), line.textContent !== '']);
}";

fn put_together(lines: &Value) -> trace::Value {
    let mut view = Value::Object(Map::new());
    for line in lines.as_array().expect("lines") {
        assert_eq!(line[2], true, "a line without text: {line}");
        let mut place = &mut view;
        for key in line[0].as_array().expect("a path") {
            let members = place.as_object_mut().expect("only objects have members");
            place = members.entry(key.as_str().expect("a key")).or_insert_with(|| json!({}));
        }
        *place = line[1].clone();
    }
    without_nulls(view.into())
}

#[test]
fn panels_show_what_the_diffs_add_up_to_at_every_step_of_five_traces() {
    let Some((_browser, mut tab)) = tab() else { return };
    for scenario in ["two-proposers", "multi-log", "figure-8", "snapshot-install", "dual-primary-by-heartbeat"] {
        let document = trace(scenario);
        tab.show(&html::page(&document).expect("names differ"), "");
        let mut compared = 0;
        for (place, change) in folded(&document).into_iter().enumerate() {
            let Some((node, view)) = change else { continue };
            let name = json!(node);
            // Backwards occasionally, so that folding from a checkpoint is tested too.
            if compared % 7 == 3 {
                tab.run("quorate.select(0)");
            }
            tab.run(&format!("quorate.select({place})"));
            let panel = tab.run(&format!("({PANEL})({name})"));
            // A boot is shown together with simultaneous boots, and with its immediate effects.
            if matches!(document.events[place].what, EventKind::State { .. }) {
                assert_eq!(put_together(&panel), view, "the panel of {node} after event {} of {scenario}", place + 1);
            }
            let folded = tab.run(&format!("quorate.view({name}, {place})"));
            assert_eq!(
                without_nulls(folded.into()),
                view,
                "the view of {node} after event {} of {scenario}",
                place + 1
            );
            compared += 1;
        }
        assert!(compared > 10, "{scenario} has only {compared} views");
    }
    assert_eq!(tab.complaints(), Vec::<String>::new());
}

#[test]
fn the_card_of_a_step_shows_the_step_done_and_what_it_changed() {
    let Some((_browser, mut tab)) = tab() else { return };
    let document = trace("two-proposers");
    tab.show(&html::page(&document).expect("names differ"), "");
    let promise = document
        .events
        .iter()
        .position(|event| matches!(event.what, EventKind::Deliver { .. }))
        .expect("something arrives");
    tab.run(&format!("quorate.select({promise})"));
    assert_eq!(
        tab.run("JSON.stringify([...document.querySelectorAll('.card.acts dt.new')].map((line) => line.textContent))"),
        json!("[\"promised\"]")
    );
    assert_eq!(tab.text(".card.acts dd.new"), "2.A");
    assert_eq!(tab.count(".card:not(.acts) .new"), 0);
}
