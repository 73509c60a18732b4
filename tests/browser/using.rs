//! Tests of the page with mouse and keyboard.

use quorate::lab::trace::{EventKind, html};
use serde_json::json;

use crate::{page, tab, trace};

const NONE: Vec<String> = Vec::new();

#[test]
fn it_opens_a_trace_of_each_protocol_and_says_what_it_is() {
    let Some((_browser, mut tab)) = tab() else { return };
    for (scenario, protocol, node) in [
        ("two-proposers", "paxos", "A"),
        ("multi-log", "multi-paxos", "A"),
        ("figure-8", "raft", "S1"),
        ("dual-primary-by-heartbeat", "lease", "Q"),
    ] {
        let document = trace(scenario);
        tab.show(&html::page(&document).expect("names differ"), "");
        assert_eq!(tab.text("#title"), document.header.title);
        let subtitle = tab.text("#subtitle");
        assert!(
            subtitle.contains(&document.header.protocol)
                && document.header.protocol.contains(protocol.split('-').next().unwrap()),
            "{subtitle}"
        );
        assert!(subtitle.contains(&format!("{} events", document.events.len())), "{subtitle}");
        let heads = tab.run("[...document.querySelectorAll('.lanehead')].map((head) => head.textContent).join()");
        assert!(heads.as_str().is_some_and(|heads| heads.contains(node)), "{heads}");
        assert!(tab.count("path.arrow") > 5 && tab.count(".row") > 10 && tab.count(".glyph") > 5);
        assert_eq!(tab.complaints(), NONE);
    }
}

#[test]
fn steps_go_forward_and_back_by_event_message_and_rule() {
    let Some((_browser, mut tab)) = tab() else { return };
    let document = trace("two-proposers");
    tab.show(&html::page(&document).expect("names differ"), "");
    let after = |from: u64, fits: &dyn Fn(&EventKind) -> bool| {
        let events = document.events.iter().enumerate().skip(from as usize);
        events.filter(|(_, event)| fits(&event.what)).map(|(place, _)| place as u64 + 1).next().expect("there is one")
    };
    assert_eq!(tab.place(), 1);
    tab.press("e");
    assert_eq!(tab.place(), 2);
    tab.press("E");
    assert_eq!(tab.place(), 1);
    tab.press("r");
    let rule = after(1, &|what| matches!(what, EventKind::Rule { .. }));
    assert_eq!(tab.place(), rule);
    tab.press("r");
    assert_eq!(tab.place(), after(rule, &|what| matches!(what, EventKind::Rule { .. })));
    tab.press("R");
    assert_eq!(tab.place(), rule);
    tab.press("m");
    assert_eq!(tab.place(), after(rule, &|what| matches!(what, EventKind::Deliver { .. })));
    tab.press("End");
    assert_eq!(tab.place(), document.events.len() as u64);
    tab.press("Home");
    tab.run("document.getElementById('unit').value = 'message'");
    tab.click("#forward");
    assert_eq!(tab.place(), after(1, &|what| matches!(what, EventKind::Send { .. })));
    tab.click("#back");
    assert_eq!(tab.complaints(), NONE);
}

#[test]
fn the_why_panel_gives_rule_paper_paraphrase_and_live_values_of_refusals_too() {
    let Some((_browser, mut tab)) = tab() else { return };
    let document = trace("two-proposers");
    tab.show(&html::page(&document).expect("names differ"), "");
    let refusal = document
        .events
        .iter()
        .position(|event| matches!(&event.what, EventKind::Rule { rule, .. } if rule == "RefuseAccept"));
    let refusal = refusal.expect("A's late accepts are refused");
    tab.run(&format!("quorate.select({refusal})"));
    let cited = document.header.rules.iter().find(|rule| rule.id == "RefuseAccept").expect("it is explained");
    assert_eq!(tab.text(".rule.refused .rulename"), "⊘ RefuseAccept");
    assert_eq!(tab.text(".rule.refused .cite"), cited.cite);
    assert_eq!(tab.text(".rule.refused .says"), cited.says);
    let EventKind::Rule { why, .. } = &document.events[refusal].what else { panic!("it is a rule") };
    assert_eq!(&tab.text(".rule.refused .live"), why);
    tab.click(".rule.refused .rulename");
    assert!(
        tab.place() as usize != refusal + 1 && tab.text(".rule.refused .rulename") == "⊘ RefuseAccept",
        "it goes to the next one"
    );
    tab.click(".jump");
    let cause = tab.place() as usize - 1;
    assert!(matches!(document.events[cause].what, EventKind::Send { .. }), "the cause of an arrival is a sending");
    assert_eq!(tab.complaints(), NONE);
}

