//! The interactive page in a real browser. With no Chromium on the machine these tests say that they were skipped;
//! under `CI=true` they fail.
//!
//! `SCREENSHOTS=folder cargo test --test browser` keeps the pictures that the tests take, to be looked at.

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
use quorate::lab::script::{Staging, perform};
use quorate::lab::trace::{Document, html};
use quorate::protocols::repertoire;

use chromium::Chromium;
use tab::Tab;

/// The trace of a scenario.
fn trace(scenario: &str) -> Document {
    let scenario = catalogue::find(scenario).expect("it is in the catalogue");
    perform(scenario.text(), &repertoire(), Staging::default()).expect("it performs").document
}

/// The page of a scenario.
fn page(scenario: &str) -> String {
    html::page(&trace(scenario)).expect("lanes have names of their own")
}

/// A browser with a tab, if there is one on this machine.
fn tab() -> Option<(Chromium, Tab)> {
    let browser = Chromium::start()?;
    let tab = Tab::open(&browser);
    Some((browser, tab))
}

/// Says a measurement, which tests that pass do not show otherwise.
fn report(text: &str) {
    writeln!(std::io::stderr(), "{text}").expect("standard error can be written to");
}
