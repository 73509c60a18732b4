//! Tests that every shipped scenario fits into windows of three widths, and that its events are
//! worded as in the terminal.

use quorate::catalogue::{self, Scenario};
use quorate::lab::trace::{EventKind, html, render};
use serde_json::{Value, json};

use crate::{info, tab, trace};

/// Controls and texts that stick out of the window and of everything that scrolls.
const OUTSIDE: &str = r"(() => {
  const scrolls = (element) => { for (let at = element; at; at = at.parentElement) if (at.matches('.scroller, pre, #log')) return true; return false; };
  const wide = document.documentElement.scrollWidth > innerWidth || document.body.scrollWidth > innerWidth || document.body.scrollHeight > innerHeight;
  const outside = [...document.querySelectorAll('#top *, #main *, #transport *')].filter((element) => {
    const box = element.getBoundingClientRect();
    const closed = element.parentElement.closest('details:not([open])');
    return box.width > 0 && !closed && (box.right > innerWidth + 1 || box.left < -1) && !scrolls(element);
  });
  return [...(wide ? ['the body'] : []), ...outside.slice(0, 3).map((element) => `${element.tagName}.${element.className} ${element.textContent.slice(0, 40)}`)];
})()";

/// Texts that are cut where they are shown, and that nothing shows in full: neither a tooltip nor,
/// for the rows of the diagram, the Why panel, which has the selected step in full.
const CUT: &str = r"(() => {
  const all = [...document.querySelectorAll('#top *, #main *, #transport *')].filter((element) => element.clientWidth > 0 && !element.closest('[title], .rows, .stage > svg, .sr, details:not([open]) > :not(summary)'));
  const clipped = all.filter((element) => {
    const isClipped = ['hidden', 'clip'].includes(getComputedStyle(element).overflowX) && element.scrollWidth > element.clientWidth + 1;
    return isClipped && !element.matches('.stage, .diagram, .extent');
  });
  const dotted = all.filter((element) => element.children.length === 0 && element.textContent.endsWith('…') && !element.closest('.digest'));
  return [...clipped, ...dotted].slice(0, 3).map((element) => `${element.tagName}.${element.className} ${element.textContent.slice(0, 60)}`);
})()";

/// Places in a trace, and the colours in which each is looked at. Colours move nothing, so that no
/// place need be seen in both.
const LOOKS: [(&str, &str); 3] =
    [("0", "light"), ("quorate.trace.count >> 1", "dark"), ("quorate.trace.count - 1", "light")];

/// Every `sample`-th scenario, since all would take minutes; all of them with `ALL_PAGES=1`, as in
/// `.ci/long pages`.
fn scenarios(sample: usize) -> impl Iterator<Item = &'static Scenario> {
    let step = if std::env::var_os("ALL_PAGES").is_some() { 1 } else { sample };
    catalogue::all().iter().step_by(step)
}

#[test]
fn every_scenario_fits_windows_of_three_widths() {
    let Some((_browser, mut tab)) = tab() else { return };
    let mut wrong = Vec::new();
    for scenario in scenarios(9) {
        let page =
            html::page_with(&trace(scenario.name()), &info(scenario.name())).expect("lanes have names of their own");
        tab.window(1280, 720, false);
        tab.show(&page, "");
        for (width, height) in [(1280, 720), (1190, 720), (1024, 768), (390, 844)] {
            tab.window(width, height, width < 500);
            for (place, scheme) in LOOKS {
                tab.media(scheme, false);
                tab.run(&format!("quorate.select({place}), new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))).then(() => 1)"));
                let outside = tab.run(OUTSIDE);
                if outside != json!([]) {
                    wrong.push(format!("{} at {width} px, event {place}: {outside}", scenario.name()));
                }
                let cut = tab.run(CUT);
                if cut != json!([]) {
                    wrong.push(format!("{} at {width} px, event {place}, is cut: {cut}", scenario.name()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} places:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(tab.complaints(), Vec::<String>::new());
}

/// The words of a sentence, in alphabetical order.
fn words(sentence: &str) -> Vec<&str> {
    let mut words: Vec<&str> = sentence.split(|char: char| !char.is_alphanumeric()).collect();
    words.sort_unstable();
    words
}

#[test]
fn every_event_of_every_scenario_is_worded_as_in_the_terminal() {
    let Some((_browser, mut tab)) = tab() else { return };
    let mut compared = 0;
    for scenario in scenarios(4) {
        let document = trace(scenario.name());
        tab.show(&html::page(&document).expect("lanes have names of their own"), "");
        let ours = tab.run("[...Array(quorate.trace.count).keys()].map((event) => quorate.sentence(event))");
        let Value::Array(ours) = ours else { panic!("{} has no sentences", scenario.name()) };
        let theirs = render::sentences(&document);
        assert_eq!(ours.len(), theirs.len());
        for (place, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
            // An answer whose arrival is an event of its own has no sentence in the terminal.
            if !theirs.is_empty() {
                let ours = ours.as_str().unwrap_or_default();
                // JavaScript moves members whose names are numbers to the front of their object.
                if matches!(document.events[place].what, EventKind::State { .. }) {
                    assert_eq!(words(ours), words(theirs), "event {} of {}", place + 1, scenario.name());
                    continue;
                }
                assert_eq!(ours, theirs, "event {} of {}", place + 1, scenario.name());
                compared += 1;
            }
        }
    }
    assert!(compared > 2_000, "only {compared} events were compared");
}
