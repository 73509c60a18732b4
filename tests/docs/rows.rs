//! Tables of the pages that say where the documents of the project's origin are shown: row of the
//! audit, what it says, and the scenario. The pages contain them between marks, and every scenario
//! of a table runs.

mod clocks;
mod consensus;
mod leases;
mod liars;
mod locks;
mod networks;
mod replicas;
mod transactions;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use quorate::catalogue;

use crate::{between, is_update, read, root};

/// Rows of the audit, none for what goes beyond the documents; the item, and the scenario that
/// shows it.
type Row = (&'static [u32], &'static str, &'static str);

/// A page with tables of rows.
struct Page {
    file: &'static str,
    /// Folder of `scenarios`, all of which the page names, if it names all of one.
    folder: Option<&'static str>,
    /// Tables, by the name of their marks.
    tables: &'static [(&'static str, &'static [Row])],
    /// First and last rows of the audit that the page covers.
    audited: &'static [(u32, u32)],
}

/// Page with the rows of all pages.
const DOCUMENTS: &str = "docs/DOCUMENTS.md";

/// Number of rows of the audit.
const AUDITED: u32 = 182;

const PAGES: [Page; 8] = [
    Page {
        file: "docs/CLOCKS.md",
        folder: Some("time"),
        tables: &[("clocks", clocks::CLOCKS), ("uses", clocks::USES), ("pauses", clocks::PAUSES)],
        audited: &[(25, 25), (28, 28), (30, 30), (33, 38), (41, 45), (47, 47), (50, 55), (77, 77), (127, 127)],
    },
    Page {
        file: "docs/CONSENSUS.md",
        folder: None,
        tables: &[("majority", consensus::MAJORITY), ("paxos", consensus::PAXOS), ("raft", consensus::RAFT)],
        audited: &[(14, 14), (58, 59), (61, 61), (163, 182)],
    },
    Page {
        file: "docs/LEASES.md",
        folder: Some("lease"),
        tables: &[("lease-rows", leases::LEASES)],
        audited: &[
            (14, 14),
            (20, 20),
            (23, 23),
            (27, 27),
            (29, 29),
            (31, 32),
            (46, 47),
            (50, 57),
            (60, 64),
            (66, 66),
            (109, 130),
        ],
    },
    Page { file: "docs/LIARS.md", folder: None, tables: &[("liar-rows", liars::LIARS)], audited: &[(66, 69)] },
    Page {
        file: "docs/LOCKS.md",
        folder: Some("locks"),
        tables: &[("locks", locks::LOCKS), ("leases", locks::LEASES)],
        audited: &[(65, 65), (70, 108), (131, 142)],
    },
    Page {
        file: "docs/NETWORKS.md",
        folder: Some("networks"),
        tables: &[("networks", networks::NETWORKS)],
        audited: &[(1, 13), (15, 19), (21, 22), (24, 24), (48, 49)],
    },
    Page {
        file: "docs/REPLICAS.md",
        folder: Some("replication"),
        tables: &[("replicas", replicas::REPLICAS)],
        audited: &[(26, 26), (39, 41), (153, 162)],
    },
    Page {
        file: "docs/TRANSACTIONS.md",
        folder: Some("transactions"),
        tables: &[("documents", transactions::DOCUMENTS), ("beyond", transactions::BEYOND)],
        audited: &[(143, 152)],
    },
];

fn rows(page: &Page) -> impl Iterator<Item = &Row> {
    page.tables.iter().flat_map(|(_, rows)| *rows)
}

fn table(rows: &[Row]) -> String {
    let mut table = String::from("| row | what | command |\n|---|---|---|\n");
    for (rows, what, scenario) in rows {
        let rows = rows.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
        let rows = if rows.is_empty() { "–" } else { &rows };
        writeln!(table, "| {rows} | {what} | `quorate run {scenario}` |").unwrap();
    }
    table
}

/// Rows of the audit by their number, from all pages, and the numbers that none of them has.
fn all_rows() -> String {
    let mut lines: Vec<(u32, &str, &str, &str)> = Vec::new();
    for page in &PAGES {
        for (numbers, what, scenario) in rows(page) {
            let is_new = |number: &&u32| !lines.iter().any(|line| (line.0, line.2) == (**number, *scenario));
            let new: Vec<u32> = numbers.iter().filter(is_new).copied().collect();
            lines.extend(new.into_iter().map(|number| (number, *what, *scenario, page.file)));
        }
    }
    // In the order of the rows, and of a row as its pages have it.
    lines.sort_by_key(|line| line.0);
    let mut text = String::from("| row | what | command | page |\n|---|---|---|---|\n");
    for (number, what, scenario, file) in &lines {
        let page = file.trim_start_matches("docs/");
        let title = page.trim_end_matches(".md").to_lowercase();
        writeln!(text, "| {number} | {what} | `quorate run {scenario}` | [{title}]({page}) |").unwrap();
    }
    let shown: BTreeSet<u32> = lines.iter().map(|(number, ..)| *number).collect();
    let missing: Vec<String> = (1..=AUDITED).filter(|row| !shown.contains(row)).map(|row| row.to_string()).collect();
    writeln!(text, "\nNo scenario shows these rows yet: {}.", missing.join(", ")).unwrap();
    text
}

/// Compares a page with the text that it should have, or writes it.
fn hold(file: &str, after: &str) {
    if is_update() {
        fs::write(root().join(file), after).unwrap();
    } else {
        assert!(after == read(file), "{file} is stale: UPDATE_GOLDENFILES=1 cargo test --test docs");
    }
}

#[test]
fn the_tables_are_those_of_the_list() {
    for page in &PAGES {
        let before = read(page.file);
        let after = page.tables.iter().fold(before, |text, (name, rows)| between(&text, name, &table(rows)));
        hold(page.file, &after);
    }
    hold(DOCUMENTS, &between(&read(DOCUMENTS), "documents-rows", &all_rows()));
}

#[test]
fn every_row_of_the_audit_has_a_scenario_and_every_scenario_a_row() {
    for page in &PAGES {
        let covered: BTreeSet<u32> = rows(page).flat_map(|(rows, ..)| rows.iter().copied()).collect();
        let audited: BTreeSet<u32> = page.audited.iter().flat_map(|(first, last)| *first..=*last).collect();
        assert_eq!(covered, audited, "rows of {}", page.file);
        let named: BTreeSet<&str> = rows(page).map(|(.., scenario)| *scenario).collect();
        let all = catalogue::all().iter().filter(|scenario| Some(scenario.folder()) == page.folder);
        let missing: Vec<&str> = all.map(|scenario| scenario.name()).filter(|name| !named.contains(name)).collect();
        assert_eq!(missing, [""; 0], "scenarios that {} lacks", page.file);
    }
}

#[test]
fn every_command_of_the_tables_runs_and_shows_its_scenario() {
    for (.., name) in PAGES.iter().flat_map(rows) {
        let run = Command::new(env!("CARGO_BIN_EXE_quorate")).args(["run", name, "--view", "log"]).output().unwrap();
        let (shown, error) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
        assert!(run.status.success(), "'quorate run {name}' fails:\n{shown}\n{error}");
        let scenario = catalogue::find(name).expect("it ran");
        let title = scenario.text().lines().next().and_then(|line| line.strip_prefix("# ")).expect("it has a title");
        assert!(shown.contains(title), "'quorate run {name}' shows no such title:\n{shown}");
    }
}
