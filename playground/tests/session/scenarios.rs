//! Every shipped scenario is opened, gone through, saved and run again.

use quorate_harness::{catalogue, protocols};
use quorate_lab::script::{RunOptions, run_scenario};
use serde_json::json;

use crate::page::{Page, lines_of};

#[test]
fn every_scenario_has_the_same_events_in_a_session_and_after_saving() {
    let registry = protocols::registry();
    for scenario in catalogue::all() {
        let whole = run_scenario(scenario.text(), &registry, RunOptions::default()).expect("it runs");
        let shown = lines_of(whole.again.as_ref().unwrap_or(&whole.document));
        let mut page = Page::new();
        page.ask(json!({"do": "open", "scenario": scenario.path()}));
        assert_eq!(page.events(), shown, "{}", scenario.path());
        let saved = page.saves_itself();
        assert_eq!(lines_of(&saved.document), lines_of(&whole.document), "{}", scenario.path());
        assert_eq!(saved.again.is_some(), whole.again.is_some());
        assert_eq!(saved.document.header, whole.document.header);
        assert_eq!(saved.expectations, whole.expectations);
        let (all, half) = (page.count("at"), page.count("at").div_ceil(2));
        page.ask(json!({"do": "go", "command": half}));
        page.saves_itself();
        page.ask(json!({"do": "go", "command": all}));
        assert_eq!(page.events(), shown, "{}", scenario.path());
    }
}
