//! Tests that a run can be understood from its page alone: Figure 8 of the Raft paper, above all.

use quorate::lab::trace::html::{self, Chapter, PageInfo};
use quorate::lab::trace::{Document, EventKind};
use serde_json::json;

use crate::{info, tab, trace};

/// Index of the first event of a rule at a node.
fn rule_at(document: &Document, wanted: &str, node: &str) -> usize {
    let fits = |what: &EventKind| matches!(what, EventKind::Rule { rule, .. } if rule == wanted);
    let is_there = |event: &quorate::lab::trace::Event| {
        fits(&event.what) && event.lane.is_some_and(|lane| document.header.name(lane) == node)
    };
    document.events.iter().position(is_there).expect("the rule fires there")
}

/// Whether the whole of the first matching element is in the window.
fn is_in_sight(tab: &mut quorate_browsers::Tab, selector: &str) -> bool {
    let selector = json!(selector);
    tab.run(&format!(
        "(() => {{ const box = document.querySelector({selector})?.getBoundingClientRect(); return Boolean(box) && box.top >= 0 && box.bottom <= innerHeight && box.left >= 0 && box.right <= innerWidth && box.width > 0; }})()"
    )) == json!(true)
}

#[test]
fn the_decisive_step_of_figure_8_looks_decisive() {
    let Some((_browser, mut tab)) = tab() else { return };
    let document = trace("figure-8");
    tab.window(1280, 720, false);
    tab.show(&html::page_with(&document, &info("figure-8")).expect("names differ"), "");
    let held = rule_at(&document, "HoldEarlierTerm", "S1");
    tab.run(&format!("quorate.select({held})"));
    assert!(tab.text(".rule.held .live").contains("the entry at index 2 is on a majority, but of term 2, not 4"));
    assert_eq!(tab.text(".rule.held .tag"), "held back");
    assert_eq!(tab.count(".row.held.selected"), 1, "its row is marked");
    assert!(tab.text(".row.held .decision.held").contains("HoldEarlierTerm"));
    assert_eq!(tab.count(".stage .glyph.held"), 1, "and so is the lane");
    assert!(is_in_sight(&mut tab, ".rule.held .live"), "the reason is in the window");
    assert!(is_in_sight(&mut tab, ".logtable"), "the logs are in the window");
    // Entry 2 of term 2 is on three of five, a majority, and committed nowhere.
    assert_eq!(tab.text(".logtable tfoot td.majority:nth-child(3)"), "3 of 5 majority");
    for (node, entry) in [("S1", "2"), ("S2", "2"), ("S3", "2")] {
        let cell = format!(".logtable tr[data-node={node}] td.uncommitted:nth-child(3) b");
        assert_eq!(tab.text(&cell), entry, "entry 2 of {node}");
    }
    assert_eq!(tab.text(".logtable tr[data-node=S5] td:nth-child(3) b"), "3");
    let colours = tab.run("['S1', 'S5'].map((node) => getComputedStyle(document.querySelector(`.logtable tr[data-node=${node}] td:nth-child(3)`)).borderTopColor)");
    assert_ne!(colours[0], colours[1], "terms 2 and 3 have different colours");
    tab.picture("figure-8-decisive");
    // A late answer is quieter: no sign of a refusal, and no tint.
    let late = rule_at(&document, "IgnoreStale", "S1");
    tab.run(&format!("quorate.select({late})"));
    assert_eq!(tab.text(".rule.passed .tag"), "changes nothing");
    assert_eq!(tab.count(".row.selected .decision"), 0);
    assert_eq!(tab.complaints(), Vec::<String>::new());
}

/// "Why may S1 not call its entry of term 2 committed, and what would have happened?" The page
/// answers at its beginning, and again at the step itself: no later chapter is needed.
#[test]
fn the_question_of_figure_8_is_answered_where_it_arises() {
    let Some((_browser, mut tab)) = tab() else { return };
    let document = trace("figure-8");
    tab.window(1280, 720, false);
    tab.show(&html::page_with(&document, &info("figure-8")).expect("names differ"), "");
    let beginning = tab.text("#story .prose");
    for answer in [
        "S1 may not call it committed all the same, because S5 can still be elected without it",
        "voters compare the terms of the last entries first, and 3 is higher than 2",
        "It replaces the entry of term 2 on S2 and S3",
        "a client would have been told a lie",
        "a leader counts only copies of entries of its own term",
    ] {
        assert!(beginning.contains(answer), "'{answer}' is not in: {beginning}");
    }
    // A crashed node keeps its disk: the prose does not say "everywhere".
    assert!(beginning.contains("S1 is down") && !beginning.contains("everywhere"), "{beginning}");
    tab.run(&format!("quorate.select({})", rule_at(&document, "HoldEarlierTerm", "S1")));
    for (place, answer) in [
        ("#story .prose", "still not safe: S5, whose last entry is of term 3, can be elected without it"),
        (".rule.held .live", "the entry at index 2 is on a majority, but of term 2, not 4"),
        (".logtable tfoot", "same entry on"),
        (".logkey", "Dashed: not committed"),
    ] {
        assert!(tab.text(place).contains(answer), "{place} says: {}", tab.text(place));
        assert!(is_in_sight(&mut tab, place), "{place} is in the window");
    }
    assert_eq!(tab.complaints(), Vec::<String>::new());
}

