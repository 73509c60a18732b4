//! Every scenario prints what it holds, asserts something, and together they fire every rule.
//!
//! After a change that is meant, `UPDATE_GOLDENFILES=1 cargo test --test scenarios` rewrites the output; read it before you commit it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use quorate::catalogue;
use quorate::lab::script::{Performance, Staging, perform};
use quorate::paxos::PaxosRule;
use quorate::protocol::Rule;
use quorate::protocols::repertoire;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

/// Every file below a folder, by its path from there, with `/` in between.
fn files(folder: &Path, prefix: &str, found: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().into_string().unwrap());
        if entry.file_type().unwrap().is_dir() {
            files(&entry.path(), &format!("{name}/"), found);
        } else {
            found.insert(name, fs::read_to_string(entry.path()).unwrap());
        }
    }
}

fn scenarios() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    files(&folder(), "", &mut found);
    found
}

fn performed(path: &str, text: &str) -> Performance {
    perform(text, &repertoire(), Staging::default()).unwrap_or_else(|failure| panic!("scenarios/{path}: {failure}"))
}

#[test]
fn every_scenario_prints_what_it_holds() {
    let update = std::env::var_os("UPDATE_GOLDENFILES").is_some_and(|value| value == "1");
    let mut differences = Vec::new();
    for (path, text) in scenarios() {
        let performance = performed(&path, &text);
        assert!(performance.expectations > 0, "scenarios/{path} expects nothing");
        if performance.text == text {
            continue;
        }
        if update {
            fs::write(folder().join(&path), &performance.text).unwrap();
        } else {
            let difference = performance.difference.map_or("it holds no output yet".to_owned(), |found| found.to_string());
            differences.push(format!("scenarios/{path}: {difference}"));
        }
    }
    assert!(differences.is_empty(), "{}\nIf that is meant: UPDATE_GOLDENFILES=1 cargo test --test scenarios", differences.join("\n"));
}

#[test]
fn every_scenario_is_in_the_catalogue_and_reads_as_a_story() {
    let on_disk: BTreeSet<String> = scenarios().into_keys().collect();
    let built_in: BTreeSet<String> = catalogue::all().iter().map(|scenario| scenario.path().to_owned()).collect();
    assert_eq!(on_disk, built_in);
    for scenario in catalogue::all() {
        let (path, title) = (scenario.path(), scenario.title());
        assert!((10..=90).contains(&title.chars().count()), "{path}: the title '{title}' does not fit on a line");
        let story = quorate::lab::script::story(scenario.text());
        assert!(story.contains('§'), "{path} does not say where to read on");
        let last = scenario.text().lines().rfind(|line| line.starts_with("show ") || line.starts_with("expect "));
        assert!(last.is_some_and(|line| line.starts_with("show lanes")), "{path} does not end with a figure");
        assert_eq!(catalogue::find(scenario.name()), Ok(*scenario));
        assert_eq!(catalogue::find(path), Ok(*scenario));
    }
}

#[test]
fn every_paxos_rule_fires_in_some_scenario() {
    let mut fired = BTreeSet::new();
    for (path, text) in scenarios() {
        fired.extend(performed(&path, &text).coverage.into_iter().filter(|(_, times)| *times > 0).map(|(rule, _)| rule));
    }
    let silent: Vec<&str> = PaxosRule::ALL.iter().map(|rule| rule.id()).filter(|rule| !fired.contains(rule)).collect();
    assert!(silent.is_empty(), "no scenario makes these rules fire: {}", silent.join(", "));
}

#[test]
fn every_scenario_keeps_the_invariants_unless_it_says_otherwise() {
    for (path, text) in scenarios() {
        let performance = performed(&path, &text);
        let foretold = text.lines().any(|line| line.starts_with("expect violation="));
        assert_eq!(performance.violation.is_some(), foretold, "scenarios/{path}");
    }
}

#[test]
fn a_scenario_performed_twice_leaves_the_same_trace() {
    for (path, text) in scenarios() {
        let traces = [(), ()].map(|()| {
            let mut bytes = Vec::new();
            performed(&path, &text).document.write_jsonl(&mut bytes).unwrap();
            bytes
        });
        assert!(traces[0] == traces[1], "scenarios/{path}");
    }
}