#[test]
fn filters_leave_what_passes_and_clear_again() {
    let Some((_browser, mut tab)) = tab() else { return };
    tab.show(&page("two-proposers"), "");
    let all = tab.run("quorate.page.diagram.rows.count").as_u64();
    tab.click("#search");
    tab.write("refuseaccept");
    let settle = "new Promise((done) => setTimeout(done, 150))";
    tab.run(settle);
    assert_eq!(tab.run("quorate.page.diagram.rows.count"), json!(2), "the two accepts that are refused");
    tab.press("Escape");
    assert_eq!(tab.run("quorate.page.diagram.rows.count").as_u64(), all);
    tab.press("f");
    tab.click("#filter-nodes label:nth-child(6)");
    assert_eq!(
        tab.run("[...document.querySelectorAll('.lanehead')].some((head) => head.textContent === 'Z')"),
        json!(false)
    );
    tab.click("#filter-messages label:nth-child(2)");
    assert_eq!(
        tab.run("[...document.querySelectorAll('g.name')].some((name) => name.dataset.name === 'Prepare')"),
        json!(false)
    );
    tab.click("#filter-clear");
    assert_eq!(tab.run("quorate.page.diagram.rows.count").as_u64(), all);
    tab.run("(() => { const rule = document.getElementById('filter-rule'); rule.value = [...rule.options].find((option) => option.text === 'ProposeReported').value; rule.dispatchEvent(new Event('change')); })()");
    assert_eq!(tab.run("quorate.page.diagram.rows.count"), json!(1), "B has to adopt A's value once");
    assert_eq!(tab.complaints(), NONE);
}

#[test]
fn a_link_opens_its_event_and_the_address_follows() {
    let Some((_browser, mut tab)) = tab() else { return };
    tab.show(&page("two-proposers"), "#event=103");
    assert_eq!(tab.place(), 103);
    tab.press("ArrowRight");
    tab.run("new Promise((done) => setTimeout(done, 200))");
    let (place, hash) = (tab.place(), tab.run("location.hash"));
    assert_eq!(hash, json!(format!("#event={place}")));
    tab.run("location.hash = '#event=38'");
    tab.run("new Promise((done) => setTimeout(done, 50))");
    assert_eq!(tab.place(), 38);
    for nonsense in ["#event=999999", "#event=<img>", "#"] {
        tab.run(&format!("location.hash = {nonsense:?}"));
        tab.run("new Promise((done) => setTimeout(done, 50))");
        assert_eq!(tab.place(), 38, "{nonsense}");
    }
    assert_eq!(tab.complaints(), NONE);
}

#[test]
fn a_broken_invariant_is_announced_and_found() {
    let Some((_browser, mut tab)) = tab() else { return };
    let document = trace("dual-primary-by-heartbeat");
    let broken =
        document.events.iter().position(|event| matches!(event.what, EventKind::Violation { .. })).expect("it breaks")
            as u64
            + 1;
    tab.show(&html::page(&document).expect("names differ"), "");
    assert_eq!(tab.text("#verdict"), "▲ AtMostOnePrimary broke");
    tab.click("#verdict");
    assert_eq!(tab.place(), broken);
    tab.press("Home");
    tab.press("v");
    assert_eq!(tab.place(), broken);
    assert!(tab.text(".began.violation").contains("AtMostOnePrimary is broken"));
    tab.show(&page("two-proposers"), "");
    assert_eq!(tab.text("#verdict"), "✓ no invariant broke");
}

#[test]
fn causes_and_consequences_are_those_of_happened_before() {
    let Some((_browser, mut tab)) = tab() else { return };
    let document = trace("two-proposers");
    tab.show(&html::page(&document).expect("names differ"), "");
    let chosen = document.events.len() / 2;
    tab.run(&format!("quorate.select({chosen})"));
    tab.press("c");
    assert_eq!(tab.run("document.getElementById('cone').getAttribute('aria-pressed')"), json!("true"));
    assert!(tab.count(".past") > 0 && tab.count(".dim") > 0);
    // Compared with the definition: the transitive closure of the order on a lane and of causes.
    let place = |id| document.events.binary_search_by_key(&id, |event| event.id).expect("a cause is an event");
    let mut past = vec![false; document.events.len()];
    past[chosen] = true;
    for at in (0..=chosen).rev().filter(|at| document.events[*at].lane.is_some()) {
        let event = &document.events[at];
        past[at] |= (at + 1..=chosen).any(|later| {
            past[later]
                && (document.events[later].lane == event.lane || document.events[later].cause.map(place) == Some(at))
        });
    }
    let shown = tab.run("[...Array(quorate.page.index + 1).keys()].filter((i) => quorate.trace.lane[i] >= 0).map((i) => quorate.page.diagram.cone.isPast(i))");
    let expected: Vec<bool> =
        (0..=chosen).filter(|at| document.events[*at].lane.is_some()).map(|at| past[at]).collect();
    assert_eq!(shown, json!(expected));
    assert!(expected.contains(&true) && expected.contains(&false));
    assert_eq!(tab.complaints(), NONE);
}

