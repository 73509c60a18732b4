//! Accessibility of the page, as axe-core judges it. `tests/tools/accessibility` installs axe-core
//! and runs this; without it, the test prints that it was skipped. Target sizes are judged here.

use std::fs;

use quorate::catalogue;
use quorate::lab::trace::html;
use serde_json::json;

use crate::{info, report, tab};

/// Scenarios of the fast gate: one for each kind of view, one that breaks, and one
/// whose story has a line wider than a phone.
const SAMPLE: [&str; 6] =
    ["figure-8", "two-proposers", "multi-log", "dual-primary-by-heartbeat", "majority-crash", "write-at-once"];

/// Views that are examined: two steps, the menus, and the legend last, since it covers everything.
const LOOKS: [&str; 6] = [
    "quorate.select(quorate.trace.count >> 1)",
    "quorate.select(quorate.trace.count - 1)",
    "document.getElementById('filters').open = true",
    "document.getElementById('requests').open = true, quorate.select(quorate.trace.count >> 1)",
    "document.getElementById('invariants').open = true, quorate.select(quorate.trace.count - 1)",
    "document.getElementById('invariants').open = false, document.getElementById('help').showModal()",
];

#[test]
fn axe_core_finds_nothing() {
    let Some(path) = std::env::var_os("AXE_CORE") else {
        report("skipped axe_core_finds_nothing: tests/tools/accessibility runs it");
        return;
    };
    let Some((_browser, mut tab)) = tab() else { return };
    let axe = fs::read_to_string(path).expect("axe-core is readable");
    let everything = std::env::var_os("AXE_ALL").is_some();
    let mut findings = Vec::new();
    let chosen = catalogue::all().iter().filter(|scenario| everything || SAMPLE.contains(&scenario.name()));
    for scenario in chosen {
        let page = html::page_with(&crate::trace(scenario.name()), &info(scenario.name())).expect("names differ");
        for (width, scheme) in [(1280, "light"), (1280, "dark"), (390, "light")] {
            tab.window(width, 800, width < 500);
            tab.media(scheme, false);
            tab.show(&page, "");
            tab.run(&format!("{axe}; 1"));
            for look in LOOKS {
                tab.run(&format!("{look}, 1"));
                let found = tab.run("axe.run(document, { resultTypes: ['violations'] }).then((result) => result.violations.map((violation) => [violation.id, violation.nodes.length, violation.nodes[0].html.slice(0, 160), violation.nodes[0].any[0]?.message ?? '']))");
                if found != json!([]) {
                    findings.push(format!("{} at {width} px, {scheme}, {look}: {found}", scenario.name()));
                }
            }
        }
    }
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

#[test]
fn targets_have_at_least_24_pixels() {
    let Some((_browser, mut tab)) = tab() else { return };
    for (width, height) in [(1280, 720), (390, 844)] {
        tab.window(width, height, width < 500);
        tab.show(&html::page_with(&crate::trace("figure-8"), &info("figure-8")).expect("names differ"), "");
        for menu in ["filters", "requests", "invariants", "save"] {
            tab.run(&format!("document.getElementById('{menu}').open = true, quorate.select(102)"));
            let small = tab.run("[...document.querySelectorAll('button, summary, select, a, input:not([type=checkbox]), label.choice')].filter((element) => { const box = element.getBoundingClientRect(); return box.width > 0 && (box.height < 24 || box.width < 24); }).map((element) => element.outerHTML.slice(0, 120))");
            assert_eq!(small, json!([]), "at {width} px, with {menu}");
        }
    }
}