#[test]
fn logs_and_the_acting_nodes_card_are_in_the_window_at_every_step() {
    let Some((_browser, mut tab)) = tab() else { return };
    tab.window(1280, 720, false);
    tab.show(&html::page_with(&trace("figure-8"), &info("figure-8")).expect("names differ"), "");
    let seen = tab.run(
        r"(() => {
  const wrong = [];
  const inside = (element) => { const box = element?.getBoundingClientRect(); return box && box.top >= 0 && box.top + 40 <= innerHeight && box.width > 0; };
  for (let step = 0; step < quorate.trace.count; step += 1) {
    quorate.select(step);
    const lane = quorate.trace.lane[step];
    const first = document.querySelector('#nodes .card');
    if (!inside(document.querySelector('.logtable')) || !inside(first)) wrong.push([step, 'out of sight']);
    if (lane >= quorate.trace.clients.length && first.dataset.node !== quorate.trace.lanes[lane]) wrong.push([step, first.dataset.node]);
    if (!first.open || document.querySelectorAll('.card[open]').length !== 1) wrong.push([step, 'open cards']);
  }
  return wrong;
})()",
    );
    assert_eq!(seen, json!([]));
}

#[test]
fn what_a_step_removes_and_commits_is_seen_in_the_log() {
    let Some((_browser, mut tab)) = tab() else { return };
    let document = trace("figure-8");
    tab.show(&html::page(&document).expect("names differ"), "");
    let truncated = rule_at(&document, "TruncateConflict", "S2");
    tab.run(&format!("quorate.select(quorate.trace.step[{truncated}])"));
    assert_eq!(tab.text(".logtable tr[data-node=S2] td.gone"), "✕", "entry 3 is gone");
    tab.press("End");
    assert_eq!(tab.count(".logtable tr[data-node=S5] td.edge"), 1, "the commit line is behind the last entry");
    assert_eq!(tab.count(".logtable tr[data-node=S5] td.uncommitted"), 0);
}

#[test]
fn prose_and_notes_are_chapters() {
    let Some((_browser, mut tab)) = tab() else { return };
    let document = trace("figure-8");
    tab.show(&html::page_with(&document, &info("figure-8")).expect("names differ"), "");
    let chapters = tab.run("quorate.page.model.chapters.map((chapter) => chapter.text)");
    let chapters: Vec<&str> = chapters.as_array().expect("a list").iter().filter_map(|text| text.as_str()).collect();
    assert_eq!(chapters.len(), 5, "{chapters:?}");
    assert!(chapters[0].starts_with("The paper's figure.") && chapters[0].contains("index 2   2    2              3"));
    assert!(chapters[1].starts_with("(c) S1 is elected"));
    assert!(chapters[2].starts_with("S3 acknowledges the entry of term 2: it is on S1, S2 and S3, and S1 knows it."));
    assert!(tab.text("#story .prose").contains("a client would have been told a lie"));
    tab.click("#story button[aria-label='Next chapter']");
    assert!(tab.text("#story .prose").contains("(c) S1 is elected"));
    tab.click("#story button[aria-label='Next chapter']");
    assert!(tab.text("#story .prose").contains("Only copies of an entry of S1's own term"));
    let held = rule_at(&document, "HoldEarlierTerm", "S1");
    assert!(tab.place() as usize <= held, "it begins before the step of which it speaks");
    tab.run(&format!("quorate.select({held})"));
    assert!(tab.text("#story .prose").contains("Only copies of an entry of S1's own term"), "and lasts to that step");
    tab.press("s");
    assert_eq!(tab.run("document.querySelector('#story .prose').getBoundingClientRect().height"), json!(0));
    assert_eq!(tab.complaints(), Vec::<String>::new());
}

#[test]
fn a_crashed_nodes_card_says_what_is_on_disk_and_what_is_lost() {
    let Some((_browser, mut tab)) = tab() else { return };
    let document = trace("figure-8");
    tab.show(&html::page(&document).expect("names differ"), "");
    let crash = document.events.iter().rposition(|event| matches!(event.what, EventKind::Crash { .. }));
    tab.run(&format!("quorate.select({})", crash.expect("S1 crashes")));
    assert_eq!(tab.text(".card[data-node=S1] .badge"), "✕ crashed");
    let card = tab.text(".card[data-node=S1]");
    assert!(
        card.contains("Crashed at 6.0 ms.") && card.contains("On disk: what it started with, and what it wrote since"),
        "{card}"
    );
    assert!(
        card.contains("Vote") && card.contains("Lost: its memory and its timers; every record was durable."),
        "{card}"
    );
    assert_eq!(tab.text(".logtable tr[data-node=S1] .badge"), "crashed");
}

