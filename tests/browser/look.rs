//! Appearance of the page: on a desktop and a phone, in light and dark mode. Screenshots are taken
//! for inspection; whatever a program can check is asserted.

use std::collections::BTreeSet;
use std::fs;

use quorate::lab::trace::{EventKind, html};
use serde_json::json;

use crate::{page, tab, trace};

#[test]
fn it_fits_desktop_and_phone_in_light_and_dark() {
    let Some((_browser, mut tab)) = tab() else { return };
    for scenario in ["two-proposers", "figure-8", "dual-primary-by-heartbeat"] {
        let page = page(scenario);
        let mut pictures = BTreeSet::new();
        for (device, width, height) in [("desk", 1440, 900), ("phone", 390, 844)] {
            for scheme in ["light", "dark"] {
                tab.window(width, height, device == "phone");
                tab.media(scheme, false);
                tab.show(&page, "");
                for _ in 0..12 {
                    tab.press("ArrowRight");
                }
                let sideways = tab.run(
                    "document.documentElement.scrollWidth > innerWidth || document.body.scrollHeight > innerHeight",
                );
                assert_eq!(sideways, json!(false), "{scenario} is larger than a {device}'s window");
                let outside = "[...document.querySelectorAll('#top button, #transport button, #transport select, #search')].filter((element) => !element.closest('details:not([open])')).filter((element) => { const box = element.getBoundingClientRect(); return box.width > 0 && (box.left < 0 || box.right > innerWidth || box.bottom > innerHeight); }).map((element) => element.id)";
                assert_eq!(tab.run(outside), json!([]), "controls outside a {device}'s window");
                assert!(tab.count(".row") > 3 && tab.count(".lanehead") > 3);
                let chosen = "(() => { const box = document.querySelector('.row.selected').getBoundingClientRect(); return document.elementFromPoint(innerWidth * 0.3, box.top + box.height / 2)?.closest('.row') !== null; })()";
                assert_eq!(tab.run(chosen), json!(true), "the chosen row is in sight on a {device}");
                pictures.insert(tab.picture(&format!("{scenario}-{device}-{scheme}")));
            }
        }
        assert_eq!(pictures.len(), 4, "light and dark, desk and phone are four pictures");
    }
    assert_eq!(tab.complaints(), Vec::<String>::new());
}

#[test]
fn text_has_contrast_by_day_and_by_night() {
    let Some((_browser, mut tab)) = tab() else { return };
    tab.show(&page("two-proposers"), "");
    for scheme in ["light", "dark"] {
        tab.media(scheme, false);
        // The contrast of WCAG 2, for every text colour on its backgrounds.
        let worst = tab.run(r"(() => {
  const style = getComputedStyle(document.documentElement);
  const light = (name) => {
    const hex = style.getPropertyValue(name).trim().slice(1);
    const [r, g, b] = [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255).map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
  const inks = ['--ink', '--soft', '--accent', '--alarm', '--note', '--muted', '--held', '--e0', '--e1', '--e2', '--e3', '--e4', '--e5', '--e6', '--e7'];
  const papers = ['--paper', '--raised', '--sunken', '--select', '--fresh', '--held-soft', '--alarm-soft', '--note-soft'];
  return inks.flatMap((ink) => papers.map((paper) => [contrast(ink, paper), ink, paper])).sort((a, b) => a[0] - b[0])[0];
})()");
        assert!(worst[0].as_f64() >= Some(4.5), "{scheme}: {worst}");
    }
}

#[test]
fn a_comparison_fits_both_too() {
    let Some((_browser, mut tab)) = tab() else { return };
    let page = html::compare(&trace("dual-primary-by-heartbeat"), &trace("lease-prevents-dual-primary"))
        .expect("names differ");
    for (device, width, height) in [("desk", 1440, 900), ("phone", 390, 844)] {
        tab.window(width, height, device == "phone");
        tab.show(&page, "");
        let heights = tab.run("[...document.querySelectorAll('.diagram')].map((diagram) => diagram.clientHeight > 100 && diagram.clientWidth > 300)");
        assert_eq!(heights, json!([true, true]), "both diagrams have room at a {device}");
        let seen = tab.run("[...document.querySelectorAll('.diagram')].every((diagram) => { const box = diagram.getBoundingClientRect(); const row = diagram.querySelector('.row.selected').getBoundingClientRect(); return row.top >= box.top && row.bottom <= box.bottom + 1; })");
        assert_eq!(seen, json!(true), "the place where they part is in sight in both at a {device}");
        tab.picture(&format!("compare-{device}"));
    }
    assert_eq!(tab.complaints(), Vec::<String>::new());
}

/// The README's picture: the page at the step in which B has to propose A's value.
/// `UPDATE_PICTURES=1 cargo test --test browser readme` takes it anew;
/// `pngquant --force --ext .png 128 docs/pictures/page.png` makes it a third as large.
#[test]
fn the_picture_of_the_readme_shows_a_reason() {
    let Some((_browser, mut tab)) = tab() else { return };
    let trace = trace("two-proposers");
    let binds = |what: &EventKind| matches!(what, EventKind::Rule { rule, .. } if rule == "ProposeReported");
    let event = trace.events.iter().find(|event| binds(&event.what)).expect("B proposes what was reported");
    tab.window(1440, 740, false);
    tab.show(&html::page(&trace).expect("lanes have names of their own"), &format!("#event={}", event.id));
    assert!(tab.text("#why").contains("ProposeReported"));
    let picture = tab.picture("readme");
    if std::env::var_os("UPDATE_PICTURES").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/pictures/page.png");
        fs::write(path, picture).expect("there is room for a picture");
    }
    assert_eq!(tab.complaints(), Vec::<String>::new());
}
