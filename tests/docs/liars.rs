//! The table of `docs/LIARS.md`: for each protocol one lie of one node, and the invariant that it
//! breaks. Every row runs.

mod rows;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use quorate::lab::script::{RunOptions, ScriptProblem, run_scenario};
use quorate::lab::trace::EventKind;
use quorate::protocols::registry;

use crate::{between, is_update, read, root};
use rows::ROWS;

const PAGE: &str = "docs/LIARS.md";

/// A schedule with one liar.
struct Row {
    protocol: &'static str,
    /// The commands, with those that lie.
    text: &'static str,
    /// The lie in words.
    lie: &'static str,
    /// The invariant that breaks, or none.
    breaks: Option<&'static str>,
    /// The reason in words.
    why: &'static str,
}

/// The commands of a row that lie.
fn lies(row: &Row) -> impl Iterator<Item = &'static str> {
    row.text.lines().filter(|line| line.starts_with("forge "))
}

fn table() -> String {
    let mut table =
        String::from("| protocol | the lie | as a command | the invariant | why |\n|---|---|---|---|---|\n");
    for row in ROWS {
        let Row { protocol, lie, breaks, why, .. } = row;
        let commands = lies(row).map(|line| format!("`{line}`")).collect::<Vec<_>>().join(", ");
        let breaks = breaks.map_or("all hold".to_owned(), |name| format!("`{name}` breaks"));
        writeln!(table, "| {protocol} | {lie} | {commands} | {breaks} | {why} |").unwrap();
    }
    table
}

#[test]
fn the_table_of_liars_is_that_of_the_list() {
    let before = read(PAGE);
    let after = between(&before, "liars", &table());
    if is_update() {
        fs::write(root().join(PAGE), after).unwrap();
    } else {
        assert!(after == before, "{PAGE} is stale: UPDATE_GOLDENFILES=1 cargo test --test docs");
    }
}

/// The invariant that breaks in a schedule.
fn broken(row: &Row, text: &str) -> Option<&'static str> {
    // It expects nothing, so it fails in any case: by that, or by the invariant.
    let failure = run_scenario(text, &registry(), RunOptions::default()).expect_err("it expects nothing");
    match failure.error.problem {
        ScriptProblem::Broken { invariant, .. } => Some(invariant),
        ScriptProblem::Vacuous => None,
        problem => panic!("{}: {problem}", row.protocol),
    }
}

#[test]
fn each_lie_breaks_its_invariant_and_without_it_all_hold() {
    for row in ROWS {
        assert!(lies(row).count() > 0, "{} has no liar", row.protocol);
        let text = format!("# A liar\n\n{}\n", row.text.trim());
        assert_eq!(broken(row, &text), row.breaks, "{}: {}", row.protocol, row.lie);
        let honest: Vec<&str> = text.lines().filter(|line| !line.starts_with("forge ")).collect();
        assert_eq!(broken(row, &honest.join("\n")), None, "{} without the lie", row.protocol);
    }
}

/// One liar: every lie of a schedule has the same sender, and the trace shows each that is told.
#[test]
fn each_schedule_has_one_liar() {
    for row in ROWS {
        let liars: BTreeSet<&str> = lies(row).filter_map(|line| line.split(' ').nth(1)).collect();
        assert_eq!(liars.len(), 1, "{}: {liars:?}", row.protocol);
        let text = format!("# A liar\n\n{}\n", row.text.trim());
        let failure = run_scenario(&text, &registry(), RunOptions::default()).expect_err("it expects nothing");
        let document = failure.document.expect("it ran");
        let told = document.events.iter().filter(|event| matches!(event.what, EventKind::Forge(_)));
        let lanes: BTreeSet<String> =
            told.filter_map(|event| event.lane).map(|lane| document.header.name(lane).into_owned()).collect();
        assert_eq!(lanes.iter().map(String::as_str).collect::<BTreeSet<_>>(), liars, "{}", row.protocol);
    }
}

#[test]
fn every_protocol_has_a_row() {
    let known: BTreeSet<&str> = registry().entries().iter().map(|entry| entry.name).collect();
    let rows: BTreeSet<&str> = ROWS.iter().map(|row| row.protocol).collect();
    assert_eq!(rows, known);
}