#[test]
fn the_card_of_a_node_whose_disk_was_restored_shows_the_backup() {
    let Some((_browser, mut tab)) = tab() else { return };
    let document = trace("backup-breaks-a-promise");
    tab.show(&html::page(&document).expect("names differ"), "");
    let crash = document.events.iter().rposition(|event| matches!(event.what, EventKind::Crash { .. }));
    tab.run(&format!("quorate.select({})", crash.expect("Y crashes")));
    let card = tab.text(".card[data-node=Y]");
    assert!(card.contains("every write since the backup from which its disk was restored"), "{card}");
    let disk = tab.text(".card[data-node=Y] .disk");
    assert!(disk.contains("Promised") && disk.contains("1.A") && !disk.contains("2.B"), "{disk}");
    assert_eq!(tab.complaints(), Vec::<String>::new());
}

#[test]
fn a_failed_run_says_so_and_names_the_bug() {
    let Some((_browser, mut tab)) = tab() else { return };
    let failure = "line 12: 'leader S1' was expected, but there is none".to_owned();
    let info = PageInfo { failure: Some(failure.clone()), bug: Some("figure-8".to_owned()), ..PageInfo::default() };
    tab.show(&html::page_with(&trace("two-proposers"), &info).expect("names differ"), "");
    assert_eq!(tab.text("#verdict"), "▲ this run failed under the bug figure-8");
    assert_eq!(tab.text("#failure"), format!("This run failed: {failure}"));
    let bug = PageInfo { bug: Some("careless".to_owned()), ..PageInfo::default() };
    tab.show(&html::page_with(&trace("dual-primary-by-heartbeat"), &bug).expect("names differ"), "");
    assert_eq!(tab.text("#verdict"), "▲ AtMostOnePrimary broke under the bug careless");
}

#[test]
fn one_key_reads_the_reasons_in_order() {
    let Some((_browser, mut tab)) = tab() else { return };
    let document = trace("figure-8");
    tab.show(&html::page(&document).expect("names differ"), "");
    let mut stops = Vec::new();
    loop {
        let before = tab.place();
        tab.press("h");
        if tab.place() == before {
            break;
        }
        assert!(
            tab.count(".rule.held, .rule.refused, .effect.fact") > 0,
            "nothing is decided at event {}",
            tab.place()
        );
        stops.push(tab.place() as usize);
    }
    let held = rule_at(&document, "HoldEarlierTerm", "S1") + 1;
    assert!(stops.iter().any(|stop| *stop < held && held - stop <= 3), "{held} is not among {stops:?}");
    assert!(stops.len() < 30, "{} stops", stops.len());
    tab.press("H");
    assert_eq!(tab.place() as usize, stops[stops.len() - 2]);
}

#[test]
fn the_chain_of_causes_is_short_and_values_have_an_origin() {
    let Some((_browser, mut tab)) = tab() else { return };
    let document = trace("figure-8");
    tab.show(&html::page(&document).expect("names differ"), "");
    let append = rule_at(&document, "AppendEntries", "S3");
    tab.run(&format!("quorate.select({append})"));
    assert!(tab.text(".history").contains("Put(x=2) first appears here"), "{}", tab.text(".history"));
    let links = tab.count(".history li");
    assert!((3..=8).contains(&links), "{links} links");
    tab.press("C");
    assert_eq!(tab.run("document.getElementById('chain').getAttribute('aria-pressed')"), json!("true"));
    let kept = tab.run("[...Array(quorate.trace.count).keys()].filter((i) => quorate.trace.step[i] === i && quorate.page.diagram.cone.holds(i)).length");
    assert!(kept.as_u64() < Some(16), "{kept} steps and sends are in the chain");
    assert!(tab.count(".row.dim") > 0);
}

#[test]
fn the_panels_are_modules_that_another_page_can_use() {
    let Some((_browser, mut tab)) = tab() else { return };
    let document = trace("figure-8");
    let info = PageInfo { chapters: vec![Chapter { at: 0, text: "Once.".into() }], ..PageInfo::default() };
    tab.show(&html::page_with(&document, &info).expect("names differ"), "");
    let texts = tab.run(
        r"(() => {
  const { trace, page, render } = quorate;
  const model = { trace, reigns: page.diagram.reigns, chapters: page.chapters[0], requests: [], invariants: [{ name: 'Named', says: 'It holds.', broken: -1 }], onselect: () => {} };
  return Object.fromEntries(Object.entries(render).map(([name, draw]) => {
    const element = document.createElement('section');
    draw(element, model, 102);
    return [name, element.textContent];
  }));
})()",
    );
    assert!(texts["logTable"].as_str().is_some_and(|text| text.contains("same entry on")), "{texts}");
    assert!(texts["cards"].as_str().is_some_and(|text| text.contains("S1")), "{texts}");
    assert!(texts["chapter"].as_str().is_some_and(|text| text.contains("chapter")), "{texts}");
    assert_eq!(texts["history"], json!("No client asks for anything in this run."));
    assert_eq!(texts["invariants"], json!("✓ Named holdsIt holds."));
    assert!(texts["caption"].as_str().is_some_and(|text| text.contains("HoldEarlierTerm")), "{texts}");
}
