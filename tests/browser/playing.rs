//! Tests of automatic play: it goes on, stops, and says how fast it is.

use serde_json::json;

use crate::{page, tab};

const NONE: Vec<String> = Vec::new();

#[test]
fn it_plays_until_it_is_stopped_and_the_slider_goes_anywhere() {
    let Some((_browser, mut tab)) = tab() else { return };
    tab.show(&page("figure-8"), "");
    tab.run("document.getElementById('speed').value = '20'");
    tab.click("#play");
    let begun = std::time::Instant::now();
    while tab.place() < 40 {
        assert!(begun.elapsed().as_secs() < 30, "it does not play");
    }
    tab.press(" ");
    let stopped = tab.place();
    tab.run("new Promise((done) => setTimeout(done, 200))");
    assert_eq!(tab.place(), stopped, "it has stopped");
    tab.click(".scrub");
    let events = tab.run("quorate.trace.count").as_u64().expect("a number");
    let middle = tab.place();
    assert!(
        middle.abs_diff(events / 2) < 8,
        "the middle of the strip is the middle of the trace, not {middle} of {events}"
    );
    assert_eq!(tab.run("document.querySelector('.row.selected').getBoundingClientRect().top > 60"), json!(true));
    assert_eq!(tab.complaints(), NONE);
}

#[test]
fn playing_says_its_speed_also_in_presentation_mode() {
    let Some((_browser, mut tab)) = tab() else { return };
    tab.window(1280, 720, false);
    tab.show(&page("figure-8"), "");
    assert_eq!(tab.text("#pace"), "", "it does not play");
    tab.press("p");
    tab.press(" ");
    assert_eq!(tab.text("#pace"), "plays 2×: 0.35 s a step");
    tab.press(".");
    assert_eq!(tab.text("#pace"), "plays 5×: 0.14 s a step");
    tab.press(",");
    tab.press(",");
    assert_eq!(tab.text("#pace"), "plays 1×: 0.7 s a step");
    let shown = "['pace', 'speed'].every((id) => { const box = document.getElementById(id).getBoundingClientRect(); return box.width > 0 && box.right <= innerWidth && box.bottom <= innerHeight; })";
    assert_eq!(tab.run(shown), json!(true));
    // The speed that is said is the one that is seen, with room for a slow machine.
    tab.press(".");
    tab.press(".");
    let rows = "quorate.page.diagram.rows.of(quorate.page.index)";
    let before = tab.run(rows).as_u64().expect("a row");
    tab.run("new Promise((done) => setTimeout(done, 1400))");
    let played = tab.run(rows).as_u64().expect("a row") - before;
    assert!((1..=11).contains(&played), "{played} steps in 1.4 s");
    tab.press(" ");
    assert_eq!(tab.text("#pace"), "");
    assert_eq!(tab.complaints(), NONE);
}
