//! Tests of the interactive page in a real browser. On a machine without Chromium they print that
//! they were skipped; under `CI=true` they fail.
//!
//! `SCREENSHOTS=folder cargo test --test browser` saves the screenshots that the tests take, for
//! inspection.

mod chromium;
mod exports;
mod fold;
mod hostile;
mod large;
mod look;
mod tab;
mod using;

use std::io::Write;

use quorate::catalogue;
use quorate::lab::script::{RunOptions, run_scenario};
use quorate::lab::trace::{Document, html};
use quorate::protocols::registry;

use chromium::Chromium;
use tab::Tab;

/// The trace of a scenario.
fn trace(scenario: &str) -> Document {
    let scenario = catalogue::find(scenario).expect("it is in the catalogue");
    run_scenario(scenario.text(), &registry(), RunOptions::default()).expect("it performs").document
}

/// The page of a scenario.
fn page(scenario: &str) -> String {
    html::page(&trace(scenario)).expect("lanes have names of their own")
}

/// Returns a browser with a tab, if one is installed.
fn tab() -> Option<(Chromium, Tab)> {
    let browser = Chromium::start()?;
    let tab = Tab::open(&browser);
    Some((browser, tab))
}

/// Prints a measurement on stderr, which is shown for passing tests too.
fn report(text: &str) {
    writeln!(std::io::stderr(), "{text}").expect("standard error can be written to");
}
