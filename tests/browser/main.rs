//! Tests of the interactive page in a real browser. On a machine without Chromium they print that
//! they were skipped; under `CI=true` they fail.
//!
//! `SCREENSHOTS=folder cargo test --test browser` saves the screenshots that the tests take, for
//! inspection.

mod accessibility;
mod drawing;
mod exports;
mod fits;
mod fold;
mod history;
mod hostile;
mod large;
mod look;
mod playing;
mod reading;
mod using;

use std::io::Write;

use quorate::catalogue;
use quorate::lab::script::{self, RunOptions, run_scenario};
use quorate::lab::trace::Document;
use quorate::lab::trace::html::{self, Chapter, PageInfo};
use quorate::protocols::registry;
use quorate_browsers::tab;

/// The trace of a scenario.
fn trace(scenario: &str) -> Document {
    let scenario = catalogue::find(scenario).expect("it is in the catalogue");
    run_scenario(scenario.text(), &registry(), RunOptions::default()).expect("it performs").document
}

/// Text of a scenario's page beside its trace: prose and remarks.
fn info(scenario: &str) -> PageInfo {
    let text = catalogue::find(scenario).expect("it is in the catalogue").text();
    let run = run_scenario(text, &registry(), RunOptions::default()).expect("it performs");
    let story = script::story(text);
    let story = PageInfo::story(story.split_once("\n\n").map_or("", |(_, story)| story));
    let mut info = PageInfo { invariants: run.invariants, ..story };
    info.chapters.extend(
        run.remarks.into_iter().map(|remark| Chapter { at: remark.after.saturating_sub(1), text: remark.text }),
    );
    info
}

/// The page of a scenario.
fn page(scenario: &str) -> String {
    html::page(&trace(scenario)).expect("lanes have names of their own")
}

/// Prints a measurement on stderr, which is shown for passing tests too.
fn report(text: &str) {
    writeln!(std::io::stderr(), "{text}").expect("standard error can be written to");
}