#[test]
fn two_traces_stand_side_by_side_and_open_where_they_part() {
    let Some((_browser, mut tab)) = tab() else { return };
    let (left, right) = (trace("dual-primary-by-heartbeat"), trace("lease-prevents-dual-primary"));
    let parted = html::first_divergence(&left, &right).expect("they part");
    tab.show(&html::compare(&left, &right).expect("names differ"), "");
    assert_eq!(tab.count(".diagram:not([hidden])"), 2);
    assert_eq!(tab.place() as usize, parted.at + 1);
    assert_eq!(tab.text("#divergence"), parted.says);
    for said in ["left: ", "right: ", " by rule ", " Left breaks AtMostOnePrimary", "right breaks no invariant."] {
        assert!(parted.says.contains(said), "'{said}' is not in: {}", parted.says);
    }
    assert_eq!(tab.run("quorate.page.diagrams.map((diagram) => diagram.selected)"), json!([parted.at, parted.at]));
    let rule = tab.text(".rulename");
    tab.press("o");
    assert_ne!(tab.text(".rulename"), rule, "the other side decides otherwise");
    tab.press("End");
    tab.press("x");
    assert_eq!(tab.place() as usize, parted.at + 1);
    tab.press("Home");
    for _ in 0..5 {
        tab.press("ArrowRight");
        assert_eq!(tab.run("quorate.page.diagrams[0].selected === quorate.page.diagrams[1].selected"), json!(true));
    }
    // A search filters both sides.
    let rows = "quorate.page.diagrams.map((diagram) => diagram.rows.count)";
    let all = tab.run(rows);
    tab.click("#search");
    tab.write("granted");
    tab.run("new Promise((done) => setTimeout(done, 150))");
    let found = tab.run(rows);
    for side in 0..2 {
        let (found, all) = (found[side].as_u64(), all[side].as_u64());
        assert!(found > Some(0) && found < all, "{found:?} of {all:?} rows of side {side} pass");
    }
    assert_eq!(tab.complaints(), NONE);
}

#[test]
fn the_keyboard_alone_reaches_everything() {
    let Some((_browser, mut tab)) = tab() else { return };
    tab.show(&page("two-proposers"), "");
    let mut reached = std::collections::BTreeSet::new();
    for _ in 0..90 {
        tab.press("Tab");
        reached.insert(
            tab.run("document.activeElement.id || document.activeElement.className")
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        );
    }
    for id in [
        "search",
        "cone",
        "stretch",
        "theme",
        "keys",
        "chain",
        "present",
        "next-decision",
        "rows",
        "play",
        "forward",
        "unit",
        "speed",
        "slider",
    ] {
        assert!(reached.contains(id), "Tab does not reach {id}: {reached:?}");
    }
    tab.press("Escape");
    tab.press("?");
    assert_eq!(tab.run("document.getElementById('help').open"), json!(true));
    tab.press("Enter");
    assert_eq!(tab.run("document.getElementById('help').open"), json!(false));
    for (key, is) in [
        ("t", "quorate.page.diagram.stretched"),
        ("d", "document.documentElement.dataset.theme === 'dark'"),
        ("f", "document.getElementById('filters').open"),
    ] {
        tab.press(key);
        assert_eq!(tab.run(is), json!(true), "{key}");
    }
    let unnamed = "[...document.querySelectorAll('button, input, select, [role]')].filter((element) => !(element.textContent.trim() || element.getAttribute('aria-label') || element.getAttribute('aria-labelledby') || element.closest('label'))).map((element) => element.outerHTML)";
    assert_eq!(tab.run(unnamed), json!([]), "everything has a name for screen readers");
    let option = tab.run("document.querySelector('[role=option] .sr').textContent");
    assert!(option.as_str().is_some_and(|label| label.contains("starts")), "{option}");
    assert_eq!(tab.complaints(), NONE);
}
